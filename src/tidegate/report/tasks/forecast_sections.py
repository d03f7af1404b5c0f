"""The part of a run's report that is about forecasts: windows, error by step and by series, and the intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tidegate.report.charts.bars import Bar
from tidegate.report.charts.curves import Curve, curves_chart
from tidegate.report.sections import Section, section, split_of
from tidegate.report.tasks.forecast_chart import Key, forecast_chart, forecast_keys
from tidegate.report.tasks.forecast_windows import (
    Forecast,
    forecast_heads,
    forecast_of,
    forecast_rows,
    number,
    spaced,
)
from tidegate.report.text.escape import clipped, printable
from tidegate.report.text.metrics import Measure, measure
from tidegate.report.text.numbers import count, plain
from tidegate.results.analysis.forecast import ForecastAnalysis, IntervalCheck, SeriesErrors
from tidegate.results.record import Values

_TABLE_ROWS = 24
NETWORK = "network"


@dataclass(frozen=True)
class Window:
    """One forecast on the page: its chart, the legend, and the same as text."""

    title: str
    worst: bool
    chart: Markup
    keys: tuple[Key, ...]
    summary: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    cut: bool


@dataclass(frozen=True)
class BySteps:
    """Error by the step of the horizon: a chart, and the same as text."""

    title: str
    chart: Markup
    legend: tuple[tuple[str, int], ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def forecast_sections(analysis: ForecastAnalysis, primary: Measure) -> list[Section]:
    """Those that a run has values for."""
    shown = [forecast_of(window) for window in analysis.forecasts]
    curves = step_curves(analysis)
    numbers = _numbers(curves, shown)
    series = analysis.by_series
    steps = by_steps(analysis, [Curve(name, curves[name], numbers[name]) for name in curves])
    heads = [measure(key).heading for key in _measured(series)]
    parts = (
        ("forecasts", "Forecasts", {"windows": [_window(item, numbers) for item in shown]}),
        ("steps", "By step", {"by_step": steps}),
        ("intervals", "Intervals", {"intervals": interval_bars(analysis.intervals)}),
        ("series", "By series", {"series": series_bars(series, primary), "series_heads": heads}),
    )
    split = split_of(analysis)
    return [
        section(anchor, title, anchor, split=split, **values)
        for anchor, title, values in parts
        if next(iter(values.values()))
    ]


def step_curves(analysis: ForecastAnalysis) -> dict[str, list[tuple[float, float]]]:
    """Error by step of the network, which comes first, and of each baseline."""
    curves, figure = analysis.by_step.curves, measure(analysis.by_step.measure)
    names = sorted(curves, key=lambda name: name != NETWORK)
    return {
        name: [
            (float(i + 1), figure.plotted(v))
            for i, v in enumerate(map(number, curves[name]))
            if v is not None
        ]
        for name in names
    }


def by_steps(analysis: ForecastAnalysis, curves: Sequence[Curve]) -> BySteps | None:
    """The chart and the table of error by step; ``None`` without any."""
    figure = measure(analysis.by_step.measure)
    kept = [curve for curve in curves if curve.points]
    steps = [int(at) for at in sorted({at for curve in kept for at, _ in curve.points})]
    if not steps:
        return None
    heights = [dict(curve.points) for curve in kept]
    rows = [
        (str(steps[i]), *(_height(each.get(float(steps[i]))) for each in heights))
        for i in spaced(len(steps), _TABLE_ROWS)
    ]
    return BySteps(
        f"{figure.label} by step",
        curves_chart(
            kept, "step of the forecast", figure.heading, figure.ceiling, from_zero=figure.from_zero
        ),
        tuple((curve.name, curve.number) for curve in kept),
        ("Step", *(curve.name for curve in kept)),
        tuple(rows),
    )


def interval_bars(intervals: Sequence[IntervalCheck]) -> list[Bar]:
    """How many values each interval held, beside how many it should; bars are as long as what it held.

    >>> bar = interval_bars([IntervalCheck(level=0.8, covered=0.79, width=1.23)])[0]
    >>> bar.note, bar.values[1]
    ('1.0 points too few', '1.230')
    """
    bars: list[Bar] = []
    for row in intervals:
        level, covered = row.level, number(row.covered)
        bars.append(
            Bar(
                label=f"{level * 100:.4g}\u202f%",
                note="" if covered is None else _off(covered - level),
                values=(
                    "–" if covered is None else f"{covered * 100:.1f}\u202f%",
                    plain(number(row.width), digits=4),
                ),
                share=min(1.0, max(0.0, covered or 0.0)),
            )
        )
    return bars


def series_bars(rows: Sequence[SeriesErrors], primary: Measure) -> list[Bar]:
    """Series by their error; bars are as long as the primary figure, or the first that is there, is high."""
    keys = _measured(rows)
    key = primary.key if primary.key in keys else next(iter(keys), "")
    heights = [abs(number(_metrics(row).get(key)) or 0.0) for row in rows]
    largest = max(heights, default=0.0) or 1.0
    return [
        Bar(
            label=clipped(printable(row.name)) or "the series",
            note="",
            values=(
                *(measure(each).number(number(_metrics(row).get(each))) for each in keys),
                count(row.count),
            ),
            share=min(1.0, height / largest),
        )
        for row, height in zip(rows, heights, strict=True)
    ]


def _window(item: Forecast, numbers: Mapping[str, int]) -> Window:
    rows = forecast_rows(item)
    return Window(
        title=item.title,
        worst=item.why == "largest error",
        chart=forecast_chart(item, numbers),
        keys=tuple(forecast_keys(item, numbers)),
        summary=item.summary,
        heads=tuple(forecast_heads(item)),
        rows=tuple(rows),
        cut=len(rows) < item.steps,
    )


def _numbers(curves: Mapping[str, object], shown: Sequence[Forecast]) -> dict[str, int]:
    """The colour of the network and of each baseline, the same in every chart."""
    names = [*curves, *(name for item in shown for name in item.baselines)]
    return {name: i for i, name in enumerate(dict.fromkeys([NETWORK, *names]))}


def _metrics(row: SeriesErrors) -> Values:
    return {"mse": row.mse, "mae": row.mae, "smape": row.smape, "mase": row.mase}


def _measured(rows: Sequence[SeriesErrors]) -> list[str]:
    """The metrics that some series has."""
    known = {key for row in rows for key, value in _metrics(row).items() if value is not None}
    return [key for key in ("mse", "mae", "smape", "mase") if key in known]


def _off(difference: float) -> str:
    points = f"{abs(difference) * 100:.1f}"
    if points == "0.0":
        return "as asked"
    return f"{points} points too {'few' if difference < 0 else 'many'}"


def _height(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
