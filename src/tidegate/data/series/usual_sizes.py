"""How far forecasts of some data reach and look back, where nobody says it."""

from __future__ import annotations

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.frequency import Frequency

UNSEASONED = 12
"""Steps to forecast where nobody says how many, and the data have no season."""


def usual_sizes(forecast: ForecastSpec, frequency: Frequency) -> tuple[int, int, int]:
    """Season, horizon and lookback: what the specification says, else what data of this frequency mostly take.

    >>> usual_sizes(ForecastSpec(), Frequency.parse("1mo")), usual_sizes(ForecastSpec(horizon=36), Frequency.parse("1y"))
    ((12, 12, 24), (1, 36, 36))
    """
    season = forecast.season or frequency.season
    horizon = forecast.horizon or (season if season > 1 else UNSEASONED)
    return season, horizon, forecast.lookback or max(2 * season, horizon)
