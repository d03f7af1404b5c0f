"""The metrics of ``document``, by scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tidegate.tasks.contract import Metrics

THRESHOLDS = np.linspace(0.05, 0.95, 91)


def label_metrics(
    references: Sequence[Sequence[str]], answers: Sequence[Sequence[str]], classes: Sequence[str]
) -> Metrics:
    """F1 over all pairs of text and label, F1 averaged over labels, and the share of texts with exactly their labels.

    Labels that the model does not know count as missed.

    >>> label_metrics([["sea"], ["sea", "fog"]], [["sea"], ["sea"]], ["fog", "sea"])
    {'micro_f1': 0.8, 'macro_f1': 0.5, 'subset_accuracy': 0.5}
    """
    from sklearn.metrics import f1_score

    names = [*classes, *sorted({label for one in references for label in one} - set(classes))]
    true, said = indicators(references, names), indicators(answers, names)
    scores = {
        f"{average}_f1": float(f1_score(true, said, average=average, zero_division=0))  # pyright: ignore[reportArgumentType] - its stub says str
        for average in ("micro", "macro")
    }
    return {**scores, "subset_accuracy": float((true == said).all(axis=1).mean())}


def indicators(labels: Sequence[Sequence[str]], classes: Sequence[str]) -> NDArray[np.int64]:
    """``(N, K)``: 1 where a text has a label."""
    place = {name: number for number, name in enumerate(classes)}
    found = np.zeros((len(labels), len(classes)), np.int64)
    for row, some in enumerate(labels):
        found[row, [place[name] for name in some if name in place]] = 1
    return found


def best_threshold(true: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """The threshold whose micro-averaged F1 is best; of equals the one nearest to a half.

    Args:
        true: ``(N, K)``, 1 where a text has a label.
        probabilities: ``(N, K)``.

    >>> best_threshold(np.array([[1, 0], [0, 1]]), np.array([[0.3, 0.1], [0.1, 0.4]]))
    0.3
    """
    scores: list[float] = []
    for threshold in THRESHOLDS:
        said = probabilities >= threshold
        scores.append(2 * int((said & (true == 1)).sum()) / max(1, int(said.sum()) + int(true.sum())))
    best = np.flatnonzero(np.isclose(scores, max(scores)))
    return round(float(min(THRESHOLDS[best], key=lambda one: abs(one - 0.5))), 2)
