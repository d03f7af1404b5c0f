"""Sequences cut into windows. That is done after splitting, so that windows of one sequence are never in two parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tidegate.data.signals.signal_set import Signal


def windows(signals: Sequence[Signal], window: int, stride: int | None = None) -> list[Signal]:
    """Cut each sequence into windows, so that its end is in one too.

    A sequence no longer than a window stays whole. Otherwise windows start every ``stride`` steps. What is left behind
    the last full one becomes a shorter window of its own, from where the next would start, if that is at least half a
    window; else a last full window ends where the sequence ends. (Steps are left out only by a stride longer than a
    window.)

    Args:
        signals: To cut; values are shared, not copied.
        window: Steps of a window, 1 or more.
        stride: Steps from one to the next, 1 or more; default: half a window.

    Returns:
        The windows in order; ``source`` and ``start`` say where each is from.

    >>> import numpy as np
    >>> def cut(length): return [
    ...     (one.start, len(one)) for one in windows([Signal("a", np.zeros((length, 1), np.float32))], 4, 4)]
    >>> cut(3), cut(8), cut(10), cut(9)
    ([(0, 3)], [(0, 4), (4, 4)], [(0, 4), (4, 4), (8, 2)], [(0, 4), (4, 4), (5, 4)])
    """
    stride = stride or max(1, window // 2)
    cut: list[Signal] = []
    for signal in signals:
        spans = window_spans(len(signal), window, stride)
        if spans == [(0, len(signal))]:
            cut.append(signal)
            continue
        for start, stop in spans:
            cut.append(
                replace(
                    signal,
                    name=f"{signal.name}[{start}:{stop}]",
                    values=signal.values[start:stop],
                    source=signal.source or signal.name,
                    start=signal.start + start,
                )
            )
    return cut


def window_spans(length: int, window: int, stride: int) -> list[tuple[int, int]]:
    """Start and end of each window of a sequence of ``length`` steps."""
    if length <= window:
        return [(0, length)]
    starts = range(0, length - window + 1, stride)
    spans = [(start, start + window) for start in starts]
    following = starts[-1] + stride
    if spans[-1][1] == length or following >= length:
        return spans
    if 2 * (length - following) >= window:
        return [*spans, (following, length)]
    return [*spans, (length - window, length)]
