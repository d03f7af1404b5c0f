"""Time to a target, against the text books' example of Kaplan and Meier, and runs that never reach it."""

import pytest

from result_cases import validation
from tidegate.studies.analysis.target import RunTime, run_time, times_to_target

# Weeks of remission of leukaemia under 6-mercaptopurine (Freireich and others 1963): median 23, interval from 13.
REMISSIONS = ((6, 3), (7, 1), (10, 1), (13, 1), (16, 1), (22, 1), (23, 1))
STILL = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
PLACEBO = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)


def test_the_median_of_freireichs_remissions() -> None:
    drug = [RunTime(float(week), True) for week, count in REMISSIONS for _ in range(count)]
    drug += [RunTime(float(week), False) for week in STILL]
    told = times_to_target({"drug": drug, "placebo": [RunTime(float(week), True) for week in PLACEBO]})
    assert told[0].median is not None and told[1].median is not None
    assert (told[0].n, told[0].reached, told[0].median.value, told[0].median.low) == (21, 9, 23.0, 13.0)
    assert told[0].median.high is None and told[1].median.value == 8.0
    assert (told[1].median.low, told[1].median.high) == (4.0, 11.0)


def test_an_arm_that_seldom_reaches_it_has_no_median() -> None:
    told = times_to_target(
        {"a": [RunTime(3.0, True), *[RunTime(9.0, False)] * 4], "b": [RunTime(9.0, False)] * 3, "c": []}
    )
    assert [(one.arm, one.n, one.reached, one.median) for one in told] == [
        ("a", 5, 1, None),
        ("b", 3, 0, None),
    ]
    (always,) = times_to_target({"a": [RunTime(2.0, True)] * 3})
    assert always.median is not None and always.median.value == always.median.low == 2.0


@pytest.mark.parametrize(
    ("target", "lower", "seconds", "reached"),
    [(0.3, True, 2.0, True), (0.9, False, 3.0, True), (0.1, True, 3.0, False)],
)
def test_the_first_validation_that_is_good_enough(
    target: float, lower: bool, seconds: float, reached: bool
) -> None:
    values = ((1.0, 0.5), (2.0, 0.25), (3.0, 0.95)) if not lower else ((1.0, 0.5), (2.0, 0.25), (3.0, 0.28))
    history = [validation(cpu_seconds=at, valid={"cer": value}) for at, value in values]
    assert run_time(history, "cer", target, lower_is_better=lower) == RunTime(seconds, reached)
    assert run_time([], "cer", target, lower_is_better=lower) is None
