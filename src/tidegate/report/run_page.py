"""The report of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from tidegate.report.charts.curves import Curve, Point, curves_chart
from tidegate.report.headline import Result, headline, result_of
from tidegate.report.kind import expect
from tidegate.report.page import write_page
from tidegate.report.read import RunFiles, configured
from tidegate.report.run_files import read_run
from tidegate.report.tasks.registry import page_of
from tidegate.report.text.metrics import Measure, measure, scaled
from tidegate.report.text.numbers import count, duration, short
from tidegate.report.text.wording import Wording
from tidegate.results.history import HistoryLine
from tidegate.results.metrics import RunMetrics

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
    page, analysis = page_of(files.task), files.error_analysis
    return write_page(
        run / "report.html",
        "run.html",
        sections=page.sections(analysis, result.measure) if analysis else [],
        **_page(files, result, page.wording(analysis)),
    )


def _page(files: RunFiles, result: Result, words: Wording) -> dict[str, object]:
    metrics = files.metrics
    return {
        "name": _name(files.folder.resolve()),
        "task": files.task or "run",
        "words": words,
        "headline": headline(files, words),
        "definition": metrics.definition if metrics else "",
        "facts": _facts(files, result, words),
        "stopped": _STOPPED.get(metrics.stopped, "") if metrics else "",
        "notes": metrics.notes if metrics else (),
        "missing": files.missing,
        "figures": run_figures(files.history, result.measure),
        "history": _history(files.history, result.measure),
        "primary": result.measure,
        "metric_heads": _metric_heads(metrics) if metrics else [],
        "metric_rows": _metric_rows(metrics) if metrics else [],
        "model": _model(files, words),
        "config": files.config,
        "environment": readable(files.environment.to_json()) if files.environment else [],
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


def run_figures(history: Sequence[HistoryLine], primary: Measure) -> list[Figure]:
    """The learning curves: the metric over epochs and over seconds, the losses, and the learning rate."""
    metric = [(line.epoch, _at(line, primary)) for line in history]
    seconds = [(line.seconds, _at(line, primary)) for line in history]
    valid_loss = [(line.epoch, line.valid.get("loss")) for line in history]
    train_loss = [(line.epoch, line.train_loss) for line in history]
    rate = [(line.epoch, line.learning_rate) for line in history]
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


def _at(line: HistoryLine, figure: Measure) -> float | None:
    value = line.valid.get(figure.key)
    return None if value is None else figure.plotted(value)


def _known(points: Sequence[tuple[float, float | None]]) -> list[Point]:
    return [(at, value) for at, value in points if value is not None]


def _history(history: Sequence[HistoryLine], primary: Measure) -> list[tuple[str, ...]]:
    """The validations as rows of text: all of them, or evenly spaced ones and the last."""
    step = -(-len(history) // _TABLE_ROWS) or 1
    kept = [line for i, line in enumerate(history) if i % step == 0 or i == len(history) - 1]
    return [
        (
            f"{line.epoch:g}",
            duration(line.seconds),
            _loss(line.train_loss),
            _loss(line.valid.get("loss")),
            primary.number(line.valid.get(primary.key)),
        )
        for line in kept
    ]


def _loss(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _facts(files: RunFiles, result: Result, words: Wording) -> list[tuple[str, str]]:
    metrics = files.metrics
    values = (metrics.test or {} if result.split == "test" else metrics.valid) if metrics else {}
    facts = [
        (measure(key).label, measure(key).text(value))
        for key, value in values.items()
        if key != result.measure.key and not measure(key).detail
    ]
    trained = metrics.seconds if metrics else files.history[-1].seconds if files.history else None
    facts += [
        ("trained for", duration(trained)),
        ("parameters", short(metrics.parameters if metrics else None)),
        (words.speed(words.reads), short(metrics.samples_per_second.predict if metrics else None)),
    ]
    return [(label, value) for label, value in facts if value != "–" and label != "Loss"]


def _metric_heads(metrics: RunMetrics) -> list[str]:
    heads = [name for values, name in ((metrics.test, "Test"), (metrics.valid, "Validation")) if values]
    return [*heads, *(f"Baseline: {name}" for name in metrics.baselines)]


def _metric_rows(metrics: RunMetrics) -> list[MetricRow]:
    columns = [values for values in (metrics.test, metrics.valid) if values]
    columns += metrics.baselines.values()
    keys = list(dict.fromkeys(key for column in columns for key in column))
    keys.sort(key=lambda key: (key != metrics.primary, key == "loss"))
    return [
        MetricRow(
            scaled(key, keys),
            tuple(measure(key).text(column.get(key)) for column in columns),
            key == metrics.primary,
        )
        for key in keys
    ]


def _model(files: RunFiles, words: Wording) -> list[tuple[str, str]]:
    vgsl = files.network or configured(files.config, "model", "spec")
    network = [("Network (VGSL)", vgsl)] if vgsl else []
    metrics = files.metrics
    if metrics is None:
        return network
    best, speeds = metrics.best, metrics.samples_per_second
    facts = [
        ("Parameters", count(metrics.parameters)),
        (f"FLOPs of {words.size(metrics.typical_size)}, forward", short(metrics.flops)),
        ("Best weights", f"epoch {best.epoch:g}, step {count(best.step)}" if best.epoch else "–"),
        ("Trained", f"{metrics.epochs:g} epochs, {count(metrics.steps)} steps"),
        ("Training time", duration(metrics.seconds)),
        ("CPU time", duration(metrics.cpu_seconds)),
        ("Training speed", _speed(speeds.train, words)),
        (f"{words.reading} speed", _speed(speeds.predict, words)),
        (
            words.many.capitalize(),
            ", ".join(f"{count(n)} {name}" for name, n in metrics.samples.items() if n) or "–",
        ),
    ]
    return [*network, *(fact for fact in facts if fact[1] != "–")]


def _speed(value: float | None, words: Wording) -> str:
    return "–" if value is None else f"{short(value)} {words.many}/s"


def readable(record: Mapping[str, object]) -> list[tuple[str, str]]:
    """A flat JSON object as name and text; long lists are cut, with their length told."""
    return [
        (key.replace("_", " "), _readable(value))
        for key, value in record.items()
        if value not in (None, [], {})
    ]


def _readable(value: object) -> str:
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
