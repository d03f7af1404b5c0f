"""What a format is: a way to lay out data, known by its look. Each kind of data declares its own beside its readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
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


SHOWN = 6
"""Endings of files that an error counts."""
_WAVES = "write the signals as .npz (x, y, rate) or as tables first"
_OTHERS = {
    ".edf": f"European Data Format, which MNE or pyedflib reads; {_WAVES}",
    ".bdf": f"BioSemi's format, which MNE reads; {_WAVES}",
    ".hea": f"WFDB of PhysioNet, which wfdb reads; {_WAVES}",
    ".mat": f"MATLAB's format, which scipy.io reads; {_WAVES}",
    ".h5": f"HDF5, which h5py reads; {_WAVES}",
    ".hdf5": f"HDF5, which h5py reads; {_WAVES}",
    ".npy": "one array of NumPy; write it with its answers: numpy.savez(PATH, x=x, y=y)",
    ".pkl": "pickle, which can run any program and is not read",
    ".pickle": "pickle, which can run any program and is not read",
    ".m4a": "sound that is not read; write it as .wav or .flac",
    ".wma": "sound that is not read; write it as .wav or .flac",
}
"""What files are that nothing reads, and what can be done."""


def _look_of(source: Source) -> str:
    if source.builtin:
        return f"{source.path}, built in: {BUILT_IN[str(source.path)]}"
    names = [source.path.name] if source.is_file else source.names
    if not names:
        return "an empty folder"
    endings = Counter(PurePosixPath(name).suffix.lower() or "without an ending" for name in names)
    shown = ", ".join(f"{count} {ending}" for ending, count in endings.most_common(SHOWN))
    more = f", … {len(endings)} kinds in all" if len(endings) > SHOWN else ""
    files = "1 file" if len(names) == 1 else f"{len(names)} files"
    known = [f"{ending}: {_OTHERS[ending]}" for ending in endings if ending in _OTHERS]
    return "\n".join([f"{files} that look like none of these: {shown}{more}", *known])
