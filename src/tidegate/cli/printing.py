"""How numbers, times and results look: pairs, tables and JSON, none of them cut off at the width of a terminal."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.errors import Finding
    from tidegate.results.record import Values
    from tidegate.training.callbacks import RunPlan


def number(value: float | None) -> str:
    """Four significant digits, without an exponent where people do not expect one.

    >>> number(0.01234567), number(1234.5678), number(None), number(0.0)
    ('0.01235', '1235', '—', '0')
    """
    if value is None or math.isnan(value):
        return "—"
    if value == 0 or math.isinf(value):
        return f"{value:g}"
    digits = 3 - math.floor(math.log10(abs(value)))
    return f"{value:.{min(max(digits, 0), 6)}f}" if abs(value) >= 1e-4 else f"{value:.1e}"


def whole(value: float | None) -> str:
    """A count with thousands set apart.

    >>> whole(1234567)
    '1,234,567'
    """
    return "—" if value is None else f"{round(value):,}"


def measured(metrics: Values) -> str:
    """Metrics in one line; the loss, which says least to a person, last.

    >>> measured({"loss": 0.5, "cer": 0.02})
    'cer 0.02000  loss 0.5000'
    """
    names = sorted(metrics, key=lambda name: name == "loss")
    return "  ".join(f"{name} {number(metrics[name])}" for name in names)


def clock(seconds: float) -> str:
    """Minutes and seconds, hours where there are any.

    >>> clock(75.2), clock(3675)
    ('1:15', '1:01:15')
    """
    minutes, rest = divmod(round(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def remaining(seconds: float, progress: float) -> str:
    """The time left if the rest goes as the run went so far.

    Args:
        seconds: Time since the run began.
        progress: The part of it that is done, 0 to 1.

    Example:
        >>> remaining(30, 0.25), remaining(0.1, 0)
        ('1:30 left', 'time left unknown')
    """
    if progress < 0.001:
        return "time left unknown"
    return f"{clock(seconds * (1 - progress) / progress)} left"


_ENDS = {
    "epochs": "all epochs are done",
    "max_time": "the time is up",
    "steps": "all steps are done",
    "examples": "as many samples are seen as were allowed",
    "patience": "it made no more progress",
    "interrupted": "it was interrupted",
}


def ended(stopped: str) -> str:
    """Why a run is over, in words.

    >>> ended("max_time")
    'ended: the time is up'
    """
    return f"ended: {_ENDS.get(stopped, stopped)}"


def planned(plan: RunPlan) -> str:
    """What lies ahead, in one line."""
    from tidegate.report.tasks.registry import page_of

    limits = [f"{plan.epochs} epochs"] if plan.epochs else []
    limits += [clock(plan.max_time)] if plan.max_time else []
    limits += [f"{whole(plan.steps)} steps"] if plan.steps else []
    limits += [f"{whole(plan.examples)} {page_of(plan.task).words.many} seen"] if plan.examples else []
    samples = ", ".join(f"{whole(count)} {split}" for split, count in plan.samples.items() if count)
    return f"{plan.task}: {samples}; {whole(plan.parameters)} parameters; at most {' or '.join(limits)}"


def print_json(value: Mapping[str, object] | Sequence[object]) -> None:
    """One JSON document on stdout. NaN and infinity, which JSON has not, become null."""
    print(json_text(value))


def json_text(value: Mapping[str, object] | Sequence[object]) -> str:
    """What ``print_json`` prints."""
    return json.dumps(_finite(value), ensure_ascii=False, indent=2)


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def print_pairs(pairs: Sequence[tuple[str, str]]) -> None:
    """Names and values in two columns."""
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        print(f"{name:{width}}  {value}")


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> None:
    """Columns as wide as their widest cell.

    Args:
        head: The names of the columns.
        rows: The cells.
        left: How many columns are text; the ones after them are numbers, and stand to the right.
    """
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = [
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def print_warnings(notes: Iterable[str]) -> None:
    """What a person should know, on stderr."""
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def print_findings(findings: Iterable[Finding]) -> None:
    """What was read as what, and what else a person should know, on stderr."""
    for finding in findings:
        print(finding.line, file=sys.stderr)


def without_loss(metrics: Mapping[str, float]) -> dict[str, float]:
    """The figures that programs compare; the loss is in the run folder, and means something to its own run only."""
    return {name: value for name, value in metrics.items() if name != "loss"}
