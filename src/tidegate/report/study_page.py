"""The report of a study: which arm did best, by how much, and at what cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tidegate.report.charts.bands import banded
from tidegate.report.charts.curves import Point, curves_chart
from tidegate.report.charts.points import DotRow, dot_chart, strip
from tidegate.report.kind import expect
from tidegate.report.page import write_page
from tidegate.report.read import RunFiles, read_text
from tidegate.report.run_files import read_run
from tidegate.report.run_page import Figure, readable
from tidegate.report.samples import Shown
from tidegate.report.study.comparison_section import comparison_parts, cost_charts, samples_of
from tidegate.report.study.hardest_samples import hardest
from tidegate.report.study.leaderboard import Leaderboard, Row
from tidegate.report.study.summary import summarise
from tidegate.report.tasks.page import TaskPage
from tidegate.report.tasks.registry import page_of
from tidegate.report.tasks.signal_chart import Drawn
from tidegate.report.text.metrics import Measure
from tidegate.report.text.numbers import duration, short, spread
from tidegate.results.history import HistoryLine
from tidegate.results.study import StudyResults, StudyRun

_SAMPLES = 8
_FEW_ARMS = 4
"""So few each have a line of their own."""


@dataclass(frozen=True)
class TableRow:
    """One line of the leaderboard as text."""

    row: Row
    rank: str
    result: str
    seeds: Markup
    valid: str
    seconds: str
    train_speed: str
    predict_speed: str
    parameters: str


@dataclass(frozen=True)
class Reading:
    """What some arms read on a line.

    Attributes:
        arms: Name, colour, and what else is known of the answer: how sure the arm was.
        answer: With marks.
        right: ``None`` for a value.
        told: What is shown beside a value.
    """

    arms: tuple[tuple[str, int, str], ...]
    answer: Markup
    right: bool | None
    told: str


@dataclass(frozen=True)
class Line:
    """One sample with every arm's answer; of many arms, those that answered alike stand together."""

    name: str
    image: str | None
    reference: Markup | str
    readings: tuple[Reading, ...]
    signal: Drawn | None = None


def write_study_report(study: Path) -> Path:
    """Write ``report.html`` into a study's folder, from its results and those of its runs.

    Returns:
        The path of the report.

    Raises:
        DataError: There is no such folder.
        BundleError: It holds no study, or a file in it cannot be read.
        OutputError: The report cannot be written.
    """
    expect(study, "study")
    summary = summarise(study)
    results, board = summary.results, summary.board
    runs = _read_runs(study, results)
    first = next((files for each in runs.values() for files in each if files.environment), None)
    page = page_of(results.task)
    words = page.wording(first.error_analysis if first else None)
    definitions = _definitions(runs)
    return write_page(
        study / "report.html",
        "study.html",
        name=study.resolve().name,
        task=results.task,
        words=words,
        style=page.style,
        definition=definitions[0] if len(definitions) == 1 else "",
        primary=board.primary,
        split="test" if board.split == "test" else "validation",
        samples_count=_count(runs, board.split),
        summary=summary,
        table=_table(board),
        **comparison_parts(study, board, results, runs, page),
        hardest=[
            _line(name, answers, page)
            for name, answers in hardest(board, runs, samples_of(study, results), page)
        ],
        command=first.environment.command if first and first.environment else None,
        seeds=max((row.n for row in board.arms), default=0),
        notes=[*results.notes, *_apart(definitions)],
        missing=() if results.arms else ("results.json: no run of this study has finished yet",),
        learning=_learning(board, runs),
        charts=[
            figure for figure in (_dots(board, results), *cost_charts(board, results, words)) if figure.chart
        ],
        lines=_lines(board, runs, page),
        sections=page.study_sections(board, runs),
        runs=_runs(study, results, board.primary),
        failures=[(arm, run) for arm, run in _each(results) if run.status == "failed"],
        specs=[(row.name, row.spec) for row in board.arms if row.spec],
        budget=readable(results.budget.to_json()),
        config=read_text(study / "study.toml"),
        environment=readable(first.environment.to_json()) if first and first.environment else [],
    )


def _each(results: StudyResults) -> list[tuple[str, StudyRun]]:
    """All runs, those on smaller parts of the training data last."""
    named = [("", results.arms), *((f", {size.size}", size.arms) for size in results.sizes)]
    return [(f"{arm.arm}{size}", run) for size, arms in named for arm in arms for run in arm.runs]


def _read_runs(study: Path, results: StudyResults) -> dict[str, list[RunFiles]]:
    """The files of every run that is done, by arm; a folder that was removed is left out."""
    found: dict[str, list[RunFiles]] = {}
    for arm, run in ((one.arm, run) for one in results.arms for run in one.runs):
        folder = study / run.folder
        if run.status == "done" and folder.is_dir():
            found.setdefault(arm, []).append(read_run(folder))
    return found


def _definitions(runs: dict[str, list[RunFiles]]) -> list[str]:
    """What the figures are of, as the runs say it: one, if they can be compared."""
    told = [files.metrics.definition for each in runs.values() for files in each if files.metrics]
    return [one for one in dict.fromkeys(told) if one]


def _apart(definitions: Sequence[str]) -> list[str]:
    if len(definitions) < 2:
        return []
    return [f"Figures of these runs cannot be compared: {'; '.join(definitions)}"]


