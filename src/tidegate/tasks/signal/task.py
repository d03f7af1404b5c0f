"""``signal``: a sequence of one or more channels → its class, or a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from tidegate.config.compile import compile_model, compile_run
from tidegate.config.run import RunSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.classes import classes_of
from tidegate.data.finding import settle
from tidegate.data.signals.memory import EXPECTED
from tidegate.data.signals.signal_set import Signal, SignalSet
from tidegate.data.signals.splits import make_signal_splits
from tidegate.data.signals.targets import kind_of, value_of
from tidegate.errors import ConfigError, EmptyDataError, Finding, ShapeError
from tidegate.network.layers import Architecture
from tidegate.network.trace import trace
from tidegate.network.vgsl import parse
from tidegate.tasks.contract import Json, Prepared, Task
from tidegate.tasks.description import Description
from tidegate.tasks.showing import Showing
from tidegate.tasks.signal.augment import check_signal_augment
from tidegate.tasks.signal.baselines import signal_baselines
from tidegate.tasks.signal.describe import describe
from tidegate.tasks.signal.problem import SignalProblem, Values
from tidegate.tasks.signal.reading import Shape, checked
from tidegate.tasks.signal.scaling import Scaling, fit_scaling

MOST_STEPS = 4096
"""A network that needs more steps than this is refused."""


def _problem(spec: RunSpec, train: SignalSet) -> SignalProblem:
    """The problem before its scaling is known."""
    kind = kind_of(train, spec.settings(SignalSpec))
    where = spec.data.train or spec.data.source
    classes = classes_of([one.target for one in train.signals], where=where) if kind == "class" else ()
    architecture = _architecture(spec, len(train.channels), kind)
    shape = Shape(train.channels, train.rate, train.sound_rate, _shortest(architecture), train.step)
    _check_window(spec, shape)
    # What the data decided is written in, so that config.toml is complete.
    spec = spec.with_settings(target=kind)
    values = Values(0.0, 1.0) if kind == "value" else None
    return SignalProblem(classes, values, shape, Scaling("none"), architecture, spec)


def _architecture(spec: RunSpec, channels: int, kind: str) -> Architecture:
    output = "linear" if kind == "value" else "softmax"
    return compile_model(spec.model, "signal", rows=1, channels=channels, kind=output)


def _shortest(architecture: Architecture) -> int:
    """Steps that the network needs at least: poolings drop windows that do not fit.

    >>> _shortest(parse("[1,1,0,2 Cr1,3,8 Mp1,2 Mp1,2 Lfxs8 O0s3]"))
    4
    """
    steps = 1
    while steps <= MOST_STEPS:
        try:
            trace(replace(architecture, input=replace(architecture.input, columns=steps)))
        except ShapeError:
            steps += 1
            continue
        return steps
    raise ShapeError(f"the network does not fit a sequence of {MOST_STEPS} steps", hint="pool less along x")


def _check_window(spec: RunSpec, shape: Shape) -> None:
    window = spec.settings(SignalSpec).window
    # The last window of a sequence may be half of one.
    if window is not None and -(-window // 2) < shape.shortest:
        raise ConfigError(
            "windows are too short for this network",
            where="signal.window",
            expected=f"{2 * shape.shortest} steps or more, since the last window of a sequence may have half of them",
            got=str(window),
            hint="take longer windows, or a network that pools less",
        )


def _usable(
    problem: SignalProblem, sets: Mapping[str, SignalSet]
) -> tuple[dict[str, list[Signal]], list[Finding]]:
    """The signals of each part that the network can learn from or be compared with."""
    good: dict[str, list[Signal]] = {}
    bad: list[Any] = []
    for name, one in sets.items():
        good[name], refused = checked(one.signals, problem.why_not)
        bad += refused
    data = problem.spec.data
    where = str(data.train or data.source)
    total = sum(len(one.signals) for one in sets.values())
    notes = settle(bad, total=total, where=where, skip_bad=data.skip_bad)
    for name, signals in good.items():
        if not signals:
            raise EmptyDataError(f"no signal of the {name} data can be used", where=where)
    return good, notes


def _fitted(problem: SignalProblem, train: Sequence[Signal]) -> SignalProblem:
    """With the scaling of channels and values that the training part has."""
    values = [signal.values for signal in train]
    mask = problem.shape.mask if problem.spec.settings(SignalSpec).missing == "mask" else None
    scaling = fit_scaling(values, problem.spec.settings(SignalSpec).scaling, mask)
    if problem.values is None:
        return replace(problem, scaling=scaling)
    targets = np.array([value_of(signal.target) for signal in train], np.float64)
    deviation = float(targets.std())
    return replace(problem, scaling=scaling, values=Values(float(targets.mean()), deviation or 1.0))


class _Signals(Task):
    name = "signal"
    primary = "accuracy"
    lower_is_better = False
    in_memory = EXPECTED
    # Not shared: a sequence may be too short for one network and not for another.
    showing = Showing(
        columns=100,
        example="a signal of {columns} steps with {channels} channels each",
        counted="{symbols} answers",
    )

    def prepare(self, spec: RunSpec) -> Prepared:
        """Read the signals that a specification names; classes and scaling are those of the training part."""
        check_signal_augment(spec.augment)
        compile_run(spec)  # Before the data are read: they may take longer than a mistake is worth.
        read, record = make_signal_splits(spec.data, spec.settings(SignalSpec), spec.seed)
        sets = {"train": read.train, "valid": read.valid, **({"test": read.test} if read.test else {})}
        problem = _problem(spec, read.train)
        signals, left_out = _usable(problem, sets)
        problem = _fitted(problem, signals["train"])
        splits = {name: problem.split_of(part) for name, part in signals.items()}
        test = signals.get("test", signals["valid"])
        baselines = partial(signal_baselines, signals["train"], test, problem.classes, problem.scaling)
        value = problem.values is not None
        return Prepared(
            problem.spec,
            problem,
            splits,
            record.to_json(),
            [*record.notes, *left_out],
            baselines,
            primary="rmse" if value else None,
            lower_is_better=True if value else None,
        )

    def restore(self, data: Json, spec: RunSpec) -> SignalProblem:
        """Make the problem again from model.json."""
        shape, scaling = data["shape"], data["scaling"]
        mean, deviation = (tuple(scaling[name]) for name in ("mean", "deviation"))
        return SignalProblem(
            tuple(data["classes"]),
            None if data["values"] is None else Values(**data["values"]),
            Shape(
                tuple(shape["channels"]), shape["rate"], shape["sound_rate"], shape["shortest"], shape["step"]
            ),
            Scaling(scaling["mode"], mean, deviation, scaling["mask"]),
            parse(data["architecture"]),
            spec,
        )

    def describe(self, spec: RunSpec, path: str) -> Description:
        """Sequences, channels, lengths and answers."""
        return describe(spec, path)


SIGNAL = _Signals()
