"""Linear forecasts from a window: the best that DLinear and NLinear can come to, in closed form.

Zeng et al. (2023, "Are Transformers Effective for Time Series Forecasting?") train single linear layers by stochastic
gradients on the squared error. Their DLinear adds two linear layers, one on the moving average of the window and one on
what remains; both parts are linear in the window, so their sum is one linear map with an intercept, and every such map
is such a sum. NLinear subtracts the window's last value and adds it back: a map whose weights sum to 1. The squared
error of a linear map has one minimum, which ordinary least squares finds without a learning rate or a seed; what early
stopping does to theirs, a ridge chosen on the validation windows does here.

One map is shared by all series and targets, as published, so they must come on one scale. Least squares needs only the
moments of windows and targets: they are summed over chunks, and memory does not grow with the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tidegate.errors import DataError

Values = NDArray[np.float64]
Places = NDArray[np.int64]
Chunk = tuple[Values, Values]
"""Windows ``(N, L)`` and the values that followed ``(N, h)``; NaN where one is missing."""

Variant = Literal["linear", "nlinear"]
RIDGES = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Penalties to choose from, in units of the mean variance of the window's values."""

ROWS = 4096
ROUNDING = 1e-12


@dataclass(frozen=True)
class Moments:
    """Sums over pairs of a window x ``(L,)`` and its targets y ``(h,)``: all that least squares needs to know of them.

    Attributes:
        count: How many pairs.
        windows: Σ x ``(L,)``.
        targets: Σ y ``(h,)``.
        gram: Σ x xᵀ ``(L, L)``.
        cross: Σ x yᵀ ``(L, h)``.
        squares: Σ yᵀy.
    """

    count: int
    windows: Values
    targets: Values
    gram: Values
    cross: Values
    squares: float

    @classmethod
    def of(cls, chunks: Iterable[Chunk]) -> Self:
        """Sum over chunks. Pairs with a missing target are left out; a missing value of a window gets its neighbour's.

        Raises:
            DataError: No pair is complete.

        >>> Moments.of([(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0], [np.nan]]))]).gram
        array([[1., 2.],
               [2., 4.]])
        """
        total: Self | None = None
        for windows, targets in chunks:
            complete = ~np.isnan(targets).any(axis=1) & ~np.isnan(windows).all(axis=1)
            x, y = filled(windows[complete]), targets[complete]
            part = cls(len(x), x.sum(0), y.sum(0), x.T @ x, x.T @ y, float(np.square(y).sum()))
            total = part if total is None else total.plus(part)
        if total is None or total.count == 0:
            raise DataError(
                "no window is followed by values that are all there",
                hint="forecast fewer steps, or fill the gaps",
            )
        return total

    def plus(self, other: Self) -> Self:
        """Both sums together."""
        return type(self)(
            self.count + other.count,
            self.windows + other.windows,
            self.targets + other.targets,
            self.gram + other.gram,
            self.cross + other.cross,
            self.squares + other.squares,
        )

    def less_last(self) -> Self:
        """The moments of the same pairs, had the window's last value been subtracted from both."""
        last, steps = self.gram[:, -1], len(self.targets)  # Σ x xₗ
        cross = self.cross - last[:, None]
        return type(self)(
            self.count,
            self.windows - self.windows[-1],
            self.targets - self.windows[-1],
            self.gram - last[:, None] - last[None] + last[-1],
            cross - cross[-1],
            float(self.squares - 2 * self.cross[-1].sum() + steps * last[-1]),
        )

    def error(self, weight: Values, intercept: Values) -> float:
        """Mean squared error over these pairs of the map with ``weight`` ``(h, L)`` and ``intercept`` ``(h,)``."""
        quadratic = float(((weight @ self.gram) * weight).sum())
        mixed = float((weight.T * self.cross).sum())
        shifted = float(intercept @ (2 * (weight @ self.windows) - 2 * self.targets + self.count * intercept))
        return (self.squares - 2 * mixed + quadratic + shifted) / (self.count * len(self.targets))


