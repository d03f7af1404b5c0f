"""Studies: arms × seeds on the same data and budget, each run a process of its own.

Names are imported when they are first used; none of them imports torch, which only the workers need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.studies.callbacks import RunOutcome, RunProgress, StudyPlan, StudyReporter
    from tidegate.studies.compare import compare
    from tidegate.studies.design.arms import parse_arms
    from tidegate.studies.design.plan import Arm, StudySpec
    from tidegate.studies.study import StudyResult, run_study

__all__ = [
    "Arm",
    "RunOutcome",
    "RunProgress",
    "StudyPlan",
    "StudyReporter",
    "StudyResult",
    "StudySpec",
    "compare",
    "parse_arms",
    "run_study",
]

_HOME = {
    "Arm": "design.plan",
    "StudySpec": "design.plan",
    "compare": "compare",
    "parse_arms": "design.arms",
    "StudyResult": "study",
    "run_study": "study",
    "RunOutcome": "callbacks",
    "RunProgress": "callbacks",
    "StudyPlan": "callbacks",
    "StudyReporter": "callbacks",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
