"""Forecasts of error_analysis.json: what was seen, what was expected and what came, as values that can be drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean

from tidegate.report.charts.dates import TimeAxis, time_axis
from tidegate.report.text.escape import clipped, printable
from tidegate.report.text.numbers import plain
from tidegate.results.analysis.forecast import Window

Values = tuple[float | None, ...]
_TABLE_ROWS = 36
# Of a longer past only its end is drawn, so that the forecast has room.
_PAST_OF_FUTURE = 3
_SHORT, _LONG = 48, 336
# Past it, differences of values are no numbers any more.
_LARGEST = 1e150


@dataclass(frozen=True)
class Band:
    """An interval of one level, in percent, over the steps of the forecast."""

    level: str
    lower: Values
    upper: Values


@dataclass(frozen=True)
class Forecast:
    """One window.

    Attributes:
        name: Of the series; empty where there is only one.
        target: Of the column.
        why: Why it is shown.
        axis: All stamps, those of the past first.
        past: Values before the forecast, as many as are drawn.
        truth: What came, at each step of the forecast.
        forecast: What was expected.
        bands: Widest first.
        baselines: What each cheap baseline expected.
    """

    name: str
    target: str
    why: str
    axis: TimeAxis
    past: Values
    truth: Values
    forecast: Values
    bands: tuple[Band, ...]
    baselines: dict[str, Values]

    @property
    def title(self) -> str:
        """Series and target."""
        return " · ".join(part for part in (self.name, self.target) if part) or "the series"

    @property
    def steps(self) -> int:
        """How many values were forecast."""
        return len(self.forecast)

    @property
    def summary(self) -> str:
        """How good it was, in units of the data, beside its baselines and with how much its intervals held."""
        errors = [("", mean_error(self.truth, self.forecast))]
        errors += [(name, mean_error(self.truth, values)) for name, values in self.baselines.items()]
        known = [(name, error) for name, error in errors if error is not None]
        if not known or known[0][0]:
            return ""
        largest = max(error for _, error in known)
        listed = [f"{name} {plain(error, largest, 3)}".strip() for name, error in known]
        held = [f"{_inside(self.truth, band)} within {band.level}\u202f%" for band in reversed(self.bands)]
        return "; ".join([f"Mean absolute error {', '.join(listed)}", *held]) + "."


def forecast_of(window: Window) -> Forecast:
    """One window of error_analysis.json; what is missing in it is missing in the chart."""
    steps = len(window.stamps)
    room = max(_SHORT, min(_PAST_OF_FUTURE * steps, max(_LONG, steps)))
    before = window.history.stamps
    bands = [
        Band(level, values(lower, steps), values(window.upper.get(level, ()), steps))
        for level, lower in window.lower.items()
    ]
    return Forecast(
        name=_name(window.name),
        target=_name(window.target),
        why=window.why,
        axis=time_axis([*before[-room:], *window.stamps]),
        past=values(window.history.values, len(before))[-room:],
        truth=values(window.truth, steps),
        forecast=values(window.forecast, steps),
        bands=tuple(sorted(bands, key=lambda band: -_level(band.level))),
        baselines={_name(name): values(expected, steps) for name, expected in window.baselines.items()},
    )


def values(given: Values, length: int) -> Values:
    """Values as result files hold them, as many as there are stamps; what cannot be drawn is missing.

    >>> values((1.0, None, 1e200), 5)
    (1.0, None, None, None, None)
    """
    known = [number(value) for value in given[:length]]
    return (*known, *([None] * (length - len(known))))


def number(value: float | None) -> float | None:
    """A number that can be drawn, or nothing."""
    return value if value is not None and math.isfinite(value) and abs(value) < _LARGEST else None


def mean_error(truth: Values, expected: Values) -> float | None:
    """The mean absolute error over the steps that have both.

    >>> mean_error((1.0, None, 3.0), (2.0, 5.0, 3.0))
    0.5
    """
    errors = [
        abs(true - forecast)
        for true, forecast in zip(truth, expected, strict=True)
        if true is not None and forecast is not None
    ]
    return fmean(errors) if errors else None


def forecast_heads(item: Forecast) -> list[str]:
    """The columns of a forecast's table."""
    bands = [f"{band.level}\u202f%" for band in reversed(item.bands)]
    return ["Time", "Observed", "Forecast", *bands, *item.baselines]


def forecast_rows(item: Forecast) -> list[tuple[str, ...]]:
    """A forecast as text, of up to 36 evenly spaced steps, the last among them."""
    columns = [item.truth, item.forecast, *item.baselines.values()]
    largest = max((abs(value) for column in columns for value in column if value is not None), default=1.0)
    times = item.axis.texts[len(item.past) :]

    def interval(band: Band, i: int) -> str:
        low, high = band.lower[i], band.upper[i]
        return "–" if low is None or high is None else f"{plain(low, largest)} to {plain(high, largest)}"

    return [
        (
            times[i],
            plain(item.truth[i], largest),
            plain(item.forecast[i], largest),
            *(interval(band, i) for band in reversed(item.bands)),
            *(plain(column[i], largest) for column in item.baselines.values()),
        )
        for i in spaced(item.steps, _TABLE_ROWS)
    ]


def spaced(length: int, most: int) -> list[int]:
    """Evenly spaced places, the first and the last among them.

    >>> spaced(5, 9), spaced(10, 4)
    ([0, 1, 2, 3, 4], [0, 3, 6, 9])
    """
    if length <= most:
        return list(range(length))
    return [round(i * (length - 1) / (most - 1)) for i in range(most)]


def _inside(truth: Values, band: Band) -> str:
    known = [
        low <= value <= high
        for value, low, high in zip(truth, band.lower, band.upper, strict=True)
        if value is not None and low is not None and high is not None
    ]
    return f"{sum(known)} of {len(known)}"


def _name(value: str) -> str:
    return clipped(printable(value))


def _level(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0  # An interval without a level is drawn on top of all others.
