"""The doctor of images of lines with their texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from tidegate.check.contract import Checks, Found, found
from tidegate.check.kinds.pictures import Pictures, blank, doubles, look_at, parts_of
from tidegate.check.kinds.pictures import unlikeness as share_of_bad
from tidegate.config.run import RunSpec
from tidegate.data.images.direction import direction_findings, find_direction
from tidegate.data.images.formats import LINES
from tidegate.data.images.image_set import rotated
from tidegate.data.images.sample import Sample
from tidegate.data.images.splits import make_splits
from tidegate.network.trace import steps
from tidegate.tasks.images.alphabet import describe, unseen
from tidegate.tasks.images.reading import line_input

UNRELATED = 0.2
"""Correlation of the widths of images and the lengths of texts, below which these are of other images."""
FEW = 3
"""How often a character must come to be learnt."""


def read(spec: RunSpec) -> Pictures:
    """Lines and texts, as training reads them."""
    architecture, geometry = line_input(spec)
    splits, record = make_splits(spec.data, LINES, spec.seed)
    parts = parts_of(splits)
    images, told = look_at(parts, geometry, spec.data.cache_megabytes)
    characters = Counter(character for sample in splits.train for character in sample.target)
    lengths = images["train"].lengths()
    texts = [sample.target for sample in splits.train]
    direction = find_direction(texts) if spec.data.direction == "auto" else spec.data.direction
    return Pictures(
        spec,
        parts,
        [*record.notes, *direction_findings(texts, spec.data.direction, direction)],
        told,
        architecture,
        int(np.median(lengths)) if len(lengths) else None,
        len(characters),
        characters.total(),
        images=images,
        geometry=geometry,
    )


def needed(text: str) -> int:
    """The fewest steps by which CTC can spell a text: one a character, and one between two alike.

    >>> needed("hello")
    6
    """
    return len(text) + sum(a == b for a, b in pairwise(text))


def fits(subject: Pictures) -> Iterator[Found]:
    """Lines whose texts have more characters than the network has steps for them."""
    assert subject.architecture is not None
    images = subject.images["train"]
    turned = rotated(images)
    lengths, known = images.lengths().tolist(), dict[int, int]()
    narrow: list[Sample] = []
    lack = 1.0
    for index, (sample, columns) in enumerate(zip(images.samples, lengths, strict=True)):
        have = known.setdefault(columns, steps(subject.architecture, columns))
        if have < needed(sample.target):
            narrow.append(sample)
            # A line on its side is no measure of how many rows the others take.
            lack = lack if index in turned else max(lack, needed(sample.target) / max(1, have))
    if not narrow:
        return
    worst = narrow[0]
    rows = 8 * -(-int(np.ceil(subject.geometry.rows * lack * 1.1)) // 8)
    have = steps(subject.architecture, lengths[images.samples.index(worst)])
    yield found(
        "error",
        "too-narrow",
        "train",
        f"{len(narrow):,} of {len(images):,} lines are too narrow for their texts: the network has {have} steps for "
        f"{worst.name}, and its {len(worst.target)} characters take {needed(worst.target)}",
        f"scale lines higher, which makes them wider: --set data.rows={rows}; or pool less along x; or leave these "
        "lines out with --skip-bad",
        narrow,
        subject.show,
    )


def texts(subject: Pictures) -> Iterator[Found]:
    """Texts that teach nothing, or another task."""
    train = [sample.target for sample in subject.train]
    if len(set(train)) == 1 and len(train) > 1:
        yield found(
            "error",
            "constant-label",
            "train",
            f"all {len(train):,} lines have the text {train[0][:40]!r}: there is nothing to read",
            "check which column or file holds the texts",
        )
    elif len(train) >= 10 and all(len(text) == 1 for text in train):
        yield found(
            "warning",
            "one-character-texts",
            "train",
            f"all {len(train):,} texts are single characters, {len(set(train)):,} different ones: that is no reading "
            "of lines, and CTC learns it badly",
            "train a classification: --task classify with a folder or a label for each character",
        )


def order(subject: Pictures) -> Iterator[Found]:
    """Texts that have nothing to do with the widths of their images, as when the labels are out of order."""
    images = subject.images["train"]
    sizes = np.array(images.original_sizes(), np.float64)
    lengths = np.array([len(sample.target) for sample in images.samples], np.float64)
    good = (sizes.min(axis=1) > 0) & (lengths > 0) if len(sizes) else np.zeros(0, bool)
    if good.sum() < 30:
        return
    # Stretched to one height, a line is as wide as its text is long.
    widths = np.log(sizes[good, 1] / sizes[good, 0])
    letters = np.log(lengths[good])
    if min(widths.std(), letters.std()) < 0.2:
        return
    relation = float(np.corrcoef(widths, letters)[0, 1])
    if relation < UNRELATED:
        counting = _counting([sample.target for sample in images.samples])
        yield found(
            "warning",
            "texts-of-other-images",
            "train",
            "long texts do not stand at wide images "
            f"(correlation {relation:.2f}; of lines it is "
            "near 1): the texts seem to be those of other "
            "images" + (", and they are numbers that count" if counting else ""),
            "look at some pairs, and at the order in which images and texts were joined: by name, or by place in two "
            "lists that are sorted in other ways (10 before 9)",
            _oddest(images.samples, widths, letters, good),
            subject.show,
        )


def _counting(values: Sequence[str]) -> bool:
    numbers = [int(value) for value in values if value.isdecimal()]
    return len(numbers) == len(values) and len(set(numbers)) == len(numbers)


def _oddest(
    samples: Sequence[Sample], widths: np.ndarray, letters: np.ndarray, good: np.ndarray
) -> list[Sample]:
    gap = np.abs((widths - widths.mean()) / widths.std() - (letters - letters.mean()) / letters.std())
    kept = [sample for sample, use in zip(samples, good, strict=True) if use]
    return [kept[place] for place in np.argsort(-gap)[:8]]


def numbers(subject: Pictures) -> Iterator[Found]:
    """Texts that are the numbers of their files, counted up, in place of what is written."""
    train = subject.train
    if len(train) < 20 or not _counting([sample.target for sample in train]):
        return
    values = sorted(int(sample.target) for sample in train)
    # Held-out lines leave gaps in the count.
    if values[-1] - values[0] < 2 * len(values):
        yield found(
            "warning",
            "counting-texts",
            "train",
            f"the texts are the numbers from {values[0]} to {values[-1]}, each once, as if an index stood in "
            "place of them",
            "check which column holds the texts",
            train[:8],
            subject.show,
        )


def alphabet(subject: Pictures) -> Iterator[Found]:
    """Characters that are in other parts only, and those that come too rarely to be learnt."""
    characters = Counter(character for sample in subject.train for character in sample.target)
    for part, samples in subject.others.items():
        unknown = unseen(characters, samples)
        if unknown:
            listed = "; ".join(describe(symbol, names) for symbol, names in list(unknown.items())[:5])
            names = {name for found_in in unknown.values() for name in found_in}
            count = "1 character" if len(unknown) == 1 else f"{len(unknown):,} characters"
            # One or two in a large test are nothing to worry about: they count as errors, and are told.
            severity = "warning" if len(names) > 0.1 * len(samples) else "note"
            yield found(
                severity,
                "unknown-characters",
                part,
                f"{count} that training never has and the model cannot write: {listed}",
                "add lines with them to the training data, or write them as the training texts do",
                [sample for sample in samples if sample.name in names],
                subject.show,
            )
    rare = [character for character, count in characters.items() if count < FEW]
    if len(rare) > 0.5 * len(characters) and len(characters) > 20:
        yield found(
            "warning",
            "rare-characters",
            "train",
            f"{len(rare):,} of {len(characters):,} characters come fewer than {FEW} times in {len(subject.train):,} "
            "lines: too few to learn them from, and nothing is read until they are",
            "add lines; for such an alphabet it takes thousands, drawn ones among them",
        )


def turned(subject: Pictures) -> Iterator[Found]:
    """Lines on their side, and pages among lines."""
    for part, images in subject.images.items():
        sideways = rotated(images)
        if sideways:
            yield found(
                "warning",
                "rotated",
                part,
                f"{len(sideways):,} of {len(images):,} lines look rotated by 90°: much taller than wide",
                "turn them, so that one reads from left to right; lines of vertical writing are turned by 90° too",
                [images.samples[index] for index in sideways],
                subject.show,
            )
        heights = np.array([size[0] for size in images.original_sizes()])
        usual = float(np.median(heights[heights > 0])) if (heights > 0).any() else 0.0
        tall = [
            sample
            for index, sample in enumerate(images.samples)
            if usual and heights[index] > 4 * usual and index not in sideways
        ]
        if tall:
            yield found(
                "warning",
                "page-among-lines",
                part,
                f"{len(tall):,} of {len(images):,} images are more than four times as high as the others ({usual:.0f} "
                "pixels), as pages and paragraphs are",
                "cut them into lines; a line reader reads one",
                tall,
                subject.show,
            )


def unlikeness(path: str) -> float | None:
    """Texts beside images are no accident, though their folders can be read as classes."""
    share = share_of_bad(LINES, path)
    return -1.0 if share is not None and share < 0.5 else share


CHECKS = Checks(read, (fits, texts, numbers, order, alphabet, turned, blank, doubles), unlikeness)
