"""Training, validation and test signals from what the user named: three paths, or one split by a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from tidegate.config.tables import DataSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.divide import choose, parse_split
from tidegate.data.finding import note, settle, warning
from tidegate.data.format import Role
from tidegate.data.images.splits import VALID_SHARE, SplitRecord, refuse_contradictions
from tidegate.data.place import find_place
from tidegate.data.sample import Sample
from tidegate.data.signal_leaks import shared_signals
from tidegate.data.signal_readers import find_reader
from tidegate.data.signals.groups import choose_groups, shared_groups, too_few_groups
from tidegate.data.signals.raw_record import Wish
from tidegate.data.signals.reading import read_signals
from tidegate.data.signals.signal_set import Signal, SignalSet
from tidegate.data.signals.targets import kind_of
from tidegate.errors import BadFilesError, ConfigError, EmptyDataError, Finding, SplitError


@dataclass(frozen=True)
class SignalSplits:
    """The signals of each part, whole: windows are cut after splitting."""

    train: SignalSet
    valid: SignalSet
    test: SignalSet | None


def make_signal_splits(data: DataSpec, signal: SignalSpec, seed: int) -> tuple[SignalSplits, SplitRecord]:
    """Read and split.

    Without ``data.valid``, a tenth of the training data is held out, class by class where answers are classes; data with
    parts of their own give those. With ``signal.group``, a group is never in two parts that are made here. With
    ``data.order`` ``kept`` the last ones of the data are held out instead of random ones. With ``data.skip_bad``
    sequences that cannot be used are left out, and the record says which. Classes that only validation or test have are
    for the task to refuse (``signal_targets.why_not``).

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
    refuse_contradictions(data)
    reading = _Reading(data, signal, seed if data.split_seed is None else data.split_seed)
    try:
        splits, record = _split_source(reading) if data.source is not None else _split_train(reading)
    except SplitError:
        # Too few sequences, it may be, because most are bad: those are the news then.
        reading.settle()
        raise
    reading.settle()
    train, test = splits.train.signals, splits.test.signals if splits.test else []
    reading.notes.extend(shared_signals(train, {"valid": splits.valid.signals, "test": test}))
    reading.notes.extend(shared_groups(train, splits.valid.signals, "valid"))
    reading.notes.extend(shared_groups(train, test, "test"))
    for name, part in (("valid", splits.valid.signals), ("test", test)):
        if signal.group is not None and part and not any(one.group for one in part):
            what = f"no sequence of {name} says its group, so it is not known whether train has it too"
            reading.notes.append(warning("no-group", what))
    return splits, record


class _Reading:
    """Reads paths, and gathers what is bad and what is notable."""

    def __init__(self, data: DataSpec, signal: SignalSpec, seed: int) -> None:
        self.data = data
        self.signal = signal
        self.seed = seed
        self.kept = data.order == "kept"
        self.bad: list[Finding] = []
        self.notes: list[Finding] = []
        self._paths: list[str] = []
        self._total = 0
        self._first: SignalSet | None = None

    def read(self, path: str, role: Role) -> SignalSet:
        """Read a part; what is read first, training, decides the channels and the rate of sound."""
        first = self._first
        wish = Wish(self.signal)
        if first is not None:
            wish = Wish(self.signal, first.channels, first.sound_rate)
        found = read_signals(path, role, wish, format_name=self.data.format)
        self._paths.append(path)
        self.bad.extend(found.bad)
        self.notes.extend(note for note in found.notes if note not in self.notes)
        self._total += len(found.signals) + len(found.bad)
        if not found.signals:
            if found.bad:
                raise BadFilesError(self.bad, where=path, total=self._total)
            raise EmptyDataError("no sequences", where=path)
        self._first = first or found
        return found

    def own_parts(self, path: str) -> tuple[Role, ...]:
        if "@" in path and find_place(path).chosen is not None:
            return ()
        return find_reader(path, self.data.format, self.signal.series)[1].own_parts(find_place(path).source)

    def settle(self) -> None:
        """Refuse what is bad, or note that it was left out."""
        where = ", ".join(dict.fromkeys(self._paths))
        self.notes.extend(settle(self.bad, total=self._total, where=where, skip_bad=self.data.skip_bad))

    def take(self, found: SignalSet, count: int, leave: int = 1) -> tuple[SignalSet, SignalSet]:
        """Hold out whole groups, where there are some, else the last ones or those that the seed chooses."""
        signals = found.signals
        stratify = kind_of(self._first or found, self.signal) == "class"
        if count == 0:
            chosen, rest = [], list(signals)
        elif self.signal.group is not None:
            chosen, rest = choose_groups(
                signals, count, self.seed, stratify=stratify, kept=self.kept, leave=leave
            )
        elif self.kept:
            cut = len(signals) - count
            chosen, rest = list(signals[cut:]), list(signals[:cut])
        else:
            samples = cast("Sequence[Sample]", signals)
            chosen, rest = cast(
                "tuple[list[Signal], list[Signal]]", choose(samples, count, self.seed, stratify=stratify)
            )
        return replace(found, signals=chosen), replace(found, signals=rest)

    def train(self, found: SignalSet, count: int) -> tuple[SignalSet, list[Signal]]:
        """For training: all that is left, or the first of it, or those that the seed chooses; and what is unused."""
        signals = list(found.signals)
        if count >= len(signals):
            return found, []
        if self.signal.group is not None:
            groups = {signal.group for signal in signals}
            if len(groups) < 2:
                return found, []
            chosen, unused = self.take(found, count, leave=0)
            return chosen, list(unused.signals)
        if self.kept:
            return replace(found, signals=signals[:count]), signals[count:]
        chosen, unused = self.take(found, count)
        return chosen, list(unused.signals)

    def need_groups(self, found: SignalSet, parts: int) -> None:
        """Refuse fewer groups than parts."""
        groups = list(dict.fromkeys(signal.group for signal in found.signals))
        if self.signal.group is not None and len(groups) < parts:
            raise too_few_groups(groups, parts)

    def record(
        self, how: str, splits: SignalSplits, unused: Sequence[Signal] = (), *, chosen: str = ""
    ) -> SplitRecord:
        """The record; ``chosen`` names the parts that were made here."""
        if chosen and self.signal.group is not None:
            how += ", in whole groups"
        test = splits.test.signals if splits.test else []
        counts = {"train": len(splits.train), "valid": len(splits.valid), "test": len(test)}
        if unused:
            total = sum(counts.values()) + len(unused)
            what = f"{len(unused)} of {total} sequences are in no part of the split {self.data.split}"
            self.notes.append(note("unused", what))
        return SplitRecord(
            how=how + (", the last ones of the data" if self.kept and chosen else ""),
            seed=self.seed if chosen and not self.kept else None,
            counts={**counts, "bad": len(self.bad), "unused": len(unused)},
            valid=[one.name for one in splits.valid.signals] if "valid" in chosen else None,
            test=[one.name for one in test] if "test" in chosen else None,
            notes=self.notes,
        )


