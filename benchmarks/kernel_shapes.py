"""The recurrent layers that `kernels.py` measures, and the FLOPs that count.

Letters: B sequences, T steps, F features, H hidden units, L layers, G row blocks of a weight (RNN 1, GRU 3, LSTM 4).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, Literal

Cell = Literal["lstm", "gru", "rnn"]
CELLS: tuple[Cell, ...] = ("lstm", "gru", "rnn")
GATES: dict[Cell, int] = {"lstm": 4, "gru": 3, "rnn": 1}

Mode = Literal["train", "forward", "step"]
MODES: tuple[Mode, ...] = ("train", "forward")
"""What a list measures. "step" is one step of a stream, and belongs to the list "stream"."""

LENGTHS = ("padded", "variable")


@dataclass(frozen=True)
class Shape:
    """One row of a result file before it is measured; together the fields are the row's key."""

    list: str
    cell: Cell
    direction: Literal["uni", "bi"]
    B: int
    T: int
    F: int
    H: int
    layers: int
    lengths: Literal["padded", "variable"]
    mode: Mode
    threads: int = 1

    @property
    def directions(self) -> int:
        return 2 if self.direction == "bi" else 1

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(str(value) for value in asdict(self).values())

    def __str__(self) -> str:
        name = ("bi" if self.direction == "bi" else "") + self.cell
        layers = f" L{self.layers}" if self.layers > 1 else ""
        sizes = f"B{self.B} T{self.T} F{self.F} H{self.H}{layers}"
        return f"{name} {sizes} {self.lengths} {self.mode}, {self.threads} thread{'s'[: self.threads > 1]}"

    def drawn_lengths(self) -> list[int]:
        """True lengths, longest first: all T, or uniform in T/4…T. The same shape draws the same."""
        if self.lengths == "padded":
            return [self.T] * self.B
        draw = random.Random(f"{self.B} {self.T}")
        # One sequence fills the time axis, as in a batch that was padded to its longest.
        drawn = [draw.randint(max(1, self.T // 4), self.T) for _ in range(self.B - 1)]
        return sorted([self.T, *drawn], reverse=True)

    def flops(self) -> int:
        """The multiplications and additions that the answer needs: those of true steps, and of matrices alone.

        Forward 2·N·G·H·(F + H) a direction and layer, with N the sum of the lengths. Backward twice that: once for
        the gradients of inputs and states, once for those of the weights.
        """
        steps, width, total = sum(self.drawn_lengths()), self.F, 0
        for _ in range(self.layers):
            total += 2 * steps * GATES[self.cell] * self.H * (width + self.H) * self.directions
            width = self.directions * self.H
        return 3 * total if self.mode == "train" else total


def deepbench() -> Iterator[Shape]:
    """DeepBench's recurrent layers, as many features as hidden units.

    Its vanilla layers are measured with tanh.
    """
    trained: list[tuple[Cell, int, tuple[int, ...], int]] = [
        ("lstm", 256, (16, 32, 64), 150),
        ("lstm", 512, (16, 32, 64, 128), 25),
        ("lstm", 1024, (16, 32), 25),
        ("lstm", 1536, (8,), 50),
        ("gru", 512, (32,), 1),
        ("gru", 1536, (32,), 187),
        ("gru", 1024, (32,), 1500),
        ("rnn", 1760, (16, 32), 50),
    ]
    # The device list's LSTM (256, 1, 150) is among those of the server list.
    inferred: list[tuple[Cell, int, tuple[int, ...], int]] = [
        ("lstm", 512, (1, 2, 4), 25),
        ("lstm", 1024, (1, 2, 4), 25),
        ("lstm", 1536, (1, 2, 4), 50),
        ("lstm", 256, (1, 2, 4), 150),
        ("gru", 512, (1, 2, 4), 1),
        ("gru", 1024, (1, 2, 4), 1500),
        ("gru", 1536, (1, 2, 4), 187),
        ("rnn", 32, (1,), 672),
        ("rnn", 64, (1,), 96),
    ]
    modes: tuple[Mode, Mode] = ("train", "forward")
    for mode, rows in zip(modes, (trained, inferred), strict=True):
        for cell, hidden, batches, time in rows:
            for batch in batches:
                yield Shape("deepbench", cell, "uni", batch, time, hidden, hidden, 1, "padded", mode)


def bugs() -> Iterator[Shape]:
    """Layers that people reported as slow, and packed sequences against padded ones (pytorch issue 149194)."""
    for mode in MODES:
        yield Shape("bugs", "gru", "bi", 1, 128, 384, 256, 1, "padded", mode)
        yield Shape("bugs", "lstm", "uni", 8, 2000, 256, 256, 2, "padded", mode)
        yield Shape("bugs", "lstm", "uni", 500, 5, 510, 32, 1, "padded", mode)
        for time, features in ((63, 24), (31, 48), (15, 96)):
            yield Shape("bugs", "lstm", "bi", 1, time, features, 32, 1, "padded", mode)
        for time, lengths in product((10, 100, 1000, 4000), LENGTHS):
            yield Shape("bugs", "lstm", "uni", 8, time, 64, 64, 1, lengths, mode)


def grid() -> Iterator[Shape]:
    """What recognition, tagging and forecasting usually train."""
    batches, times, hiddens = (8, 16, 32, 64), (20, 60, 120), (64, 100, 128, 200, 256)
    for cell, direction, lengths, mode in product(CELLS, ("uni", "bi"), LENGTHS, MODES):
        for batch, time, hidden, features in product(batches, times, hiddens, (64, 128, 256)):
            yield Shape("grid", cell, direction, batch, time, features, hidden, 1, lengths, mode)


def stream() -> Iterator[Shape]:
    """One step of one sequence with the state carried on: what a live recogniser waits for."""
    for cell in CELLS:
        yield Shape("stream", cell, "uni", 1, 1, 128, 128, 1, "padded", "step")


LISTS = {"deepbench": deepbench, "bugs": bugs, "stream": stream, "grid": grid}


def chosen(lists: list[str], sample: int | None, **only: list[Any]) -> list[Shape]:
    """The shapes of some lists, for every number of threads, in the order to measure them.

    Args:
        lists: Names in `LISTS`.
        sample: So many shapes of the grid, drawn with a fixed seed; ``None``: all.
        only: Values that a field may have, by its name; must hold ``threads``. A stream's step counts as forward.
    """
    threads = only.pop("threads")
    shapes: list[Shape] = []
    for name in lists:
        wanted = [shape for shape in LISTS[name]() if _among(shape, only)]
        if name == "grid":
            # In a random order, so that a run which its budget ends early is a fair sample of the grid.
            random.Random(0).shuffle(wanted)
            wanted = wanted[:sample]
        shapes += wanted
    return [Shape(**{**asdict(shape), "threads": count}) for shape in shapes for count in threads]


def _among(shape: Shape, only: dict[str, list[Any]]) -> bool:
    fields = {**asdict(shape), "mode": "train" if shape.mode == "train" else "forward"}
    return all(fields[name] in values for name, values in only.items())
