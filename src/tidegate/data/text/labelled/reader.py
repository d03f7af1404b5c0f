"""From a path to its texts: one file, a folder with a file for each part, or a folder for each class."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tidegate.data.encoding import to_utf8
from tidegate.data.memory import InMemory, Reference
from tidegate.data.parts import Role
from tidegate.data.source import TABLE_SUFFIXES, Source, find_place
from tidegate.data.tables.table import read_table
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.json_lines import SUFFIXES as JSON_SUFFIXES
from tidegate.data.text.labelled.json_lines import keys_of, read_json_lines
from tidegate.data.text.labelled.memory import texts_in_memory
from tidegate.data.text.labelled.tables import read_text_table
from tidegate.data.text.labelled.text import Texts
from tidegate.data.text_lines import why_not_utf8
from tidegate.errors import DataError, EmptyDataError

TEXT_SUFFIXES = (".txt", ".txt.gz")
_PARTS: dict[str, Role] = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
}


def read_labelled(where: Reference, role: Role, columns: TextColumns) -> Texts:
    """The texts of one part, with their answers.

    Args:
        where: In memory, or a path: a table, a file of JSON lines, a folder of such files, or one with a folder of text
            files for each class. Names of files and folders may say their part: ``train``, ``valid`` (``dev``), ``test``.
        role: The part; ``all``: everything.
        columns: Of the text and of the answer.

    Raises:
        DataError: The path is not there, or holds no texts of the part.
    """
    if isinstance(where, InMemory):
        return texts_in_memory(where, columns)
    source = find_place(where).source
    names = _of_part(source, role)
    if not names:
        raise EmptyDataError(
            "no texts found",
            where=where,
            expected="a table (x.csv, x.tsv, x.parquet) or JSON lines (x.jsonl), a folder of these, or ROOT/CLASS/x.txt",
            got="no such file",
        )
    found = Texts()
    for name in names:
        found.extend(_read(source, name, columns))
    return found


def own_parts(path: str) -> tuple[Role, ...]:
    """The parts that the names of a folder's files tell, training first."""
    source = find_place(path).source
    told = {part_of(name) for name in text_files(source)}
    return tuple(role for role in ("train", "valid", "test") if role in told) if "train" in told else ()


def part_of(name: str) -> Role | None:
    """The part that a file's name, or that of a folder it lies in, tells.

    >>> part_of("trec.train.tsv"), part_of("test/pos/12.txt"), part_of("train.csv"), part_of("latest.csv")
    ('train', 'test', 'train', None)
    """
    path = PurePosixPath(name)
    for folder in path.parts[:-1]:
        if folder.lower() in _PARTS:
            return _PARTS[folder.lower()]
    words = re.split(r"[._\-]+", path.name.lower())[:-1]
    return next((_PARTS[word] for word in words if word in _PARTS), None)


def columns_known(path: str) -> list[str] | None:
    """The columns or keys of the first table or JSON lines of a path; ``None``: a folder a class.

    Raises:
        DataError: It holds no texts, or they cannot be read.
    """
    source = find_place(path).source
    names = text_files(source)
    if not names:
        raise EmptyDataError("no texts found", where=path)
    name = names[0]
    if name.lower().endswith(TABLE_SUFFIXES):
        return read_table(_path(source, name)).names
    if name.lower().endswith(JSON_SUFFIXES):
        return keys_of(name, source.read(name))
    return None


def text_files(source: Source) -> list[str]:
    """The files of a source that hold texts: tables and JSON lines, else those in folders of classes."""
    if source.builtin:
        return []
    if source.is_file:
        return [source.path.name] if source.path.name.lower().endswith(TABLE_SUFFIXES + JSON_SUFFIXES) else []
    rows = [name for name in source.names if name.lower().endswith(TABLE_SUFFIXES + JSON_SUFFIXES)]
    return rows or [name for name in source.names if name.lower().endswith(TEXT_SUFFIXES) and _class(name)]


def _of_part(source: Source, role: Role) -> list[str]:
    names = text_files(source)
    parts = [part_of(name) for name in names]
    if role == "all" or source.is_file or not any(parts):
        return names
    return [name for name, part in zip(names, parts, strict=True) if part == role]


def _read(source: Source, name: str, columns: TextColumns) -> Texts:
    if name.lower().endswith(TABLE_SUFFIXES):
        return read_text_table(_path(source, name), columns, labelled=True)
    content = source.read(name)
    where = _path(source, name)
    if name.lower().endswith(JSON_SUFFIXES):
        return read_json_lines(where, content, columns, labelled=True)
    return _one_text(where, content, _class(name))


def _one_text(where: str, content: bytes, label: str) -> Texts:
    found = Texts()
    text = to_utf8(content, where).decode("utf-8-sig", "surrogateescape")
    reason = why_not_utf8(text)
    if reason is not None:
        found.refuse("no-utf8", where, f"the file {reason}")
    else:
        found.add(where, text, (label,))
    return found


def _path(source: Source, name: str) -> str:
    path = source.path if source.is_file else source.path / name
    if name.lower().endswith(TABLE_SUFFIXES) and not path.is_file():
        raise DataError("tables in archives are not read", where=str(path), hint="unpack it")
    return str(path)


def _class(name: str) -> str:
    """The folder that a file lies in, unless that is one of a part."""
    folders = PurePosixPath(name).parts[:-1]
    return folders[-1] if folders and folders[-1].lower() not in _PARTS else ""
