"""What texts are answered with: a class, any number of labels, or a value."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from tidegate.data.finding import note, warning
from tidegate.data.text.labelled.text import Text
from tidegate.errors import ConfigError, DataError, Finding

Kind = Literal["class", "labels", "value"]
SHOWN = 5


def kind_of(
    texts: Sequence[Text], wanted: Literal["auto", "class", "labels", "value"], *, several: bool
) -> Kind:
    """What the texts of training are answered with.

    Args:
        texts: Of the training part.
        wanted: What ``document.target`` says.
        several: Whether some answers are lists of labels.

    Raises:
        ConfigError: Answers are lists, and the target is one class or value.
        DataError: The target is a value, and an answer is no number.

    >>> kind_of([Text("a", "x", ("1",)), Text("b", "y", ("2.5",))], "auto", several=False)
    'value'
    """
    if wanted == "auto":
        if several:
            return "labels"
        numbers = [value_of(text.target) for text in texts]
        decimals = any("." in text.target for text in texts)
        return "value" if decimals and all(math.isfinite(number) for number in numbers) else "class"
    if wanted == "labels":
        return "labels"
    lists = next((text for text in texts if len(text.labels or ()) != 1), None)
    if several and lists is not None:
        raise ConfigError(
            "texts have several labels",
            where="document.target",
            expected="labels",
            got=f"{wanted}; {lists.name} has {len(lists.labels or ())} labels",
        )
    if wanted == "value":
        wrong = next((text for text in texts if not math.isfinite(value_of(text.target))), None)
        if wrong is not None:
            raise DataError("the answer is no number", where=wrong.name, got=wrong.target)
    return wanted


def value_of(target: str) -> float:
    """A number, or NaN.

    >>> value_of("2.5"), value_of("two")
    (2.5, nan)
    """
    try:
        return float(target)
    except ValueError:
        return math.nan


def classes_of(texts: Sequence[Text], where: str) -> tuple[str, ...]:
    """All classes or labels of training, sorted: numbers by their size.

    Raises:
        DataError: There are fewer than two.

    >>> classes_of([Text("a", "x", ("10",)), Text("b", "y", ("9",))], "a")
    ('9', '10')
    """
    names = {label for text in texts for label in text.labels or ()}
    if len(names) < 2 and not any(text.labels == () for text in texts):
        raise DataError(
            "all training texts have the same class",
            where=where,
            expected="2 classes or more",
            got=", ".join(names),
        )
    return tuple(sorted(names, key=lambda name: (math.isnan(value_of(name)), _number(name), name)))


def _number(name: str) -> float:
    value = value_of(name)
    return 0.0 if math.isnan(value) else value


def rare_classes(texts: Sequence[Text], classes: Sequence[str], least: int = 5) -> list[Finding]:
    """A note on classes that are too rare to be learnt well."""
    counts = Counter(label for text in texts for label in text.labels or ())
    rare = [f"{name} ({counts[name]})" for name in classes if counts[name] < least]
    if not rare:
        return []
    more = f" and {len(rare) - SHOWN} more" if len(rare) > SHOWN else ""
    return [
        note("rare-class", f"classes with fewer than {least} training texts: {', '.join(rare[:SHOWN])}{more}")
    ]


def unknown_labels(texts: Sequence[Text], classes: Sequence[str], part: str) -> list[Finding]:
    """A warning about labels that training never had: the network cannot give them, and they count as errors.

    >>> print(*unknown_labels([Text("a", "x", ("fog",))], ["sun", "rain"], "the test data"))
    the test data: labels that training never had, so that the model cannot give them: fog (1)
    """
    known = set(classes)
    unknown = Counter(label for text in texts for label in text.labels or () if label not in known)
    if not unknown:
        return []
    listed = ", ".join(f"{name} ({count:,})" for name, count in unknown.most_common(SHOWN))
    more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
    what = f"labels that training never had, so that the model cannot give them: {listed}{more}"
    return [warning("unknown-label", what, part)]
