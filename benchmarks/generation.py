"""Symbols a second that a language model writes on one thread: native engine, reference, and loops over torch.nn.

    OMP_NUM_THREADS=1 python benchmarks/generation.py [--rounds 7]

Random weights; an embedding as large as a layer, temperature 0.8. The loops over torch.nn are what a careful user would
write, in `inference_mode`: embedding, a step, a linear layer, softmax and `torch.multinomial`; `torch_nn` steps by
`torch.nn.LSTM` and its kin, `torch_cells` by `torch.nn.LSTMCell` and its kin. Before anything is timed, the reference
must write the native engine's text, and torch.nn must give its scores to 1e-4.

Contenders take turns, round by round, and medians are written: of symbols per wall-clock second, and per second of
processor time, which says more where others use the machine; `load` is how many processes did, over the last minute.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tidegate.errors import TrainingError
from tidegate.files import write_json
from tidegate.ops.generation.generate import GenerationLayer, GenerationModel, Sampling, generate, next_scores
from tidegate.ops.recurrence.cells import Weights
from tidegate.training.environment import environment

HERE = Path(__file__).parent
LAYERS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "elman": torch.nn.RNN}
CELLS = {"lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell, "elman": torch.nn.RNNCell}
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
ROUND_SECONDS = 0.25  # of each contender, about


@dataclass(frozen=True)
class Row:
    cell: str
    hidden: int
    layers: int = 1
    symbols: int = 65
    top_k: int | None = None
    top_p: float | None = None

    @property
    def name(self) -> str:
        ways = [f"top_k {self.top_k}"] if self.top_k else [f"top_p {self.top_p}"] if self.top_p else []
        size = f"{self.cell} {self.hidden}" + (f" x {self.layers}" if self.layers > 1 else "")
        return ", ".join([size, f"{self.symbols} symbols", *ways])


ROWS = (
    Row("lstm", 128),
    Row("gru", 128),
    Row("elman", 128),
    Row("lstm", 512, layers=2),
    Row("lstm", 128, top_k=20),
    Row("lstm", 128, top_p=0.9),
    Row("lstm", 512, symbols=10_000),
    Row("lstm", 512, symbols=10_000, top_k=40),
)


class Contenders:
    """One model, three ways to write with it. Each is called with a number of symbols."""

    def __init__(self, row: Row) -> None:
        torch.manual_seed(0)
        self.row = row
        self.embedding = torch.nn.Embedding(row.symbols, row.hidden)
        self.layers = LAYERS[row.cell](row.hidden, row.hidden, row.layers)
        self.output = torch.nn.Linear(row.hidden, row.symbols)
        with torch.no_grad():
            self.output.weight.mul_(8)  # scores as uneven as those of a trained model
        self.cells = [self.cell_of(number) for number in range(row.layers)]
        parts = [
            GenerationLayer(row.cell, Weights(*(getattr(self.layers, f"{one}_l{number}") for one in NAMES)))
            for number in range(row.layers)
        ]
        self.model = GenerationModel(
            self.embedding.weight, tuple(parts), self.output.weight, self.output.bias
        )
        self.sampling = Sampling(temperature=0.8, top_k=row.top_k, top_p=row.top_p)

    def cell_of(self, number: int) -> torch.nn.RNNCellBase:
        """A layer as torch's cell, of the same weights."""
        cell = CELLS[self.row.cell](self.row.hidden, self.row.hidden)
        for name in NAMES:
            setattr(cell, name, getattr(self.layers, f"{name}_l{number}"))
        return cell

    def ways(self) -> dict[str, Callable[[int], object]]:
        ways: dict[str, Callable[[int], object]] = {
            "native": lambda count: self.written("native", count),
            "reference": lambda count: self.written("reference", count),
        }
        if self.row.top_k is None and self.row.top_p is None:
            ways["torch_nn"] = self.torch_loop
            ways["torch_cells"] = self.torch_cells_loop
        return ways

    def written(self, engine: str, count: int) -> list[int]:
        chunks = generate(self.model, None, 1, count, self.sampling, engine=engine)
        return [symbol for chunk in chunks for symbol in chunk.symbols.tolist()]

    @torch.inference_mode()
    def torch_loop(self, count: int) -> list[int]:
        symbol, state, written = torch.tensor([1]), None, list[int]()
        for _ in range(count):
            y, state = self.layers(self.embedding(symbol), state)
            symbol = self.drawn(y[0])
            written.append(int(symbol))
        return written

    @torch.inference_mode()
    def torch_cells_loop(self, count: int) -> list[int]:
        symbol, states, written = torch.tensor([1]), [None] * len(self.cells), list[int]()
        for _ in range(count):
            x = self.embedding(symbol)
            for number, cell in enumerate(self.cells):
                states[number] = cell(x, states[number])
                x = states[number][0] if isinstance(states[number], tuple) else states[number]
            symbol = self.drawn(x[0])
            written.append(int(symbol))
        return written

    def drawn(self, top: torch.Tensor) -> torch.Tensor:
        return torch.multinomial(torch.softmax(self.output(top) / 0.8, dim=0), 1)

    @torch.inference_mode()
    def check(self) -> None:
        """The same answer, before it is timed."""
        if self.written("native", 100) != self.written("reference", 100):
            raise TrainingError("the engines do not write the same text", where=self.row.name)
        x = self.embedding(torch.tensor([1]))
        tops = [self.layers(x)[0][0]]
        for cell in self.cells:
            after = cell(x)
            x = after[0] if isinstance(after, tuple) else after
        ours = next_scores(self.model, self.model.zero_state(), 1)
        error = max(float(np.abs(self.output(top).numpy() - ours).max()) for top in (*tops, x[0]))
        if not error < 1e-4:
            raise TrainingError(
                "scores are not torch's", where=self.row.name, expected="1e-4", got=f"{error:.1e}"
            )


def measure(row: Row, rounds: int) -> dict[str, object]:
    contenders = Contenders(row)
    contenders.check()
    ways = contenders.ways()
    counts, speeds = dict[str, int](), {name: list[tuple[float, float]]() for name in ways}
    for name, way in ways.items():
        way(5)
        begun = time.perf_counter()
        way(20)
        counts[name] = max(20, round(20 * ROUND_SECONDS / (time.perf_counter() - begun)))
    for _ in range(rounds):
        for name, way in ways.items():
            begun, processor_begun = time.perf_counter(), time.process_time()
            way(counts[name])
            wall, processor = time.perf_counter() - begun, time.process_time() - processor_begun
            speeds[name].append((counts[name] / wall, counts[name] / processor))
    per_second, per_processor_second = (
        {name: round(statistics.median(pair[which] for pair in found), 1) for name, found in speeds.items()}
        for which in (0, 1)
    )
    native = per_processor_second["native"]
    return {
        "per_second": per_second,
        "per_processor_second": per_processor_second,
        "native_over": {
            name: round(native / one, 1) for name, one in per_processor_second.items() if name != "native"
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--out", type=Path, default=HERE / "generation.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = {row.name: measure(row, options.rounds) for row in ROWS if options.only in row.name}
    machine = {k: v for k, v in environment(1, "cpu").to_json().items() if k not in ("command", "started")}
    load = round(os.getloadavg()[0], 1)
    result = {"rounds": options.rounds, "symbols": rows, "machine": machine, "load": load}
    write_json(options.out, result)
    print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
