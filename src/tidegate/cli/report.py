"""``tidegate report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="RUN|STUDY|TABLE",
            help="Folder of a run, a study, or several studies; or a table of results.",
        ),
    ],
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="A,B|RUN",
            help="Of a study: two arms against each other. Of a run: another run to hold it against.",
        ),
    ] = None,
    form: Annotated[str, typer.Option("--format", help="html, markdown, json or csv.")] = "html",
    out: Annotated[
        Path | None,
        typer.Option(help="File for markdown, json or csv; default: stdout. Of a table: a new folder."),
    ] = None,
    lower_is_better: Annotated[
        bool | None,
        typer.Option(
            "--lower-is-better/--higher-is-better", help="Of a table whose metric is not a usual one."
        ),
    ] = None,
    margin: Annotated[
        str | None, typer.Option(help="Of a table: difference too small to matter, such as 10% or 0.005.")
    ] = None,
) -> None:
    """Write the report of a run or of studies anew, or their results for papers and programs.

    Reads the result files that are there. HTML goes to report.html beside them, and its path is printed; Markdown has
    tables, JSON everything, CSV a line for each run. With --compare two arms of a study, or two runs, sample by sample.

    A table of results of other programs (columns arm, seed, one called like its metric, and if there are any split and
    sample) is compared as a study is, in the folder --out.

    Examples:
        tidegate report runs/lines
        tidegate report cells --format markdown
        tidegate report cells --format csv --out cells.csv
        tidegate report cells --compare lstm,gru
        tidegate report runs/before --compare runs/after
        tidegate report accuracies.csv --out compared
    """
    if compare is not None:
        from tidegate.cli.comparing import print_compared

        print_compared(folder, compare, form)
        return
    from tidegate.errors import ConfigError

    if folder.is_file():
        if out is None:
            raise ConfigError(
                "a table of results needs a folder for its report", where=str(folder), hint="--out FOLDER"
            )
        from tidegate.report.write import write_report
        from tidegate.studies.foreign import import_results

        import_results(folder, out, lower_is_better=lower_is_better, margin=margin)
        print(write_report(out))
        return

    if form == "html":
        from tidegate.report.write import write_report

        if out is not None:
            raise ConfigError(
                "the HTML report has its place in the folder",
                where=f"--out {out}",
                hint="drop --out, or give --format markdown, json or csv",
            )
        print(write_report(folder))
        return
    from tidegate.files import write_text
    from tidegate.report.export import export

    text = export(folder, form)
    if out is None:
        print(text, end="")
    else:
        write_text(out, text)
        print(out)
