"""What a network says of a signal, and how the answers for its windows become one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.tasks.contract import Answer


@dataclass(frozen=True)
class WindowAnswer:
    """What was said of steps ``start`` to ``end`` of a sequence; ``end`` is not part of them."""

    start: int
    end: int
    text: str
    confidence: float


@dataclass(frozen=True)
class SignalAnswer(Answer):
    """A class with the probabilities of all, or a value, whose confidence is NaN: nothing is known of that.

    Attributes:
        probabilities: Of each class, 0 to 1; none for a value.
        value: In the data's units; NaN for a class.
        windows: Where the sequence was cut into windows, what was said of each.
    """

    probabilities: tuple[float, ...] = ()
    value: float = math.nan
    windows: tuple[WindowAnswer, ...] = ()


def class_answer(
    probabilities: Sequence[float], classes: Sequence[str], windows: tuple[WindowAnswer, ...] = ()
) -> SignalAnswer:
    """The most probable class; of equals the first.

    >>> class_answer([0.25, 0.75], ["ebb", "flow"]).text
    'flow'
    """
    number = max(range(len(classes)), key=lambda i: probabilities[i])
    return SignalAnswer(classes[number], probabilities[number], tuple(probabilities), windows=windows)


def value_answer(value: float, windows: tuple[WindowAnswer, ...] = ()) -> SignalAnswer:
    """A number, written with seven digits.

    >>> value_answer(12.3456789).text
    '12.34568'
    """
    return SignalAnswer(f"{value:.7g}", math.nan, value=value, windows=windows)


def joined(
    answers: Sequence[SignalAnswer], places: Sequence[tuple[int, int]], classes: Sequence[str]
) -> SignalAnswer:
    """One answer of a sequence from those of its windows: the mean of their probabilities, or of their values.

    Args:
        answers: Of each window, one or more.
        places: Its first step, and the one behind its last.
        classes: None of them: the answers are values.
    """
    windows = tuple(
        WindowAnswer(*place, answer.text, answer.confidence)
        for place, answer in zip(places, answers, strict=True)
    )
    if not classes:
        return value_answer(math.fsum(one.value for one in answers) / len(answers), windows)
    columns = zip(*(one.probabilities for one in answers), strict=True)
    return class_answer([math.fsum(column) / len(answers) for column in columns], classes, windows)


def signal_answers(answers: Sequence[Answer]) -> list[SignalAnswer]:
    """Answers that are known to be of signals."""
    return [answer for answer in answers if isinstance(answer, SignalAnswer)]
