"""The report of a folder, whichever kind it is."""

from __future__ import annotations

from pathlib import Path

from tidegate.report.collection_page import write_collection_report
from tidegate.report.kind import kind_of
from tidegate.report.run_page import write_run_report
from tidegate.report.study_page import write_study_report


def write_report(folder: Path) -> Path:
    """Write ``report.html`` into a folder, from the result files in it.

    Returns:
        The path of the report.

    Raises:
        DataError: There is no such folder.
        BundleError: It holds no run and no study, or a result file in it cannot be read.
        OutputError: The report cannot be written.
    """
    writers = {"run": write_run_report, "study": write_study_report, "collection": write_collection_report}
    return writers[kind_of(folder)](folder)
