"""Everything that Tidegate raises on purpose, in one tree.

    TidegateError
    ├── SpecError (ValueError)            what to build or run is wrong
    │   ├── ConfigError                   a key or a value of the configuration
    │   ├── VgslError                     the VGSL string, with the column
    │   └── ShapeError                    a layer does not fit what reaches it
    ├── DataError (ValueError)            the data is wrong
    │   ├── EmptyDataError                nothing to read
    │   ├── BadFilesError                 some files cannot be used; all are listed
    │   ├── SplitError                    the split asked for cannot be made
    │   └── SymbolError                   a class or character that training never saw
    ├── TrainingError (RuntimeError)      training cannot go on
    │   ├── DivergenceError               the loss is not finite
    │   └── CheckpointError               a checkpoint cannot be read or does not belong here
    ├── OutputError (OSError)             a result cannot be written
    ├── BundleError (ValueError)          a model folder cannot be read
    └── MissingExtraError (ImportError)   an optional dependency is not installed

An error is written for the person who must act. It says where, what was expected, what it got, and a hint:

>>> print(ConfigError("unknown key", where="run.toml: train.epoch", got="epoch = 3", hint="did you mean epochs?"))
unknown key
  where:    run.toml: train.epoch
  got:      epoch = 3
  hint:     did you mean epochs?

What is known of data but raises nothing is a ``Finding``, with the same parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]
"""``error``: it cannot be used. ``warning``: it looks wrong. ``note``: a person should know what was done."""


READ_AS = "read-as"
"""The code of the finding that tells what was read, and as what."""


@dataclass(frozen=True)
class Finding:
    """What was found out about data, as data: an error's message that does not stop anything by itself.

    Args:
        severity: How bad it is.
        code: What kind of finding it is: short, in kebab-case, the same in every version.
        where: The file, line, sample or series that it is about; empty: the data as a whole.
        what: The finding in one line.
        hint: What to do about it.

    >>> print(Finding("error", "empty-file", "a.png", "the image file is empty"))
    a.png: the image file is empty
    """

    severity: Severity
    code: str
    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return visible(f"{self.where}: {self.what}" if self.where else self.what)

    @property
    def line(self) -> str:
        """As it is printed for a person, with how bad it is in front; what was read as what begins with ``read``.

        >>> Finding("note", "mixed-sound", "a.wav", "2 channels were mixed to one").line
        'note: a.wav: 2 channels were mixed to one'
        """
        return f"{'read' if self.code == READ_AS else f'{self.severity}:'} {self}"

    def to_json(self) -> dict[str, str]:
        """Plain values."""
        return asdict(self)


class TidegateError(Exception):
    """The root of the tree.

    Args:
        what: The problem in one line.
        where: The file, key, layer or step that it is about.
        expected: What would have been right.
        got: What was there instead.
        hint: What to do about it.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        got: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got
        self.hint = hint

    def __str__(self) -> str:
        parts = (
            ("where", self.where),
            ("expected", self.expected),
            ("got", self.got),
            ("hint", self.hint),
        )
        return "\n".join(
            [visible(str(self.what)), *(f"  {name + ':':10}{_indent(text)}" for name, text in parts if text)]
        )

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword arguments do not survive the trip back from a worker process by default.
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


def _indent(text: object) -> str:
    # Parts of damaged files may be no text.
    return visible(str(text)).replace("\n", "\n" + " " * 12)


_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t\x85"}


def visible(text: str) -> str:
    r"""Text with its control characters spelled out: those of data could clear a screen or colour what follows.

    >>> print(visible("a\x1b[31mb"))
    a\x1b[31mb
    """
    return text if text.isprintable() else text.translate(_CONTROLS)


def _rebuild(kind: type[TidegateError], args: tuple[object, ...], state: dict[str, object]) -> TidegateError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class SpecError(TidegateError, ValueError):
    """What to build or run is wrong."""


class ConfigError(SpecError):
    """A key or a value of the configuration is wrong."""


class VgslError(SpecError):
    """A VGSL string cannot be read; ``column`` counts from 1."""

    def __init__(
        self, what: str, *, text: str, column: int, expected: str | None = None, hint: str | None = None
    ):
        pointer = f"{text}\n{' ' * (column - 1)}^ column {column}"
        super().__init__(what, where=pointer, expected=expected, hint=hint)
        self.text = text
        self.column = column


class ShapeError(SpecError):
    """A layer does not fit what reaches it."""


class DataError(TidegateError, ValueError):
    """The data is wrong."""


class EmptyDataError(DataError):
    """There is nothing to read."""


class SplitError(DataError):
    """The split asked for cannot be made."""


class SymbolError(DataError):
    """A class or a character that training never saw."""


class BadFilesError(DataError):
    """Some files cannot be used. All are kept in ``findings``; the message lists the first 20 and the count."""

    shown = 20

    def __init__(self, findings: Sequence[Finding], *, where: str, total: int):
        self.findings = tuple(findings)
        lines = [str(finding) for finding in self.findings[: self.shown]]
        if len(self.findings) > self.shown:
            lines.append(f"… and {len(self.findings) - self.shown} more")
        super().__init__(
            f"{len(self.findings)} of {total} samples cannot be used",
            where=where,
            got="\n".join(lines),
            hint="mend or remove them, or pass --skip-bad (data.skip_bad = true) to leave them out",
        )


class TrainingError(TidegateError, RuntimeError):
    """Training cannot go on."""


class DivergenceError(TrainingError):
    """The loss is not finite."""


class CheckpointError(TrainingError):
    """A checkpoint cannot be read, or belongs to another run."""


class OutputError(TidegateError, OSError):
    """A result cannot be written."""


class BundleError(TidegateError, ValueError):
    """A model folder cannot be read."""


class MissingExtraError(TidegateError, ImportError):
    """An optional dependency is not installed."""
