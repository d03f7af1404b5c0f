"""What a format is: a way to lay out data, known by its look. Each kind of data declares its own beside its readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from tidegate.config.registry import settings_of
from tidegate.config.task import referenced
from tidegate.data.source import BUILT_IN, Source
from tidegate.errors import ConfigError, EmptyDataError


@dataclass(frozen=True)
class Format:
    """One way to lay out data; a kind of data adds how it is read.

    Args:
        name: Its key in ``data.format``.
        summary: What it looks for, in one line.
        looks_like: Whether a source looks like this format; cheap.
    """

    name: str
    summary: str
    looks_like: Callable[[Source], bool]


F = TypeVar("F", bound=Format, covariant=True)


@dataclass(frozen=True)
class Formats(Generic[F]):
    """The formats of one kind of data; a task's record names those that it reads.

    Args:
        holds: What data of this kind hold, as errors call it.
        formats: In the order in which ``auto`` tries them.
    """

    holds: str
    formats: tuple[F, ...]

    def __iter__(self) -> Iterator[F]:
        return iter(self.formats)

    @property
    def names(self) -> list[str]:
        """What ``data.format`` may say."""
        return ["auto", *(format_.name for format_ in self.formats)]

    def find(self, source: Source, name: str = "auto") -> F:
        """The format that has a name; for ``auto`` the first that the data look like.

        Raises:
            EmptyDataError: No format fits the data.
            ConfigError: No such format.
        """
        self.check(name)
        for candidate in self.formats:
            if name == candidate.name or (name == "auto" and candidate.looks_like(source)):
                return candidate
        raise EmptyDataError(
            f"no {self.holds} found",
            where=str(source.path),
            expected="\n".join(f"{format_.name}: {format_.summary}" for format_ in self.formats),
            got=_look_of(source),
            hint="check the path and the task, or name the reader with --format",
        )

    def check(self, name: str) -> None:
        """Refuse a name that no format has.

        Raises:
            ConfigError: None has it, and it is not ``auto``.
        """
        if name not in self.names:
            raise ConfigError(
                f"no format {name!r} for {self.holds}",
                where="data.format",
                expected=", ".join(self.names),
                got=name,
            )


def formats_of(task: str) -> Formats[Format] | None:
    """The formats that a task reads, as its record says; ``None``: it says nothing.

    Raises:
        ConfigError: There is no such task.

    >>> found = formats_of("transcribe")
    >>> found and found.names
    ['auto', 'digit-lines', 'doctr', 'line-table', 'line-folder']
    """
    return referenced(settings_of(task).formats)


def _look_of(source: Source) -> str:
    if source.builtin:
        return f"{source.path}, built in: {BUILT_IN[str(source.path)]}"
    empty = not source.is_file and not source.names
    return "an empty folder" if empty else "nothing that looks like one of these"
