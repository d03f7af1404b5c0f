"""Reports: one self-contained HTML file for a run or a study, and the rows of a leaderboard.

This room reads result files and knows no model. Its names are imported when they are first used, since the templates'
engine costs tens of milliseconds that most verbs do not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.report.kind import kind_of
    from tidegate.report.leaderboard import Leaderboard, Row, read_leaderboard
    from tidegate.report.run import write_run_report
    from tidegate.report.study import write_study_report
    from tidegate.report.write import write_report

__all__ = [
    "Leaderboard",
    "Row",
    "kind_of",
    "read_leaderboard",
    "write_report",
    "write_run_report",
    "write_study_report",
]

_HOME = {
    "kind_of": "kind",
    "Leaderboard": "leaderboard",
    "Row": "leaderboard",
    "read_leaderboard": "leaderboard",
    "write_report": "write",
    "write_run_report": "run",
    "write_study_report": "study",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
