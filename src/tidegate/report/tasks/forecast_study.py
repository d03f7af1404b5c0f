"""The part of a study's report that is about forecasts: the same windows by every arm, error by step, intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from markupsafe import Markup

from tidegate.report.charts.bands import banded
from tidegate.report.charts.curves import Curve
from tidegate.report.read import Json, RunFiles
from tidegate.report.sections import Section, section
from tidegate.report.study.leaderboard import Leaderboard, Row
from tidegate.report.tasks.forecast_chart import Expected, Key, window_chart
from tidegate.report.tasks.forecast_sections import NETWORK, by_steps, step_curves
from tidegate.report.tasks.forecast_windows import Forecast, forecast_of, mean_error, number
from tidegate.report.text.numbers import plain

_WINDOWS = 6
_Place = tuple[str, str, str]


@dataclass(frozen=True)
class Shared:
    """One window that every arm has forecast: the chart, its legend, and the arms' errors."""

    title: str
    chart: Markup
    keys: tuple[Key, ...]
    errors: tuple[tuple[str, str], ...]


def study_forecasts(board: Leaderboard, runs: Mapping[str, Sequence[RunFiles]]) -> list[Section]:
    """Those that a study has values for."""
    told = {
        row.name: [files.error_analysis for files in runs.get(row.name, ()) if files.error_analysis]
        for row in board.arms
    }
    arms = [
        row
        for row in board.arms
        if any(each.get("by_step") or each.get("forecasts") for each in told[row.name])
    ]
    first = next((told[row.name][0] for row in arms), {})
    levels = _levels(told[row.name] for row in arms)
    heads = ["Arm", *(head for level in levels for head in (_percent(level), "width"))]
    intervals = [_intervals(row, told[row.name], levels) for row in arms] if levels else []
    parts = (
        ("forecasts", "Forecasts", {"shared": _shared([(row, told[row.name][0]) for row in arms])}),
        ("steps", "By step", {"by_step": by_steps(first, _curves(arms, told))}),
        ("intervals", "Intervals", {"intervals": intervals, "heads": heads}),
    )
    split = "test" if board.split == "test" else "validation"
    seeds = max((row.n for row in board.arms), default=0)
    return [
        section(anchor, title, f"arms_{anchor}", split=split, seeds=seeds, **values)
        for anchor, title, values in parts
        if next(iter(values.values()))
    ]


def _shared(arms: Sequence[tuple[Row, Json]]) -> list[Shared]:
    """Up to six windows that all arms show, in their first seed."""
    shown = [
        (row, {_place(item): item for item in error_analysis.get("forecasts") or ()})
        for row, error_analysis in arms
    ]
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


def _curves(arms: Sequence[Row], told: Mapping[str, Sequence[Json]]) -> list[Curve]:
    """Error by step of every arm over its seeds, and of the baselines, whose colours follow on those of the arms."""
    curves = [
        banded(row.name, row.number, [step_curves(each).get(NETWORK, []) for each in told[row.name]])
        for row in arms
    ]
    first = step_curves(told[arms[0].name][0]) if arms else {}
    after = max((row.number for row in arms), default=0) + 1
    baselines = [name for name in first if name != NETWORK]
    return curves + [Curve(name, first[name], after + i) for i, name in enumerate(baselines)]


def _levels(error_analysis: Any) -> list[float]:
    found = {
        number(row.get("level"))
        for arm in error_analysis
        for each in arm
        for row in each.get("intervals") or ()
    }
    return sorted(level for level in found if level is not None)


def _intervals(row: Row, error_analysis: Sequence[Json], levels: Sequence[float]) -> tuple[str, ...]:
    """Of each level what was reached and how wide it is, on average over the seeds."""
    cells = [row.name]
    for level in levels:
        held = [
            each
            for told in error_analysis
            for each in told.get("intervals") or ()
            if number(each.get("level")) == level
        ]
        covered, width = (
            [value for value in (number(each.get(key)) for each in held) if value is not None]
            for key in ("covered", "width")
        )
        cells.append(_percent(fmean(covered), 1) if covered else "–")
        cells.append(plain(fmean(width), digits=4) if width else "–")
    return tuple(cells)


def _percent(share: float, decimals: int | None = None) -> str:
    text = f"{share * 100:.4g}" if decimals is None else f"{share * 100:.{decimals}f}"
    return f"{text}\u202f%"


def _place(item: Json) -> _Place:
    """What tells one window from all others: its series, its target, and when it begins."""
    stamps: Sequence[object] = item.get("stamps") or ("",)
    return str(item.get("name")), str(item.get("target")), str(stamps[0])
