"""The part of a study's report that is about forecasts: the same windows by every arm, error by step, intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from markupsafe import Markup

from tidegate.report.charts.bands import banded
from tidegate.report.charts.curves import Curve
from tidegate.report.sections import Section, section
from tidegate.report.study.leaderboard import Leaderboard, Row
from tidegate.report.tasks.forecast_chart import Expected, Key, window_chart
from tidegate.report.tasks.forecast_sections import NETWORK, by_steps, step_curves
from tidegate.report.tasks.forecast_windows import Forecast, forecast_of, mean_error
from tidegate.report.text.numbers import plain
from tidegate.results.analysis.forecast import ForecastAnalysis, Window

_WINDOWS = 6
_Place = tuple[str, str, str]


@dataclass(frozen=True)
class Shared:
    """One window that every arm has forecast: the chart, its legend, and the arms' errors."""

    title: str
    chart: Markup
    keys: tuple[Key, ...]
    errors: tuple[tuple[str, str], ...]


def study_forecasts(board: Leaderboard, analyses: Mapping[str, Sequence[ForecastAnalysis]]) -> list[Section]:
    """Those that a study has values for."""
    arms = [
        row
        for row in board.arms
        if any(each.by_step.curves or each.forecasts for each in analyses.get(row.name, ()))
    ]
    if not arms:
        return []
    levels = _levels(analyses[row.name] for row in arms)
    heads = ["Arm", *(head for level in levels for head in (_percent(level), "width"))]
    intervals = [_intervals(row, analyses[row.name], levels) for row in arms] if levels else []
    parts = (
        ("forecasts", "Forecasts", {"shared": _shared([(row, analyses[row.name][0]) for row in arms])}),
        ("steps", "By step", {"by_step": by_steps(analyses[arms[0].name][0], _curves(arms, analyses))}),
        ("intervals", "Intervals", {"intervals": intervals, "heads": heads}),
    )
    split = "test" if board.split == "test" else "validation"
    seeds = max((row.n for row in board.arms), default=0)
    return [
        section(anchor, title, f"arms_{anchor}", split=split, seeds=seeds, **values)
        for anchor, title, values in parts
        if next(iter(values.values()))
    ]


def _shared(arms: Sequence[tuple[Row, ForecastAnalysis]]) -> list[Shared]:
    """Up to six windows that all arms show, in their first seed."""
    shown = [(row, {_place(window): window for window in analysis.forecasts}) for row, analysis in arms]
    if not shown:
        return []
    common = [place for place in shown[0][1] if all(place in items for _, items in shown)]
    return [
        _window([(row, forecast_of(items[place])) for row, items in shown]) for place in common[:_WINDOWS]
    ]


def _window(arms: Sequence[tuple[Row, Forecast]]) -> Shared:
    item = arms[0][1]
    lines = [Expected(row.name, row.number, each.forecast) for row, each in reversed(arms)]
    errors = [(row.name, plain(mean_error(each.truth, each.forecast), digits=4)) for row, each in arms]
    errors += [(name, plain(mean_error(item.truth, each), digits=4)) for name, each in item.baselines.items()]
    keys = [Key("seen", 0, "observed"), *(Key("line", row.number, row.name) for row, _ in arms)]
    return Shared(item.title, window_chart(item, lines), tuple(keys), tuple(errors))


def _curves(arms: Sequence[Row], analyses: Mapping[str, Sequence[ForecastAnalysis]]) -> list[Curve]:
    """Error by step of every arm over its seeds, and of the baselines, whose colours follow on those of the arms."""
    curves = [
        banded(row.name, row.number, [step_curves(each).get(NETWORK, []) for each in analyses[row.name]])
        for row in arms
    ]
    first = step_curves(analyses[arms[0].name][0])
    after = max((row.number for row in arms), default=0) + 1
    baselines = [name for name in first if name != NETWORK]
    return curves + [Curve(name, first[name], after + i) for i, name in enumerate(baselines)]


def _levels(analyses: Iterable[Sequence[ForecastAnalysis]]) -> list[float]:
    return sorted({interval.level for arm in analyses for each in arm for interval in each.intervals})


def _intervals(row: Row, analyses: Sequence[ForecastAnalysis], levels: Sequence[float]) -> tuple[str, ...]:
    """Of each level what was reached and how wide it is, on average over the seeds."""
    cells = [row.name]
    for level in levels:
        held = [interval for each in analyses for interval in each.intervals if interval.level == level]
        covered = [interval.covered for interval in held if interval.covered is not None]
        width = [interval.width for interval in held if interval.width is not None]
        cells.append(_percent(fmean(covered), 1) if covered else "–")
        cells.append(plain(fmean(width), digits=4) if width else "–")
    return tuple(cells)


def _percent(share: float, decimals: int | None = None) -> str:
    text = f"{share * 100:.4g}" if decimals is None else f"{share * 100:.{decimals}f}"
    return f"{text}\u202f%"


def _place(window: Window) -> _Place:
    """What tells one window from all others: its series, its target, and when it begins."""
    return window.name, window.target, next(iter(window.stamps), "")
