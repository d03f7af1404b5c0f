"""environment.json: what a run ran on."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.results.record import Record


@dataclass(frozen=True, kw_only=True)
class Environment(Record):
    """Versions and machine. No host name and no path: a report may be passed on.

    Attributes:
        tidegate: version of this package
        torch: version, as of the packages below
        numpy: which makes arrays
        lightning_fabric: which joins several processes
        pillow: which reads images
        kornia: which alters them
        jiwer: which counts edits
        scikit_learn: which fits baselines
        python: version
        platform: system and architecture
        cpu: the processor's name
        instructions: the widest that torch uses
        recurrence_kernels: the instruction set of the native library; null without it
        cores: of the machine; null where the system does not say
        threads: that the run used
        device: as it was asked for
        command: what was called, without its folder
        started: time, in UTC
    """

    tidegate: str
    torch: str
    numpy: str
    lightning_fabric: str
    pillow: str
    kornia: str
    jiwer: str
    scikit_learn: str
    python: str
    platform: str
    cpu: str
    instructions: str
    recurrence_kernels: str | None
    cores: int | None
    threads: int | None
    device: str
    command: str
    started: str
