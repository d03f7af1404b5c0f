"""What a person wants to know of time series before training on them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from tidegate.config.run import RunSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.panel import Panel
from tidegate.data.series.splits import DEFAULT_SPLIT
from tidegate.data.series.time.formats import COUNTED
from tidegate.data.series.usual_sizes import usual_sizes
from tidegate.errors import BadFilesError, Finding
from tidegate.tasks.description import Description

NAMED = 12
"""Columns are named up to this many."""


def describe(spec: RunSpec, path: str) -> Description:
    """Read series as training will; where they have gaps that training would refuse, as if these were masked.

    Raises:
        BadFilesError: No series can be used at all.
    """
    # Here, since it imports pandas, which the other tasks do without.
    from tidegate.data.series.reader import read_panel

    bad: Sequence[Finding] = ()
    try:
        panel = read_panel(path, spec.settings(ForecastSpec), skip_bad=False, data=spec.data)
    except BadFilesError as error:
        bad = error.findings
        masked = spec.settings(ForecastSpec).model_copy(update={"fill": "mask"})
        panel = read_panel(path, masked, skip_bad=True, data=spec.data)
    return Description(describe_series(panel, spec.settings(ForecastSpec)), bad, panel.notes)


def describe_series(panel: Panel, forecast: ForecastSpec) -> list[str]:
    """Series, rows, columns, step and season, gaps, and the horizon that such data mostly take.

    Args:
        panel: What was read.
        forecast: What the specification says already.

    >>> import pandas as pd
    >>> from tidegate.data.series.reader import panel_from_frame
    >>> from tidegate.config.tasks.forecast import ForecastSpec
    >>> months = pd.DataFrame({"ds": pd.date_range("2016-01-01", periods=240, freq="MS"), "y": range(240)})
    >>> for line in describe_series(panel_from_frame(months, "x", ForecastSpec()), ForecastSpec()): print(line)
    1 series of 240 rows, 2016-01-01 to 2035-12-01
    to forecast: y
    a row every 1mo, a season of 12 rows
    no gaps
    horizon 12, lookback 24 unless forecast.horizon and forecast.lookback say otherwise
    """
    season, horizon, lookback = usual_sizes(forecast, panel.frequency)
    seasonal = f"a season of {season} rows" if season > 1 else "no season"
    counted = panel.frequency.unit == "row"
    lines = [
        f"{_rows(panel)}{_span(panel)}",
        _columns(panel),
        f"rows as they stand, {seasonal}" if counted else f"a row every {panel.frequency}, {seasonal}",
        _gaps(panel),
        f"horizon {horizon}, lookback {lookback} unless forecast.horizon and forecast.lookback say otherwise",
    ]
    train, valid, _ = (float(share) for share in DEFAULT_SPLIT.split("/"))
    least = max((lookback + horizon) / train, horizon / valid)
    short = sum(len(one) < least for one in panel.series)
    if short:
        lines.append(
            f"too short for that with the split {DEFAULT_SPLIT}, which takes {int(np.ceil(least)):,} rows: {short:,} of "
            f"{len(panel.series):,} series; take a shorter horizon, or counts such as rest/{horizon}/{horizon}"
        )
    return lines


def _rows(panel: Panel) -> str:
    lengths = [len(one) for one in panel.series]
    low, high = min(lengths), max(lengths)
    rows = f"{low:,} rows" if low == high else f"{low:,} to {high:,} rows (median {median(lengths):,.0f})"
    return f"{len(lengths):,} series of {rows}"


def _span(panel: Panel) -> str:
    if panel.layout.time_format == COUNTED:
        return ""
    first = min(one.stamps[0] for one in panel.series)
    last = max(one.stamps[len(one) - 1] for one in panel.series)
    return f", {panel.shown(first)} to {panel.shown(last)}"


def _columns(panel: Panel) -> str:
    layout = panel.layout
    parts = [f"to forecast: {_named(layout.targets)}"]
    for what, names in (("known", layout.known), ("observed", layout.observed), ("static", layout.static)):
        parts += [f"{what}: {_named(names)}"] if names else []
    return "; ".join(parts)


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f", … ({len(names)} in all)" if len(names) > NAMED else "")


def _gaps(panel: Panel) -> str:
    missing = sum(int((~one.given[: len(one)]).sum()) for one in panel.series)
    if not missing:
        return "no gaps"
    whole = sum(one.given[: len(one)].size for one in panel.series)
    some = sum(bool((~one.given[: len(one)]).any()) for one in panel.series)
    return (
        f"gaps: {missing:,} values ({missing / whole:.1%}) of {some:,} series are missing; "
        "forecast.fill says what stands there: forward, linear, zero or mask"
    )
