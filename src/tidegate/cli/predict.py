"""``tidegate predict``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidegate.errors import EmptyDataError

if TYPE_CHECKING:
    from tidegate.api.model import Prediction

PORTION = 256
"""Images answered for at a time: the first answers come soon, and batches still find similar lengths."""


def predict(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Images, folders of images, or - for paths on stdin; for a tagger texts or columns."
        ),
    ],
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; default: all cores.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list, with confidences.")] = False,
) -> None:
    """Answer for images: one line each, its path, a tab, the answer. Tag texts: in their own format, with tags.

    A tagger takes plain text with a sentence a line, columns with or without tags, or CoNLL-U; - is a text on stdin.
    With --json it gives tags, entities and confidences.

    What cannot be read is named on stderr; the rest is answered, and the exit code is 1.

    Examples:
        tidegate predict runs/lines page1/ page2/line-07.png
        find scans -name '*.png' | tidegate predict runs/lines - --json
        echo 'The pound fell in London .' | tidegate predict runs/entities -
    """
    from tidegate.api.model import load
    from tidegate.cli.predict_tags import predict_tags
    from tidegate.cli.printing import print_json
    from tidegate.data.source import IMAGE_SUFFIXES

    model = load(run, threads=threads)
    if model.task == "tag":
        _end(predict_tags(model, inputs, as_json=as_json), "files or sentences could not be tagged")
        return
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
