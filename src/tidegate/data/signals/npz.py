"""``.npz`` files: arrays of NumPy, read without pickle.

- ``x`` (or ``X``): ``(N, T)`` or ``(N, T, C)``, and perhaps ``lengths`` ``(N,)`` where rows are padded; or
- ``values``: ``(sum of T,)`` or ``(sum of T, C)``, all sequences one after the other, and ``lengths`` ``(N,)``;
- ``y``: ``(N,)`` numbers or text; ``channels``: ``(C,)`` names; ``rate``: steps a second; for ``data.group = "NAME"``
  an array of that name ``(N,)``.

Names with ``_train``, ``_valid`` and ``_test`` behind them hold the parts of the data.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.border import at_border, check_room
from tidegate.data.parts import ORDER, Role
from tidegate.data.signals.parts import with_suffix
from tidegate.data.signals.raw_record import RawRecord, RawRecords, ReadOptions, plain_label
from tidegate.data.source import Place, Source
from tidegate.errors import ConfigError, DataError, EmptyDataError

SUFFIXES = (".npz",)
SHARED = ("channels", "rate")
"""Arrays that stand for all parts."""
Arrays = dict[str, NDArray[Any]]


def matches(source: Source) -> bool:
    """One file that ends in ``.npz``."""
    return source.is_file and bool(with_suffix(source, SUFFIXES))


def own_parts(source: Source) -> tuple[Role, ...]:
    """The parts that the names of its arrays tell, training and another one; or none.

    Raises:
        DataError: It cannot be read.
    """
    # Only the directory of the file is read, not the arrays.
    with _reading(source), zipfile.ZipFile(source.path) as archive:
        names = [name.removesuffix(".npy").lower() for name in archive.namelist()]
    return _parts(names)


def read(place: Place, role: Role, options: ReadOptions) -> RawRecords:
    """Read the sequences of one part.

    Raises:
        DataError: It cannot be read without pickle, or arrays do not fit together.
        EmptyDataError: There is no array of values.
        ConfigError: There is no array of the groups asked for.
    """
    source = place.source
    if not source.is_file:
        raise DataError("an .npz is one file", where=place.text, got="a folder or an archive")
    parts = own_parts(source)
    if parts and role not in (*parts, "all"):
        raise EmptyDataError(f"no {role} part", where=place.text, got=f"parts {' and '.join(parts)}")
    suffixes = [f"_{part}" for part in (parts if role == "all" else (role,))] if parts else [""]
    arrays = _load(source, suffixes)
    records = RawRecords()
    for suffix in suffixes:
        _read_part(_Part(source.path.name, suffix, arrays), options, records)
    return records


@dataclass(frozen=True)
class _Part:
    """The arrays with one ending."""

    file: str
    suffix: str
    arrays: Arrays

    def get(self, name: str) -> NDArray[Any] | None:
        """An array of the part, or else one for all parts."""
        own = self.arrays.get(name + self.suffix)
        return self.arrays.get(name) if own is None and name in SHARED else own

    def wrong(self, what: str, expected: str, got: str) -> DataError:
        return DataError(what, where=self.file, expected=expected, got=got)


def _load(source: Source, suffixes: list[str]) -> Arrays:
    """The arrays with these endings, and those for all parts."""
    with _reading(source), zipfile.ZipFile(source.path) as archive:
        wanted = [
            member
            for member in archive.infolist()
            if (name := member.filename.removesuffix(".npy").lower()) in SHARED
            or name.endswith(tuple(suffixes))
        ]
        where = str(source.path)
        check_room(sum(member.file_size for member in wanted), source.path.stat().st_size, where)
        return {
            member.filename.removesuffix(".npy").lower(): _array(archive, member, where) for member in wanted
        }


@contextmanager
def _reading(source: Source) -> Generator[None]:
    expected = "arrays of numbers or text, as np.savez writes them"
    with at_border("the .npz cannot be read", str(source.path), expected=expected):
        yield


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str) -> NDArray[Any]:
    """One array; what its header promises is looked at before any memory is taken for it."""
    with archive.open(member) as file:
        major, _ = np.lib.format.read_magic(file)
        # Versions 2 and 3 differ in how the header's text is encoded only.
        read = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
        shape, in_columns, kind = read(file)
        if kind.hasobject:
            raise DataError(
                "the .npz cannot be read",
                where=f"{where}: {member.filename}",
                expected="arrays of numbers or text, as np.savez writes them",
                got="arrays of objects, which only pickle reads",
                hint="give sequences of different lengths as values (all in a row) and lengths",
            )
        size = math.prod(shape) * kind.itemsize
        if min(shape, default=0) < 0 or size > member.file_size:
            raise DataError(
                "an array of the .npz is cut off",
                where=f"{where}: {member.filename}",
                expected=f"{size:,} bytes, for {'×'.join(map(str, shape))} values of type {kind}",
                got=f"at most {member.file_size:,}",
                hint="write the file again",
            )
        content = file.read()
    if len(content) != size:
        raise ValueError(
            f"{member.filename} has {len(content):,} bytes of values, and {size:,} were expected"
        )
    # A copy that may be written to, as np.load gives it.
    return np.frombuffer(bytearray(content), kind).reshape(shape, order="F" if in_columns else "C")


def _parts(names: list[str]) -> tuple[Role, ...]:
    found = {name.rpartition("_")[2] for name in names if name.rpartition("_")[0] in ("x", "values")}
    parts: tuple[Role, ...] = tuple(part for part in ORDER if part in found)
    return parts if "train" in parts else ()


def _read_part(part: _Part, options: ReadOptions, records: RawRecords) -> None:
    sequences, label = _sequences(part)
    targets = _targets(part, "y", len(sequences))
    groups = [""] * len(sequences)
    if options.group_column is not None:
        groups = _targets(part, options.group_column.lower(), len(sequences))
        if options.needs_groups and not any(groups):
            raise ConfigError(
                "no array of groups",
                where="data.group",
                expected=f"an array {options.group_column}{part.suffix} in {part.file}",
                got=", ".join(part.arrays),
            )
    names = part.get("channels")
    if names is not None:
        records.channels = tuple(str(name) for name in names.reshape(-1).tolist())
    rate = part.get("rate")
    records.rate = float(rate.reshape(-1)[0]) if rate is not None and rate.size else None
    records.found.extend(
        RawRecord(f"{part.file}:{label}[{index}]", values, target, group)
        for index, (values, target, group) in enumerate(zip(sequences, targets, groups, strict=True))
    )


def _sequences(part: _Part) -> tuple[list[NDArray[np.float32]], str]:
    """Each sequence ``(T, C)``, and the name of their array."""
    lengths = part.get("lengths")
    x, values = part.get("x"), part.get("values")
    if x is not None:
        padded = _floats(part, f"x{part.suffix}", x, (2, 3))
        if lengths is None:
            return list(padded), f"x{part.suffix}"
        cuts = _lengths(part, lengths, len(padded), padded.shape[1])
        return [one[:cut] for one, cut in zip(padded, cuts, strict=True)], f"x{part.suffix}"
    if values is None:
        raise EmptyDataError(
            "no array of values",
            where=part.file,
            expected="x of (N, T) or (N, T, C), or values and lengths",
            got=", ".join(part.arrays) or "no arrays",
        )
    if lengths is None:
        raise part.wrong("values need lengths", f"an array lengths{part.suffix} (N,)", ", ".join(part.arrays))
    flat = _floats(part, f"values{part.suffix}", values, (1, 2))
    cuts = _lengths(part, lengths, lengths.size, len(flat))
    if sum(cuts) != len(flat):
        raise part.wrong("lengths do not add up", f"{len(flat)}, the steps of values", str(sum(cuts)))
    return np.split(flat, np.cumsum(cuts)[:-1]), f"values{part.suffix}"


def _floats(part: _Part, name: str, array: NDArray[Any], dimensions: tuple[int, int]) -> NDArray[np.float32]:
    """As float32, with an axis of channels. One copy of all, which the sequences share."""
    if array.dtype.kind not in "buif":
        raise part.wrong(f"{name} holds no numbers", "whole or floating-point numbers", str(array.dtype))
    if array.ndim not in dimensions:
        shape = "(N, T) or (N, T, C)" if dimensions[0] == 2 else "(sum of T,) or (sum of T, C)"
        raise part.wrong(f"{name} has the wrong shape", shape, str(array.shape))
    with np.errstate(over="ignore"):
        floats = array.astype(np.float32, copy=False)
    return floats[..., None] if array.ndim == dimensions[0] else floats


def _lengths(part: _Part, lengths: NDArray[Any], count: int, longest: int) -> list[int]:
    if lengths.dtype.kind not in "iu" or lengths.shape != (count,):
        raise part.wrong(
            "lengths are wrong", f"({count},) whole numbers", f"{lengths.shape} of type {lengths.dtype}"
        )
    if lengths.size and (lengths.min() < 0 or lengths.max() > longest):
        raise part.wrong("lengths are wrong", f"0 to {longest}", f"{lengths.min()} to {lengths.max()}")
    return [int(one) for one in lengths.tolist()]


def _targets(part: _Part, name: str, count: int) -> list[str]:
    array = part.get(name)
    if array is None:
        return [""] * count
    if array.size != count or array.ndim > 2:
        raise part.wrong(f"{name}{part.suffix} does not fit the sequences", f"({count},)", str(array.shape))
    array = array.reshape(-1)
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8")
    return ["" if one != one else plain_label(str(one)) for one in array.tolist()]  # NaN is no label
