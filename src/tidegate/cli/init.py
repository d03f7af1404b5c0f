"""``tidegate init``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidegate.errors import ConfigError, DataError, EmptyDataError, OutputError

if TYPE_CHECKING:
    from tidegate.config.run import RunSpec
    from tidegate.data.sample import Sample
    from tidegate.data.words.sentence import Sentence
    from tidegate.errors import Finding

MOST_RARE = 100
"""Rare characters are listed up to this many."""


def init(
    train: Annotated[str, typer.Option(help="Training data: a path or a built-in name.")],
    task: Annotated[
        str | None, typer.Option(help="A task, such as tag or forecast; default: what the data are.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="Network; see `tidegate show --presets`.")] = None,
    out: Annotated[Path, typer.Option(help="The file to write; it must not exist.")] = Path("config.toml"),
) -> None:
    """Write a commented TOML file for some data.

    It says what was found in them, and every setting with its default.

    Examples:
        tidegate init --train lines/
        tidegate init --train mnist/ --task classify --preset lenet --out mnist.toml
        tidegate init --train conll2000/train.txt --preset bilstm-crf
    """
    from tidegate.config.resolve import resolve
    from tidegate.config.toml import dump_commented
    from tidegate.files import write_text

    if out.exists():
        raise OutputError("the file exists", where=str(out), hint="give another name with --out")
    task = task or _task_of(train)
    # Series come in one table, which is split by time.
    data = {"source": train} if task == "forecast" else {"train": train}
    spec = resolve({"task": task, "data": data}, {"model": {"preset": preset}} if preset else {})
    found = _found(spec, train)
    seen = found.lines
    if found.bad:
        seen.append(f"{len(found.bad)} cannot be used, {found.bad[0].where} first: {found.bad[0].what}")
    head = "".join(f"# {line}\n" for line in [f"{train}: {seen[0]}", *seen[1:]])
    write_text(
        out, f"{head}# Train with: tidegate train {out} --out runs/{out.stem}\n\n{dump_commented(spec)}"
    )
    for line in [*seen, *found.notes]:
        typer.echo(str(line), err=True)
    print(out)


@dataclass(frozen=True)
class Found:
    """What a person wants to know of data, what of them cannot be used, and notes of the reader."""

    lines: list[str]
    bad: Sequence[Finding] = ()
    notes: Sequence[Finding] = ()


def _found(spec: RunSpec, path: str) -> Found:
    """Read the data of a task, as training will."""
    if spec.task == "tag":
        return _sentences(spec, path)
    if spec.task == "language":
        return _text(path)
    if spec.task == "forecast":
        from tidegate.cli.describe_series import find_series

        return Found(*find_series(spec, path))
    if spec.task == "signal":
        from tidegate.cli.describe_signals import find_signals

        return Found(*find_signals(spec, path))
    from tidegate.data.listing import read_listing

    listing = read_listing(spec.task, path, "train")
    if not listing.samples:
        raise EmptyDataError("no samples", where=path, expected=f"data for the task {spec.task}")
    return Found(describe(spec.task, listing.samples), listing.bad, listing.notes)


def _sentences(spec: RunSpec, path: str) -> Found:
    from tidegate.data.place import find_place
    from tidegate.data.words.files import own_parts, read_documents
    from tidegate.tasks.tag.reading import TagReading

    reader = TagReading.of(spec).reader()
    documents = read_documents(path, "train", reader)
    train = [sentence for document in documents for sentence in document.sentences]
    bad = [one for document in documents for one in document.bad]
    if not train:
        raise EmptyDataError("no sentences that can be used", where=path, got=bad[0].what if bad else None)
    lines = describe_sentences(train)
    known = {word for sentence in train for word in sentence.words}
    for part in own_parts(find_place(path).source)[1:]:
        others = [one for document in read_documents(path, part, reader) for one in document.sentences]
        words = [word for sentence in others for word in sentence.words]
        unseen = sum(word not in known for word in words) / max(1, len(words))
        lines.append(
            f"{part}: {len(others):,} sentences, {len(words):,} words, {unseen:.1%} of them not in training"
        )
    return Found(lines, bad)


def _text(path: str) -> Found:
    from tidegate.data.text.documents import find_texts, read_texts

    files = find_texts(path)
    listing = read_texts(files, "train" if files.parts else "all")
    if not listing.texts:
        raise EmptyDataError(
            "no text that can be used",
            where=path,
            got="; ".join(f"{one.where} {one.what}" for one in listing.bad),
        )
    parts = [f"parts of its own: {', '.join(files.parts)}"] if files.parts else []
    lines = [*describe_text([one.text for one in listing.texts]), *parts]
    return Found(lines, listing.bad, [*files.notes, *listing.notes])


def _task_of(path: str) -> str:
    """Lines, if most images have a text; else the task whose reading leaves fewest samples out.

    Lines in subfolders can also be read as images of classes, but texts beside images are no accident. Words in columns
    and plain text are known by their looks, and only where there are no images.
    """
    from tidegate.config.registry import task_names
    from tidegate.data.listing import find_format, read_listing

    shares: dict[str, float] = {}
    refusals: list[str] = []
    for task in task_names():
        try:
            if find_format(task, path).list_samples is None:
                shares[task] = 0.0
                continue
            listing = read_listing(task, path, "train")
        except DataError as error:
            refusals.append(f"{task}: {error.what}" + (f" ({error.got})" if error.got else ""))
            continue
        if listing.samples:
            shares[task] = len(listing.bad) / (len(listing.samples) + len(listing.bad))
    if not shares:
        raise ConfigError(
            "the data do not tell which task they are for",
            where=path,
            got="\n".join(refusals) or "no file that can be used",
            hint="say it, such as --task transcribe; `tidegate datasets` lists the formats that are read",
        )
    return "transcribe" if shares.get("transcribe", 1) < 0.5 else min(shares, key=lambda task: shares[task])


def describe(task: str, samples: Sequence[Sample]) -> list[str]:
    """What a person wants to know of labelled data before training on them.

    Args:
        task: ``classify`` counts classes, ``transcribe`` characters.
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
    return [
        f"{len(samples):,} lines, {characters.total():,} characters, {len(characters)} different",
        f"longest line: {longest} characters",
        *_rare(characters),
    ]


