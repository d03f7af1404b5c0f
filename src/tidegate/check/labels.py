"""What is wrong with labels, of whatever they are labels."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from tidegate.check.contract import Found, Labelled, Shown, found

L = TypeVar("L", bound=Labelled)
Show = Callable[[L], Shown] | None

DOMINANT = 0.9
"""Share of one class from which a network does best to answer with it always."""
LOPSIDED = 50
"""How many samples of a class for one of another, from which the rare one is hardly learnt."""
EACH_ITS_OWN = 0.5
"""Classes for each sample from which labels are no classes."""


def check_labels(
    parts: Mapping[str, Sequence[L]], *, shuffled: bool, show: Callable[[L], Shown] | None = None
) -> Iterator[Found]:
    """Everything about labels that are classes.

    Args:
        parts: The samples of each part.
        shuffled: Whether a part that was made here was drawn by chance.
        show: How a page shows a sample.
    """
    train = parts.get("train", ())
    classes = Counter(unit.target for unit in train)
    if not classes:
        return
    yield from _single(train, classes)
    own = list(_each_its_own(train, classes))
    if own:
        yield from own
        return
    yield from _rare(train, classes, show)
    yield from _imbalance(train, classes)
    yield from _alike(train, classes, show)
    for name, units in parts.items():
        if name != "train":
            yield from _unknown(name, units, classes, shuffled, show)


def _single(train: Sequence[L], classes: Mapping[str, int]) -> Iterator[Found]:
    if len(classes) == 1:
        yield found(
            "error",
            "constant-label",
            "train",
            f"all {len(train):,} samples have the label {next(iter(classes))!r}: there is nothing to tell apart",
            "check which column or folder holds the labels, and that samples of every class are in the training data",
        )


def _each_its_own(train: Sequence[L], classes: Mapping[str, int]) -> Iterator[Found]:
    if len(train) < 10 or len(classes) < EACH_ITS_OWN * len(train):
        return
    numbers = [int(unit.target) for unit in train if re.fullmatch(r"-?[0-9]+", unit.target)]
    count = len(numbers) == len(train) and len(set(numbers)) == len(numbers)
    why = (
        "and they are numbers that count, as those of rows or files do" if count else "as names or values do"
    )
    yield found(
        "error",
        "label-per-sample",
        "train",
        f"{len(train):,} samples have {len(classes):,} different labels, {why}; of a class there must be several "
        "samples",
        "name the column that holds the classes; texts, and values to be estimated, are labels of other tasks",
    )


def _rare(train: Sequence[L], classes: Mapping[str, int], show: Show[L]) -> Iterator[Found]:
    once = [unit for unit in train if classes[unit.target] == 1]
    if once and len(classes) > 1:
        many = (
            "1 class has a single sample" if len(once) == 1 else f"{len(once):,} classes have a single sample"
        )
        listed = ", ".join(repr(unit.target) for unit in once[:5])
        yield found(
            "warning",
            "one-sample-class",
            "train",
            f"{many} for training ({listed}): that is too few to learn, and none is left to measure them",
            "add samples of these classes, join them to others, or leave them out",
            once,
            show,
        )


def _imbalance(train: Sequence[L], classes: Counter[str]) -> Iterator[Found]:
    if len(classes) < 2:
        return
    (most, count), (fewest, least) = classes.most_common()[0], classes.most_common()[-1]
    share = count / len(train)
    if share >= DOMINANT and len(train) >= 20:
        yield found(
            "warning",
            "imbalance",
            "train",
            f"{share:.1%} of the samples are {most!r}: whoever always answers that is right as often, and a network "
            "soon does",
            "add samples of the other classes, or leave out some of this one; look at macro F1, not at accuracy",
        )
    elif count >= LOPSIDED * least and least > 1:
        yield found(
            "note",
            "imbalance",
            "train",
            f"{most!r} has {count:,} samples, {fewest!r} {least:,}",
            "add samples of the rare classes; look at macro F1, not at accuracy",
        )


def plain(text: str) -> str:
    """What is left of a label where spelling does not matter: case, width, accents as marks, white space.

    >>> plain("Ｃafe\\u0301 "), plain("café")
    ('café', 'café')
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _alike(train: Sequence[L], classes: Mapping[str, int], show: Show[L]) -> Iterator[Found]:
    spellings: defaultdict[str, list[str]] = defaultdict(list)
    for name in classes:
        spellings[plain(name)].append(name)
    twins = [names for names in spellings.values() if len(names) > 1]
    if twins:
        listed = "; ".join(" and ".join(map(repr, names)) for names in twins[:5])
        rare = {min(names, key=lambda name: classes[name]) for names in twins}
        yield found(
            "warning",
            "similar-classes",
            "train",
            f"classes differ in case, width or white space only: {listed}",
            "give each class one spelling",
            [unit for unit in train if unit.target in rare],
            show,
        )


def _unknown(
    part: str, units: Sequence[L], classes: Mapping[str, int], shuffled: bool, show: Show[L]
) -> Iterator[Found]:
    unknown = [unit for unit in units if unit.target not in classes]
    if not unknown:
        return
    names = list(dict.fromkeys(unit.target for unit in unknown))
    listed = ", ".join(map(repr, names[:5])) + (", …" if len(names) > 5 else "")
    hint = "move samples of these classes to the training data, or leave them out (--skip-bad)"
    if not shuffled:
        hint = (
            "the last samples of the data are held out, and the data are in the order of their classes: "
            + ("--set data.shuffle=true draws them at random")
        )
    yield found(
        "error",
        "unknown-class",
        part,
        f"{len(unknown):,} of {len(units):,} samples are of classes that training never has ({listed}), and "
        "cannot be right",
        hint,
        unknown,
        show,
    )
