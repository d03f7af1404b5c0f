"""Windows of data that training has not seen, for ``evaluate``."""

from __future__ import annotations

import numpy as np

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.finding import note, settle
from tidegate.data.memory import Reference
from tidegate.data.series.panel import Panel
from tidegate.errors import EmptyDataError, Finding
from tidegate.tasks.forecast.core import ForecastCore
from tidegate.tasks.forecast.split import ForecastSplit, windows


def open_unseen(
    problem: ForecastCore, where: Reference, *, skip_bad: bool
) -> tuple[ForecastSplit, list[Finding]]:
    """All windows of a table whose future begins after the rows of training and validation.

    A series that those did not have gives all its windows.

    Raises:
        DataError: The table cannot be read.
        EmptyDataError: No window is left.
    """
    from tidegate.data.series.reader import read_panel  # it imports pandas

    spec = problem.spec
    panel = read_panel(
        where, spec.settings(ForecastSpec), skip_bad=skip_bad, like=problem.layout, data=spec.data
    )
    return unseen(problem, panel, where=str(where), skip_bad=skip_bad)


def unseen(
    problem: ForecastCore, panel: Panel, *, where: str, skip_bad: bool
) -> tuple[ForecastSplit, list[Finding]]:
    """As ``open_unseen``, of a table that was read."""
    lookback, horizon = problem.shape.lookback, problem.shape.horizon
    bounds: list[tuple[int, int]] = []
    short: list[Finding] = []
    for one in panel.series:
        if (unknown := problem.unknown(one.name)) is not None:
            bounds.append((len(one), len(one)))
            short.append(Finding("error", "unknown-series", one.name or "the series", unknown))
            continue
        last = problem.seen.get(one.name)
        begin = 0 if last is None else int(np.searchsorted(one.stamps, np.datetime64(last), side="right"))
        bounds.append((begin, len(one)))
        if len(one) - max(begin, lookback) < horizon:
            new = "" if last is None else f" after {last}, where training and validation ended"
            short.append(
                Finding(
                    "error",
                    "no-future",
                    one.name or "the series",
                    f"has {len(one) - begin} rows{new}; a window takes {horizon} and looks back {lookback}",
                )
            )
    notes = [
        *panel.notes,
        *settle(short, total=len(panel.series), where=where, skip_bad=skip_bad or len(short) == 0),
    ]
    grid = problem.grid(panel)
    split = windows(grid, bounds, lookback, horizon)
    if not len(split):
        raise EmptyDataError("no window to evaluate on", where=where)
    new = sum(one.name not in problem.seen for one in panel.series)
    if new and problem.seen:
        by = (
            ""
            if problem.scaler.own == {}
            else ": they are scaled by all their rows, those that are forecast included"
        )
        notes.append(note("new-series", f"{new} of {len(panel.series)} series are new{by}"))
    return split, notes
