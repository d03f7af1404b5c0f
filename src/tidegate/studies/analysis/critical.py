"""Critical values of the largest of several t statistics that have one mean in common (Dunnett 1955), one-sided."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import interpolate, optimize, special

Values = NDArray[np.float64]
_NODES = 48
_GRID = 20
"""Of degrees of freedom from 1 to infinity, evenly spaced in 1 / √df: values in between are interpolated."""


def critical(others: int, freedom: ArrayLike, alpha: float) -> Values:
    """The c that the largest of ``others`` statistics exceeds with probability alpha, all correlated by ½.

    Each is a difference to one and the same mean, divided by its standard error. With one other it is Student's t.

    Args:
        others: Means that are compared with the one.
        freedom: Degrees of freedom of the variance; not below 1.
        alpha: One-sided.

    >>> round(float(critical(1, 10, 0.05)), 3), round(float(critical(9, 20, 0.05)), 2)
    (1.812, 2.6)
    """
    at = 1 / np.sqrt(np.maximum(np.asarray(freedom, np.float64), 1.0))
    return np.exp(_curve(others, alpha)(at))


@lru_cache(maxsize=256)
def _curve(others: int, alpha: float) -> interpolate.CubicSpline:
    places = np.linspace(0.0, 1.0, _GRID)
    values = [exact(others, np.inf if place == 0 else place**-2, alpha) for place in places]
    return interpolate.CubicSpline(places, np.log(values))


def exact(others: int, freedom: float, alpha: float) -> float:
    """The same without a table, by quadrature and a search for the root."""
    if others == 1:
        found = special.ndtri(1 - alpha) if np.isinf(freedom) else special.stdtrit(freedom, 1 - alpha)
        return float(found)
    # Between what one statistic needs, and what they need by Bonferroni.
    low, high = exact(1, freedom, alpha), exact(1, freedom, alpha / others)

    def off(value: float) -> float:
        return exceeds(value, others, freedom) - alpha

    return float(_root(off, low * (1 - 1e-6), high * (1 + 1e-6), xtol=1e-8))


_root: Any = optimize.brentq


def exceeds(value: float, others: int, freedom: float) -> float:
    """How likely the largest of the statistics is above a value: 1 − E Φ(√2 c s + x)^m over normal x and s, a χ / √df."""
    x, weight = _normal()
    s, share = _deviations(freedom)
    inside = special.ndtr(2**0.5 * value * s[:, None] + x) ** others
    return float(1 - share @ inside @ weight)


@lru_cache(maxsize=1)
def _normal() -> tuple[Values, Values]:
    x, weight = np.polynomial.hermite_e.hermegauss(_NODES)
    return x, weight / weight.sum()


@lru_cache(maxsize=128)
def _deviations(freedom: float) -> tuple[Values, Values]:
    """Estimated by true standard deviation: nodes and weights, by Gauss and Legendre over its quantiles."""
    if np.isinf(freedom):
        return np.ones(1), np.ones(1)
    x, weight = np.polynomial.legendre.leggauss(4 * _NODES)
    # Substituted so that nodes are dense at both ends, where few degrees of freedom have their tails.
    u = (x + 1) / 2
    inner = u**3 * (10 - 15 * u + 6 * u * u)
    slope = 30 * u * u * (1 - u) ** 2
    share = weight / 2 * slope
    return np.sqrt(2 * special.gammaincinv(freedom / 2, inner) / freedom), share / share.sum()
