"""The figures of values that sequences are answered with, in the data's units, by scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.tasks.contract import Metrics


def value_metrics(references: Sequence[float], answers: Sequence[float]) -> Metrics:
    """Root mean squared error, mean absolute error, and the share of the variance that is explained (R²).

    R² is left out where the references do not differ: there is no variance to explain.

    >>> value_metrics([1.0, 3.0], [1.0, 2.0])
    {'rmse': 0.7071067811865476, 'mae': 0.5, 'r2': 0.5}
    """
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    figures = {
        "rmse": float(root_mean_squared_error(references, answers)),
        "mae": float(mean_absolute_error(references, answers)),
    }
    if len(set(references)) > 1:
        figures["r2"] = float(r2_score(references, answers))
    return figures
