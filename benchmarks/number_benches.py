"""The rows of `number_models.py`: made series and signals, a problem of Tidegate's on them, and the same network on
torch.nn, which starts from the same weights and has given the same answers, loss and gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from number_models_torch import (
    BesideFcn,
    Crdnn,
    Direct,
    Forecasting,
    Recurrent,
    Recursive,
    Segmentwise,
    check_same,
    take_weights,
)
from torch import Tensor, nn
from torch.nn import functional
from words import Step, shuffled, started, training_step

from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.models.network import parameters
from tidegate.tasks.registry import task_named
from tidegate.tasks.signal.problem import EVALUATION_BATCH


@dataclass(frozen=True)
class ForecastRow:
    """A forecasting network.

    Attributes:
        cell: lstm, gru or rnn.
        hidden: H.
        layers: On top of each other.
        decoder: As in `[forecast]`.
        both: Whether it reads both ways.
        horizon: Steps to forecast.
    """

    cell: str
    hidden: int
    layers: int = 1
    decoder: str = "direct"
    both: bool = False
    horizon: int = 96
    lookback: int = 96
    segment: int = 24
    variables: int = 7
    rows: int = 4000
    batch_size: int = 64
    steps: int = 1  # of a contender and round

    @property
    def name(self) -> str:
        cell = f"{'bi' if self.both else ''}{self.cell}"
        return f"forecast, {self.decoder} {cell} {self.layers}x{self.hidden}"


@dataclass(frozen=True)
class SignalRow:
    """A preset for signals."""

    preset: str
    hidden: int | None = None
    channels: int = 12
    classes: int = 9
    longest: int = 200
    sequences: int = 640
    batch_size: int = 32
    steps: int = 2

    @property
    def name(self) -> str:
        return f"signal, {self.preset}"


ROWS: tuple[ForecastRow | SignalRow, ...] = (
    ForecastRow("lstm", 132, layers=2),
    ForecastRow("gru", 152, layers=2),
    ForecastRow("rnn", 256, layers=2),
    ForecastRow("gru", 176, both=True),
    ForecastRow("gru", 256, decoder="segment", steps=4),
    ForecastRow("lstm", 164, decoder="segment", steps=4),
    ForecastRow("gru", 128, decoder="recursive", horizon=24),
    SignalRow("bilstm"),
    SignalRow("gru"),
    SignalRow("lstm-fcn"),
    SignalRow("crdnn"),
)
Batch = Any


@dataclass(frozen=True)
class Bench:
    """What is timed.

    Attributes:
        name: Of the row, and what is done.
        unit: What is counted.
        ways: A step of each contender, on a batch; "ours" is the first.
        make: The batch of a number.
        count: Of a batch.
        steps: Of a contender and round.
        parameters: Of the network.
    """

    name: str
    unit: str
    ways: Mapping[str, Step]
    make: Callable[[int], Batch]
    count: Callable[[Batch], int]
    steps: int
    parameters: int


def write_series(path: Path, row: ForecastRow) -> None:
    """Hourly rows with days, weeks and noise that lasts."""
    chance = np.random.default_rng(0)
    hours = np.arange(row.rows)[:, None]
    phase, noise = chance.uniform(0, 6, (2, row.variables)), chance.normal(size=(row.rows, row.variables))
    values = np.sin(hours / 24 * 2 * np.pi + phase[0]) + 0.5 * np.sin(hours / 168 * 2 * np.pi + phase[1])
    for place in range(1, row.rows):
        noise[place] = 0.9 * noise[place - 1] + 0.3 * noise[place]
    times = np.datetime64("2016-07-01T00", "h") + np.arange(row.rows)
    lines = [",".join(["date", *(f"v{one}" for one in range(row.variables))])]
    lines += [
        ",".join([str(one).replace("T", " ") + ":00:00", *(f"{value:.5f}" for value in numbers)])
        for one, numbers in zip(times, values + noise, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def forecast_spec(row: ForecastRow, table: Path) -> RunSpec:
    sizes = {"hidden": row.hidden, "layers": row.layers, "bidirectional": row.both}
    how = {"decoder": row.decoder, **({"segment": row.segment} if row.decoder == "segment" else {})}
    windows = {"lookback": row.lookback, "horizon": row.horizon, "calendar": False, "normalise": "last"}
    preset = "segrnn" if row.decoder == "segment" else row.cell
    cell = {"rnn": "elman"}.get(row.cell, row.cell)
    return resolve(
        {
            "task": "forecast",
            "data": {"source": str(table), "split": "0.6/0.2/0.2"},
            "model": {"preset": preset, "cell": cell, "dropout": 0.0, **sizes},
            "forecast": {**how, **windows, "loss": "mse"},
            "train": {"batch_size": row.batch_size},
        }
    )


def torch_forecaster(row: ForecastRow) -> Forecasting:
    if row.decoder == "segment":
        return Segmentwise(row.cell, row.hidden, row.segment, row.horizon)
    if row.decoder == "recursive":
        return Recursive(row.cell, row.hidden, row.horizon)
    return Direct(row.cell, row.hidden, row.layers, row.both, row.horizon)


def forecast_benches(row: ForecastRow, folder: Path) -> list[Bench]:
    """Training and forecasting."""
    table = folder / "series.csv"
    write_series(table, row)
    prepared = task_named("forecast").prepare(forecast_spec(row, table))
    problem, spec, split, test = (
        prepared.problem,
        prepared.spec,
        prepared.splits["train"],
        prepared.splits["test"],
    )
    ours = started(problem.network(), spec)
    theirs = take_weights(torch_forecaster(row), ours)

    def loss(batch: Batch) -> Tensor:
        return functional.mse_loss(theirs(batch.window.past), batch.targets)

    plan = split.plan(row.batch_size, 0, 0)
    batch = split.batch(plan[0])
    losses = {"ours": problem.learn(ours, batch, ())[0], "torch": loss(batch)}
    answers = {"ours": ours(batch.window)[..., 0], "torch": theirs(batch.window.past)}
    check_same(row.name, {"ours": ours, "torch": theirs}, answers, losses)
    # As an evaluation cuts them.
    in_order = [one.samples for one in test.in_order()]
    starts = np.cumsum([0, *in_order])[:-1]
    pieces = [range(start, start + size) for start, size in zip(starts.tolist(), in_order, strict=True)]
    training = {
        "ours": training_step(ours, lambda batch: problem.learn(ours, batch, ())[0], spec),
        "torch": training_step(theirs, loss, spec),
    }
    forecasting = {
        "ours": answering(ours, lambda batch: ours(batch.window).numpy()),
        "torch": answering(theirs, lambda batch: theirs(batch.window.past).numpy()),
    }

    def count(batch: Batch) -> int:
        return batch.samples * row.variables

    def bench(what: str, ways: Mapping[str, Step], make: Callable[[int], Batch]) -> Bench:
        return Bench(f"{row.name}: {what}", "windows", ways, make, count, row.steps, parameters(ours))

    return [
        bench("training", training, lambda number: split.batch(plan[number % len(plan)])),
        bench("forecasting", forecasting, lambda number: test.batch(pieces[number % len(pieces)])),
    ]


def write_signals(path: Path, row: SignalRow) -> None:
    """Noise, of lengths uniform in a quarter of the longest to it."""
    chance = np.random.default_rng(0)
    lengths = chance.integers(row.longest // 4, row.longest + 1, row.sequences)
    values = chance.normal(size=(int(lengths.sum()), row.channels)).astype(np.float32)
    labels = np.arange(row.sequences) % row.classes
    np.savez(path, values=values, lengths=lengths, y=np.array([f"c{one}" for one in labels]))


def signal_spec(row: SignalRow, file: Path) -> RunSpec:
    sizes = {} if row.hidden is None else {"hidden": row.hidden}
    return resolve(
        {
            "task": "signal",
            "data": {"train": str(file), "valid": str(file)},
            "model": {"preset": row.preset, **sizes},
            "train": {"batch_size": row.batch_size},
        }
    )


def torch_signals(row: SignalRow) -> nn.Module:
    channels, classes = row.channels, row.classes
    if row.preset == "lstm-fcn":
        return BesideFcn(channels, row.hidden or 64, classes)
    if row.preset == "crdnn":
        return Crdnn(channels, row.hidden or 128, classes)
    both = row.preset.startswith("bi")
    return Recurrent(row.preset.removeprefix("bi"), channels, row.hidden or 100, both, classes, 0.2)


def signal_benches(row: SignalRow, folder: Path) -> list[Bench]:
    """Training and predicting."""
    file = folder / "signals.npz"
    write_signals(file, row)
    prepared = task_named("signal").prepare(signal_spec(row, file))
    problem, spec, split = prepared.problem, prepared.spec, prepared.splits["train"]
    ours = started(problem.network(), spec)
    theirs = take_weights(torch_signals(row), ours)

    def scores(batch: Batch) -> Tensor:
        return theirs(batch.inputs[:, :, 0], batch.lengths)

    def loss(batch: Batch) -> Tensor:
        return functional.cross_entropy(scores(batch), batch.targets.long())

    plan = split.plan(row.batch_size, 0, 0)
    tested = shuffled(split.plan_in_order(EVALUATION_BATCH))
    batch = split.batch(plan[0])
    losses = {"ours": problem.learn(ours, batch, ())[0], "torch": loss(batch)}
    answers = {"ours": ours(batch.inputs, batch.lengths)[0], "torch": scores(batch)}
    check_same(row.name, {"ours": ours, "torch": theirs}, answers, losses)
    training = {
        "ours": training_step(ours, lambda batch: problem.learn(ours, batch, ())[0], spec),
        "torch": training_step(theirs, loss, spec),
    }
    predicting = {
        "ours": answering(ours, lambda batch: problem.decode(ours(batch.inputs, batch.lengths)[0], None)),
        "torch": answering(theirs, lambda batch: scores(batch).softmax(dim=1).tolist()),
    }

    def bench(what: str, ways: Mapping[str, Step], plan: Sequence[list[int]]) -> Bench:
        def make(number: int) -> Batch:
            return split.batch(plan[number % len(plan)])

        count = len_of_targets
        return Bench(f"{row.name}: {what}", "sequences", ways, make, count, row.steps, parameters(ours))

    return [bench("training", training, plan), bench("predicting", predicting, tested)]


def len_of_targets(batch: Batch) -> int:
    return len(batch.targets)


def answering(network: nn.Module, find: Step) -> Step:
    @torch.inference_mode()
    def step(batch: Batch) -> object:
        network.eval()
        return find(batch)

    return step
