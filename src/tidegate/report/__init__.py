"""Reports: one self-contained HTML file for a run or a study, and the rows of a leaderboard.

This room reads result files and knows no model. Its names are imported when they are first used, since the templates'
engine costs tens of milliseconds that most verbs do not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.report.check_page import write_check_page
    from tidegate.report.kind import kind_of
    from tidegate.report.run_page import write_run_report
    from tidegate.report.study.leaderboard import Leaderboard, Row, read_leaderboard
    from tidegate.report.study_page import write_study_report
    from tidegate.report.write import write_report

__all__ = [
    "Leaderboard",
    "Row",
    "kind_of",
    "read_leaderboard",
    "write_check_page",
    "write_report",
    "write_run_report",
    "write_study_report",
]

_HOME = {
    "kind_of": "kind",
    "Leaderboard": "study.leaderboard",
    "Row": "study.leaderboard",
    "read_leaderboard": "study.leaderboard",
    "write_check_page": "check_page",
    "write_report": "write",
    "write_run_report": "run_page",
    "write_study_report": "study_page",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
