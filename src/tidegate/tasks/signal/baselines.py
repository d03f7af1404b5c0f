"""The cheap baselines of signals: no look at them, the nearest training sequence, and a few figures of each."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.data.finding import note
from tidegate.data.signals.signal_set import Signal
from tidegate.errors import Finding
from tidegate.tasks.contract import Baselines, Metrics
from tidegate.tasks.metrics import classification_metrics, value_metrics
from tidegate.tasks.signal.neighbours import Nearest, nearest_dtw, nearest_euclid
from tidegate.tasks.signal.scaling import Scaling, Values
from tidegate.tasks.signal.statistics_baselines import (
    logistic_regression,
    mean_value,
    most_frequent,
    ridge_regression,
)


def signal_baselines(
    train: Sequence[Signal],
    test: Sequence[Signal],
    classes: Sequence[str],
    scaling: Scaling,
) -> Baselines:
    """Figures of each baseline on whole sequences, windows or not.

    Args:
        train: What they learn from.
        test: What they answer.
        classes: None of them: the answers are values.
        scaling: Of the channels, so that neighbours are not those of the largest one.
    """
    notes: list[Finding] = []
    measure = _classes if classes else _values
    known, truth = [one.target for one in train], [one.target for one in test]
    raw, asked = [one.values for one in train], [one.values for one in test]
    if classes:
        answers: dict[str, Sequence[str]] = {
            "majority": most_frequent(known, len(test)),
            "logistic regression": logistic_regression(raw, known, asked),
        }
    else:
        numbers = [float(target) for target in known]
        answers = {
            "mean": [str(value) for value in mean_value(numbers, len(test))],
            "ridge regression": [str(value) for value in ridge_regression(raw, numbers, asked)],
        }
    scaled, queries = _scaled(raw, scaling), _scaled(asked, scaling)
    for name, nearest in (("1-nn euclid", nearest_euclid), ("1-nn dtw", nearest_dtw)):
        found: Nearest = nearest(scaled, queries)
        if found.places is None:
            notes.append(note("no-baseline", f"the baseline {name} was {found.note}"))
        else:
            answers[name] = [known[place] for place in found.places.tolist()]
    return Baselines({name: measure(truth, said) for name, said in answers.items()}, notes)


def _scaled(sequences: Sequence[Values], scaling: Scaling) -> list[Values]:
    return [scaling.apply(values, *scaling.statistics(values)) for values in sequences]


def _classes(truth: Sequence[str], said: Sequence[str]) -> Metrics:
    return classification_metrics(truth, said)


def _values(truth: Sequence[str], said: Sequence[str]) -> Metrics:
    return value_metrics([float(one) for one in truth], [float(one) for one in said])
