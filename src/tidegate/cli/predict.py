"""``tidegate predict``."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidegate.errors import ConfigError, EmptyDataError, OutputError

if TYPE_CHECKING:
    from tidegate.api.model import Model
    from tidegate.errors import Finding
    from tidegate.tasks.prediction.rows import Prediction, Predictions
    from tidegate.tasks.prediction.stream import Stream


def predict(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Images, signals, a table, texts, or folders; - is stdin: paths, for tasks on texts the text itself."
        ),
    ],
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; default: all cores.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: predictions, findings, notes.")
    ] = False,
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
    """Answer for new data with a trained model: for images and texts one line each, its name, a tab, the answer.

    Tag texts: in their own format, with tags. A tagger takes plain text with a sentence a line, columns with
    or without tags, or CoNLL-U; - is a text on stdin.

    Answer for signals: a line for each sequence of the files, or with --stream a line after each row of numbers on stdin.

    Forecast a table: what comes next, as the same kind of table, with the bounds of each interval.

    With --json every task gives one object, whose predictions have a name, and mostly an answer and a confidence. What
    cannot be read is named on stderr; the rest is answered, and the exit code is 1.

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
    given = {"horizon": horizon, "out": out, "stream": stream or None, "every": every}
    options = _options(model, {name: value for name, value in given.items() if value is not None})
    if stream or every is not None:
        pieces = model.stream()
        _check_stream(inputs, stream=stream, every=every)
        failed = _follow(model, pieces, every, as_json=as_json)
        _end(failed, "rows could not be read")
        return
    if out is not None:
        _check_out(out)
    answered = _answered(model, inputs, options, printing=not as_json and out is None)
    count = sum(map(len, answered))
    if not count:
        raise EmptyDataError(
            "nothing to answer for", where=" ".join(inputs), expected="files, or folders of them"
        )
    _leave(answered, out, as_json=as_json)
    _end(sum(len(part.bad) for part in answered), f"of {count} inputs could not be read")


def _answered(
    model: Model, inputs: Sequence[str], options: Mapping[str, object], *, printing: bool
) -> list[Predictions[Prediction]]:
    """Answers portion by portion, so that the first ones come soon, each after what it was read as."""
    from tidegate.cli.printing import print_findings

    seen: dict[Finding, None] = {}
    answered: list[Predictions[Prediction]] = []
    for portion in model.problem.portions(inputs, sys.stdin.buffer):
        part = model.predict(portion, **options)
        answered.append(part)
        print_findings(found for found in part.notes if found not in seen)
        seen.update(dict.fromkeys(part.notes))
        if printing:
            sys.stdout.buffer.write(part.text().encode("utf-8", "surrogateescape"))
            sys.stdout.buffer.flush()
        for row in part.bad:
            print(f"{row.name}: {row.error}", file=sys.stderr)
    return answered


def _leave(answered: Sequence[Predictions[Prediction]], out: Path | None, *, as_json: bool) -> None:
    from tidegate.cli.printing import json_text
    from tidegate.files import write_text
    from tidegate.tasks.prediction.rows import all_json

    if as_json:
        text = json_text(all_json(answered))
        if out is None:
            print(text)
        else:
            write_text(out, text + "\n")
    elif out is not None:
        from tidegate.data.series.writer import write_table

        write_table(out, answered[0].frame)
    if out is not None:
        print(out)


def _options(model: Model, given: dict[str, Any]) -> dict[str, Any]:
    """The flags that are options of ``Model.predict``.

    Raises:
        ConfigError: The task takes no such flag.
    """
    from tidegate.config.registry import settings_of

    settings = settings_of(model.task)
    known = (*settings.options, *settings.predict_flags)
    unknown = [f"--{name}" for name in given if name not in known]
    if unknown:
        raise ConfigError(
            f"a model of the task {model.task} takes no {' or '.join(unknown)}",
            expected=", ".join(f"--{name}" for name in known) or "inputs and nothing else",
            hint="leave it out",
        )
    return {name: value for name, value in given.items() if name in settings.options}


def _check_out(out: Path) -> None:
    if out.exists():
        raise OutputError("the file exists", where=str(out), hint="give another name with --out")


def _check_stream(inputs: Sequence[str], *, stream: bool, every: int | None) -> None:
    if not stream:
        raise ConfigError(
            "--every is of --stream", got=f"--every {every}", hint="add --stream, or leave it out"
        )
    if list(inputs) != ["-"]:
        raise ConfigError(
            "a stream comes on stdin", where="--stream", expected="-", got=" ".join(inputs),
            hint="leave out --stream for files",
        )  # fmt: skip


def _follow(model: Model, stream: Stream, every: int | None, *, as_json: bool) -> int:
    """Answer while rows of numbers come in, and count the rows that could not be read."""
    import json

    failed = 0

    def complain(what: str) -> None:
        nonlocal failed
        failed += 1
        print(what, file=sys.stderr)

    answers = stream.follow(sys.stdin, every=every, complain=complain)
    with model.computing():
        for answer in answers:
            text = answer.text()
            if text:
                print(json.dumps(answer.to_json(), ensure_ascii=False) if as_json else text, flush=True)
    return failed


def _end(failed: int, what: str) -> None:
    if failed:
        print(f"{failed} {what}", file=sys.stderr)
        raise typer.Exit(1)
