"""``diagnose``: everything that the readers and the checks of a task find in data, before any training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tidegate.check.contract import Checks, Found, Subject
from tidegate.check.errors import grouped, of_error
from tidegate.check.settings import sizes_of, unworkable
from tidegate.config.registry import settings_of, task_names
from tidegate.config.run import RunSpec
from tidegate.config.task import referenced
from tidegate.data.encoding import decoding
from tidegate.data.format import formats_of
from tidegate.data.source import find_place
from tidegate.errors import (
    READ_AS,
    BadFilesError,
    ConfigError,
    DataError,
    EmptyDataError,
    Finding,
)

_ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Diagnosis:
    """What was found.

    Attributes:
        task: For which the data were looked at.
        where: The data.
        found: What was read first, then the worst.
        samples: Of each part.
    """

    task: str
    where: str
    found: tuple[Found, ...]
    samples: dict[str, int]

    @property
    def code(self) -> int:
        """0, 1 where something looks wrong, 2 where training would fail."""
        severities = {one.finding.severity for one in self.found}
        return 2 if "error" in severities else 1 if "warning" in severities else 0

    @property
    def codes(self) -> set[str]:
        """The kinds of errors and warnings."""
        return {one.finding.code for one in self.found if one.finding.severity != "note"}

    @property
    def summary(self) -> str:
        """How much was found, in a few words.

        >>> Diagnosis("t", "x", (), {}).summary
        'nothing looks wrong'
        """
        counts = {
            severity: sum(one.finding.severity == severity for one in self.found)
            for severity in ("error", "warning")
        }
        words = [f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items() if count]
        return ", ".join(words) or "nothing looks wrong"

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "task": self.task,
            "data": self.where,
            "samples": self.samples,
            "findings": [one.to_json() for one in self.found],
        }


def checks_of(task: str) -> Checks[Any] | None:
    """The doctor of a task; ``None``: its record names none.

    Raises:
        ConfigError: There is no such task.
    """
    return referenced(settings_of(task).check)


def diagnose(spec: RunSpec) -> Diagnosis:
    """Look at the data that a specification names.

    Raises:
        ConfigError: The task has no doctor, or keys contradict each other.
    """
    where = str(spec.data.source or spec.data.train)
    checks = checks_of(spec.task)
    if checks is None:
        raise ConfigError(
            f"the task {spec.task} says nothing of what to check",
            where="the record of the task (TaskSettings.check)",
            hint=f"tidegate train --task {spec.task} refuses what cannot be used",
        )
    everything: list[Found] = []
    with decoding(spec.data.encoding) as decoded:
        subject = _read(checks, spec, everything)
    everything += [Found(note) for note in decoded.findings()]
    samples: dict[str, int] = {}
    if subject is not None:
        samples = {name: len(units) for name, units in subject.parts.items()}
        more = [*subject.found, *(one for check in checks.checks for one in check(subject))]
        # What a check has found with its samples, a reader need not say again.
        known = {one.finding.code for one in more}
        everything += [Found(note) for note in subject.notes if note.code not in known]
        everything += more
        if subject.parts:
            everything += unworkable(spec, sizes_of(subject))
    return Diagnosis(spec.task, where, tuple(_ordered(everything)), samples)


def _read(checks: Checks[Any], spec: RunSpec, everything: list[Found]) -> Subject[Any] | None:
    """What can be read, at the second attempt without what cannot."""
    try:
        return checks.read(spec)
    except BadFilesError as error:
        everything += grouped(error.findings)
    except DataError as error:
        everything.append(of_error(error))
        return None
    data = spec.data.model_copy(update={"skip_bad": True})
    try:
        return checks.read(spec.model_copy(update={"data": data}))
    except DataError as error:
        # Where nothing is left, the reasons are told already.
        everything += [] if isinstance(error, BadFilesError | EmptyDataError) else [of_error(error)]
        return None


def _ordered(everything: Iterable[Found]) -> list[Found]:
    """What was read first, then by how bad it is, each once."""
    kept: dict[Finding, Found] = {}
    for one in everything:
        if one.finding.code != "left-out":
            kept.setdefault(one.finding, one)
    return sorted(kept.values(), key=lambda one: (one.finding.code != READ_AS, _ORDER[one.finding.severity]))


def task_of(path: str) -> str:
    """The task whose reading leaves fewest samples out.

    Raises:
        ConfigError: The data look like those of none; the error has each task's reason.
    """
    shares: dict[str, float] = {}
    refusals: list[str] = []
    for name in task_names():
        try:
            share = _unlikeness(name, path)
        except DataError as error:
            refusals.append(f"{name}: {error.what}" + (f" ({error.got})" if error.got else ""))
            continue
        except OSError:
            # What stands where a path would be is none.
            continue
        if share is not None:
            shares[name] = share
    if not shares:
        raise ConfigError(
            "the data do not tell which task they are for",
            where=path,
            got="\n".join(refusals) or "no file that can be used",
            hint="say it, such as --task transcribe; `tidegate datasets` lists the formats that are read",
        )
    return min(shares, key=lambda name: shares[name])


def _unlikeness(task: str, path: str) -> float | None:
    checks = checks_of(task)
    if checks is not None and checks.unlikeness is not None:
        return checks.unlikeness(path)
    formats = formats_of(task)
    if formats is None:
        return None
    formats.find(find_place(path).source)
    return 0.0
