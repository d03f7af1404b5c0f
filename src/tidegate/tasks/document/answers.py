"""What a network says of a text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.data.text.labelled.text import JOIN
from tidegate.tasks.contract import Answer


@dataclass(frozen=True)
class DocumentAnswer(Answer):
    """A class or labels with the probabilities of all, or a value, whose confidence is NaN: nothing is known of that.

    Attributes:
        probabilities: Of each class, 0 to 1; none for a value.
        labels: Those that were given; one class.
        value: In the data's units; NaN otherwise.
    """

    probabilities: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    value: float = math.nan


def class_answer(probabilities: Sequence[float], classes: Sequence[str]) -> DocumentAnswer:
    """The most probable class; of equals the first.

    >>> class_answer([0.25, 0.75], ["ebb", "flow"]).text
    'flow'
    """
    number = max(range(len(classes)), key=lambda i: probabilities[i])
    name = classes[number]
    return DocumentAnswer(name, probabilities[number], tuple(probabilities), (name,))


def labels_answer(probabilities: Sequence[float], classes: Sequence[str], threshold: float) -> DocumentAnswer:
    """Every label from a probability on; how sure all of them together are, were they independent.

    >>> answer = labels_answer([0.9, 0.2, 0.5], ["sea", "fog", "wind"], 0.5)
    >>> answer.text, round(answer.confidence, 3)
    ('sea, wind', 0.36)
    """
    labels = tuple(name for name, one in zip(classes, probabilities, strict=True) if one >= threshold)
    sure = math.prod(one if one >= threshold else 1 - one for one in probabilities)
    return DocumentAnswer(JOIN.join(labels), sure, tuple(probabilities), labels)


def value_answer(value: float) -> DocumentAnswer:
    """A number, written with seven digits.

    >>> value_answer(12.3456789).text
    '12.34568'
    """
    return DocumentAnswer(f"{value:.7g}", math.nan, value=value)


def document_answers(answers: Sequence[Answer]) -> list[DocumentAnswer]:
    """Answers that are known to be of texts."""
    return [answer for answer in answers if isinstance(answer, DocumentAnswer)]
