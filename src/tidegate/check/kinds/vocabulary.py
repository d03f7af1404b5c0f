"""Words that other parts or pretrained vectors do not share with the training data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tidegate.check.contract import Found, found
from tidegate.config.word_features import WordSettings
from tidegate.data.words.vectors import read_vectors
from tidegate.errors import DataError

LOW = 0.5
"""Share of words with a vector below which vectors are of little use: those of another language, or another spelling."""
STRANGE = 0.6
"""Share of running words that training never has, from which another part is of another kind of text."""


def check_words(
    parts: Mapping[str, Iterable[tuple[str, ...]]], settings: WordSettings, table: str
) -> Iterator[Found]:
    """Words of each part against those of training, and against the vectors that the specification names.

    Args:
        parts: The words of each text.
        settings: Which vectors, and whether case counts.
        table: Their name in the configuration.
    """
    words = {name: [word for text in texts for word in text] for name, texts in parts.items()}
    known = {word.lower() for word in words.get("train", ())}
    for name, running in words.items():
        unseen = sum(word.lower() not in known for word in running)
        if name != "train" and running and unseen > STRANGE * len(running):
            yield found(
                "warning",
                "unseen-words",
                name,
                f"{unseen / len(running):.0%} of its words do not occur in the training data, as of another language "
                "or another way to cut words",
                "check that both parts are of one kind of text, cut into words in one way",
            )
    if settings.vectors is not None:
        yield from _coverage(words, settings.vectors, table)


def _coverage(words: Mapping[str, list[str]], path: str, table: str) -> Iterator[Found]:
    forms = dict.fromkeys(word for running in words.values() for word in running)
    try:
        vectors = read_vectors(Path(path), forms, skip_bad=True)
    except DataError as error:
        yield found(
            "error", "unreadable-data", path, f"{error.what} ({error.got})", error.hint or "check the file"
        )
        return
    share = len(vectors.words) / max(1, len(forms))
    if share < LOW:
        shown = ", ".join(map(repr, vectors.missing[:5]))
        yield found(
            "warning",
            "low-coverage",
            path,
            f"it has vectors for {share:.0%} of the {len(forms):,} words, and none for {shown}, …: they help little",
            f"take vectors of the language and spelling of these texts, or leave out {table}.vectors",
        )
