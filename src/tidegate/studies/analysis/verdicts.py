"""The verdict of each arm, in the one word that says most of it."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.results.comparison import ArmVerdict, Status
from tidegate.studies.analysis.best import WithBest


def verdicts(found: WithBest, status: Status) -> Sequence[ArmVerdict]:
    """Of each arm; of a first look none but ``cannot tell``.

    An arm that alone may be best is the best. One that is shown to be within the margin is good enough, whether it
    may be best or not: that is what somebody can act upon.
    """
    if status == "first look":
        return ["cannot tell" for _ in found.apart]
    alone = bool(found.may_be_best.sum() == 1)
    flags = zip(found.may_be_best.tolist(), found.good_enough.tolist(), found.worse.tolist(), strict=True)
    return [_verdict(may, good, worse, alone) for may, good, worse in flags]


def _verdict(may: bool, good: bool, worse: bool, alone: bool) -> ArmVerdict:
    if may and alone:
        return "best"
    if good:
        return "good enough"
    if may:
        return "may be best"
    return "worse" if worse else "cannot tell"
