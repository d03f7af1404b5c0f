"""``tidegate report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN|STUDY", help="A run or a study folder.")],
) -> None:
    """Write the report of a run or a study anew.

    Reads the result files that are there, writes report.html beside them, and prints its path.

    Examples:
        tidegate report runs/lines
    """
    from tidegate.report.write import write_report

    print(write_report(folder))
