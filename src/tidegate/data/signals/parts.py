"""Which files of a folder are its training, validation and test part, for signals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from tidegate.data.chosen import choose_names
from tidegate.data.encoding import to_utf8
from tidegate.data.parts import ORDER, Role, part_of
from tidegate.data.source import Place, Source
from tidegate.data.tables.cells import decode
from tidegate.errors import DataError, EmptyDataError

HEAD = 1 << 16
"""Bytes of a file that are looked at to tell what it is."""


def with_suffix(source: Source, suffixes: Sequence[str]) -> list[str]:
    """Names of the files that end so, in any case: the one file itself, or all of a folder or archive."""
    names = [source.path.name] if source.is_file else source.names
    return [name for name in names if name.lower().endswith(tuple(suffixes))]


def parts_by_name(names: Sequence[str]) -> tuple[Role, ...]:
    """The parts that names of whole data files tell (``GunPoint_TRAIN.ts``): training and another one, or none.

    >>> parts_by_name(["GunPoint_TEST.ts", "GunPoint_TRAIN.ts"]), parts_by_name(["a.ts"])
    (('train', 'test'), ())
    """
    found: set[Role | None] = {part_of(name) for name in names}
    return _in_order(found)


def parts_by_folder(names: Sequence[str]) -> tuple[Role, ...]:
    """The parts that top folders tell (``train/yes/1.wav``): every file lies in one, or there are none.

    >>> parts_by_folder(["train/a/1.wav", "test/a/2.wav"]), parts_by_folder(["test_run/1.wav", "train/1.wav"])
    (('train', 'test'), ())
    """
    found: set[Role | None] = {folder_part(name) for name in names}
    return () if None in found else _in_order(found)


def folder_part(name: str) -> Role | None:
    """The part that a file's top folder says that it is in; folders with other words in their names are none."""
    top = name.split("/", 1)[0].lower() if "/" in name else ""
    return part_of(top) if re.fullmatch("[a-z]+", top) else None


def _in_order(found: set[Role | None]) -> tuple[Role, ...]:
    parts: tuple[Role, ...] = tuple(role for role in ORDER if role in found)
    return parts if "train" in parts and len(parts) > 1 else ()


def data_files(place: Place, role: Role, suffixes: Sequence[str]) -> list[str]:
    """Files of one part, each a whole data file with many sequences.

    Raises:
        EmptyDataError: There is none.
        DataError: They are of several data sets.
    """
    source = place.source
    names = with_suffix(source, suffixes) if not source.is_file else [source.path.name]
    if not names:
        raise EmptyDataError(
            f"no {' or '.join(suffixes)} file", where=place.text, got=f"{len(source.names)} other files"
        )
    sets = sorted({_without_part(name) for name in names})
    if len(sets) > 1 and parts_by_name(names):
        raise DataError(
            "several data sets in one folder",
            where=place.text,
            expected="one, such as NAME_TRAIN.ts and NAME_TEST.ts",
            got=", ".join(sets[:8]) + (f", … {len(sets)} in all" if len(sets) > 8 else ""),
            hint="pass the folder or the file of one of them",
        )
    if role != "all" and role in parts_by_name(names):
        names = [name for name in names if part_of(name) == role]
    return names


def chosen_names(place: Place, names: Sequence[str]) -> list[str]:
    """Those of the files or sequences that the place's list names (``PATH@LIST.txt``); all where it has none.

    Raises:
        DataError: A name of the list is not found, or found in several folders.
    """
    chosen = choose_names(place, names)
    return [name for name in names if chosen is None or name in chosen.names]


def read_text(source: Source, name: str) -> str:
    """The text of a file, without its byte order mark.

    Raises:
        DataError: The file cannot be read, or is not UTF-8.
    """
    return decode(read_bytes(source, name), name)


def head_of(source: Source, name: str) -> str:
    """The first lines of a file, to tell what it is; of bytes that are not UTF-8 ``read_text`` tells.

    Raises:
        DataError: The file cannot be read.
    """
    content = to_utf8(read_bytes(source, name), name)
    text = content[:HEAD].decode("utf-8-sig", "replace")
    # The last line may be cut through.
    return text.rsplit("\n", 1)[0] if len(content) > HEAD else text


def read_bytes(source: Source, name: str) -> bytes:
    """The bytes of a file.

    Raises:
        DataError: The file cannot be read.
    """
    try:
        return source.read(name)
    except OSError as error:
        raise DataError(
            "the file cannot be read", where=f"{source.path}: {name}", got=error.strerror or str(error)
        ) from error


def _without_part(name: str) -> str:
    stem = re.sub(
        r"(?i)(?<![a-z])(train(ing)?|dev|valid(ation)?|val|test)(?![a-z])", "", PurePosixPath(name).stem
    )
    return stem.strip("_-. ") or stem
