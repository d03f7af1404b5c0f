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
from tidegate.report.read import Json, RunFiles, read_json, read_run, read_text
from tidegate.report.run_page import Figure, readable
from tidegate.report.samples import Shown, image_uri
from tidegate.report.study.caveats import doubts
from tidegate.report.study.comparison_section import cost_charts, judged, samples_of
from tidegate.report.study.hardest_samples import hardest
from tidegate.report.study.leaderboard import Leaderboard, Row, leaderboard
from tidegate.report.study.recommendation import decide
from tidegate.report.study.verdict import Verdict, verdict
from tidegate.report.tasks.page import TaskPage
from tidegate.report.tasks.registry import page_of
from tidegate.report.tasks.signal_chart import Drawn
from tidegate.report.text.metrics import Measure
from tidegate.report.text.numbers import duration, short, spread

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
    results = read_json(study / "results.json")
    board = leaderboard(results)
    runs = _read_runs(study, results)
    first = next((files for each in runs.values() for files in each if files.environment), None)
    task = str(results.get("task", "study"))
    page = page_of(task)
    words = page.wording(first.error_analysis if first else {})
    definitions = _definitions(runs)
    return write_page(
        study / "report.html",
        "study.html",
        name=study.resolve().name,
        task=task,
        words=words,
        style=page.style,
        definition=definitions[0] if len(definitions) == 1 else "",
        primary=board.primary,
        split="test" if board.split == "test" else "validation",
        samples_count=_count(runs, board.split),
        verdict=_verdict(board, results),
        doubts=doubts(board, results),
        table=_table(board),
        **judged(study, board, results, runs, page),
        hardest=[
            _line(name, answers, page)
            for name, answers in hardest(board, runs, samples_of(study, results), page)
        ],
        command=(first.environment if first else {}).get("command"),
        seeds=max((row.n for row in board.arms), default=0),
        notes=[*(str(note) for note in results.get("notes") or ()), *_apart(definitions)],
        missing=() if results.get("arms") else ("results.json: no run of this study has finished yet",),
        learning=_learning(board, runs),
        charts=[
            figure for figure in (_dots(board, results), *cost_charts(board, results, words)) if figure.chart
        ],
        lines=_lines(board, runs, page),
        sections=page.study_sections(board, runs),
        runs=_runs(study, results, board.primary),
        failures=[(arm, run) for arm, run in _each(results) if run.get("status") == "failed"],
        specs=[(row.name, row.spec) for row in board.arms if row.spec],
        budget=readable(results.get("budget") or {}),
        config=read_text(study / "study.toml"),
        environment=readable(first.environment) if first else [],
    )


def _verdict(board: Leaderboard, results: Json) -> Verdict:
    """By the comparison where there is one, else by what the figures of a few seeds allow."""
    plain = verdict(board)
    decision = decide(board, results)
    if decision is None:
        return plain
    used = next(row for row in board.arms if row.name == decision.use)
    result = spread(board.primary, used.mean, used.spread, used.n)
    # Baselines that are not beaten are told among the doubts.
    beaten = board.baselines and all(row.beats_baselines is not False for row in board.arms)
    baselines = plain.sentences[-1:] if beaten else ()
    return Verdict(decision.use, result, (*decision.sentences, *baselines), plain.good)


def _each(results: Json) -> list[tuple[str, Json]]:
    return [(str(arm.get("arm")), run) for arm in results.get("arms") or () for run in arm.get("runs") or ()]


def _read_runs(study: Path, results: Json) -> dict[str, list[RunFiles]]:
    """The files of every run that is done, by arm; a folder that was removed is left out."""
    found: dict[str, list[RunFiles]] = {}
    for arm, run in _each(results):
        folder = study / str(run.get("folder"))
        if run.get("status") == "done" and folder.is_dir():
            found.setdefault(arm, []).append(read_run(folder))
    return found


