"""AutoETS and AutoTheta of statsforecast: a model fitted anew to each history, as statisticians do.

They are strong on many short series (Makridakis et al. 2020, "The M4 Competition") and take up to a second a fit, so they
stand in a table only where a test split asks for few enough. statsforecast is an extra: without it they are left out, and
a note says so.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from tidegate.data.finding import note
from tidegate.errors import Finding

Values = NDArray[np.float64]
Places = NDArray[np.int64]
Fit = Callable[[Values, int, int], Values]
"""History ``(T,)``, steps h, steps of a season → forecast ``(h,)``."""

BUDGET = 60.0
UNFIT = (ArithmeticError, ValueError, IndexError, NotImplementedError, np.linalg.LinAlgError)
"""What arithmetic on a history that no model fits ends in, besides the library's own plain ``Exception``; such histories
are counted, and a note tells how many. Anything else is an error of ours or of the installation, and is raised."""
ETS_SEASON = 24
"""The longest season that AutoETS models; above, it fits without one."""


@dataclass
class _Tally:
    failed: int = 0
    done: int = 0
    until: float = field(default=0.0)


def statistical_forecasts(
    series: Sequence[Values],
    origins: Sequence[Places],
    horizon: int,
    season: int,
    budget: float = BUDGET,
) -> tuple[dict[str, list[Values]], list[Finding]]:
    """Forecast each target of each series from each origin, by every model that is quick enough.

    Missing values within a history are interpolated. A history that a model cannot be fitted to, as one of three values,
    gets its last value, and a note says how many did.

    Args:
        series: ``(T, C)`` each, in the data's own units; NaN where a value is missing.
        origins: For each series, the rows of the first step to forecast ``(N,)``.
        horizon: Steps h to forecast.
        season: Steps of a season.
        budget: CPU seconds that a model may take, as the longest history lets expect.

    Returns:
        By the model's name, the forecasts ``(N, h, C)`` of each series, NaN where no value came before the origin;
        and notes on what was left out.
    """
    if find_spec("statsforecast") is None:
        return {}, [
            note("no-baseline", "AutoETS and AutoTheta are left out: pip install tidegate[baselines]")
        ]
    found: dict[str, list[Values]] = {}
    notes: list[Finding] = []
    for name, fit in (("AutoETS", _ets), ("AutoTheta", _theta)):
        result, what = _all_forecasts(fit, series, origins, (horizon, season), budget)
        if result is not None:
            found[name] = result
        notes += [note("no-baseline", text, name) for text in what]
    if "AutoETS" in found and season > ETS_SEASON:
        notes.append(note("no-season", f"no season, as it models none above {ETS_SEASON} steps", "AutoETS"))
    return found, notes


def _all_forecasts(
    fit: Fit, series: Sequence[Values], origins: Sequence[Places], steps: tuple[int, int], budget: float
) -> tuple[list[Values] | None, list[str]]:
    """The forecasts of one model, or why there are none."""
    fits = sum(len(places) * values.shape[1] for values, places in zip(series, origins, strict=True))
    if fits == 0:
        return None, ["left out: there is nothing to forecast"]
    _forecast(fit, np.arange(8.0), steps, _Tally())  # imports what it needs
    started = time.thread_time()
    _forecast(fit, max(_histories(series, origins), key=len), steps, _Tally())
    expected = fits * (time.thread_time() - started)
    if expected > budget:
        return None, [f"left out: {fits:,} fits would take about {expected:,.0f} s, more than {budget:g} s"]
    tally = _Tally(until=time.thread_time() + 2 * budget)
    result: list[Values] = []
    for values, places in zip(series, origins, strict=True):
        forecast = [_forecast(fit, one, steps, tally) for one in _histories([values], [places])]
        result.append(np.array(forecast).reshape(len(places), values.shape[1], steps[0]).swapaxes(1, 2))
        if time.thread_time() > tally.until:
            return None, [f"left out: {tally.done:,} of {fits:,} fits took more than {2 * budget:g} s"]
    if tally.failed:
        return result, [
            f"{tally.failed:,} of {fits:,} histories could not be fitted: their last value stands"
        ]
    return result, []


def _histories(series: Sequence[Values], origins: Sequence[Places]) -> Iterator[Values]:
    """What came before each origin ``(T,)``, target by target."""
    for values, places in zip(series, origins, strict=True):
        for place in places.tolist():
            yield from values[:place].T


def _forecast(fit: Fit, history: Values, steps: tuple[int, int], tally: _Tally) -> Values:
    """Forecast ``(h,)`` from one history; from its last value where no model can be fitted."""
    horizon, season = steps
    tally.done += 1
    given = np.flatnonzero(~np.isnan(history))
    if not given.size:
        tally.failed += 1
        return np.full(horizon, np.nan)
    known = np.interp(np.arange(given[0], given[-1] + 1), given, history[given])
    late = len(history) - 1 - int(given[-1])  # steps between the last value given and the origin
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # statsmodels divides by the variance of a history that does not vary.
            warnings.filterwarnings(
                "ignore", category=RuntimeWarning, module=r"(statsforecast|statsmodels)\b"
            )
            forecast = fit(known, horizon + late, season)[late:]
    except Exception as error:
        if not (type(error) is Exception or isinstance(error, UNFIT)):
            raise
        forecast = np.full(horizon, np.nan)
    if np.isfinite(forecast).all():
        return forecast
    tally.failed += 1
    return np.full(horizon, known[-1])


def _ets(history: Values, horizon: int, season: int) -> Values:
    """Exponential smoothing, its form chosen by AICc (Hyndman and Khandakar 2008)."""
    from statsforecast.models import AutoETS

    season = season if season <= ETS_SEASON else 1
    return np.asarray(AutoETS(season_length=season).forecast(history, horizon)["mean"], dtype=np.float64)


def _theta(history: Values, horizon: int, season: int) -> Values:
    """The theta method, its form chosen by the squared error (Fiorucci et al. 2016)."""
    from statsforecast.models import AutoTheta

    return np.asarray(AutoTheta(season_length=season).forecast(history, horizon)["mean"], dtype=np.float64)
