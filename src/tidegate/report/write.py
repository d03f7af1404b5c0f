"""The report of a folder, whichever kind it is."""

from __future__ import annotations

from pathlib import Path

from tidegate.report.kind import kind_of
from tidegate.report.run import write_run_report
from tidegate.report.study import write_study_report


def write_report(folder: Path) -> Path:
    """Write ``report.html`` into a run's or a study's folder, from the result files in it.

    Returns:
        The path of the report.

    Raises:
        DataError: There is no such folder.
        BundleError: It is neither a run nor a study, or a result file in it cannot be read.
        OutputError: The report cannot be written.
    """
    return write_study_report(folder) if kind_of(folder) == "study" else write_run_report(folder)
