"""Whether an arm answers faster than another: ratios within rounds, and their interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tidegate.results.speed import ArmSpeed, SpeedRounds, StudySpeeds

_DRAWS = 2_000


def compare_speeds(measured: SpeedRounds, best: str | None, order: Sequence[str]) -> StudySpeeds | None:
    """Every arm against the best one.

    What slows the machine for a while slows all arms of a round, so it is not times that are compared but ratios within
    rounds; their median and its percentile interval, rounds drawn anew, are told.

    Args:
        measured: All rounds.
        best: The arm with the best mean; where it was not measured, or there is none, the first that was.
        order: Of the arms in the study.

    Returns:
        ``None`` with fewer than two arms.

    Example:
        >>> rounds = SpeedRounds({"gru": (2.0, 4.0, 2.0), "cnn": (1.0, 2.0, 1.0)}, {}, 20, load=0.0)
        >>> compare_speeds(rounds, "gru", ["gru", "cnn"]).arms[1]
        ArmSpeed(arm='cnn', milliseconds=1.0, factor=2.0, low=2.0, high=2.0)
    """
    arms = [arm for arm in order if arm in measured.arms]
    if len(arms) < 2:
        return None
    against = best if best in measured.arms else arms[0]
    assert against is not None
    reference = np.asarray(measured.arms[against])
    draws = np.random.default_rng(0).integers(len(reference), size=(_DRAWS, len(reference)))

    def row(arm: str) -> ArmSpeed:
        times = np.asarray(measured.arms[arm])
        ratios = reference / times
        low, high = np.quantile(np.median(ratios[draws], axis=1), [0.025, 0.975]).tolist()
        return ArmSpeed(arm, float(np.median(times)), float(np.median(ratios)), low, high)

    return StudySpeeds(
        against, len(reference), measured.samples, measured.load, tuple(row(arm) for arm in arms)
    )
