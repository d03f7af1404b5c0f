"""Data that a caller holds, in the place of a path: what readers get then, and what they say of what they cannot use.

``[data]`` says ``<memory>`` where a path would stand, and a digest by which the same data are known again. Each kind of
data has a file ``memory.py`` that makes of them what its readers of files make.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tidegate.config.tables import MEMORY, DataSpec
from tidegate.errors import DataError, EmptyDataError

PARTS = ("train", "valid", "test", "source")
"""Keys of ``[data]`` that name data."""
SHOWN = 60


@dataclass(frozen=True, eq=False)
class InMemory:
    """Data that are no file.

    Attributes:
        value: As the caller has them.
        name: What errors call them: ``data``, or ``data.valid`` where there are several parts.
    """

    value: Any
    name: str = "data"

    def __str__(self) -> str:
        return self.name

    def place(self, what: str, index: int) -> str:
        """What a person calls a sample, counted from 1.

        >>> InMemory([]).place("text", 0), InMemory([], "data.valid").place("text", 2)
        ('text 1', 'valid: text 3')
        """
        part = self.name.partition(".")[2]
        return f"{part}: {what} {index + 1}" if part else f"{what} {index + 1}"

    def unfit(self, got: object, expected: str, hint: str | None = None) -> DataError:
        """The error about data of another form than the task takes."""
        return DataError(
            "the task takes no such data",
            where=self.name,
            expected=expected,
            got=described(got),
            hint=hint or 'give one of these, or write files and name them: data={"train": PATH}',
        )

    def pairs(self, what: str, answers: str, expected: str) -> list[tuple[Any, Any]]:
        """Each sample with its answer, of two sequences or of a list of pairs.

        Args:
            what: The samples, in the plural.
            answers: What they are answered with, in the plural.
            expected: What the task takes, for the message.

        Raises:
            DataError: It is neither, or there are more of one than of the other.
            EmptyDataError: There is none.

        >>> InMemory((["ebb", "flow"], [0, 1])).pairs("texts", "labels", "…")
        [('ebb', 0), ('flow', 1)]
        """
        value = self.value
        if isinstance(value, tuple) and len(cast(tuple[Any, ...], value)) == 2:
            samples, targets = (_listed(one) for one in cast(tuple[Any, Any], value))
            if samples is None or targets is None:
                raise self.unfit(value, expected)
            if len(samples) != len(targets):
                raise DataError(
                    f"there are not as many {answers} as {what}",
                    where=self.name,
                    expected=f"{len(samples):,} {answers}, one for each of the {what}",
                    got=f"{len(targets):,}",
                    hint="the two must be in the same order, one for one",
                )
            return self._some(list(zip(samples, targets, strict=True)), what)
        if not isinstance(value, list):
            raise self.unfit(value, expected, f"give a tuple ({what}, {answers}), or a list of pairs")
        found: list[tuple[Any, Any]] = []
        for index, one in enumerate(cast(list[Any], value)):
            if not isinstance(one, tuple | list) or len(cast(Sequence[Any], one)) != 2:
                raise DataError(
                    f"no pair of one of the {what} and its answer",
                    where=f"{self.name}[{index}]",
                    expected=expected,
                    got=described(one),
                    hint=f"give a tuple ({what}, {answers}), or a list of pairs",
                )
            found.append(cast(tuple[Any, Any], tuple(cast(Sequence[Any], one))))
        return self._some(found, what)

    def _some(self, pairs: list[tuple[Any, Any]], what: str) -> list[tuple[Any, Any]]:
        if not pairs:
            raise EmptyDataError(f"there are no {what}", where=self.name, got="an empty sequence")
        return pairs


Reference = str | InMemory
"""Where data are: a path as the user wrote it, or in memory."""


def reference(data: DataSpec, key: str) -> Reference:
    """What stands behind a key of ``[data]``.

    Raises:
        DataError: They were in memory, and are not here.

    >>> reference(DataSpec(train="lines/"), "train")
    'lines/'
    """
    path = getattr(data, key)
    if path != MEMORY:
        return str(path)
    if key not in data.memory:
        raise DataError(
            "the data were in memory, and are not here",
            where=f"data.{key}",
            expected=f"data with the digest {data.digest}",
            got=path,
            hint="give them from Python: tidegate.resume(run, data=…), tidegate.train(…, data=…), or name files",
        )
    return InMemory(data.memory[key], "data" if len(data.memory) == 1 else f"data.{key}")


def is_path(one: object) -> bool:
    """Whether it is a path, or a text, which may be one."""
    return isinstance(one, str | PathLike)


def is_array(one: object) -> bool:
    """Whether it is an array, a tensor, or a column of a table."""
    return hasattr(one, "__array__") and hasattr(one, "shape") and not is_table(one)


def plain_array(value: Any) -> NDArray[Any]:
    """What an array, a tensor, or a list of numbers holds, as an array of NumPy's.

    Raises:
        ValueError: They are complex, or rows differ in length.

    >>> plain_array([1, 2]).tolist()
    [1, 2]
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    array = np.asarray(value)
    if array.dtype.kind == "c":
        raise ValueError("complex numbers")
    return array


