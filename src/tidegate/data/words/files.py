"""The files of sentences behind a path, and which part of the data each of them is."""

from __future__ import annotations

from pathlib import PurePosixPath

from tidegate.data.memory import InMemory, Reference
from tidegate.data.parts import ORDER, Role, part_of
from tidegate.data.source import Source, find_place
from tidegate.data.words.document import Document
from tidegate.data.words.memory import sentences_in_memory
from tidegate.data.words.reader import Reader, is_conllu
from tidegate.errors import ConfigError, DataError, EmptyDataError

SUFFIXES = frozenset((".conll", ".iob", ".iob2", ".bio", ".bioes", ".bmes", ".tsv", ".txt", ".tagged"))
_PART_SUFFIXES = frozenset((".train", ".dev", ".valid", ".test", ".testa", ".testb", ".annotated"))
"""Endings that say the part and not the format: ``eng.testa``, ``emerging.test.annotated``."""
_TOLD_APART = frozenset(
    ("readme", "license", "licence", "source", "copying", "notice", "changelog", "changes")
)


def sentence_files(source: Source) -> list[str]:
    """Names of the files of sentences: a file itself, or those of a folder or archive that look like it.

    Beside CoNLL-U files, no others count: treebanks have their plain text there.
    """
    if source.is_file:
        return [source.path.name]
    conllu = [name for name in source.names if is_conllu(name)]
    return conllu or [name for name in source.names if _looks_like(name)]


def own_parts(source: Source) -> tuple[Role, ...]:
    """The parts that a folder or archive brings: at least training and another one, or none.

    A single file is one part, whatever it is called.
    """
    if source.is_file:
        return ()
    found = {part_of(name) for name in sentence_files(source)}
    parts: tuple[Role, ...] = tuple(role for role in ORDER if role in found)
    return parts if "train" in parts and len(parts) > 1 else ()


def part_less(source: Source) -> list[str]:
    """Files whose names say no part, of a folder whose other files do: nothing reads them but ``data.source``."""
    return [name for name in sentence_files(source) if part_of(name) is None] if own_parts(source) else []


def read_documents(where: Reference, role: Role, reader: Reader) -> list[Document]:
    """Read all files of one part, in the order of their names.

    Args:
        where: A file, a folder, or an archive; or sentences in memory, which are one document.
        role: The part wanted, of data that brings its own; ``all``: every file.
        reader: Of one file.

    Raises:
        DataError: The path is not there, or a file cannot be read at all.
        EmptyDataError: There is no file of sentences.
        ConfigError: The path has a list that chooses (``PATH@LIST``).
    """
    if isinstance(where, InMemory):
        return [sentences_in_memory(where)]
    place = find_place(where)
    if place.chosen is not None:
        raise ConfigError("a list cannot choose sentences", where=where, expected="a file, folder or archive")
    source = place.source
    names = [] if source.builtin else sentence_files(source)
    if role != "all" and role in own_parts(source):
        names = [name for name in names if part_of(name) == role]
    if not names:
        raise EmptyDataError(
            "no files of sentences",
            where=where,
            expected="*.conllu, *.conll, *.txt, *.tsv, *.iob or *.bio, packed as .gz or not",
            got="a built-in data set" if source.builtin else f"{len(source.names)} files of other kinds",
        )
    return [reader(name, _read(source, name)) for name in names]


def _looks_like(name: str) -> bool:
    path = PurePosixPath(name.lower().removesuffix(".gz"))
    if path.name.split(".")[0] in _TOLD_APART:
        return False
    return path.suffix in SUFFIXES or path.suffix in _PART_SUFFIXES


def _read(source: Source, name: str) -> bytes:
    try:
        return source.read(name)
    except OSError as error:
        raise DataError(
            "the file cannot be read", where=f"{source.path}: {name}", got=error.strerror or str(error)
        ) from error
