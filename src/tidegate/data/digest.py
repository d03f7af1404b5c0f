"""The digest of data in memory: the same for copies of the same content, whoever made them."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike, fspath
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from tidegate.data.memory import described, is_array, is_column, is_picture, is_table
from tidegate.errors import DataError


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def digest_of(values: Mapping[str, Any]) -> str:
    """SHA-256 over names and contents, in hexadecimal digits.

    A tuple is as good as a list of the same, and the order of an array's bytes in memory does not count. Types do: 1, 1.0
    and "1" are three things. Of files that data name, the paths count and not what is in them.

    Args:
        values: By the key of ``[data]``.

    Raises:
        DataError: They hold something that is neither number, text, array, image nor table.

    >>> x = np.arange(6.0).reshape(2, 3)
    >>> digest_of({"train": (x, ["a", "b"])}) == digest_of({"train": (x.T.copy().T, ("a", "b"))})
    True
    >>> digest_of({"train": x}) == digest_of({"train": x.astype("float32")})
    False
    """
    found = hashlib.sha256()
    for key in sorted(values):
        _put(found, b"k", key.encode())
        _add(found, values[key])
    return found.hexdigest()


def _put(found: _Hash, kind: bytes, content: bytes) -> None:
    # With its length, so that no two contents run together into a third.
    found.update(kind + struct.pack("<q", len(content)))
    found.update(content)


def _add(found: _Hash, value: Any) -> None:
    if isinstance(value, np.generic):
        value = value.item()
    elif isinstance(value, set | frozenset):
        value = sorted(cast("set[Any]", value), key=repr)
    if value is None or isinstance(value, bool | int | float):
        _put(found, b"n", f"{type(value).__name__} {value!r}".encode())
    elif isinstance(value, str | PathLike):
        _put(found, b"s", str(fspath(cast(Any, value))).encode("utf-8", "surrogatepass"))
    elif isinstance(value, bytes):
        _put(found, b"b", value)
    elif is_table(value):
        _table(found, value)
    elif is_picture(value):
        _put(found, b"p", f"{value.mode} {value.size} {value.getexif().get(0x0112, 1)}".encode())
        _put(found, b"q", bytes(value.getpalette() or ()))
        _put(found, b"q", repr(value.info.get("transparency")).encode())
        _put(found, b"q", value.tobytes())
    elif is_array(value):
        _array(found, _values(value))
    elif isinstance(value, list | tuple | range):
        entries = cast(Sequence[Any], value)
        _put(found, b"l", str(len(entries)).encode())
        _each(found, entries)
    elif type(value).__module__.startswith("pandas."):
        _put(found, b"v", repr(value).encode())  # a missing value, a time
    else:
        raise DataError(
            "data in memory hold something that has no digest",
            where="data",
            expected="numbers, texts, arrays, images, tables, and lists of these",
            got=described(value),
            hint="give lists or arrays in place of iterators, and texts or numbers in place of other objects",
        )


def _each(found: _Hash, entries: Iterable[Any]) -> None:
    for one in entries:
        _add(found, one)


def _values(value: Any) -> NDArray[Any]:
    """The values of an array, a tensor or a column; those of types that NumPy lacks as objects."""
    if is_column(value):
        plain = isinstance(value.dtype, np.dtype)
        return value.to_numpy() if plain else value.to_numpy(dtype=object)
    return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)


def _array(found: _Hash, array: NDArray[Any]) -> None:
    if array.dtype.kind in "OUS":
        _put(found, b"l", str(array.shape[0] if array.ndim == 1 else array.shape).encode())
        _each(found, array.reshape(-1).tolist())
        return
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    _put(found, b"a", f"{array.dtype.str} {array.shape}".encode())
    _put(found, b"a", array.tobytes())


def _table(found: _Hash, frame: Any) -> None:
    """Columns by name, and an index that is a column too."""
    from tidegate.data.tables.table import with_index  # it imports pandas

    frame = with_index(frame)
    _put(found, b"t", str(len(frame)).encode())
    for position, name in enumerate(frame.columns):
        _put(found, b"c", str(name).encode())
        _add(found, frame.iloc[:, position])
