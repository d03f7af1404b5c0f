"""Training, validation and test signals from what the user named."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tidegate.config.tables import DataSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.division.part_digest import array_bytes
from tidegate.data.memory import Reference
from tidegate.data.part_reader import Part, PartReader
from tidegate.data.parts import Role
from tidegate.data.signals.formats import find_signal_format
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.reading import read_signals
from tidegate.data.signals.signal_set import Signal, SignalSet
from tidegate.data.signals.targets import kind_of
from tidegate.data.source import find_place
from tidegate.data.splitting import SplitRecord, shared, split
from tidegate.errors import Finding


@dataclass(frozen=True)
class SignalSplits:
    """The signals of each part, whole: windows are cut after splitting."""

    train: SignalSet
    valid: SignalSet
    test: SignalSet | None


def make_signal_splits(data: DataSpec, signal: SignalSpec, seed: int) -> tuple[SignalSplits, SplitRecord]:
    """Read and split.

    Without ``data.valid``, a tenth of the training data is held out, class by class where answers are classes; data with
    parts of their own give those. With
    ``data.shuffle`` off the last ones of the data are held out instead of random ones. Classes that only validation or
    test have are for the task to refuse (``targets.why_not``).

    Args:
        data: Paths and split.
        signal: How signals are read.
        seed: Of the choice, where ``data.split_seed`` does not say another.

    Raises:
        ConfigError: Keys of ``data`` contradict each other or name no training data; columns or patterns are not there.
        SplitError: There are too few sequences or groups, or the numbers do not add up.
        BadFilesError: Sequences cannot be used and ``data.skip_bad`` is off; those of all parts are listed at once.
        DataError: A path cannot be read, or parts differ in their channels.
    """
    reader = _Signals(data, signal, seed)
    splits, record = split(reader)
    first = reader.first
    assert first is not None  # the splitter has read something
    test = None if splits.test is None else replace(first, signals=splits.test)
    sets = SignalSplits(replace(first, signals=splits.train), replace(first, signals=splits.valid), test)
    return sets, record


class _Signals(PartReader[Signal]):
    """Reads signals; what is read first, training, decides the channels and the rate of sound."""

    units = "sequences"

    def __init__(self, data: DataSpec, signal: SignalSpec, seed: int) -> None:
        super().__init__(data, seed)
        self.signal = signal
        self.first: SignalSet | None = None

    def load(self, where: Reference, role: Role) -> Part[Signal]:
        first = self.first
        options = ReadOptions(self.signal, group=self.data.group)
        if first is not None:
            options = replace(options, channels=first.channels, sound_rate=first.sound_rate)
        found = read_signals(where, role, options, format_name=self.data.format)
        if found.signals:
            self.first = first or found
        return Part(found.signals, found.bad, found.notes)

    def content(self, unit: Signal) -> tuple[bytes, bytes]:
        return array_bytes(unit.values), unit.target.encode("utf-8", "surrogatepass")

    def own_parts(self, path: str) -> Sequence[Role]:
        place = find_place(path)
        if place.chosen is not None:
            return ()
        spec = self.signal
        layout = find_signal_format(place.source, self.data.format, spec.series, len(spec.channels))
        return layout.own_parts(place.source)

    def classes(self, units: Sequence[Signal]) -> Sequence[str] | None:
        classes = self.first is not None and kind_of(self.first, self.signal) == "class"
        return [signal.target for signal in units] if classes else None

    def leaks(self, train: Sequence[Signal], other: Sequence[Signal], part: str) -> list[Finding]:
        return shared_signals(train, other, part)


def shared_signals(train: Sequence[Signal], other: Sequence[Signal], part: str) -> list[Finding]:
    """A warning if sequences of ``other`` are, value for value, in the training data.

    >>> import numpy as np
    >>> one, two = Signal("a", np.zeros((2, 1), np.float32)), Signal("b", np.zeros((2, 1), np.float32))
    >>> print(*shared_signals([one], [two], "test"))
    1 of 1 sequences of test is in train too, value for value: b = a
    """

    def digest(signal: Signal) -> tuple[object, ...]:
        return signal.values.shape, hashlib.blake2b(signal.values.tobytes(), digest_size=16).digest()

    return shared(train, other, digest, of=f"sequences of {part}", alike="value for value")
