"""What is one input and what are several, for ``Model.predict``."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from tidegate.data.memory import described, is_array, is_path, is_picture, is_table
from tidegate.errors import DataError, TidegateError


def as_list(inputs: Any, *, expected: str) -> list[Any]:
    """A call's inputs: a text, a path, bytes, an array, a picture and a table are one input each.

    Args:
        inputs: One, or a sequence of them.
        expected: What the model takes, for the message.

    Raises:
        DataError: It is nothing that could be an input.

    >>> as_list("the tide", expected="texts"), as_list(["a", "b"], expected="texts")
    (['the tide'], ['a', 'b'])
    """
    if is_single(inputs):
        return [inputs]
    if inputs is None or isinstance(inputs, Mapping) or not isinstance(inputs, Iterable):
        raise unfit(inputs, "the inputs", expected)
    return list(inputs)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def is_single(one: object) -> bool:
    """Whether something is an input by itself, and no sequence of inputs."""
    return is_path(one) or isinstance(one, bytes) or is_array(one) or is_table(one) or is_picture(one)


def unfit(got: object, where: str, expected: str) -> DataError:
    """The error about an input of a kind that the model does not take."""
    return DataError("the model takes no such input", where=where, expected=expected, got=described(got))


def paths_of(arguments: Iterable[str], stdin: BinaryIO) -> Iterator[Path]:
    """The paths that a command line names; ``-`` stands for paths on ``stdin``, one a line."""
    for text in arguments:
        if text == "-":
            yield from (Path(line) for line in _lines(stdin) if line.strip())
        else:
            yield Path(text)


def _lines(stdin: BinaryIO) -> Iterator[str]:
    """Lines as they come; a byte order mark goes, and UTF-16 is read whole, as PowerShell writes lists."""
    first = stdin.readline()
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield from (first + stdin.read()).decode("utf-16", "replace").splitlines()
        return
    for line in chain([first.removeprefix(codecs.BOM_UTF8)], stdin):
        yield line.decode("utf-8", "surrogateescape").rstrip("\r\n")


def one_line(error: TidegateError) -> str:
    """An error's reason where one line must do: what is wrong, what came, what was expected.

    >>> one_line(DataError("the file is empty", where="a.csv", expected="rows"))
    'the file is empty; expected: rows'
    """
    parts = (error.what, error.got, error.expected and f"expected: {error.expected}")
    return "; ".join(" ".join(part.split()) for part in parts if part)
