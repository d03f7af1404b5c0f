"""From drafts to a ``SignalSet``: the same rules for every format, and all that is wrong in one list."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tidegate.data.finding import note
from tidegate.data.signals.raw_record import MASK, Draft, Drafts, Wish
from tidegate.data.signals.signal_set import Signal, SignalSet

Missing = Literal["none", "linear", "zero", "mask"]


def finish(drafts: Drafts, wish: Wish, format_name: str = "") -> SignalSet:
    """Check sequences, and put something where values are missing.

    Args:
        drafts: What a reader found.
        wish: What is to be done about missing values, and which channels there must be.
        format_name: Of the reader.

    Returns:
        The good ones; ``bad`` has the others, each with the reason, its step and its line.

    >>> from tidegate.config.tasks.signal import SignalSpec
    >>> draft = Draft("a.csv", np.array([[0.0], [np.nan], [1.0]], dtype=np.float32), "x", lines=np.array([2, 3, 4]))
    >>> finish(Drafts([draft], ("t",)), Wish(SignalSpec())).bad[0].what
    "line 3: channel 't' has no value (signal.missing says what may stand there)"
    >>> finish(Drafts([draft], ("t",)), Wish(SignalSpec(missing="linear"))).signals[0].values.tolist()
    [[0.0], [0.5], [1.0]]
    """
    count = len(wish.columns) or _usual_count(drafts)
    channels = drafts.channels or tuple(str(number) for number in range(count))
    missing = wish.signal.missing
    signals: list[Signal] = []
    bad = list(drafts.bad)
    checked = Drafts(bad=bad)
    holes = 0
    for draft in drafts.found:
        reason = _why_not(draft, count, wish)
        if reason is None and np.isfinite(draft.values).all():
            values = _with_mask(draft.values, None) if missing == "mask" else draft.values
        elif reason is None:
            reason = _hole(draft, channels) if missing == "none" else _all_missing(draft, channels, missing)
            values, filled = mend(draft.values, missing)
            holes += filled if reason is None else 0
        else:
            values = draft.values
        if reason is None:
            signals.append(Signal(draft.name, values, draft.target, draft.group, draft.name))
        else:
            checked.refuse("unusable", draft.name, reason)
    notes = [*drafts.notes, *([note("filled", f"{holes} missing values: {_TOLD[missing]}")] if holes else [])]
    return SignalSet(
        signals=signals,
        channels=(*channels, MASK) if missing == "mask" else channels,
        rate=drafts.rate,
        bad=bad,
        notes=notes,
        sound_rate=drafts.sound_rate,
        valued=drafts.valued,
        format=format_name,
    )


_TOLD = {"linear": "interpolated", "zero": "set to 0", "mask": "set to 0, and told by the channel missing"}


def mend(values: NDArray[np.float32], missing: Missing) -> tuple[NDArray[np.float32], int]:
    """Put something where values are missing or infinite.

    Args:
        values: ``(T, C)``.
        missing: ``linear``: on the line between the values beside the hole; the first or last value where there is
            none on one side. ``zero``: 0. ``mask``: 0, and a further channel has the share of the channels that are
            missing at each step.

    Returns:
        New values, ``(T, C)`` or ``(T, C + 1)``, and how many were missing.

    >>> mend(np.array([[np.nan, 1], [2, np.inf]], dtype=np.float32), "mask")[0].tolist()
    [[0.0, 1.0, 0.5], [2.0, 0.0, 0.5]]
    """
    holes = ~np.isfinite(values)
    new = np.where(holes, np.float32(0), values)
    if missing == "linear":
        steps = np.arange(len(values))
        for channel in np.flatnonzero(holes.any(axis=0)):
            known = ~holes[:, channel]
            if known.any():
                new[:, channel] = np.interp(steps, steps[known], values[known, channel])
    return (_with_mask(new, holes) if missing == "mask" else new), int(holes.sum())


def _with_mask(values: NDArray[np.float32], holes: NDArray[np.bool_] | None) -> NDArray[np.float32]:
    told = np.zeros((len(values), 1), np.float32) if holes is None else holes.mean(axis=1, keepdims=True)
    return np.concatenate([values, told.astype(np.float32)], axis=1)


def _usual_count(drafts: Drafts) -> int:
    if drafts.channels:
        return len(drafts.channels)
    counts = Counter(draft.values.shape[1] for draft in drafts.found)
    return counts.most_common(1)[0][0] if counts else 0


def _why_not(draft: Draft, count: int, wish: Wish) -> str | None:
    if draft.values.shape[1] != count:
        whose = "training had" if wish.channels else "the others have"
        return f"has {draft.values.shape[1]} channels; {whose} {count}"
    if not len(draft.values):
        return "has no steps"
    if wish.labelled and not draft.target:
        return "has no label"
    if wish.needs_groups and not draft.group:
        return f"has no group (signal.group = {wish.signal.group})"
    return None


def _hole(draft: Draft, channels: tuple[str, ...]) -> str:
    step, channel = (int(index) for index in np.argwhere(~np.isfinite(draft.values))[0])
    count = int((~np.isfinite(draft.values)).sum())
    where = f"line {draft.lines[step]}" if draft.lines is not None else f"step {step + 1}"
    what = "has no value" if np.isnan(draft.values[step, channel]) else "is infinite"
    more = f", and {count - 1} more like it" if count > 1 else ""
    return f"{where}: channel {channels[channel]!r} {what}{more} (signal.missing says what may stand there)"


def _all_missing(draft: Draft, channels: tuple[str, ...], missing: Missing) -> str | None:
    """Between what values should one interpolate?"""
    empty = np.flatnonzero(~np.isfinite(draft.values).any(axis=0))
    if missing != "linear" or not len(empty):
        return None
    return f"channel {channels[int(empty[0])]!r} has no value at all"
