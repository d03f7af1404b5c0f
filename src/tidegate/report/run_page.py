"""The report of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tidegate.report.charts.curves import Curve, Point, curves_chart
from tidegate.report.kind import expect
from tidegate.report.page import write_page
from tidegate.report.read import Json, RunFiles, configured, network_of, read_run, task_of
from tidegate.report.tasks.registry import page_of
from tidegate.report.text.headline import Result, headline, result_of
from tidegate.report.text.metrics import Measure, measure, scaled
from tidegate.report.text.numbers import count, duration, short
from tidegate.report.text.wording import Wording

_STOPPED = {
    "epochs": "all epochs done",
    "max_time": "the time allowed was used up",
    "steps": "all steps done",
    "examples": "all examples seen",
    "patience": "stopped early, no more progress",
    "interrupted": "interrupted by hand",
}
_TABLE_ROWS = 60


@dataclass(frozen=True)
class Figure:
    """A chart with its title and, as text, what it draws."""

    title: str
    chart: Markup
    legend: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class MetricRow:
    """One metric on each split, and what the baselines reach."""

    label: str
    values: tuple[str, ...]
    primary: bool


def write_run_report(run: Path) -> Path:
    """Write ``report.html`` into a run folder, from the result files in it.

    Parts that are not there (a run still going, or killed) are named in the report and left out.

    Returns:
        The path of the report.

    Raises:
        DataError: There is no such folder.
        BundleError: It holds no run, or a file in it cannot be read.
        OutputError: The report cannot be written.
    """
    expect(run, "run")
    files = read_run(run)
    result = result_of(files)
    page = page_of(task_of(files))
    return write_page(
        run / "report.html",
        "run.html",
        sections=page.sections(files, result.measure),
        **_page(files, result, page.wording(files.error_analysis)),
    )


def _page(files: RunFiles, result: Result, words: Wording) -> dict[str, Any]:
    metrics = files.metrics
    return {
        "name": _name(files.folder.resolve()),
        "task": task_of(files) or "run",
        "words": words,
        "headline": headline(files, words),
        "definition": _definition(files),
        "facts": _facts(files, result, words),
        "stopped": _STOPPED.get(str(metrics.get("stopped")), ""),
        "interrupted": metrics.get("stopped") == "interrupted",
        "notes": [str(note) for note in metrics.get("notes") or ()],
        "missing": files.missing,
        "figures": run_figures(files.history, result.measure),
        "history": _history(files.history, result.measure),
        "primary": result.measure,
        "metric_heads": _metric_heads(metrics),
        "metric_rows": _metric_rows(metrics),
        "model": _model(files, words),
        "config": files.config,
        "environment": readable(files.environment),
        "split": readable(files.split),
    }


def _name(folder: Path) -> str:
    """The folder's name; with the arm's before it for a run of a study."""
    arm = folder.parent
    return (
        f"{arm.name}, {folder.name}"
        if arm.parent.name == "runs" and folder.name.startswith("seed-")
        else folder.name
    )


def _definition(files: RunFiles) -> str:
    """What the figures are of, where the result files say it."""
    return str(files.metrics.get("definition") or files.error_analysis.get("definition") or "")


def run_figures(history: Sequence[Json], primary: Measure) -> list[Figure]:
    """The learning curves: the metric over epochs and over seconds, the losses, and the learning rate."""
    metric = [(float(row["epoch"]), _at(row, primary)) for row in history]
    seconds = [(float(row["seconds"]), _at(row, primary)) for row in history]
    valid_loss = [(float(row["epoch"]), (row.get("valid") or {}).get("loss")) for row in history]
    train_loss = [(float(row["epoch"]), row.get("train_loss")) for row in history]
    rate = [(float(row["epoch"]), row.get("learning_rate")) for row in history]
    losses = (Curve("training", _known(train_loss), 1), Curve("validation", _known(valid_loss), 0))
    heading = f"Validation {primary.inside}"
    return [
        Figure(
            f"{primary.label} over epochs",
            curves_chart(
                [_ringed(heading, _known(metric), primary)],
                "epoch",
                heading,
                primary.ceiling,
                from_zero=primary.from_zero,
            ),
        ),
        Figure(
            f"{primary.label} over time",
            curves_chart(
                [_ringed(heading, _known(seconds), primary)],
                "seconds of training",
                heading,
                primary.ceiling,
                from_zero=primary.from_zero,
            ),
        ),
        Figure(
            "Loss over epochs",
            curves_chart(losses, "epoch", "Loss"),
            tuple((curve.name, curve.number) for curve in losses if curve.points),
        ),
        Figure(
            "Learning rate over epochs",
            curves_chart([Curve("learning rate", _known(rate), 2)], "epoch", "Learning rate"),
        ),
    ]


def _ringed(name: str, points: list[Point], primary: Measure) -> Curve:
    if not points:
        return Curve(name, points)
    best = min(points, key=lambda point: point[1] if primary.lower_is_better else -point[1])
    return Curve(name, points, 0, marked=best)


def _at(row: Json, figure: Measure) -> float | None:
    value = (row.get("valid") or {}).get(figure.key)
    return None if value is None else figure.plotted(float(value))


def _known(points: Sequence[tuple[float, Any]]) -> list[Point]:
    return [(at, float(value)) for at, value in points if value is not None]


def _history(history: Sequence[Json], primary: Measure) -> list[tuple[str, ...]]:
    """The validations as rows of text: all of them, or evenly spaced ones and the last."""
    step = -(-len(history) // _TABLE_ROWS) or 1
    kept = [row for i, row in enumerate(history) if i % step == 0 or i == len(history) - 1]
    return [
        (
            f"{float(row['epoch']):g}",
            duration(row.get("seconds")),
            _loss(row.get("train_loss")),
            _loss((row.get("valid") or {}).get("loss")),
            primary.number((row.get("valid") or {}).get(primary.key)),
        )
        for row in kept
    ]


def _loss(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _facts(files: RunFiles, result: Result, words: Wording) -> list[tuple[str, str]]:
    metrics = files.metrics
    others = (metrics.get(result.split) or {}).items()
    speed = metrics.get("samples_per_second") or {}
    facts = [
        (measure(key).label, measure(key).text(value))
        for key, value in others
        if key != result.measure.key and not measure(key).detail
    ]
    trained = metrics.get("seconds") or (files.history[-1].get("seconds") if files.history else None)
    facts += [
        ("trained for", duration(trained)),
        ("parameters", short(metrics.get("parameters"))),
        (words.speed(words.reads), short(speed.get("predict"))),
    ]
    return [(label, value) for label, value in facts if value != "–" and label != "Loss"]


def _metric_heads(metrics: Json) -> list[str]:
    heads = [name for key, name in (("test", "Test"), ("valid", "Validation")) if metrics.get(key)]
    return [*heads, *(f"Baseline: {name}" for name in metrics.get("baselines") or {})]


def _metric_rows(metrics: Json) -> list[MetricRow]:
    columns: list[Json] = [metrics[key] for key in ("test", "valid") if metrics.get(key)]
    columns += list((metrics.get("baselines") or {}).values())
    keys = list(dict.fromkeys(key for column in columns for key in column))
    keys.sort(key=lambda key: (key != metrics.get("primary"), key == "loss"))
    return [
        MetricRow(
            scaled(key, keys),
            tuple(measure(key).text(column.get(key)) for column in columns),
            key == metrics.get("primary"),
        )
        for key in keys
    ]


def _model(files: RunFiles, words: Wording) -> list[tuple[str, str]]:
    metrics = files.metrics
    samples = metrics.get("samples") or {}
    best = metrics.get("best") or {}
    facts = [
        ("Parameters", count(metrics.get("parameters"))),
        (f"FLOPs of {words.size(metrics.get('typical_size'))}, forward", short(metrics.get("flops"))),
        (
            "Best weights",
            f"epoch {float(best['epoch']):g}, step {count(best.get('step'))}" if best.get("epoch") else "–",
        ),
        (
            "Trained",
            f"{float(metrics['epochs']):g} epochs, {count(metrics.get('steps'))} steps"
            if metrics.get("epochs")
            else "–",
        ),
        ("Training time", duration(metrics.get("seconds"))),
        ("CPU time", duration(metrics.get("cpu_seconds"))),
        ("Training speed", _speed(metrics, "train", words)),
        (f"{words.reading} speed", _speed(metrics, "predict", words)),
        (words.many.capitalize(), ", ".join(f"{count(n)} {name}" for name, n in samples.items() if n) or "–"),
    ]
    vgsl = network_of(metrics, files.model) or configured(files.config, "model", "spec")
    return [*([("Network (VGSL)", vgsl)] if vgsl else []), *(fact for fact in facts if fact[1] != "–")]


def _speed(metrics: Json, kind: str, words: Wording) -> str:
    value = (metrics.get("samples_per_second") or {}).get(kind)
    return "–" if value is None else f"{short(value)} {words.many}/s"


def readable(record: Json) -> list[tuple[str, str]]:
    """A flat JSON object as name and text; long lists are cut, with their length told."""
    return [
        (key.replace("_", " "), _readable(value))
        for key, value in record.items()
        if value not in (None, [], {})
    ]


def _readable(value: Any) -> str:
    if isinstance(value, list):
        listed = ", ".join(str(item) for item in value[:8])
        return f"{listed} … ({count(len(value))} in all)" if len(value) > 8 else listed
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_readable(item)}" for key, item in value.items())
    return (
        count(value)
        if isinstance(value, int) and not isinstance(value, bool) and value > 9999
        else str(value)
    )
