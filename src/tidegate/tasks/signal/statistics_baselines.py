"""Answers from a few figures of each sequence, and from none: the plainest baselines of signals.

A network that does not beat them has learnt nothing of the order of the values.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Signal = NDArray[np.float32] | Values
"""``(T, C)``, finite."""

LAGS = (1, 2, 3, 5, 8, 13)
STATISTICS = (
    *("mean", "deviation", "least", "quarter", "median", "three quarters", "most", "slope", "first", "last"),
    *("squared difference", "crossings", *(f"autocorrelation {lag}" for lag in LAGS)),
)
"""Of each channel, in the order of ``statistics``; the length follows them."""

ITERATIONS = 500
RIDGES = (1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3)


def statistics(sequences: Sequence[Signal]) -> Values:
    """Figures of each sequence, one that says how long it is among them.

    Args:
        sequences: ``(T, C)`` each, T at least 1.

    Returns:
        ``(N, C × figures + 1)``, finite: ``STATISTICS`` of the first channel, of the second, …, and the length.

    >>> dict(zip(STATISTICS, statistics([np.array([[1.0], [3.0], [2.0]])])[0].round(3).tolist()))["slope"]
    0.5
    """
    return np.stack([_of_one(np.asarray(one, dtype=np.float64)) for one in sequences])


def _of_one(signal: Values) -> Values:
    length = len(signal)
    mean = signal.mean(axis=0)
    centred = signal - mean
    power = np.square(centred).mean(axis=0)
    # A constant is constant only up to rounding.
    varies = power > 1e-12 * np.square(signal).mean(axis=0)
    times = np.arange(length) - (length - 1) / 2
    difference = np.diff(signal, axis=0)
    crossed = (centred[1:] >= 0) != (centred[:-1] >= 0)
    steps = max(1, length - 1)
    figures = [
        mean,
        np.sqrt(power),
        *np.quantile(signal, (0, 0.25, 0.5, 0.75, 1), axis=0),
        times @ centred / max(1.0, float(times @ times)),
        signal[0],
        signal[-1],
        np.square(difference).sum(axis=0) / steps,
        np.where(varies, crossed.sum(axis=0) / steps, 0),
    ]
    for lag in LAGS:
        product = (centred[lag:] * centred[:-lag]).sum(axis=0) / length
        figures.append(np.where(varies, product / np.where(varies, power, 1), 0))
    return np.append(np.stack(figures, axis=1).ravel(), float(length))


def logistic_regression(
    train: Sequence[Signal], classes: Sequence[str], queries: Sequence[Signal]
) -> list[str]:
    """The class of each query, by logistic regression on the statistics, each brought to mean 0 and deviation 1.

    With a single class in training, that class.

    >>> low, high = [np.zeros((4, 1)), np.ones((3, 1))], [np.full((4, 1), 9.0), np.full((3, 1), 8.0)]
    >>> logistic_regression([*low, *high], ["a", "a", "b", "b"], [np.full((4, 1), 7.0)])
    ['b']
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if len(set(classes)) == 1:
        return most_frequent(classes, len(queries))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=ITERATIONS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # after so many iterations its answers stand
        model.fit(statistics(train), list(classes))
    return [str(name) for name in model.predict(statistics(queries))]


def ridge_regression(
    train: Sequence[Signal], values: Sequence[float], queries: Sequence[Signal]
) -> list[float]:
    """The value of each query, by ridge regression on the statistics; the penalty by leaving one out at a time.

    >>> train = [np.full((4, 1), value) for value in (0.0, 1.0, 2.0, 3.0)]
    >>> answer = ridge_regression(train, [0.0, 2.0, 4.0, 6.0], [np.full((4, 1), 1.5)])
    >>> round(answer[0], 6)
    3.0
    """
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if len(values) == 1:
        return mean_value(values, len(queries))
    model = make_pipeline(StandardScaler(), RidgeCV(alphas=RIDGES))
    model.fit(statistics(train), np.array(values))
    return [float(value) for value in model.predict(statistics(queries))]


def most_frequent(classes: Sequence[str], count: int) -> list[str]:
    """The most frequent class, so many times; the first of several as frequent.

    >>> most_frequent(["a", "b", "b"], 2)
    ['b', 'b']
    """
    return [Counter(classes).most_common(1)[0][0]] * count


def mean_value(values: Sequence[float], count: int) -> list[float]:
    """The mean, so many times.

    >>> mean_value([1.0, 3.0], 2)
    [2.0, 2.0]
    """
    return [float(np.mean(values))] * count
