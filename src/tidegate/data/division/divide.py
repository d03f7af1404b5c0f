"""Dividing one list of samples into parts: how many, and which."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import numpy as np

from tidegate.errors import SplitError

U = TypeVar("U")


@dataclass(frozen=True)
class Parts:
    """Samples of each part, and the text that asked for them."""

    train: int
    valid: int
    test: int
    text: str


def parse_split(text: str, count: int) -> Parts:
    """Read ``A/B`` or ``A/B/C``: counts (whole numbers), or fractions (with a decimal point).

    Args:
        text: Training, validation and test, in this order.
        count: Samples to divide.

    Raises:
        SplitError: It cannot be read, asks for more than there is, or leaves a part empty.

    >>> parse_split("0.8/0.1/0.1", 505)
    Parts(train=404, valid=51, test=50, text='0.8/0.1/0.1')
    >>> parse_split("400/50/50", 500).train
    400
    """
    words = [word.strip() for word in text.split("/")]
    if len(words) not in (2, 3) or not all(re.fullmatch(r"\d+|\d*\.\d+|\d+\.", word) for word in words):
        raise SplitError(
            "the split cannot be read", where="data.split", expected="A/B/C, counts or fractions", got=text
        )
    fractions = any("." in word for word in words)
    numbers = _from_fractions(words, count, text) if fractions else _from_counts(words, count, text)
    train, valid, test = [*numbers, 0][:3]
    if train < 1 or valid < 1 or (len(words) == 3 and test < 1 and float(words[2]) > 0):
        raise SplitError(
            "a part of the split would be empty",
            where="data.split",
            expected="at least one sample for training and one for validation",
            got=f"{text} of {count} samples: {train}/{valid}/{test}",
        )
    return Parts(train, valid, test, text)


def _from_fractions(words: list[str], count: int, text: str) -> list[int]:
    shares = [float(word) for word in words]
    if sum(shares) > 1 + 1e-9:
        raise SplitError(
            "the fractions add up to more than 1", where="data.split", got=f"{text}: {sum(shares):g} in all"
        )
    # Largest remainders, so that the parts add up; earlier parts win ties.
    exact = [share * count for share in shares]
    numbers = [math.floor(value + 1e-9) for value in exact]
    left = round(sum(exact)) - sum(numbers)
    order = sorted(range(len(exact)), key=lambda part: (round(numbers[part] - exact[part], 9), part))
    # A part asked for gets a sample before a remainder is given out.
    for part in order[:left]:
        numbers[part] += 1
    return numbers


def _from_counts(words: list[str], count: int, text: str) -> list[int]:
    numbers = [int(word) for word in words]
    total = sum(numbers)
    if total > count:
        raise SplitError(
            "the split asks for more samples than there are",
            where="data.split",
            expected=f"at most {count} in all",
            got=f"{text}: {total}",
        )
    if total == 100 and count != 100:
        raise SplitError(
            "the split looks like percentages",
            where="data.split",
            expected=f"counts of {count} samples, or fractions",
            got=text,
            hint=f"write {'/'.join(f'{number / 100:g}' for number in numbers)}",
        )
    return numbers


def cut_points(split: str, length: int) -> list[int]:
    """Where parts end, in steps from the start; fractions are rounded down, so that 0.9/0.1 cuts at ``int(0.9·n)``.

    Args:
        split: ``A/B`` or ``A/B/C``, counts of characters or rows, or fractions.
        length: Characters or rows in all.

    Raises:
        SplitError: It cannot be read, asks for more than there is, or leaves a part empty.

    >>> cut_points("0.9/0.1", 1_115_394), cut_points("5/2/1", 10)
    ([1003854, 1115394], [5, 7, 8])
    """
    parts = parse_split(split, length)
    if "." not in split:
        sizes = [parts.train, parts.valid, parts.test][: split.count("/") + 1]
        return [sum(sizes[: number + 1]) for number in range(len(sizes))]
    # Exact fractions: 0.29 of 100 is 29, where floating point says 28.999….
    shares = [Fraction(word.strip()) for word in split.split("/")]
    ends = [math.floor(sum(shares[: number + 1]) * length) for number in range(len(shares))]
    for share, start, end in zip(shares, [0, *ends], ends, strict=False):
        if share > 0 and start == end:
            raise SplitError(
                "a part of the split would be empty",
                where="data.split",
                expected="at least one character in each part",
                got=f"{split} of {length} characters",
            )
    return ends


def moved_back(number: int, room: int) -> int:
    """How much earlier the data end in one of many splits in time, so that few splits and many are spread evenly.

    Args:
        number: Of the split: 0 moves nothing, the others take van der Corput's sequence: 1/2, 1/4, 3/4, 1/8, …
        room: The most by which the end may move.

    >>> [moved_back(number, 80) for number in range(6)]
    [0, 40, 20, 60, 10, 50]
    """
    share, part = 0.0, 0.5
    while number:
        number, bit = divmod(number, 2)
        share, part = share + bit * part, part / 2
    return int(share * room)


def choose(
    units: Sequence[U], count: int, seed: int, classes: Sequence[str] | None = None
) -> tuple[list[U], list[U]]:
    """Choose some by a seed; both lists keep their order.

    Args:
        units: To choose from.
        count: How many.
        seed: Of the choice.
        classes: The class of each, to take from each class in proportion (largest remainders), as far as possible.

    Returns:
        The chosen, and the rest.

    >>> chosen, rest = choose(range(10), 4, 0, classes=["even", "odd"] * 5)
    >>> [number % 2 for number in chosen].count(0), len(rest)
    (2, 6)
    """
    keys = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, len(units)]))).random(len(units))
    groups: dict[str, list[int]] = defaultdict(list)
    for index in np.argsort(keys, kind="stable").tolist():
        groups["" if classes is None else classes[int(index)]].append(index)
    quotas = _quotas({target: len(group) for target, group in groups.items()}, count)
    taken = {index for target, group in groups.items() for index in group[: quotas[target]]}
    chosen = [unit for index, unit in enumerate(units) if index in taken]
    return chosen, [unit for index, unit in enumerate(units) if index not in taken]


def _quotas(sizes: dict[str, int], count: int) -> dict[str, int]:
    """How many of each class; one with a single sample gives it last of all, so that training sees it."""
    total = sum(sizes.values())
    exact = {target: size * count / total for target, size in sizes.items()}
    quotas = {target: math.floor(value) for target, value in exact.items()}
    left = count - sum(quotas.values())
    by_remainder = sorted(
        exact, key=lambda target: (sizes[target] < 2, quotas[target] - exact[target], target)
    )
    for target in by_remainder[:left]:
        quotas[target] += 1
    return quotas
