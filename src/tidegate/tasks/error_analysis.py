"""What error analyses have in common: which samples are shown, what is taken for what, errors by class and by length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from tidegate.results.analysis.samples import Confusion, Estimate, Label, LengthGroup

SHOWN = 12
SHOWN_CONFUSIONS = 40
SHOWN_PAIRS = 500
GROUPS = 5


def spread(count: int, shown: int = SHOWN) -> list[int]:
    """Evenly spaced places, so that what is shown was not picked by its result.

    >>> spread(10, 4), spread(3, 4)
    ([0, 2, 5, 7], [0, 1, 2])
    """
    return [count * i // shown for i in range(shown)] if count > shown else list(range(count))


def worst(errors: Sequence[float], shown: int = SHOWN) -> list[int]:
    """Places of the largest errors, the largest first; none without an error.

    >>> worst([0, 2, 1, 2], 2), worst([0.0])
    ([1, 3], [])
    """
    order = sorted(range(len(errors)), key=lambda i: (-errors[i], i))
    return [i for i in order[:shown] if errors[i] > 0]


def confusion_matrix(
    references: Iterable[str], answers: Iterable[str], classes: Sequence[str]
) -> tuple[tuple[int, ...], ...]:
    """How often each class (row) was taken for each other one (column).

    >>> confusion_matrix("aab", "aba", "ab")
    ((1, 1), (1, 0))
    """
    number = {name: i for i, name in enumerate(classes)}
    matrix = np.zeros((len(classes), len(classes)), np.int64)
    for reference, answer in zip(references, answers, strict=True) if classes else ():
        matrix[number[reference], number[answer]] += 1
    return tuple(map(tuple, matrix.tolist()))


def confused_classes(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> tuple[Confusion, ...]:
    """The most frequent confusions of a matrix."""
    return most_confused(
        {(classes[i], classes[j]): n for i, row in enumerate(matrix) for j, n in enumerate(row) if i != j}
    )


def most_confused(counts: Mapping[tuple[str, str], int]) -> tuple[Confusion, ...]:
    """The most frequent confusions, the most frequent first.

    >>> most_confused({("a", "b"): 1, ("b", "a"): 3, ("c", "a"): 0})[0]
    Confusion(reference='b', predicted='a', count=3)
    """
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:SHOWN_CONFUSIONS]
    return tuple(Confusion(reference, answer, n) for (reference, answer), n in ranked if n)


def estimates(references: Sequence[float], answers: Sequence[float]) -> tuple[Estimate, ...]:
    """Values and what the network says, of places spread over the split."""
    return tuple(Estimate(references[i], answers[i]) for i in spread(len(answers), SHOWN_PAIRS))


def by_label(there: Counter[str], given: Counter[str], right: Counter[str]) -> tuple[Label, ...]:
    """Precision, recall and F1 of each label, the most frequent first.

    Args:
        there: How often each is there.
        given: How often each was given.
        right: How often each was given where it is.

    >>> by_label(Counter("aab"), Counter("ab"), Counter("a"))[0]
    Label(label='a', count=2, precision=1.0, recall=0.5, f1=0.6666666666666666)
    """
    rows = [
        Label(
            label,
            there[label],
            right[label] / max(1, given[label]),
            right[label] / max(1, there[label]),
            2 * right[label] / max(1, there[label] + given[label]),
        )
        for label in {*there, *given}
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.label)))


def by_length(
    lengths: Sequence[int], errors: Sequence[float], weights: Sequence[float] | None = None
) -> tuple[LengthGroup, ...]:
    """The error of a few groups of samples, about as many in each, from short to long; nothing where all are as long.

    Args:
        lengths: Of the samples.
        errors: Of the samples.
        weights: What the errors of a group are divided by, such as characters; else how many samples there are.

    >>> [(group.length, group.samples, group.value) for group in by_length([1, 1, 2, 9], [0, 1, 1, 3])]
    [('1', 2, 0.5), ('2–8', 1, 1.0), ('9', 1, 3.0)]
    """
    if len(set(lengths)) < 2:
        return ()
    order = sorted(lengths)
    bounds = {order[len(order) * group // GROUPS] for group in range(1, GROUPS)} | {order[-1]}
    edges = [order[0], *sorted(bound for bound in bounds if bound > order[0]), order[-1] + 1]
    rows: list[LengthGroup] = []
    for low, high in pairwise(edges):
        inside = [i for i, length in enumerate(lengths) if low <= length < high]
        if inside:
            name = f"{low}–{high - 1}" if high - 1 > low else str(low)
            weight = len(inside) if weights is None else sum(weights[i] for i in inside)
            rows.append(LengthGroup(name, len(inside), sum(errors[i] for i in inside) / max(1, weight)))
    return tuple(rows)
