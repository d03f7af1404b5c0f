"""``tidegate study``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tidegate.cli.flags import takes
from tidegate.cli.printing import number, print_json, print_table, print_warnings, whole
from tidegate.cli.study.request import StudyFlags, data_sets, study_request
from tidegate.errors import ConfigError

if TYPE_CHECKING:
    from tidegate.report.study.leaderboard import Leaderboard, Row
    from tidegate.studies.execution.backend import Backend
    from tidegate.studies.study import StudyResult


@takes(StudyFlags)
def study(flags: StudyFlags) -> None:
    """Compare networks fairly: the same data, budget and seeds, and if asked the same size and tuning.

    Leaves a run folder for each arm and seed, what the figures say and how sure that is, and a report. Given the same
    folder again, it goes on: finished runs are kept, and arms and seeds may be added. Several files are several data
    sets: a study of each, and the arms pair by pair over all of them.

    Examples:
        tidegate study lines.toml --arms lstm,gru --seeds 5 --out cells
        tidegate study a.toml --factor model.cell=rnn,lstm --factor model.layers=1,2
        tidegate study lines.toml --match parameters --tune 8 --seeds 5 --dry-run
        tidegate study lines.toml --arms lstm,gru --until-decided --out cells
    """
    if flags.further:
        _several(flags)
    else:
        _one(flags)


def _one(flags: StudyFlags) -> None:
    request = study_request(flags)
    if flags.dry_run:
        from tidegate.cli.study.plan import print_plan

        print_plan(request, _folder(flags), workers=flags.workers, threads=flags.threads, as_json=flags.json)
        return
    result = _run(flags)
    _print(result, as_json=flags.json)
    _leave([result])


def _several(flags: StudyFlags) -> None:
    from tidegate.report.write import write_report
    from tidegate.studies.collection import collect_studies, open_collection

    if flags.out is None or flags.add_seeds or flags.dry_run:
        raise ConfigError(
            "several data sets need one folder, and nothing else at once",
            expected="--out FOLDER, without --add-seeds and --dry-run",
            hint="each data set's study is a folder in it; --dry-run and --add-seeds take these one by one",
        )
    files = data_sets(flags)
    names = open_collection(flags.out, [file.config for file in files if file.config])
    requests = [replace(file, out=flags.out / name) for file, name in zip(files, names, strict=True)]
    for request in requests:
        # A mistake in the last file is told before the first one trains for a day.
        study_request(request)
    results: list[StudyResult] = []
    for name, request in zip(names, requests, strict=True):
        typer.echo(f"== {name}", err=True)
        results.append(_run(request))
        if results[-1].interrupted:
            break
        _print(results[-1], as_json=flags.json)
    told = collect_studies(flags.out)
    write_report(flags.out)
    if flags.json:
        print_json({"collection": str(flags.out), **told.to_json()})
    else:
        print(f"\nover all: {flags.out / 'report.html'}")
    _leave(results)


def _run(flags: StudyFlags) -> StudyResult:
    from tidegate.cli.study.progress import study_progress
    from tidegate.studies.study import run_study

    request, folder = study_request(flags), _folder(flags)
    with study_progress() as reporter:
        return run_study(
            request,
            folder,
            workers=flags.workers,
            threads=flags.threads,
            reporter=reporter,
            backend=_backend(flags),
        )


def _backend(flags: StudyFlags) -> Backend:
    from tidegate.studies.execution.backend import Backend

    return Backend(flags.engine, flags.address)


def _folder(flags: StudyFlags) -> Path:
    from tidegate.cli.request import out_folder

    return out_folder(flags)


def _print(result: StudyResult, *, as_json: bool) -> None:
    from tidegate.report.study.summary import summarise

    if as_json:
        print_json({"study": str(result.study), **result.results.to_json()})
    else:
        summary = summarise(result.study, result.results)
        print_leaderboard(summary.board)
        for sentence in summary.sentences:
            print(f"\n{sentence}")
        print(f"\nreport: {result.study / 'report.html'}")
        print_warnings(summary.caveats)
    print_warnings(f"{outcome.run} failed: {outcome.error}" for outcome in result.failed)


def print_leaderboard(board: Leaderboard) -> None:
    """Print arms and baselines as a table; baselines stand in brackets."""
    head = ("arm", f"{board.split} {board.primary.key}", "±", "runs", "parameters", "seconds", "samples/s")
    print_table(head, [_cells(row) for row in board.rows])


def _cells(row: Row) -> Sequence[str]:
    if row.kind == "baseline":
        return (f"({row.name})", number(row.mean), "", "", "", "", "")
    wanted = row.n + row.failed + row.interrupted
    return (
        row.name,
        number(row.mean),
        "" if row.spread is None else number(row.spread),
        f"{row.n}/{wanted}",
        whole(row.parameters),
        number(row.seconds),
        number(row.train_speed),
    )


def _leave(results: list[StudyResult]) -> None:
    if any(result.interrupted for result in results):
        raise typer.Exit(130)
    if any(result.failed for result in results):
        raise typer.Exit(1)
