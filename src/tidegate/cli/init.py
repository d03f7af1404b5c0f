"""``tidegate init``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidegate.errors import ConfigError, DataError, EmptyDataError, OutputError

if TYPE_CHECKING:
    from tidegate.data.sample import Sample


def init(
    train: Annotated[str, typer.Option(help="Training data: a path or a built-in name.")],
    task: Annotated[
        str | None, typer.Option(help="classify or transcribe; default: what the data are.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="Network; see `tidegate show --presets`.")] = None,
    out: Annotated[Path, typer.Option(help="The file to write; it must not exist.")] = Path("config.toml"),
) -> None:
    """Write a commented TOML file for some data.

    It says what was found in them, and every setting with its default.

    Examples:
        tidegate init --train lines/
        tidegate init --train mnist/ --task classify --preset lenet --out mnist.toml
    """
    from tidegate.data.listing import read_listing
    from tidegate.spec.files import write_text
    from tidegate.spec.resolve import resolve
    from tidegate.spec.toml import dump_commented

    if out.exists():
        raise OutputError("the file exists", where=str(out), advice="give another name with --out")
    task = task or _task_of(train)
    listing = read_listing(task, train, "train")
    if not listing.samples:
        raise EmptyDataError("no samples", where=train, expected=f"data for the task {task}")
    spec = resolve({"task": task, "data": {"train": train}}, {"model": {"preset": preset}} if preset else {})
    seen = describe(task, listing.samples)
    if listing.bad:
        seen.append(
            f"{len(listing.bad)} cannot be used, {listing.bad[0].name} first: {listing.bad[0].reason}"
        )
    head = "".join(f"# {line}\n" for line in [f"{train}: {seen[0]}", *seen[1:]])
    write_text(
        out, f"{head}# Train with: tidegate train {out} --out runs/{out.stem}\n\n{dump_commented(spec)}"
    )
    for line in [*seen, *listing.notes]:
        typer.echo(line, err=True)
    print(out)


def _task_of(path: str) -> str:
    """Lines, if most images have a text; else the task whose reading leaves fewest samples out.

    Lines in subfolders can also be read as images of classes, but texts beside images are no accident.
    """
    from tidegate.data.listing import read_listing
    from tidegate.spec.defaults import TASK_NAMES

    shares: dict[str, float] = {}
    refusals: list[str] = []
    for task in TASK_NAMES:
        try:
            listing = read_listing(task, path, "train")
        except DataError as error:
            refusals.append(f"{task}: {error.what}" + (f" ({error.came})" if error.came else ""))
            continue
        if listing.samples:
            shares[task] = len(listing.bad) / (len(listing.samples) + len(listing.bad))
    if not shares:
        raise ConfigError(
            "the data do not tell which task they are for",
            where=path,
            came="\n".join(refusals) or "no file that can be used",
            advice="say it, such as --task transcribe; `tidegate datasets` lists the formats that are read",
        )
    return "transcribe" if shares.get("transcribe", 1) < 0.5 else min(shares, key=lambda task: shares[task])


def describe(task: str, samples: Sequence[Sample]) -> list[str]:
    """What a person wants to know of labelled data before training on them.

    Args:
        task: ``classify`` counts classes, every other task characters.
        samples: What was read.
    """
    if task == "classify":
        classes = Counter(sample.target for sample in samples)
        most, least = classes.most_common()[0], classes.most_common()[-1]
        return [
            f"{len(samples):,} images of {len(classes)} classes",
            f"most: {most[0]} ({most[1]:,}); fewest: {least[0]} ({least[1]:,})",
        ]
    characters = Counter(character for sample in samples for character in sample.target)
    longest = max(len(sample.target) for sample in samples)
    rare = "".join(sorted(character for character, count in characters.items() if count < 10))
    lines = [
        f"{len(samples):,} lines, {characters.total():,} characters, {len(characters)} different",
        f"longest line: {longest} characters",
    ]
    return [*lines, f"seen fewer than ten times: {rare}"] if rare else lines
