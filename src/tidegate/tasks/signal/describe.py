"""What a person wants to know of signals before training on them."""

from __future__ import annotations

from tidegate.config.run import RunSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.description import count_of, describe_signals, steps_of
from tidegate.data.signals.formats import find_signal_format
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.splits import read_signals
from tidegate.data.signals.targets import kind_of
from tidegate.data.source import find_place
from tidegate.errors import EmptyDataError
from tidegate.tasks.description import Description


def describe(spec: RunSpec, path: str) -> Description:
    """Read signals as training will.

    Raises:
        EmptyDataError: None can be used.
    """
    train = read_signals(
        path,
        "train",
        ReadOptions(spec.settings(SignalSpec), group=spec.data.group),
        format_name=spec.data.format,
    )
    if not train.signals:
        raise EmptyDataError(
            "no sequences that can be used", where=path, got=train.bad[0].what if train.bad else None
        )
    lines = describe_signals(train, valued=kind_of(train, spec.settings(SignalSpec)) == "value")
    bad = list(train.bad)
    source = find_place(path).source
    for part in find_signal_format(source, spec.data.format).own_parts(source)[1:]:
        other = read_signals(
            path,
            part,
            ReadOptions(spec.settings(SignalSpec), train.channels, train.sound_rate, group=spec.data.group),
            format_name=spec.data.format,
        )
        lines.append(f"{part}: {count_of(other.signals)}, {steps_of(other.signals)}")
        bad += other.bad
    return Description(lines, bad, train.notes)
