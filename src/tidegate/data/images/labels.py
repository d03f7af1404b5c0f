"""What looks wrong with the answers of images: contradictions, duplicates, classes and letters that look alike."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from tidegate.data.finding import note, warning
from tidegate.data.images.normal_form import invisible
from tidegate.data.images.sample import Sample
from tidegate.errors import Finding

SHOWN = 3


def label_findings(samples: Sequence[Sample], where: str, *, classes: bool) -> list[Finding]:
    """Warnings about images that are there twice with two answers, and about classes; a note on images with one answer.

    >>> twice = [Sample("a", "cat", data=b"1"), Sample("b", "dog", data=b"1")]
    >>> print(*label_findings(twice, "images/", classes=True))
    images/: 1 image stands there with two answers or more, byte for byte: a 'cat' = b 'dog'
    """
    alike = _alike(samples)
    against = [group for group in alike if len({sample.target for sample in group}) > 1]
    same = [group for group in alike if len({sample.target for sample in group}) == 1]
    found: list[Finding] = []
    if against:
        count = "1 image stands" if len(against) == 1 else f"{len(against)} images stand"
        pairs = "; ".join(
            " = ".join(f"{sample.name} {sample.target[:30]!r}" for sample in group[:SHOWN])
            for group in against[:SHOWN]
        )
        what = f"{count} there with two answers or more, byte for byte: {pairs}"
        found.append(warning("contradictory-labels", what, where))
    if same:
        count = "1 image stands" if len(same) == 1 else f"{len(same)} images stand"
        pairs = "; ".join(" = ".join(sample.name for sample in group[:SHOWN]) for group in same[:SHOWN])
        found.append(note("duplicates", f"{count} there twice or more, byte for byte: {pairs}", where))
    return [*found, *(similar_classes((sample.target for sample in samples), where) if classes else ())]


def similar_classes(classes: Iterable[str], where: str) -> list[Finding]:
    """A warning of classes that differ only by case, width, or white space and marks between words.

    >>> print(*similar_classes(["Cat", "cat", "dog"], "images/"))
    images/: classes that differ only in how they are written: 'Cat', 'cat'
    """
    plain: dict[str, list[str]] = {}
    for name in sorted(set(classes)):
        key = "".join(
            letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter not in " _-"
        )
        plain.setdefault(key, []).append(name)
    pairs = [", ".join(map(repr, names)) for names in plain.values() if len(names) > 1]
    if not pairs:
        return []
    return [
        warning(
            "similar-classes",
            f"classes that differ only in how they are written: {'; '.join(pairs[:SHOWN])}",
            where,
        )
    ]


def invisible_characters(texts: Iterable[str], where: str) -> list[Finding]:
    """A note of characters that nobody sees and that were dropped, by their code points.

    >>> print(*invisible_characters(["ti\\u00adde"], "lines/"))
    lines/: characters that nobody sees were dropped: U+00AD SOFT HYPHEN (1)
    """
    counts = Counter(letter for text in texts if not text.isascii() for letter in invisible(text))
    if not counts:
        return []
    shown = ", ".join(
        f"U+{ord(letter):04X} {unicodedata.name(letter, '')} ({count})"
        for letter, count in counts.most_common(8)
    )
    return [note("invisible-characters", f"characters that nobody sees were dropped: {shown}", where)]


def _alike(samples: Sequence[Sample]) -> list[list[Sample]]:
    groups: dict[bytes, list[Sample]] = {}
    for sample in samples:
        if sample.digest is not None:
            groups.setdefault(sample.digest, []).append(sample)
    return [group for group in groups.values() if len(group) > 1]
