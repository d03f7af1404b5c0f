"""Reading the signals that a command names for a model: they must be like those that it learnt from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tidegate.config.run import RunSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.finding import settle
from tidegate.data.memory import Reference
from tidegate.data.signals.raw_record import MASK, ReadOptions
from tidegate.data.signals.signal_set import Signal
from tidegate.data.signals.splits import read_signals
from tidegate.errors import ConfigError, DataError, EmptyDataError, Finding
from tidegate.tasks.prediction.inputs import one_line

Check = Callable[[Signal], str | None]


@dataclass(frozen=True)
class Shape:
    """What signals a network takes.

    Attributes:
        channels: Their names, with the one that tells missing values.
        rate: Steps a second, where the data said so.
        sound_rate: Samples a second of the sound that the features are of.
        shortest: Steps that it needs at least.
        step: From one value to the next, by the times of the training data.
    """

    channels: tuple[str, ...]
    rate: float | None = None
    sound_rate: int | None = None
    shortest: int = 1
    step: float | None = None

    @property
    def mask(self) -> int | None:
        """The place of the channel that tells where values are missing, if there is one."""
        return len(self.channels) - 1 if self.channels[-1] == MASK else None

    def given(self, spec: SignalSpec) -> tuple[str, ...]:
        """Channels that data must bring."""
        return self.channels[:-1] if spec.missing == "mask" and self.mask is not None else self.channels

    def options(self, spec: SignalSpec, *, labelled: bool, group: str | None = None) -> ReadOptions:
        """How such signals are read."""
        return ReadOptions(spec, self.channels, self.sound_rate, labelled, group, self.step)

    def too_short(self, signal: Signal) -> str | None:
        """Why a signal cannot be answered, if it has too few steps."""
        if len(signal) >= self.shortest:
            return None
        return f"its {len(signal)} steps are too few for this network, which needs {self.shortest}"


@dataclass
class Opened:
    """What a call's inputs hold.

    Attributes:
        signals: Those that can be answered, in order.
        refused: The others, by their place among all.
        notes: What was read, and what a person should know of it.
    """

    signals: list[Signal] = field(default_factory=list[Signal])
    refused: dict[int, Finding] = field(default_factory=dict[int, Finding])
    notes: list[Finding] = field(default_factory=list[Finding])

    def add(self, signals: Sequence[Signal], refused: Sequence[Finding]) -> None:
        """Take what one input holds: the good ones, behind them the bad ones."""
        self.signals += signals
        for one in refused:
            self.refused[len(self.signals) + len(self.refused)] = one


def open_unlabelled(path: Path, spec: SignalSpec, shape: Shape, opened: Opened) -> None:
    """Take the signals of a file or folder, without their answers, which need not be known to the model."""
    try:
        found = read_signals(str(path), "all", shape.options(spec, labelled=False))
    except (DataError, ConfigError) as error:
        # The other files are still worth their answers. Columns that are not there are an error of the configuration.
        opened.add([], [Finding("error", "unreadable", str(path), one_line(error))])
        return
    reasons = [(signal, shape.too_short(signal)) for signal in found.signals]
    short = [Finding("error", "too-short", signal.name, reason) for signal, reason in reasons if reason]
    good = [
        replace(signal, name=_name(path, signal.name), source="", target="")
        for signal, reason in reasons
        if reason is None
    ]
    opened.add(good, [replace(one, where=_name(path, one.where)) for one in (*found.bad, *short)])
    opened.notes += found.notes


def _name(path: Path, name: str) -> str:
    """What a person calls a sequence: the path as it was given, and what the file calls it."""
    if not path.is_dir():
        return str(path.parent / name) if name.startswith(path.name) else f"{path}: {name}"
    return str(path / name)


def open_labelled(
    where: Reference, spec: RunSpec, shape: Shape, check: Check, *, skip_bad: bool
) -> tuple[list[Signal], list[Finding]]:
    """Signals with answers, as ``evaluate`` reads them; of data with parts of their own the test part.

    Raises:
        DataError: The path cannot be read.
        BadFilesError: Some signals cannot be used, and ``skip_bad`` is off.
        EmptyDataError: Nothing is left.
    """
    group = spec.data.group
    found = read_signals(where, "test", shape.options(spec.settings(SignalSpec), labelled=True, group=group))
    good, bad = checked(found.signals, check)
    bad = [*found.bad, *bad]
    total = len(found.signals) + len(found.bad)
    notes = [*found.notes, *settle(bad, total=total, where=str(where), skip_bad=skip_bad)]
    if not good:
        raise EmptyDataError("no signal can be used", where=str(where), got=f"{len(bad)} bad ones")
    return good, notes


def checked(signals: Sequence[Signal], check: Check) -> tuple[list[Signal], list[Finding]]:
    """The signals that can be used, and the others with the reason."""
    good: list[Signal] = []
    bad: list[Finding] = []
    for signal in signals:
        reason = check(signal)
        if reason is None:
            good.append(signal)
        else:
            bad.append(Finding("error", "unusable", signal.name, reason))
    return good, bad