def describe_text(texts: Sequence[str]) -> list[str]:
    """The same of text to model.

    Args:
        texts: Documents of the training part.

    >>> describe_text(["to be or\\n", "not to be\\n"])[:2]
    ['2 documents, 2 lines, 19 characters, 8 different', 'longest line: 9 characters']
    """
    characters = Counter[str]()
    for text in texts:
        characters.update(text)
    lines = [line for text in texts for line in text.splitlines()]
    documents = "1 document" if len(texts) == 1 else f"{len(texts):,} documents"
    return [
        f"{documents}, {len(lines):,} lines, {characters.total():,} characters, {len(characters):,} different",
        f"longest line: {max(map(len, lines)):,} characters",
        *_rare(characters),
    ]


def _rare(characters: Counter[str]) -> list[str]:
    rare = sorted(character for character, count in characters.items() if count < 10)
    if len(rare) > MOST_RARE:
        return [f"seen fewer than ten times: {len(rare):,} of them"]
    return [f"seen fewer than ten times: {''.join(rare)}"] if rare else []


def describe_sentences(sentences: Sequence[Sentence]) -> list[str]:
    """The same of tagged sentences: words, tags, and how these mark where something begins.

    Args:
        sentences: Of the training part.

    >>> from tidegate.data.words.sentence import Sentence
    >>> describe_sentences([Sentence("a.txt:1", ("in", "York"), ("O", "B-LOC"))])[1]
    '2 tags, scheme iob2; most: O (1); fewest: B-LOC (1)'
    """
    words = Counter(word for sentence in sentences for word in sentence.words)
    once = sum(count == 1 for count in words.values()) / len(words)
    longest = max(sentences, key=len)
    return [
        f"{len(sentences):,} sentences, {words.total():,} words, {len(words):,} different ({once:.0%} of these once)",
        *_tags(sentences),
        f"longest sentence: {len(longest):,} words ({longest.name})",
    ]


def _tags(sentences: Sequence[Sentence]) -> list[str]:
    from tidegate.data.words.columns import looks_like_positions
    from tidegate.data.words.scheme_detection import find_scheme
    from tidegate.data.words.scheme_rules import scheme_problems

    tags = Counter(tag for sentence in sentences for tag in sentence.tags)
    if not tags:
        return ["no tags: training needs some"]
    try:
        scheme = find_scheme(sentences)
    except DataError as error:
        mixed = "; ".join((error.got or "").splitlines())
        return [f"{len(tags)} tags; {error.what}, so tag.scheme must say which to read: {mixed}"]
    most, fewest = tags.most_common()[0], tags.most_common()[-1]
    lines = [
        f"{len(tags)} tags, scheme {scheme.name}; "
        f"most: {most[0]} ({most[1]:,}); fewest: {fewest[0]} ({fewest[1]:,})"
    ]
    slips = scheme_problems(sentences, scheme)
    if slips:
        lines.append(f"tags that break the scheme: {len(slips):,}, {slips[0].where} first: {slips[0].what}")
    if looks_like_positions(sentences):
        lines.append("words are single characters with their positions, which become a column of their own")
    return lines