@dataclass(frozen=True)
class LinearForecast:
    """A linear map from a window to the values that follow, shared by all series and targets.

    Attributes:
        variant: ``nlinear`` subtracts the window's last value and adds it to the forecast.
        weight: ``(h, L)``.
        intercept: ``(h,)``.
        ridge: The penalty chosen, in units of the mean variance of the window's values.
    """

    variant: Variant
    weight: Values
    intercept: Values
    ridge: float

    @classmethod
    def fit(cls, train: Moments, valid: Moments | None, variant: Variant) -> Self:
        """Least squares with the ridge, of ``RIDGES``, that has the least squared error on the validation windows.

        Without validation windows there is no ridge.

        >>> moments = Moments.of([(np.array([[1.0, 2.0], [2.0, 4.0], [0.0, 1.0]]), np.array([[3.0], [6.0], [2.0]]))])
        >>> fitted = LinearForecast.fit(moments, None, "nlinear")
        >>> fitted.predict(np.array([[3.0, 5.0]])).round(6).tolist()
        [[7.0]]
        """
        if variant == "nlinear":
            train, valid = train.less_last(), None if valid is None else valid.less_last()
        solve = _Ridge(train)
        fits = [(ridge, *solve(ridge)) for ridge in (RIDGES[:1] if valid is None else RIDGES)]
        errors = [0.0 if valid is None else valid.error(weight, intercept) for _, weight, intercept in fits]
        ridge, weight, intercept = fits[int(np.argmin(errors))]
        return cls(variant, weight, intercept, ridge)

    def predict(self, windows: Values) -> Values:
        """Forecast ``(N, h)`` from windows ``(N, L)``; a missing value gets its neighbour's, a window without any 0."""
        x = np.nan_to_num(filled(windows), nan=0.0)
        last = x[:, -1:] if self.variant == "nlinear" else np.zeros((len(x), 1))
        return (x - last) @ self.weight.T + self.intercept + last

    def forecast(self, series: Values, origins: Places) -> Values:
        """Forecast ``(N, h, C)`` of a scaled series ``(T, C)`` from the rows before each origin ``(N,)``.

        Rows before the series' start count as missing.
        """
        steps, lookback = self.weight.shape
        before = np.full((lookback, series.shape[1]), np.nan)
        windows = sliding_window_view(np.concatenate([before, series]), lookback, axis=0)[
            origins
        ]  # (N, C, L)
        answers = self.predict(windows.reshape(-1, lookback))
        return answers.reshape(len(origins), series.shape[1], steps).swapaxes(1, 2)


class _Ridge:
    """Solves the centred normal equations for any penalty from one eigendecomposition."""

    def __init__(self, moments: Moments):
        self.x, self.y = moments.windows / moments.count, moments.targets / moments.count  # means
        gram = moments.gram / moments.count - np.outer(self.x, self.x)
        cross = moments.cross / moments.count - np.outer(self.x, self.y)
        self.values, self.vectors = np.linalg.eigh(gram)
        self.rotated = self.vectors.T @ cross

    def __call__(self, ridge: float) -> tuple[Values, Values]:
        # Directions that no window varies in, such as the last value of nlinear, get no weight.
        varied = self.values > ROUNDING * max(float(self.values.max()), 1e-300)
        inverse = np.zeros_like(self.values)
        inverse[varied] = 1 / (self.values[varied] + ridge * self.values.mean())
        weight = (self.vectors @ (inverse[:, None] * self.rotated)).T  # (h, L)
        return weight, self.y - weight @ self.x


def window_chunks(series: Values, origins: Places, lookback: int, horizon: int) -> Iterator[Chunk]:
    """Windows and targets of a scaled series, the targets one below the other, a few thousand at a time.

    Args:
        series: ``(T, C)``; NaN where a value is missing.
        origins: Rows of the first targets ``(N,)``; at least ``lookback`` and at most T - ``horizon``.
        lookback: Values L of a window.
        horizon: Values h that follow.

    >>> [(x.tolist(), y.tolist()) for x, y in window_chunks(np.arange(4.0)[:, None], np.array([2, 3]), 2, 1)]
    [([[0.0, 1.0], [1.0, 2.0]], [[2.0], [3.0]])]
    """
    pairs = sliding_window_view(series, lookback + horizon, axis=0)  # (T - L - h + 1, C, L + h)
    at_once = max(1, ROWS // series.shape[1])
    for start in range(0, len(origins), at_once):
        some = pairs[origins[start : start + at_once] - lookback].reshape(-1, lookback + horizon)
        yield some[:, :lookback], some[:, lookback:]


def filled(windows: Values) -> Values:
    """Windows ``(N, L)`` with each missing value replaced by the last one before it, at the start by the first after.

    >>> filled(np.array([[np.nan, 1.0, np.nan, 2.0]])).tolist()
    [[1.0, 1.0, 1.0, 2.0]]
    """
    missing = np.isnan(windows)
    if not missing.any():
        return windows
    places = np.where(missing, -1, np.arange(windows.shape[1]))
    first = np.argmax(~missing, axis=1)[:, None]
    source = np.maximum.accumulate(places, axis=1)
    return np.take_along_axis(windows, np.where(source < 0, first, source), axis=1)
