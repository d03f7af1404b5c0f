"""``tidegate predict``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidegate.errors import ConfigError, EmptyDataError

if TYPE_CHECKING:
    from tidegate.api.model import Model, Prediction

PORTION = 256
"""Images answered for at a time: the first answers come soon, and batches still find similar lengths."""


def predict(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Images, signals, folders of them, or - for paths on stdin; for a tagger texts or columns."
        ),
    ],
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; default: all cores.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list, with confidences.")] = False,
    stream: Annotated[
        bool, typer.Option("--stream", help="Signals: - is one that comes row by row; answer as it does.")
    ] = False,
    every: Annotated[int | None, typer.Option(min=1, help="With --stream: rows between answers.")] = None,
    horizon: Annotated[
        int | None, typer.Option(min=1, help="Forecasts: steps; default: as many as in training.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Forecasts: the table to write; it must not exist. Default: print it.")
    ] = None,
) -> None:
    """Answer for images: one line each, its path, a tab, the answer. Tag texts: in their own format, with tags.

    A tagger takes plain text with a sentence a line, columns with or without tags, or CoNLL-U; - is a text on stdin.
    With --json it gives tags, entities and confidences.

    Answer for signals: a line for each sequence of the files, or with --stream a line after each row of numbers on stdin.

    Forecast a table: what comes next, as the same kind of table, with the bounds of each interval.

    What cannot be read is named on stderr; the rest is answered, and the exit code is 1.

    Examples:
        tidegate predict runs/lines page1/ page2/line-07.png
        find scans -name '*.png' | tidegate predict runs/lines - --json
        echo 'The pound fell in London .' | tidegate predict runs/entities -
        tidegate predict runs/gestures new.ts --json
        tidegate predict runs/sales sales.csv --horizon 12 --out next-year.csv
        sensor | tidegate predict runs/activity - --stream --every 50
    """
    from tidegate.api.model import load

    model = load(run, threads=threads)
    _check(model.task, forecasts=horizon is not None or out is not None, signals=stream or every is not None)
    if model.task == "forecast":
        from tidegate.cli.predict_forecast import predict_forecast

        failed = predict_forecast(model, inputs, horizon=horizon, out=out, as_json=as_json)
        _end(failed, "series could not be forecast")
    elif model.task == "signal":
        from tidegate.cli.predict_signals import answer_signals

        _end(*answer_signals(model, inputs, stream=stream, every=every, as_json=as_json))
    elif model.task == "tag":
        from tidegate.cli.predict_tags import predict_tags

        _end(predict_tags(model, inputs, as_json=as_json), "files or sentences could not be tagged")
    else:
        _predict_images(model, inputs, as_json=as_json)


def _check(task: str, *, forecasts: bool, signals: bool) -> None:
    """Refuse flags of another task than the model's, rather than pass over them."""
    for given, flags, wanted in (
        (forecasts, "--horizon and --out", "forecast"),
        (signals, "--stream and --every", "signal"),
    ):
        if given and task != wanted:
            raise ConfigError(
                f"{flags} are for models of the task {wanted}", got=f"a model of the task {task}"
            )


def _predict_images(model: Model, inputs: Sequence[str], *, as_json: bool) -> None:
    from tidegate.cli.printing import print_json
    from tidegate.data.source import IMAGE_SUFFIXES

    answered: list[Prediction] = []
    count = failed = 0
    for portion in _portions(_paths(inputs)):
        predictions = model.predict(portion)
        count += len(predictions)
        failed += _complain(predictions)
        good = [prediction for prediction in predictions if prediction.error is None]
        if as_json:
            answered.extend(good)
        else:
            _print(good)
    if as_json:
        print_json(
            [{"name": one.name, "answer": one.answer, "confidence": one.confidence} for one in answered]
        )
    if count == 0:
        raise EmptyDataError(
            "no image to answer for",
            where=" ".join(inputs),
            expected=f"files, or folders that hold {', '.join(sorted(IMAGE_SUFFIXES))}",
        )
    _end(failed, f"of {count} inputs could not be read")


def _end(failed: int, what: str) -> None:
    if failed:
        print(f"{failed} {what}", file=sys.stderr)
        raise typer.Exit(1)


def _paths(inputs: Sequence[str]) -> Iterator[Path]:
    from tidegate.data.source import Folder

    for text in inputs:
        if text == "-":
            yield from (Path(line.rstrip("\r\n")) for line in sys.stdin if line.strip())
        elif Path(text).is_dir():
            yield from (Path(text) / name for name in Folder(Path(text)).images)
        else:
            yield Path(text)


def _portions(paths: Iterable[Path]) -> Iterator[list[Path]]:
    remaining = iter(paths)
    while portion := list(islice(remaining, PORTION)):
        yield portion


def _complain(predictions: Iterable[Prediction]) -> int:
    bad = [prediction for prediction in predictions if prediction.error is not None]
    for prediction in bad:
        print(f"{prediction.name}: {prediction.error}", file=sys.stderr)
    return len(bad)


def _print(predictions: Iterable[Prediction]) -> None:
    for prediction in predictions:
        print(f"{prediction.name}\t{prediction.answer}", flush=False)
    sys.stdout.flush()
