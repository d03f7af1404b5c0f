"""What was read of a table of series, and as what, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.data.finding import read_as
from tidegate.data.series.panel import Panel
from tidegate.data.series.time.formats import COUNTED
from tidegate.data.tables.marks import Marks
from tidegate.data.tables.table import Table
from tidegate.errors import Finding

SHOWN = 4
"""Columns that are named."""


def read_line(table: Table, panel: Panel) -> Finding:
    """Format, series, rows, dates and their form, columns with their parts, marks of numbers.

    Args:
        table: What was read.
        panel: What became of it, with at least a series.
    """
    layout, series = panel.layout, panel.series
    rows = sum(len(one) for one in series)
    counted = layout.time_format == COUNTED
    first = min(one.stamps[0] for one in series)
    last = max(one.stamps[len(one) - 1] for one in series)
    span = "" if counted else f", {panel.shown(first)} to {panel.shown(last)}"
    every = (
        "counted"
        if counted
        else "as they stand"
        if panel.frequency.unit == "row"
        else f"every {panel.frequency}"
    )
    form = f" ({layout.time_format})" if layout.time_format and not counted else ""
    units = ", ".join(f"{name} in {unit}" for name, unit in layout.units.items())
    covariates = [
        f"{what} {_named(names)}"
        for what, names in (("known", layout.known), ("observed", layout.observed), ("static", layout.static))
        if names
    ]
    return read_as(
        table.name,
        table.form,
        f"{len(series):,} series of {rows:,} rows {every}{span}",
        "" if counted else f"time {_named(layout.time)}{form}",
        f"series {_named(layout.series)}" if layout.series else "",
        f"to forecast {_named(layout.targets)}",
        *covariates,
        str(Marks(*layout.marks)),
        units,
    )


def _named(names: Sequence[str]) -> str:
    return " and ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
