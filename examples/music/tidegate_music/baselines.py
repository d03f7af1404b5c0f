"""What counting reaches: how often each key sounds, and how often it sounds after it has sounded or has not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tidegate.tasks.contract import Baselines
from tidegate_music.rolls import Roll


def baselines(train: Sequence[Roll], test: Sequence[Roll]) -> Baselines:
    """Nats a frame of two baselines that learn by counting."""
    return Baselines(
        {
            "each key by its frequency": {"nats_per_frame": nats(train, test, remember=False)},
            "each key by itself a frame before": {"nats_per_frame": nats(train, test, remember=True)},
        }
    )


def nats(train: Sequence[Roll], test: Sequence[Roll], *, remember: bool) -> float:
    """Nats a frame where each key's probability is ``(sounded + ½) / (seen + 1)`` (Krichevsky and Trofimov 1981).

    Args:
        train: Pieces to count in.
        test: Pieces to predict, from their second frame on.
        remember: Whether counts are kept apart by what the key did one frame before.

    >>> roll = np.zeros((3, 88), np.uint8)
    >>> round(nats([roll], [roll], remember=False) / 88, 4), round(-float(np.log(2.5 / 3)), 4)
    (0.1823, 0.1823)
    """
    before, after = _pairs(train)
    asked_before, asked = _pairs(test)
    total = 0.0
    for state in (0, 1) if remember else (None,):
        here = np.ones_like(before, dtype=bool) if state is None else before == state
        there = np.ones_like(asked_before, dtype=bool) if state is None else asked_before == state
        sounded, seen = (after * here).sum(0), here.sum(0)
        probability = (sounded + 0.5) / (seen + 1)
        losses = -np.where(asked == 1, np.log(probability), np.log1p(-probability))
        total += float((losses * there).sum())
    return total / len(asked)


def _pairs(rolls: Sequence[Roll]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frames, and those that follow them ``(N, 88)``."""
    before = np.concatenate([roll[:-1] for roll in rolls]).astype(np.int64)
    return before, np.concatenate([roll[1:] for roll in rolls]).astype(np.int64)
