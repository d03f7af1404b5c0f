"""What a result file of `kernels.py` says: targets met and missed, the worst rows, and all that is slower than torch."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from kernel_shapes import LISTS, Shape

Row = dict[str, str]


@dataclass(frozen=True)
class Target:
    """What a group of rows should reach, each number of threads for itself."""

    name: str
    column: str
    least: float
    where: dict[str, str | tuple[str, ...]]
    cells: tuple[str, ...] = ("lstm", "gru", "rnn")
    share: bool = False

    def rows(self, rows: list[Row]) -> list[Row]:
        found = [row for row in rows if row["cell"] in self.cells and _matches(row, self.where)]
        # A share of the peak is asked of layers whose matrices are large enough to reach it, in any list.
        return [row for row in found if int(row["H"]) >= 128 and int(row["B"]) >= 16] if self.share else found

    def value(self, rows: list[Row]) -> float:
        """The geometric mean of ratios, the median of shares."""
        numbers = [float(row[self.column]) for row in rows]
        return statistics.median(numbers) if self.share else statistics.geometric_mean(numbers)


_TRAIN = {"list": "grid", "mode": "train"}
_LISTS = tuple(name for name in LISTS if name != "stream")

TARGETS = (
    Target(
        "training, lengths vary, both directions, over torch",
        *("ratio_torch", 6.0, {**_TRAIN, "lengths": "variable", "direction": "bi"}, ("lstm", "gru")),
    ),
    Target(
        "training, lengths vary, one direction, over torch",
        *("ratio_torch", 5.0, {**_TRAIN, "lengths": "variable", "direction": "uni"}, ("lstm", "gru")),
    ),
    Target(
        "training, padded, over torch",
        *("ratio_torch", 3.0, {**_TRAIN, "lengths": "padded"}, ("gru", "rnn")),
    ),
    Target(
        "training, padded, over torch",
        *("ratio_torch", 1.4, {**_TRAIN, "lengths": "padded"}, ("lstm",)),
    ),
    Target(
        "forward only, over the better of torch and ONNX Runtime",
        *("ratio_best", 1.5, {"list": "grid", "mode": "forward"}),
    ),
    Target(
        "training, H ≥ 128 and B ≥ 16, share of the peak",
        *("ours_share", 0.60, {"list": _LISTS, "mode": "train"}),
        share=True,
    ),
    Target(
        "forward only, H ≥ 128 and B ≥ 16, share of the peak",
        *("ours_share", 0.75, {"list": _LISTS, "mode": "forward"}),
        share=True,
    ),
)

SLOWER = 0.95
"""A ratio to torch below this counts as slower: nearer to 1 is noise."""


def read_rows(path: Path) -> list[Row]:
    """The whole rows of a result file; a killed run may have left the last one torn."""
    text = path.read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1])))


def row_key(row: Row) -> tuple[str, ...]:
    """`Shape.key` of a row."""
    return tuple(row[one.name] for one in fields(Shape))


def summary(rows: list[Row]) -> str:
    """All of it, as Markdown."""
    parts = [_targets(rows), _lists(rows), _stream(rows)]
    for target in TARGETS:
        if target.share:
            parts.append(_worst(target, rows))
    return "\n\n".join([part for part in [*parts, _slower(rows)] if part])


def _targets(rows: list[Row]) -> str:
    """A line a target and cell. Ratios are times as fast, geometric means; shares are medians."""
    threads = _threads(rows)
    head = ["what", "cells", *(f"{_count(one, 'thread')} (rows)" for one in threads), "target", ""]
    lines: list[list[str]] = []
    for target in TARGETS:
        groups = (
            [target.cells, *((cell,) for cell in target.cells)] if len(target.cells) > 1 else [target.cells]
        )
        for cells in groups:
            of_cells = [row for row in target.rows(rows) if row["cell"] in cells]
            if not of_cells:
                continue
            each = {one: [row for row in of_cells if row["threads"] == one] for one in threads}
            values = {one: target.value(found) for one, found in each.items() if found}
            missed = [one for one, value in values.items() if value < target.least]
            numbers = [
                f"{_number(target, values[one])} ({len(each[one])})" if one in values else ""
                for one in threads
            ]
            verdict = f"missed at {_count(' and '.join(missed), 'thread')}" if missed else "met"
            name = target.name if cells == target.cells else ""
            lines.append(
                [name, " + ".join(cells).upper(), *numbers, f"≥ {_number(target, target.least)}", verdict]
            )
    return "### Targets\n\n" + _table(head, lines)


def _lists(rows: list[Row]) -> str:
    """Every list for itself, by mode and lengths: geometric means."""
    head = ["list", "mode", "lengths", "rows", "over torch", "over the better one", "median share of peak"]
    lines: list[list[str]] = []
    for key in dict.fromkeys((row["list"], row["mode"], row["lengths"]) for row in rows):
        found = [row for row in rows if (row["list"], row["mode"], row["lengths"]) == key]
        means = [
            statistics.geometric_mean(float(row[column]) for row in found)
            for column in ("ratio_torch", "ratio_best")
        ]
        share = statistics.median(float(row["ours_share"]) for row in found)
        lines.append([*key, str(len(found)), *(f"{mean:.2f}×" for mean in means), f"{share:.0%}"])
    return "### Lists\n\n" + _table(head, lines)


def _stream(rows: list[Row]) -> str:
    found = [row for row in rows if row["list"] == "stream"]
    head = ["step of a stream, microseconds", "threads", "ours", "torch", "ONNX Runtime"]
    lines = [
        [f"{row['cell'].upper()} {row['H']}", row["threads"], *(_microseconds(row, name) for name in _NAMES)]
        for row in found
    ]
    return "### Streaming, B = 1, T = 1\n\n" + _table(head, lines) if found else ""


def _worst(target: Target, rows: list[Row], count: int = 10) -> str:
    found = sorted(target.rows(rows), key=lambda row: float(row[target.column]))[:count]
    head = ["row", "share", "ours GFLOP/s", "peak", "over torch"]
    lines = [
        [
            _name(row),
            f"{float(row['ours_share']):.0%}",
            row["ours_gflops"],
            row["peak_gflops"],
            f"{row['ratio_torch']}×",
        ]
        for row in found
    ]
    return f"### The worst of: {target.name}\n\n" + _table(head, lines) if found else ""


def _slower(rows: list[Row]) -> str:
    found = sorted(
        (row for row in rows if float(row["ratio_torch"]) < SLOWER), key=lambda row: float(row["ratio_torch"])
    )
    title = f"### Slower than {SLOWER} × torch: {len(found)} of {len(rows)} rows"
    lines = [[_name(row), f"{row['ratio_torch']}×", row["ours_ms"], row["torch_ms"]] for row in found]
    return title + ("\n\n" + _table(["row", "ratio", "ours ms", "torch ms"], lines) if found else "")


_NAMES = ("ours", "torch", "ort")


def _matches(row: Row, where: dict[str, str | tuple[str, ...]]) -> bool:
    return all(row[name] in ((value,) if isinstance(value, str) else value) for name, value in where.items())


def _threads(rows: list[Row]) -> list[str]:
    return sorted({row["threads"] for row in rows}, key=int)


def _number(target: Target, value: float) -> str:
    return f"{value:.0%}" if target.share else f"{value:.2f}×"


def _microseconds(row: Row, name: str) -> str:
    return f"{float(row[f'{name}_ms']) * 1000:.1f}"


def _count(number: str, noun: str) -> str:
    return f"{number} {noun}{'' if number == '1' else 's'}"


def _name(row: Row) -> str:
    typed = {one.name: row[one.name] for one in fields(Shape)}
    for name in ("B", "T", "F", "H", "layers", "threads"):
        typed[name] = int(typed[name])
    return f"{row['list']}: {Shape(**typed)}"


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rule = ["---"] * len(head)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *lines])