def _split_source(reading: _Reading) -> tuple[SignalSplits, SplitRecord]:
    path, text = reading.data.source or "", reading.data.split or ""
    found = reading.read(path, "all")
    parts = parse_split(text, len(found))
    reading.need_groups(found, 3 if parts.test else 2)
    test, rest = reading.take(found, parts.test, leave=2)
    valid, rest = reading.take(rest, parts.valid)
    train, unused = reading.train(
        rest, parts.train if _partial(parts.train + parts.valid + parts.test, found) else len(rest)
    )
    splits = SignalSplits(train, valid, test if len(test) else None)
    return splits, reading.record(f"{path} split {text}", splits, unused, chosen="valid, test")


def _partial(asked: int, found: SignalSet) -> bool:
    """Whether a split leaves some out; groups may fill parts with more or fewer than asked for, which is no such wish."""
    return asked < len(found)


def _split_train(reading: _Reading) -> tuple[SignalSplits, SplitRecord]:
    data = reading.data
    path = data.train or ""
    own = reading.own_parts(path)
    found = reading.read(path, "train")
    test = None
    if data.test is not None or "test" in own:
        test = reading.read(data.test or path, "test")
    if data.valid is not None:
        splits = SignalSplits(found, reading.read(data.valid, "valid"), test)
        return splits, reading.record("paths named by the user", splits)
    if "valid" in own and data.split is None:
        splits = SignalSplits(found, reading.read(path, "valid"), test)
        return splits, reading.record(f"{path}: its own parts", splits)
    train, valid, unused, how = _hold_out(reading, found)
    splits = SignalSplits(train, valid, test)
    return splits, reading.record(how, splits, unused, chosen="valid")


def _hold_out(reading: _Reading, found: SignalSet) -> tuple[SignalSet, SignalSet, list[Signal], str]:
    data = reading.data
    reading.need_groups(found, 2)
    if data.split is None:
        if len(found) < 2:
            raise SplitError(
                "too few sequences to hold one out for validation",
                where=str(data.train),
                expected="2 or more",
                got=str(len(found)),
                hint="pass --valid PATH",
            )
        valid, train = reading.take(found, max(1, round(VALID_SHARE * len(found))))
        return train, valid, [], f"a tenth of {data.train} held out for validation"
    parts = parse_split(data.split, len(found))
    if parts.test:
        raise ConfigError(
            "data.split of data.train has two parts: training and validation",
            where="data.split",
            got=data.split,
            hint="use --data PATH --split A/B/C to make a test part too",
        )
    valid, rest = reading.take(found, parts.valid)
    train, unused = reading.train(
        rest, parts.train if _partial(parts.train + parts.valid, found) else len(rest)
    )
    return train, valid, unused, f"{data.train} split {data.split}"
