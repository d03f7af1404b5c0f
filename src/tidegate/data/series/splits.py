"""Training, validation and test rows of each series, in order of time: what comes later is not known earlier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from tidegate.config.tables import DataSpec
from tidegate.data.division.divide import cut_points, moved_back
from tidegate.data.division.part_digest import array_bytes
from tidegate.data.division.train_share import share_count
from tidegate.data.memory import Reference
from tidegate.data.part_reader import Cut, Part, PartReader
from tidegate.data.parts import Role
from tidegate.data.series.panel import Panel, Series
from tidegate.data.splitting import SplitRecord, split
from tidegate.errors import BadFilesError, ConfigError, Finding, SplitError

DEFAULT_SPLIT = "0.7/0.1/0.2"
REST = "rest"
_PARTS = ("train", "valid", "test")


@dataclass(frozen=True)
class Bounds:
    """Where the parts of a series end, in rows from its start. No test part: it ends where validation does."""

    train: int
    valid: int
    test: int


@dataclass(frozen=True)
class PanelSplit:
    """Series that are long enough, and their parts.

    Attributes:
        panel: With the notes on what was left out.
        bounds: Of each of its series.
        record: For ``split.json``; its counts are rows, but ``bad`` counts series.
    """

    panel: Panel
    bounds: tuple[Bounds, ...]
    record: SplitRecord


def refuse_groups(data: DataSpec) -> None:
    """Refuse groups, which a split in time cannot keep together.

    Raises:
        ConfigError: There are some.
    """
    if data.group is not None:
        raise ConfigError(
            "series are split in time, so that every series, and every group of them, stands in all parts",
            where="data.group",
            got=data.group,
            hint="leave data.group out; predict says what the model makes of series that training never saw",
        )


def split_panel(
    panel: Panel,
    division: str | None,
    *,
    horizon: int,
    lookback: int,
    where: str = "data.source",
    skip_bad: bool = False,
    resample: int | None = None,
    train_share: float | None = None,
) -> PanelSplit:
    """Divide every series in time.

    Windows of validation and test look back into the part before. So the training part must have ``lookback +
    horizon`` rows, the others ``horizon``.

    Args:
        panel: The series.
        division: ``A/B`` or ``A/B/C``, counts of rows or fractions of each series; one may be ``rest``, such as
            ``rest/24/24``. None: 0.7/0.1/0.2.
        horizon: Steps of a forecast.
        lookback: Steps that a forecast sees.
        where: What errors call the data.
        skip_bad: Leave out series that are too short.
        resample: The number of a split of many in time: the origins of all series move back by as many rows, by at most
            half of the shortest training part.
        train_share: Keep so much of the training part of each, the latest of it: a fraction, or rows of all together.

    Raises:
        SplitError: The split cannot be read, or not even the longest series is long enough for its numbers; a share
            of the training part is too small to look back and to forecast.
        BadFilesError: Series are too short, and ``skip_bad`` is off or none is left.

    >>> import pandas as pd
    >>> from tidegate.data.series.reader import panel_from_frame
    >>> from tidegate.config.tasks.forecast import ForecastSpec
    >>> days = pd.DataFrame({"ds": pd.date_range("2016-01-01", periods=30), "y": range(30)})
    >>> split_panel(panel_from_frame(days, "x", ForecastSpec()), "rest/5/5", horizon=2, lookback=7).bounds
    (Bounds(train=20, valid=25, test=30),)
    """
    data = DataSpec(source=where, split=division or DEFAULT_SPLIT, skip_bad=skip_bad, resample=resample)
    data = data.model_copy(update={"train_share": train_share})
    reader = _Series(data, panel, horizon=horizon, lookback=lookback)
    splits, record = split(reader)
    bounds = tuple(
        Bounds(
            train.stop - train.start,
            valid.stop - train.start,
            (test.stop if test is not None else valid.stop) - train.start,
        )
        for train, valid, test in zip(
            splits.train, splits.valid, splits.test or [None] * len(splits.train), strict=True
        )
    )
    kept = [piece.series.since(piece.start) for piece in splits.train]
    return PanelSplit(replace(panel, series=kept, notes=record.notes), bounds, record)


@dataclass(frozen=True)
class _Rows:
    """Some rows of a series, one after the other."""

    series: Series
    start: int
    stop: int

    @property
    def name(self) -> str:
        return self.series.name

    @property
    def group(self) -> str:
        return ""


class _Series(PartReader[_Rows]):
    """Cuts every series in time."""

    units = "series"

    def __init__(self, data: DataSpec, panel: Panel, *, horizon: int, lookback: int) -> None:
        super().__init__(data, 0)
        self.in_order = True
        self._panel = panel
        self._horizon = horizon
        self._lookback = lookback
        self._left: list[int] = []

    def load(self, where: Reference, role: Role) -> Part[_Rows]:
        return Part([_Rows(one, 0, len(one)) for one in self._panel.series], notes=self._panel.notes)

    def content(self, unit: _Rows) -> tuple[bytes, bytes]:
        series, rows = unit.series, slice(unit.start, unit.stop)
        covariates = (series.known[rows], series.observed[rows], series.static)
        return array_bytes(series.stamps[rows], *covariates), array_bytes(
            series.targets[rows], series.given[rows]
        )

    @property
    def manner(self) -> str:
        return " in order of time, every series"

    def divide(self, units: Sequence[_Rows], text: str) -> Cut[_Rows]:
        _ends(text, max(unit.stop for unit in units))
        found = [(unit, _bounds(text, unit.stop, self._horizon, self._lookback)) for unit in units]
        where = str(self.data.source)
        self.bad = [
            Finding("error", "too-short", f"{where}: series {unit.name}" if unit.name else where, reason)
            for unit, reason in found
            if isinstance(reason, str)
        ]
        kept = [(unit.series, ends) for unit, ends in found if isinstance(ends, Bounds)]
        if not kept:
            raise BadFilesError(self.bad, where=where, total=len(units))
        self._found = [unit for unit, ends in found if isinstance(ends, Bounds)]
        self._left = [len(series) - ends.test for series, ends in kept]
        shortest = min(ends.train for _, ends in kept)
        room = min(shortest // 2, shortest - self._lookback - self._horizon)
        later = moved_back(self.draw, room)
        kept = [
            (series, Bounds(ends.train - later, ends.valid - later, ends.test - later))
            for series, ends in kept
        ]
        test = [_Rows(series, ends.valid, ends.test) for series, ends in kept]
        return Cut(
            [_Rows(series, 0, ends.train) for series, ends in kept],
            [_Rows(series, ends.train, ends.valid) for series, ends in kept],
            test if self.size(test) else [],
            sum(self._left),
            later * len(kept),
        )

    def thin(self, train: Sequence[_Rows], share: float) -> list[_Rows]:
        whole = self.size(train)
        part = share_count(share, whole, "rows") / whole
        kept = [replace(rows, start=rows.stop - round(part * (rows.stop - rows.start))) for rows in train]
        shortest = min(kept, key=lambda rows: rows.stop - rows.start)
        need, found = self._lookback + self._horizon, shortest.stop - shortest.start
        if found < need:
            raise SplitError(
                "so small a part of the training rows is too short",
                where="data.train_share",
                expected=f"{need:,} rows of each series: {self._lookback:,} to look back and {self._horizon:,} to "
                "forecast",
                got=f"{found:,} rows" + (f" of series {shortest.name}" if shortest.name else ""),
                hint="take a larger share, or look back less far",
            )
        return kept

    def size(self, units: Sequence[_Rows]) -> int:
        return sum(unit.stop - unit.start for unit in units)

    def names(self, units: Sequence[_Rows]) -> list[str] | None:
        # The numbers say where the cuts are.
        return None

    def why_unused(self, unused: int, total: int) -> str:
        if len(self._left) == 1:
            return f"the last {unused:,} of {total:,} rows are in no part"
        return (
            f"the last rows of {sum(1 for count in self._left if count):,} of {len(self._left):,} series are in no part: "
            f"{unused:,} in all, at most {max(self._left):,}"
        )


def _bounds(text: str, length: int, horizon: int, lookback: int) -> Bounds | str:
    """The parts of one series, or why it has none."""
    try:
        ends = _ends(text, length)
    except SplitError as error:
        return f"has {length:,} rows, too few for the split {text}: {error.what}"
    bounds = Bounds(*[*ends, ends[-1]][:3])
    sizes = np.diff([0, bounds.train, bounds.valid, bounds.test])
    needs = (lookback + horizon, horizon, horizon if bounds.test > bounds.valid else 0)
    for part, size, need in zip(_PARTS, sizes.tolist(), needs, strict=True):
        if size < need:
            asked = (
                f"{lookback:,} to look back and {horizon:,} to forecast" if part == "train" else "the horizon"
            )
            return f"has {length:,} rows, and {size:,} of them for {part} by the split {text}; it needs {need:,}: {asked}"
    return bounds


def _ends(text: str, length: int) -> list[int]:
    """Where parts end.

    Raises:
        SplitError: The split cannot be read, or not be made of so many rows.
    """
    words = [word.strip().lower() for word in text.split("/")]
    try:
        return cut_points(_without_rest(words, length), length)
    except SplitError as error:
        unread = "read" in error.what
        raise SplitError(
            error.what,
            where="data.split",
            expected="A/B/C: counts of rows or fractions; one of them may be rest" if unread else None,
            got=f"{text} of a series of {length:,} rows",
            hint=error.hint,
        ) from error


def _without_rest(words: Sequence[str], length: int) -> str:
    """The split with a number in place of ``rest``."""
    if words.count(REST) != 1:
        return "/".join(words)
    others = [word for word in words if word != REST]
    try:
        taken = sum((Fraction(word) for word in others), Fraction(0))
    except (ValueError, ZeroDivisionError):
        return "/".join(words)
    shares = any("." in word for word in others)
    left = (1 if shares else length) - taken
    if left <= 0:
        raise SplitError("no row is left for the rest", where="data.split")
    # Decimals add up to decimals, so nothing is rounded here.
    return "/".join(
        (f"{float(left):.12f}" if shares else str(left)) if word == REST else word for word in words
    )
