"""Forecasts as a table of the same kind as the one that they continue."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from tidegate.data.series.frequency import Numbers, Stamps
from tidegate.data.series.panel import Layout, Values
from tidegate.data.series.rows import split_key
from tidegate.data.series.time.formats import COUNTED, render
from tidegate.data.series.time.zones import Zone, in_zone
from tidegate.data.series.timestamps import is_pair
from tidegate.errors import ConfigError, MissingExtraError
from tidegate.files import replacing, write_bytes

_SIZES = {"hour": (3600, 24), "minute": (60, 60), "second": (1, 60)}


@dataclass(frozen=True)
class Forecast:
    """What is forecast for one series.

    Attributes:
        name: Of the series.
        stamps: ``(H,)``.
        values: ``(H, C)`` in the units of the data.
        lower: Lower ends of intervals ``(H, C)``, by their level between 0 and 1.
        upper: Upper ends, of the same levels.
    """

    name: str
    stamps: Stamps
    values: Values
    lower: Mapping[float, Values] = field(default_factory=dict[float, Values])
    upper: Mapping[float, Values] = field(default_factory=dict[float, Values])


def forecast_frame(layout: Layout, forecasts: Sequence[Forecast]) -> pd.DataFrame:
    """Forecasts in the layout of the data: columns that name the series, the time, each target and its intervals.

    Intervals stand behind their target as ``y_lo_80``, ``y_hi_80``, by rising level.

    Args:
        layout: Of the data; where rows were counted, the time is their number from 1.
        forecasts: One a series, all with the same levels.

    >>> layout = Layout(time=("Month",), time_format="%Y-%m", series=(), targets=("y",))
    >>> stamps = np.array(["2016-01-01", "2016-02-01"], dtype="datetime64[s]")
    >>> one = Forecast("", stamps, np.array([[1.0], [2.0]]), {0.8: np.zeros((2, 1))}, {0.8: np.full((2, 1), 9.0)})
    >>> print(forecast_frame(layout, [one]).to_csv(index=False).strip())
    Month,y,y_lo_80,y_hi_80
    2016-01,1.0,0.0,9.0
    2016-02,2.0,0.0,9.0
    """
    sizes = [len(one.stamps) for one in forecasts]
    columns: dict[str, object] = {}
    keys = [split_key(one.name, len(layout.series)) for one in forecasts] if layout.series else []
    for place, name in enumerate(layout.series):
        columns[name] = np.repeat(np.array([key[place] for key in keys], dtype=object), sizes)
    stamps = np.concatenate([np.zeros(0, "datetime64[s]"), *(one.stamps for one in forecasts)])
    columns.update(_times(layout, stamps))
    levels = sorted(forecasts[0].lower) if forecasts else []
    for place, name in enumerate(layout.targets):
        columns[name] = _column([one.values for one in forecasts], place)
        for level in levels:
            columns[f"{name}_lo_{level * 100:g}"] = _column([one.lower[level] for one in forecasts], place)
            columns[f"{name}_hi_{level * 100:g}"] = _column([one.upper[level] for one in forecasts], place)
    return pd.DataFrame(columns)


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Write a table by the end of its name: .csv, .tsv (also .gz) or .parquet.

    Raises:
        ConfigError: The name ends in something else.
        MissingExtraError: It is Parquet, and pyarrow is not installed.
        OutputError: The system refuses; an older file is untouched.
    """
    name = path.name.lower()
    if name.endswith(".parquet"):
        try:
            with replacing(path) as temporary:
                frame.to_parquet(temporary, engine="pyarrow", index=False)
        except ImportError as error:
            raise MissingExtraError(
                "Parquet is written by pyarrow, which is not installed",
                where=str(path),
                hint="pip install 'tidegate[parquet]', or write CSV",
            ) from error
        return
    bare = name.removesuffix(".gz")
    if not bare.endswith((".csv", ".tsv")):
        raise ConfigError(
            "no such kind of table", where=str(path), expected="a name that ends in .csv, .tsv or .parquet"
        )
    text = frame.to_csv(index=False, sep="\t" if bare.endswith(".tsv") else ",", lineterminator="\n")
    content = text.encode("utf-8")
    write_bytes(path, gzip.compress(content, mtime=0) if name.endswith(".gz") else content)


def _column(blocks: list[Values], place: int) -> Values:
    return np.concatenate([np.zeros(0), *(block[:, place] for block in blocks)])


def _times(layout: Layout, stamps: Stamps) -> dict[str, object]:
    """The columns of time as the data write them."""
    names = list(layout.time)
    if is_pair(names):
        return _pair(names, stamps, layout.time_format)
    if len(names) > 1:
        return {name: _part(name.strip().lower(), stamps) for name in names}
    name = names[0]
    if layout.time_format == COUNTED:
        return {name: stamps.astype(np.int64) + 1}
    zone = Zone(layout.zone, layout.offset)
    if not layout.time_format:
        if zone.name:
            return {name: in_zone(stamps, zone).astype(f"{layout.time_type[:-1]}, {zone.name}]")}
        return {name: stamps.astype(layout.time_type or stamps.dtype)}
    if not zone.name:
        return {name: render(stamps, layout.time_format)}
    texts = render(in_zone(stamps, zone).tz_localize(None).to_numpy(), layout.time_format)
    return {name: [f"{text}{zone.name if zone.is_offset else ''}" for text in texts]}


def _pair(names: list[str], stamps: Stamps, form: str) -> dict[str, object]:
    """A column of dates and one of times of day."""
    date, _, clock = form.partition(" ")
    times = render(stamps, clock)
    return {
        names[0]: render(stamps, date),
        names[1]: [int(str(one)) for one in times] if clock == "%H" else times,
    }


def _part(part: str, stamps: Stamps) -> Numbers:
    """One of the numbers that make a stamp."""
    dates = stamps.astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64)
    if part in _SIZES:
        size, count = _SIZES[part]
        return stamps.astype(np.int64) // size % count
    if part == "year":
        return months // 12 + 1970
    if part == "day":
        return (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    return months % 12 + 1 if part == "month" else months % 12 // 3 + 1