def _definitions(runs: dict[str, list[RunFiles]]) -> list[str]:
    """What the figures are of, as the runs say it: one, if they can be compared."""
    told = [str(files.metrics.get("definition") or "") for each in runs.values() for files in each]
    return [one for one in dict.fromkeys(told) if one]


def _apart(definitions: Sequence[str]) -> list[str]:
    if len(definitions) < 2:
        return []
    return [f"Figures of these runs cannot be compared: {'; '.join(definitions)}"]


def _count(runs: dict[str, list[RunFiles]], split: str) -> int | None:
    counts = [(files.metrics.get("samples") or {}).get(split) for each in runs.values() for files in each]
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
                        [_points(files.history, key, figure) for files in runs[row.name]],
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
        for key, title, label in (("epoch", "epochs", "epoch"), ("seconds", "time", "seconds of training"))
    ]


def _points(history: Sequence[Json], key: str, figure: Measure) -> list[Point]:
    values = [(row.get(key), (row.get("valid") or {}).get(figure.key)) for row in history]
    return [
        (float(at), figure.plotted(float(value)))
        for at, value in values
        if at is not None and value is not None
    ]


def _dots(board: Leaderboard, results: Json) -> Figure:
    figure = board.primary
    if results.get("comparison"):
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


def _lines(board: Leaderboard, runs: dict[str, list[RunFiles]], page: TaskPage) -> list[Line]:
    """Samples that every arm with error analysis has answered, in its first seed that is done."""
    told: list[tuple[Row, dict[str, tuple[Json, Shown]]]] = []
    for row in board.arms:
        error_analysis = next(
            (files.error_analysis for files in runs.get(row.name, ()) if files.error_analysis), None
        )
        if error_analysis:
            items: Sequence[Json] = error_analysis.get("samples") or ()
            pairs = zip(items, page.shown(items, error_analysis), strict=True)
            told.append((row, {str(item.get("name")): (item, seen) for item, seen in pairs}))
    if not told:
        return []
    common = [name for name in told[0][1] if all(name in items for _, items in told)]
    return [_line(name, [(row, *items[name]) for row, items in told], page) for name in common[:_SAMPLES]]


def _line(name: str, answers: Sequence[tuple[Row, Json, Shown]], page: TaskPage) -> Line:
    _, item, first = answers[0]
    reference = page.shared_reference(item, first)
    return Line(name, image_uri(item.get("image")), reference, _readings(answers), first.signal)


def _readings(answers: Sequence[tuple[Row, Json, Shown]]) -> tuple[Reading, ...]:
    """An entry for each arm, or of many arms one for each answer."""
    alike: dict[tuple[str, Markup, bool | None, str], list[tuple[str, int, str]]] = {}
    for row, _, seen in answers:
        own = row.name if len(answers) <= _FEW_ARMS else ""
        # How sure an arm was stands with its name: it would set the same answer of two arms apart.
        told = seen.told if seen.right is None else ""
        alike.setdefault((own, seen.answer, seen.right, told), []).append((row.name, row.number, seen.told))
    return tuple(Reading(tuple(arms), *answer[1:]) for answer, arms in alike.items())


def _runs(study: Path, results: Json, figure: Measure) -> list[dict[str, Any]]:
    return [
        {
            "arm": arm,
            "seed": run.get("seed"),
            "status": run.get("status"),
            "valid": figure.text((run.get("valid") or {}).get(figure.key)),
            "test": figure.text((run.get("test") or {}).get(figure.key)),
            "seconds": duration(run.get("seconds")),
            "report": _link(study, str(run.get("folder"))),
        }
        for arm, run in _each(results)
    ]


def _link(study: Path, folder: str) -> str | None:
    """The run's own report, relative to this one, where it is there and inside this folder."""
    path = study / folder / "report.html"
    inside = path.resolve().is_relative_to(study.resolve())
    return path.relative_to(study).as_posix() if inside and path.is_file() else None
