"""Training, validation and test rows of each series, in order of time: what comes later is not known earlier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from tidegate.data.divide import cut_points
from tidegate.data.finding import note, settle
from tidegate.data.series.panel import Panel, Series
from tidegate.data.splitting import SplitRecord
from tidegate.errors import Finding, SplitError

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


def split_panel(
    panel: Panel,
    split: str | None,
    *,
    horizon: int,
    lookback: int,
    where: str = "data.source",
    skip_bad: bool = False,
) -> PanelSplit:
    """Divide every series in time.

    Windows of validation and test look back into the part before. So the training part must have ``lookback +
    horizon`` rows, the others ``horizon``.

    Args:
        panel: The series.
        split: ``A/B`` or ``A/B/C``, counts of rows or fractions of each series; one may be ``rest``, such as
            ``rest/24/24``. None: 0.7/0.1/0.2.
        horizon: Steps of a forecast.
        lookback: Steps that a forecast sees.
        where: What errors call the data.
        skip_bad: Leave out series that are too short.

    Raises:
        SplitError: The split cannot be read, or not even the longest series is long enough for its numbers.
        BadFilesError: Series are too short, and ``skip_bad`` is off or none is left.

    >>> import pandas as pd
    >>> from tidegate.data.series.reader import panel_from_frame
    >>> from tidegate.config.tasks.forecast import ForecastSpec
    >>> days = pd.DataFrame({"ds": pd.date_range("2016-01-01", periods=30), "y": range(30)})
    >>> split_panel(panel_from_frame(days, "x", ForecastSpec()), "rest/5/5", horizon=2, lookback=7).bounds
    (Bounds(train=20, valid=25, test=30),)
    """
    text = split or DEFAULT_SPLIT
    longest = max(len(one) for one in panel.series)
    _ends(text, longest)
    kept: list[Series] = []
    bounds: list[Bounds] = []
    bad: list[Finding] = []
    for one in panel.series:
        found = _bounds(text, len(one), horizon, lookback)
        if isinstance(found, Bounds):
            kept.append(one)
            bounds.append(found)
        else:
            bad.append(
                Finding("error", "too-short", f"{where}: series {one.name}" if one.name else where, found)
            )
    total = len(panel.series)
    notes = settle(bad, total=total, where=where, skip_bad=skip_bad and bool(kept))
    notes.extend(_unused(kept, bounds))
    record = SplitRecord(
        how=f"{where}: every series split {text} in order of time",
        seed=None,
        counts={**_counts(kept, bounds), "bad": len(bad)},
        notes=[*panel.notes, *notes],
    )
    return PanelSplit(replace(panel, series=kept, notes=record.notes), tuple(bounds), record)


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


def _counts(series: Sequence[Series], bounds: Sequence[Bounds]) -> dict[str, int]:
    return {
        "train": sum(one.train for one in bounds),
        "valid": sum(one.valid - one.train for one in bounds),
        "test": sum(one.test - one.valid for one in bounds),
        "unused": sum(len(one) - end.test for one, end in zip(series, bounds, strict=True)),
    }


def _unused(series: Sequence[Series], bounds: Sequence[Bounds]) -> list[Finding]:
    left = [len(one) - end.test for one, end in zip(series, bounds, strict=True)]
    if not any(left):
        return []
    if len(left) == 1:
        return [note("unused", f"the last {left[0]:,} of {len(series[0]):,} rows are in no part")]
    return [
        note(
            "unused",
            f"the last rows of {sum(1 for count in left if count):,} of {len(left):,} series are in no part: "
            f"{sum(left):,} in all, at most {max(left):,}",
        )
    ]
