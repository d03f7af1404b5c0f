"""How long arms took to the result that was asked for."""

from __future__ import annotations

from tidegate.report.text.metrics import Measure
from tidegate.report.text.numbers import duration
from tidegate.results.study import StudyResults

TIMES = ("Arm", "Runs that reached it", "Half of the runs after", "95 % interval")


def time_rows(results: StudyResults) -> list[tuple[str, ...]]:
    """Arms in the order of the study; none without a target."""
    rows: list[tuple[str, ...]] = []
    for arm in results.times:
        median = arm.median
        ends = (
            "–"
            if median is None
            else f"{duration(median.low)} to {duration(median.high)}"
            if median.high is not None
            else f"from {duration(median.low)} on"
        )
        rows.append(
            (arm.arm, f"{arm.reached} of {arm.n}", duration(median.value) if median else "not reached", ends)
        )
    return rows


def target_told(results: StudyResults, figure: Measure) -> str:
    """What the times are; empty without a target."""
    target = results.design.target
    if target is None:
        return ""
    return (
        f"Processor time of training until {figure.label} on validation first was {figure.text(target)} or better. "
        "Runs that never reached it count with the time that they had (Kaplan and Meier 1958)."
    )
