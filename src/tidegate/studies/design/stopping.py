"""When a study that runs until it is decided goes on, and with which arms."""

from __future__ import annotations

from tidegate.results.comparison import Comparison
from tidegate.studies.design.looks import LOOKS


def looks_until(most: int) -> tuple[int, ...]:
    """The numbers of seeds at which such a study is looked at.

    >>> looks_until(20), looks_until(8)
    ((3, 5, 10, 20), (3, 5, 8))
    """
    return (*(look for look in LOOKS if look < most), most)


def closed_arms(comparison: Comparison | None) -> tuple[str, ...]:
    """Arms that need no more seeds: they were found worse. A first look finds nothing."""
    if comparison is None or comparison.status == "first look":
        return ()
    return tuple(arm.arm for arm in comparison.arms if arm.verdict == "worse")


def is_decided(comparison: Comparison | None) -> bool:
    """Whether more seeds have nothing left to decide: each arm is worse, good enough or the only one that may be best.

    >>> is_decided(None)
    False
    """
    if comparison is None or comparison.status == "first look":
        return False
    verdicts = [arm.verdict for arm in comparison.arms]
    return "cannot tell" not in verdicts and verdicts.count("may be best") <= 1