def _count(runs: dict[str, list[RunFiles]], split: str) -> int | None:
    counts = [files.metrics.samples.get(split) for each in runs.values() for files in each if files.metrics]
    return next((count for count in counts if count), None)


def _table(board: Leaderboard) -> list[TableRow]:
    figure = board.primary
    plotted = [figure.plotted(value) for row in board.arms for value in row.values]
    rows: list[TableRow] = []
    rank = 0
    for row in board.rows:
        ranked = row.kind == "arm" and row.mean is not None
        rank += ranked
        dots = DotRow(row.name, row.number, [figure.plotted(value) for value in row.values])
        rows.append(
            TableRow(
                row=row,
                rank=str(rank) if ranked else "",
                result=spread(figure, row.mean, row.spread, row.n),
                seeds=strip(dots, plotted, figure.ceiling, from_zero=figure.from_zero)
                if ranked
                else Markup(""),
                valid=spread(figure, row.valid_mean, row.valid_spread, len(row.valid_values)),
                seconds=duration(row.seconds),
                train_speed=short(row.train_speed),
                predict_speed=short(row.predict_speed),
                parameters=short(row.parameters),
            )
        )
    return rows


def _learning(board: Leaderboard, runs: dict[str, list[RunFiles]]) -> list[Figure]:
    figure = board.primary
    legend = tuple((row.name, row.number) for row in board.arms if row.name in runs)
    return [
        Figure(
            f"{figure.label} over {title}",
            curves_chart(
                [
                    banded(
                        row.name,
                        row.number,
                        [_points(files.history, figure, timed=timed) for files in runs[row.name]],
                    )
                    for row in board.arms
                    if row.name in runs
                ],
                label,
                f"Validation {figure.inside}",
                figure.ceiling,
                from_zero=figure.from_zero,
            ),
            legend,
        )
        for timed, title, label in ((False, "epochs", "epoch"), (True, "time", "seconds of training"))
    ]


def _points(history: Sequence[HistoryLine], figure: Measure, *, timed: bool) -> list[Point]:
    values = [(line.seconds if timed else line.epoch, line.valid.get(figure.key)) for line in history]
    return [(at, figure.plotted(value)) for at, value in values if value is not None]


def _dots(board: Leaderboard, results: StudyResults) -> Figure:
    figure = board.primary
    if results.comparison:
        return Figure("", Markup(""))  # The chart with intervals has every seed.
    hollow = board.split == "test"
    rows = [
        DotRow(
            row.name,
            row.number,
            [figure.plotted(value) for value in row.values],
            [figure.plotted(value) for value in row.valid_values] if hollow else (),
        )
        for row in board.arms
        if row.values
    ]
    lines = [(row.name, figure.plotted(row.mean)) for row in board.baselines[:1] if row.mean is not None]
    return Figure(
        f"{figure.label} of every seed",
        dot_chart(rows, figure.heading, lines, figure.ceiling, from_zero=figure.from_zero),
    )


def _lines(board: Leaderboard, runs: dict[str, list[RunFiles]], page: TaskPage[Any, Any]) -> list[Line]:
    """Samples that every arm with error analysis has answered, in its first seed that is done."""
    told: list[tuple[Row, dict[str, tuple[Any, Shown]]]] = []
    for row in board.arms:
        for analysis in page.analyses(runs.get(row.name, ()))[:1]:
            samples = page.samples(analysis)
            pairs = zip(samples.values(), page.shown(list(samples.values()), analysis), strict=True)
            told.append((row, dict(zip(samples, pairs, strict=True))))
    if not told:
        return []
    common = [name for name in told[0][1] if all(name in items for _, items in told)]
    return [_line(name, [(row, *items[name]) for row, items in told], page) for name in common[:_SAMPLES]]


def _line(name: str, answers: Sequence[tuple[Row, Any, Shown]], page: TaskPage[Any, Any]) -> Line:
    _, item, first = answers[0]
    reference = page.shared_reference(item, first)
    return Line(name, first.image, reference, _readings(answers), first.signal)


def _readings(answers: Sequence[tuple[Row, Any, Shown]]) -> tuple[Reading, ...]:
    """An entry for each arm, or of many arms one for each answer."""
    alike: dict[tuple[str, Markup, bool | None, str], list[tuple[str, int, str]]] = {}
    for row, _, seen in answers:
        own = row.name if len(answers) <= _FEW_ARMS else ""
        # How sure an arm was stands with its name: it would set the same answer of two arms apart.
        told = seen.told if seen.right is None else ""
        alike.setdefault((own, seen.answer, seen.right, told), []).append((row.name, row.number, seen.told))
    return tuple(Reading(tuple(arms), *answer[1:]) for answer, arms in alike.items())


def _runs(study: Path, results: StudyResults, figure: Measure) -> list[dict[str, Any]]:
    return [
        {
            "arm": arm,
            "seed": run.seed,
            "status": run.status,
            "valid": figure.text(run.on("valid").get(figure.key)),
            "test": figure.text(run.on("test").get(figure.key)),
            "seconds": duration(run.seconds),
            "report": _link(study, run.folder),
        }
        for arm, run in _each(results)
    ]


def _link(study: Path, folder: str) -> str | None:
    """The run's own report, relative to this one, where it is there and inside this folder."""
    path = study / folder / "report.html"
    inside = path.resolve().is_relative_to(study.resolve())
    return path.relative_to(study).as_posix() if inside and path.is_file() else None
