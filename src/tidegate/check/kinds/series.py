"""The doctor of time series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tidegate.check.contract import Checks, Found, Shown, Subject, found
from tidegate.check.errors import grouped
from tidegate.check.numbers import likeness, sentinels, slips
from tidegate.config.run import RunSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.memory import reference
from tidegate.data.series.splits import DEFAULT_SPLIT, Bounds, PanelSplit, refuse_groups, split_panel
from tidegate.data.series.time.formats import COUNTED
from tidegate.data.series.usual_sizes import usual_sizes
from tidegate.errors import BadFilesError, SplitError

if TYPE_CHECKING:
    from tidegate.data.series.panel import Panel, Series

LOOKED_AT = 500
"""Series whose values are looked at, evenly over all."""
FORESEEN = 0.99
"""Correlation with the target, step by step, from which a covariate is it."""
STILL = 0.95
"""Share of equal steps from which a series does not move."""


@dataclass(frozen=True)
class SeriesPanel(Subject["Series"]):
    """Series, and how they are divided.

    Attributes:
        panel: All of them.
        bounds: Of those that are long enough, in order; none where none is.
        horizon: Steps of a forecast.
        lookback: Steps that are seen.
    """

    panel: Panel | None = None
    bounds: Sequence[Bounds] = ()
    horizon: int = 1
    lookback: int = 1

    @property
    def some(self) -> list[Series]:
        """The series that are looked at."""
        assert self.panel is not None
        return list(self.panel.series[:: -(-len(self.panel.series) // LOOKED_AT)])


def read(spec: RunSpec) -> SeriesPanel:
    """Series, as training reads and divides them; where they are too short for that, what would do."""
    # Here, since it imports pandas, which the other tasks do without.
    from tidegate.data.series.reader import read_panel

    refuse_groups(spec.data)
    where = reference(spec.data, "train" if spec.data.source is None else "source")
    forecast = spec.settings(ForecastSpec)
    told: list[Found] = []
    try:
        panel = read_panel(where, forecast, skip_bad=spec.data.skip_bad, data=spec.data)
    except BadFilesError as error:
        # What else is to be said of them does not depend on their gaps.
        told = grouped(error.findings)
        masked = forecast.model_copy(update={"fill": "mask"})
        panel = read_panel(where, masked, skip_bad=True, data=spec.data)
    _, horizon, lookback = usual_sizes(forecast, panel.frequency)
    division = spec.data.split or panel.split or None
    divided: PanelSplit | None = None
    try:
        divided = _divided(panel, division, horizon, lookback, str(where), skip_bad=spec.data.skip_bad)
    except (BadFilesError, SplitError):
        told += _too_short(panel, division or DEFAULT_SPLIT, horizon, lookback, str(where))
    bounds = () if divided is None else divided.bounds
    kept = panel if divided is None else divided.panel
    windows = sum(max(0, one.train - lookback - horizon + 1) for one in bounds)
    return SeriesPanel(
        spec,
        {} if divided is None else {"train": kept.series},
        # What was masked to look further, training refuses.
        [note for note in kept.notes if not told or note.code != "filled"],
        told,
        answers=windows * horizon * len(panel.layout.targets),
        examples=max(1, windows),
        panel=kept,
        bounds=bounds,
        horizon=horizon,
        lookback=lookback,
    )


def _divided(
    panel: Panel, division: str | None, horizon: int, lookback: int, where: str, *, skip_bad: bool
) -> PanelSplit:
    return split_panel(panel, division, horizon=horizon, lookback=lookback, where=where, skip_bad=skip_bad)


def _too_short(panel: Panel, division: str, horizon: int, lookback: int, where: str) -> list[Found]:
    """What is too short, with sizes that would do for all series, or for most of them."""
    lengths = sorted(len(one) for one in panel.series)
    short = lengths[0]
    advice = _fitting(panel, short, horizon, lookback, where)
    try:
        _divided(panel, division, horizon, lookback, where, skip_bad=False)
    except BadFilesError as error:
        (told,) = grouped(error.findings)[:1]
        what = told.finding.what
        count = len(error.findings)
    except SplitError as error:
        what, count = f"{error.what} ({error.got})" if error.got else error.what, len(lengths)
    else:  # pragma: no cover - it was refused a moment ago
        return []
    if count < len(lengths):
        advice += "; or leave the short ones out with --skip-bad"
    return [
        found(
            "error",
            "too-short",
            where,
            f"{count:,} of {len(lengths):,} series are too short for a lookback of {lookback:,}, a horizon of "
            f"{horizon:,} and the split {division}: {what}",
            advice,
        )
    ]


def _fitting(panel: Panel, rows: int, horizon: int, lookback: int, where: str) -> str:
    """Sizes that series of so many rows allow, tried out."""
    seen = [
        (min(lookback, rows - 3 * horizon), horizon),
        *((steps, steps) for steps in range(min(horizon, rows // 4), 0, -1)),
    ]
    for back, ahead in seen:
        if back < 1:
            continue
        division = f"rest/{ahead}/{ahead}"
        try:
            _divided(panel, division, ahead, back, where, skip_bad=False)
        except (BadFilesError, SplitError):
            continue
        # Told: only what differs from what was asked for.
        flags = [f"--split {division}"]
        flags += [f"--horizon {ahead}"] if ahead != horizon else []
        flags += [f"--lookback {back}"] if back != lookback else []
        return f"what fits series of {rows:,} rows: {' '.join(flags)}"
    return f"series of {rows:,} rows are too short to forecast anything: add rows"


def show(series: Series, column: int = 0) -> Shown:
    """One of its columns, thinned out."""
    values = series.targets[: len(series), column]
    every = max(1, len(values) // 400)
    return Shown(series.name or "the series", values=np.nan_to_num(values[::every]).tolist())


def values(subject: SeriesPanel) -> Iterator[Found]:
    """Values of targets and covariates that stand for none, and slips of units."""
    assert subject.panel is not None
    layout = subject.panel.layout
    kinds = (("targets", layout.targets), ("observed", layout.observed), ("known", layout.known))
    for kind, names in kinds:
        for place, name in enumerate(names):
            yield from _sentinels(subject, kind, place, name)
            yield from _slips(subject, kind, place, name)


def _column(series: Series, kind: str, place: int) -> np.ndarray:
    return getattr(series, kind)[: len(series), place]


def _sentinels(subject: SeriesPanel, kind: str, place: int, name: str) -> Iterator[Found]:
    pooled = np.concatenate([_column(one, kind, place) for one in subject.some])
    for value, count in sentinels(pooled).items():
        concerned = [one for one in subject.some if (_column(one, kind, place) == value).any()]
        yield found(
            "warning",
            "sentinel",
            f"column {name}",
            f"{count:,} values are {value:g}, far outside all others: it seems to stand for no value",
            "leave these cells empty, and say what stands in the holes: --fill linear, forward, zero or mask",
            concerned,
            (lambda one: show(one, place)) if kind == "targets" else None,
        )


def _slips(subject: SeriesPanel, kind: str, place: int, name: str) -> Iterator[Found]:
    assert subject.panel is not None
    concerned: list[Series] = []
    first = ""
    factor = 0.0
    for one in subject.some:
        column = _column(one, kind, place)
        slip = slips(column)
        if slip is not None and not sentinels(column):
            first = first or subject.panel.shown(one.stamps[slip.rows[0]])
            factor = factor or slip.factor
            concerned.append(one)
    if concerned:
        many = "" if len(subject.some) == 1 else f" in {len(concerned):,} of {len(subject.some):,} series"
        yield found(
            "warning",
            "unit-slip",
            f"column {name}",
            f"values jump by a factor of {factor:g}{many}, first at {first}, and hardly move otherwise: a slip of "
            "units, or of the decimal mark",
            "bring all values to one unit; a mark that is read wrongly: --set data.decimal=, or data.thousands",
            concerned,
            (lambda one: show(one, place)) if kind == "targets" else None,
        )


def still(subject: SeriesPanel) -> Iterator[Found]:
    """Targets that do not move."""
    assert subject.panel is not None
    for place, name in enumerate(subject.panel.layout.targets):
        constant = [
            one
            for one in subject.some
            if len(one) > 1
            and np.nanmin(_column(one, "targets", place)) == np.nanmax(_column(one, "targets", place))
        ]
        if not constant:
            continue
        every = len(constant) == len(subject.some)
        yield found(
            "error" if every and len(subject.panel.layout.targets) == 1 else "warning" if every else "note",
            "constant-label",
            f"column {name}",
            "it never changes: there is nothing to forecast"
            if every
            else f"{len(constant):,} of {len(subject.some):,} series never change",
            "check which columns are to be forecast: --set forecast.target=NAME; leave constant series out",
            constant if len(constant) == 1 or not every else [],
            show,
        )


def foresees(subject: SeriesPanel) -> Iterator[Found]:
    """Covariates that are the target, now or some steps later."""
    assert subject.panel is not None
    layout = subject.panel.layout
    some = subject.some[:20]
    for kind, names in (("known", layout.known), ("observed", layout.observed)):
        first = 0 if kind == "known" else 1
        for place, name in enumerate(names):
            for target, aim in enumerate(layout.targets):
                for shift in range(first, subject.horizon + 1):
                    if _is(some, kind, place, target, shift):
                        yield _foreseen(kind, name, aim, shift)
                        break


def _is(some: Sequence[Series], kind: str, place: int, target: int, shift: int) -> bool:
    """Whether a covariate moves as the target does so many steps later, and the target does not repeat itself by then."""
    pairs = [
        (_column(one, kind, place), _column(one, "targets", target)) for one in some if len(one) > shift + 30
    ]
    if not pairs:
        return False
    like = [likeness(covariate[: len(covariate) - shift], aim[shift:]) for covariate, aim in pairs]
    own = [likeness(aim[: len(aim) - shift], aim[shift:]) for _, aim in pairs] if shift else [0.0]
    return min(like) > FORESEEN and (not shift or max(own) < FORESEEN)


def _foreseen(kind: str, name: str, aim: str, shift: int) -> Found:
    when = "at the same time" if shift == 0 else "a step later" if shift == 1 else f"{shift} steps later"
    return found(
        "warning",
        "foreseeing-covariate",
        f"column {name}",
        f"it moves as {aim} does {when}: a forecast that sees it copies the answer, which nobody has when it is needed",
        f"take {name} out of forecast.{kind}, unless it is really known then",
    )


def order(subject: SeriesPanel) -> Iterator[Found]:
    """Rows without dates that are sorted by their values."""
    assert subject.panel is not None
    layout = subject.panel.layout
    if layout.time_format != COUNTED:
        return
    for place, name in enumerate(layout.targets):
        column = _column(subject.some[0], "targets", place)
        steps = np.diff(column[np.isfinite(column)])
        moving = steps[steps != 0]
        if len(moving) < 20 or not ((moving > 0).all() or (moving < 0).all()):
            continue
        # What grows evenly, as a meter does, is no sorted table.
        if float(np.abs(moving).std()) > 0.5 * float(np.abs(moving).mean()):
            way = "rise" if moving[0] > 0 else "fall"
            yield found(
                "warning",
                "sorted-rows",
                f"column {name}",
                f"its values only {way}, and the rows have no dates: the table seems to be sorted by it, and not "
                "by time",
                "sort the rows by time, the oldest first, or name the column of time: --set forecast.time=NAME",
            )


CHECKS = Checks(read, (values, still, foresees, order))
