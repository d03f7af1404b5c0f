"""Signals drawn on the spot, in files or without, and a short training, for the tests of ``signal``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.config.tables import InitialiseSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.signal_set import Signal
from tidegate.models.build import build
from tidegate.models.network import Network
from tidegate.network.vgsl import parse
from tidegate.nn.initialise import initialise
from tidegate.tasks.contract import Prepared
from tidegate.tasks.signal.problem import SignalProblem, Values
from tidegate.tasks.signal.reading import Shape
from tidegate.tasks.signal.scaling import Scaling, fit_scaling

CLASSES = ("ebb", "flow", "slack")


def signals(count: int = 36, channels: int = 2, seed: int = 0, *, valued: bool = False) -> list[Signal]:
    """Falling, rising and level lines with noise, 12 to 30 steps; or as many values as their slope."""
    chance = np.random.default_rng(seed)
    made: list[Signal] = []
    for number in range(count):
        length = int(chance.integers(12, 31))
        slope = (-1.0, 1.0, 0.0)[number % 3] if not valued else float(chance.uniform(-1, 1))
        line = slope * np.linspace(-2, 2, length)[:, None] * np.linspace(1, 3, channels)
        values = (5 + line + chance.normal(0, 0.2, (length, channels))).astype(np.float32)
        target = f"{10 * slope:.3f}" if valued else CLASSES[number % 3]
        made.append(Signal(f"s:{number}", values, target))
    return made


def written(path: Path, some: Sequence[Signal], *, valued: bool = False) -> Path:
    """The signals as a ``.ts`` file."""
    names = " ".join(sorted({one.target for one in some}))
    head = ["@problemName tides", "@timeStamps false", f"@dimensions {some[0].values.shape[1]}"]
    head += ["@equalLength false", "@targetLabel true" if valued else f"@classLabel true {names}", "@data"]
    rows = [
        ":".join([*(",".join(f"{v:.6f}" for v in channel) for channel in one.values.T), one.target])
        for one in some
    ]
    path.write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")
    return path


def specification(**keys: Any) -> RunSpec:
    """A run's, small and quick."""
    given: dict[str, Any] = {
        "task": "signal",
        "train": {"batch_size": 8, "epochs": 3, "average": 0, "threads": 1},
    }
    return resolve(given, keys)


def problem_of(
    text: str, some: Sequence[Signal], *, valued: bool = False, **keys: Any
) -> tuple[SignalProblem, Network]:
    """A problem and its network, as training would make them of these signals, with weights as drawn."""
    spec = specification(signal=keys)
    values = [one.values for one in some]
    targets = [float(one.target) for one in some] if valued else []
    mask = values[0].shape[1] - 1 if spec.settings(SignalSpec).missing == "mask" else None
    names = [str(number) for number in range(values[0].shape[1])]
    if mask is not None:
        names[mask] = "missing"
    problem = SignalProblem(
        () if valued else CLASSES,
        Values(float(np.mean(targets)), float(np.std(targets))) if valued else None,
        Shape(tuple(names)),
        fit_scaling(values, spec.settings(SignalSpec).scaling, mask)
        if spec.settings(SignalSpec).scaling != "none"
        else Scaling("none"),
        parse(text),
        spec,
    )
    return problem, drawn(problem)


def drawn(problem: SignalProblem, seed: int = 0) -> Network:
    """A network with weights of its own, in evaluation mode."""
    torch.manual_seed(seed)
    network = build(problem.architecture, problem.symbols)
    initialise(network, InitialiseSpec(), torch.Generator().manual_seed(seed))
    for name, parameter in network.named_parameters():
        if name.endswith("context"):  # Attention begins as a mean.
            nn.init.normal_(parameter, generator=torch.Generator().manual_seed(seed))
    return network.eval()


def learn(prepared: Prepared, network: nn.Module, epochs: int, rate: float = 0.02) -> list[float]:
    """Adam, a few epochs; the mean loss of each."""
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    split = prepared.splits["train"]
    network.train()
    losses: list[float] = []
    for epoch in range(epochs):
        total: list[float] = []
        for indices in split.plan(8, 0, epoch):
            loss, _ = prepared.problem.learn(network, split.batch(indices), ())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total.append(float(loss.detach()))
        losses.append(sum(total) / len(total))
    network.eval()
    return losses
