"""What the doctor knows of a task: how its data are read without torch, and what is looked for in them.

A task's record names its ``Checks`` (``TaskSettings.check``); a task from outside has its own in the same way. A check is
a function from what was read to what it found, and the doctor runs one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from tidegate.config.run import RunSpec
from tidegate.errors import READ_AS, Finding, Severity
from tidegate.network.layers import Architecture

NAMED = 5
"""Samples that a finding names; it counts the others."""
SHOWN = 8
"""Samples that a page shows of a finding."""
PAGE = "docs/reference/findings.md"
"""Where every code is explained."""


class Named(Protocol):
    """A sample of any kind."""

    @property
    def name(self) -> str:
        """What errors call it."""
        ...


class Labelled(Named, Protocol):
    """A sample with an answer."""

    @property
    def target(self) -> str:
        """Its answer, as the data write it."""
        ...


U = TypeVar("U", bound=Named)


@dataclass(frozen=True)
class Shown:
    """A sample as a page shows it.

    Attributes:
        name: What the data call it.
        text: Its answer, or what it says.
        picture: A PNG.
        values: A curve.
    """

    name: str
    text: str = ""
    picture: bytes = b""
    values: Sequence[float] = ()


@dataclass(frozen=True)
class Found:
    """A finding, and the samples that it is about.

    Attributes:
        finding: What was found.
        samples: Their names, the first few.
        count: How many there are.
        shown: Some of them, for a page.
    """

    finding: Finding
    samples: tuple[str, ...] = ()
    count: int = 0
    shown: tuple[Shown, ...] = ()

    @property
    def line(self) -> str:
        """As it is printed for a person, with what to do on a line of its own."""
        return f"{self.finding.line}\n  {self.finding.hint}" if self.finding.hint else self.finding.line

    @property
    def page(self) -> str:
        """Where its code is explained; of what was read there is nothing to explain."""
        return "" if self.finding.code == READ_AS else f"{PAGE}#{self.finding.code}"

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            **self.finding.to_json(),
            "samples": list(self.samples),
            "count": self.count,
            "page": self.page,
        }


def found(
    severity: Severity,
    code: str,
    where: str,
    what: str,
    hint: str,
    units: Sequence[U] = (),
    show: Callable[[U], Shown] | None = None,
) -> Found:
    """A finding of the doctor's.

    Args:
        severity: ``error``: training refuses it, or learns nothing; ``warning``: it looks wrong.
        code: Of its kind; the page of findings has an entry for it.
        where: The part of the data, a column or a key.
        what: The finding.
        hint: What cures it.
        units: The samples that it is about; the first are named behind ``what``.
        show: How a page shows one.

    >>> from tidegate.data.images.sample import Sample
    >>> odd = [Sample(f"{letter}.png", "x") for letter in "abcdefg"]
    >>> print(found("warning", "blank-image", "train", "7 images are blank", "remove them", odd).finding)
    train: 7 images are blank: a.png, b.png, c.png, d.png, e.png, … and 2 more
    """
    # The only series of a table has no name.
    names = tuple(unit.name for unit in units[:NAMED] if unit.name)
    more = f", … and {len(units) - NAMED:,} more" if len(units) > NAMED else ""
    listed = f"{what}: {', '.join(names)}{more}" if names else what
    shown = () if show is None else tuple(show(unit) for unit in units[:SHOWN])
    return Found(Finding(severity, code, where, listed, hint), names, len(units), shown)


@dataclass(frozen=True)
class Subject(Generic[U]):
    """Data as training reads them.

    Attributes:
        spec: The run's specification.
        parts: The samples of each part, training first; empty where the data could not be divided.
        notes: What the readers say.
        found: What was found while reading them.
        architecture: The network that would be trained, as far as it is known without the data's own sizes.
        columns: The width of a usual input of it.
        symbols: Classes, characters or tags.
        answers: What training learns from: classes, characters, tags, values; 0 where that is not known.
        examples: What batches are made of, where it is no sample: windows.
    """

    spec: RunSpec
    parts: Mapping[str, Sequence[U]]
    notes: Sequence[Finding] = ()
    found: Sequence[Found] = ()
    architecture: Architecture | None = None
    columns: int | None = None
    symbols: int = 0
    answers: int = 0
    examples: int | None = None

    @property
    def train(self) -> Sequence[U]:
        """The training samples."""
        return self.parts.get("train", ())

    @property
    def others(self) -> Mapping[str, Sequence[U]]:
        """The parts that are measured."""
        return {name: part for name, part in self.parts.items() if name != "train" and part}


S = TypeVar("S", bound=Subject[Any])


@dataclass(frozen=True)
class Checks(Generic[S]):
    """The doctor of one task.

    Attributes:
        read: Reads the data that a specification names, as training does.
        checks: What is looked for.
        unlikeness: How little some data look like those of the task: the share of samples that it could not use; below
            0: they are its data beyond doubt; ``None``: they hold nothing for it. It raises a ``DataError`` that says why
            they are not its data.
    """

    read: Callable[[RunSpec], S]
    checks: Sequence[Callable[[S], Iterable[Found]]] = field(default_factory=tuple)
    unlikeness: Callable[[str], float | None] | None = None