def is_table(one: object) -> bool:
    """Whether it is a data frame."""
    return hasattr(one, "columns") and hasattr(one, "iloc")


def is_column(one: object) -> bool:
    """Whether it is a series of pandas: one column."""
    return hasattr(one, "iloc") and hasattr(one, "to_frame") and not hasattr(one, "columns")


def is_picture(one: object) -> bool:
    """Whether it is a PIL image."""
    return hasattr(one, "getbands") and hasattr(one, "convert")


def is_number(label: object) -> bool:
    """Whether an answer is a floating-point number, and so a value rather than a class."""
    plain = _plain(label)
    return isinstance(plain, float) and not math.isnan(plain)


def _plain(label: Any) -> Any:
    """A number of NumPy's or a tensor without axes as Python's; anything else as it is."""
    single = hasattr(label, "item") and getattr(label, "ndim", None) == 0
    return label.item() if single else label


def class_name(label: Any, where: str, otherwise: str = "") -> str:
    """The name of a class: a text, or a whole number or truth value as text; empty where the label is missing.

    Args:
        label: As the caller has it.
        where: What errors call the sample.
        otherwise: What else could be done about a number with decimals, for the hint.

    Raises:
        DataError: It is something else.

    >>> [class_name(label, "image 1") for label in ("ebb", 3, True, float("nan"))]
    ['ebb', '3', 'True', '']
    """
    plain = _plain(label)
    missing = plain is None or type(plain).__name__ in ("NAType", "NaTType")
    if missing or (isinstance(plain, float) and math.isnan(plain)):
        return ""
    if isinstance(plain, str | int):
        return str(plain).strip()
    hint = f"give int(label) or str(label){', ' * bool(otherwise)}{otherwise}"
    raise DataError(
        "a label that is no class",
        where=where,
        expected="texts, or whole numbers",
        got=described(plain),
        hint=hint if isinstance(plain, float) else "give each class a name",
    )


def _listed(one: Any) -> list[Any] | None:
    """The entries of a sequence; of a text, a path, a table or a dictionary there are none."""
    if is_array(one):
        return list(one) if len(one.shape) else None
    return list(cast(Sequence[Any], one)) if isinstance(one, list | tuple | range) else None


def described(value: object) -> str:
    """A value's kind and size, never its content at length.

    >>> described([1, 2]), described({"x": 1}), described("the tide"), described(None)
    ('a list of 2, the first: int 1', 'a dict with the keys x', "str 'the tide'", 'None')
    """
    kind = type(value).__name__
    if value is None:
        return "None"
    if is_table(value):
        names = ", ".join(map(str, list(cast(Any, value).columns)[:12]))
        return f"a {kind} of {len(cast(Any, value)):,} rows with the columns {names}"
    if is_array(value):
        shape, dtype = cast(Any, value).shape, getattr(value, "dtype", "")
        return f"{kind} of shape {tuple(shape)}, {dtype}"
    if isinstance(value, Mapping):
        return f"a {kind} with the keys {', '.join(str(key) for key in list(cast(Mapping[Any, Any], value))[:12])}"
    if isinstance(value, list | tuple):
        held = cast(Sequence[Any], value)
        return f"a {kind} of {len(held):,}, the first: {described(held[0])}" if held else f"an empty {kind}"
    text = repr(value)
    if " at 0x" in text:
        # Where it lies in memory tells nobody anything.
        return f"an object of the type {kind}"
    return f"{kind} {text[:SHOWN]}{'…' if len(text) > SHOWN else ''}"
