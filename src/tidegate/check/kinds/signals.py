"""The doctor of sequences with classes or values."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tidegate.check.contract import Checks, Found, Shown, Subject, found
from tidegate.check.doubles import near_leaks
from tidegate.check.labels import check_labels
from tidegate.check.numbers import sentinels
from tidegate.config.compile import compile_model
from tidegate.config.run import RunSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.signal_set import Signal
from tidegate.data.signals.splits import make_signal_splits
from tidegate.data.signals.targets import Kind, kind_of, value_of
from tidegate.errors import ShapeError
from tidegate.network.trace import trace

LOOKED_AT = 2_000_000
"""Values that are looked at for sentinels, evenly over all."""


@dataclass(frozen=True)
class Signals(Subject[Signal]):
    """Sequences.

    Attributes:
        kind: What they are answered with.
        channels: Their names.
    """

    kind: Kind = "class"
    channels: Sequence[str] = field(default_factory=list[str])


def read(spec: RunSpec) -> Signals:
    """Sequences and answers, as training reads them."""
    settings = spec.settings(SignalSpec)
    read, record = make_signal_splits(spec.data, settings, spec.seed)
    parts: Mapping[str, Sequence[Signal]] = {"train": read.train.signals, "valid": read.valid.signals}
    parts = parts if read.test is None else {**parts, "test": read.test.signals}
    kind = kind_of(read.train, settings)
    output = "linear" if kind == "value" else "softmax"
    return Signals(
        spec,
        parts,
        record.notes,
        architecture=compile_model(
            spec.model, spec.task, rows=1, channels=len(read.train.channels), kind=output
        ),
        columns=int(np.median([len(signal) for signal in read.train.signals])),
        symbols=1 if kind == "value" else len({signal.target for signal in read.train.signals}),
        answers=len(read.train.signals),
        kind=kind,
        channels=read.train.channels,
    )


def show(signal: Signal) -> Shown:
    """Its first channel, thinned out."""
    every = max(1, len(signal) // 300)
    return Shown(signal.name, signal.target, values=signal.values[::every, 0].tolist())


def answers(subject: Signals) -> Iterator[Found]:
    """Classes or values that cannot be learnt."""
    if subject.kind == "class":
        yield from check_labels(subject.parts, shuffled=subject.spec.data.shuffle, show=show)
        return
    values = np.array([value_of(signal.target) or 0.0 for signal in subject.train])
    if len(values) > 1 and values.min() == values.max():
        yield found(
            "error",
            "constant-label",
            "train",
            f"all {len(values):,} sequences have the value {values[0]:g}: there is nothing to estimate",
            "check which column holds the values",
        )
    for value, count in sentinels(values).items():
        yield found(
            "warning",
            "sentinel",
            "train",
            f"{count:,} sequences have the value {value:g}, far outside all others: it seems to stand for no value",
            "leave these sequences out",
            [signal for signal in subject.train if value_of(signal.target) == value],
            show,
        )


def lengths(subject: Signals) -> Iterator[Found]:
    """Sequences that are too short for the network."""
    assert subject.architecture is not None
    source = subject.architecture.input
    fits: dict[int, bool] = {}
    for part, signals in subject.parts.items():
        for steps in {len(signal) for signal in signals} - fits.keys():
            fits[steps] = _fits(subject, steps) if source.columns is None else True
        short = [signal for signal in signals if not fits[len(signal)]]
        if short:
            yield found(
                "error",
                "too-short",
                part,
                f"{len(short):,} of {len(signals):,} sequences are too short for this network, the shortest has "
                f"{min(map(len, short))} steps",
                "take a network without poolings (--preset gru), or leave them out with --skip-bad",
                short,
                show,
            )


def _fits(subject: Signals, steps: int) -> bool:
    architecture = subject.architecture
    assert architecture is not None
    try:
        trace(architecture, replace(architecture.input, columns=steps))
    except ShapeError:
        return False
    return True


def values(subject: Signals) -> Iterator[Found]:
    """Values that stand for none, and parts in other units than training."""
    pooled = {name: _pooled(signals) for name, signals in subject.parts.items() if signals}
    train = pooled["train"]
    for place, channel in enumerate(subject.channels):
        for value, count in sentinels(train[:, place]).items():
            concerned = [s for s in subject.train if (s.values[:, place] == np.float32(value)).any()]
            yield found(
                "warning",
                "sentinel",
                "train",
                f"the channel {channel!r} is {value:g} in {count:,} steps, far outside all other values: it seems to "
                "stand for no value",
                "leave these cells empty, and say what stands in the holes: --set signal.missing=linear or mask",
                concerned,
                show,
            )
        spread = float(np.median(np.abs(train[:, place])))
        for name, other in pooled.items():
            there = float(np.median(np.abs(other[:, place])))
            if name != "train" and spread > 0 and there > 0:
                power = round(float(np.log10(there / spread)))
                if abs(power) >= 2:
                    yield found(
                        "warning",
                        "unit-slip",
                        name,
                        f"values of the channel {channel!r} are {10.0**power:g} times those of training: another "
                        "unit, it seems",
                        "bring all parts to one unit",
                        subject.parts[name][:8],
                        show,
                    )


def _pooled(signals: Sequence[Signal]) -> np.ndarray:
    total = sum(map(len, signals))
    every = max(1, total // LOOKED_AT)
    return np.concatenate([signal.values[::every] for signal in signals])


def doubles(subject: Signals) -> Iterator[Found]:
    """Sequences that stand in two parts but for offset and scale."""

    def exact(signal: Signal) -> Hashable:
        return hashlib.blake2b(signal.values.tobytes(), digest_size=16).digest()

    def near(signal: Signal) -> Hashable | None:
        spread = signal.values.std(axis=0)
        if len(signal) < 16 or not (spread > 0).all():
            return None
        standard = (signal.values - signal.values.mean(axis=0)) / spread
        return signal.values.shape, hashlib.blake2b(
            (np.round(standard, 1) + 0.0).tobytes(), digest_size=16
        ).digest()

    yield from near_leaks(
        subject.train, subject.others, exact, near, alike="their offset and scale", show=show
    )


CHECKS = Checks(read, (answers, lengths, values, doubles))
