"""Labels and groups of files, each of which is one sequence: from paths, from a table beside them, or from inside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.data.signals.parts import folder_part
from tidegate.data.signals.raw_record import ReadOptions, plain_label
from tidegate.data.signals.tables.label_table import LabelTable, column_called, label_column
from tidegate.data.tables.cells import is_missing
from tidegate.errors import ConfigError

PREFIXES = range(2, 101)
"""How many classes the beginnings of names may give."""


@dataclass(frozen=True)
class Files:
    """Files of one data set.

    Attributes:
        names: All of them, those of other parts too.
        parted: Whether their top folders are parts.
        tables: What stands beside them.
        labels: What they say themselves, where they do.
        groups: Likewise.
    """

    names: Sequence[str]
    parted: bool = False
    tables: Sequence[LabelTable] = ()
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    groups: Mapping[str, str] = field(default_factory=dict[str, str])

    def path(self, name: str) -> str:
        """A file's path without the folder of its part."""
        return name.split("/", 1)[1] if self.parted and folder_part(name) else name


@dataclass(frozen=True)
class Told:
    """What a file is called → its label or group, and how that was found."""

    found: Mapping[str, str]
    how: str


def file_labels(files: Files, options: ReadOptions) -> Told:
    """The label of each file.

    By ``signal.label_pattern``; by the column that ``signal.label`` names; otherwise by the first of these that there
    is: two or more folders, a table beside the files, a column inside, what stands before the first ``_`` of names (if
    that makes 2 to 100 classes with several files each), a single folder.

    Raises:
        ConfigError: The pattern is none, or no column is called so.
        DataError: Several columns of tables beside the files could be meant.

    >>> from tidegate.config.tasks.signal import SignalSpec
    >>> names = ["0_ann_1.wav", "0_bob_1.wav", "1_ann_1.wav", "1_bob_1.wav"]
    >>> file_labels(Files(names), ReadOptions(SignalSpec())).found["1_ann_1.wav"]
    '1'
    """
    spec = options.signal
    if spec.label_pattern is not None:
        return _by_pattern(files, spec.label_pattern, "signal.label_pattern")
    if spec.label is not None:
        named = column_called(files.tables, spec.label)
        if named is not None:
            return _by_table(files, named)
        if not files.labels and options.labelled:
            raise _no_column("signal.label", spec.label, files)
        return Told(files.labels, f"labels are from the column {spec.label!r}")
    folders = {name: files.path(name).split("/", 1)[0] for name in files.names if "/" in files.path(name)}
    if len(set(folders.values())) > 1:
        return Told(folders, "labels are the folders")
    # Predicting needs no labels, so it must not fail for doubts about them.
    named = label_column(files.tables, options.group_column) if files.tables and options.labelled else None
    if named is not None:
        return _by_table(files, named)
    if files.labels:
        return Told(files.labels, "labels are a column of the files")
    return _by_prefix(files) or Told(folders, "labels are the folder")


def file_groups(files: Files, options: ReadOptions) -> Told:
    """The group of each file, by a column.

    Raises:
        ConfigError: No column is called so.
    """
    group = options.group_column
    if group is None:
        return Told({}, "")
    named = column_called(files.tables, group)
    if named is not None:
        return Told({name: named[1].get(name, "") for name in files.names}, f"groups are from {named[0]}")
    if not files.groups and options.needs_groups:
        raise _no_column("data.group", group, files)
    return Told(files.groups, f"groups are the column {group!r}")


def _by_pattern(files: Files, pattern: str, key: str) -> Told:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ConfigError("no regular expression", where=key, got=f"{pattern}: {error}") from error
    if compiled.groups < 1:
        raise ConfigError(
            "the pattern has no group", where=key, expected="( ) around what counts", got=pattern
        )
    matched = {name: compiled.search(files.path(name)) for name in files.names}
    found = {name: match[1] or "" for name, match in matched.items() if match}
    return Told(found, f"{key.split('.')[1].split('_')[0]}s are by the pattern {pattern}")


def _by_table(files: Files, named: tuple[str, Mapping[str, str]]) -> Told:
    found = {name: _label(named[1].get(name, "")) for name in files.names}
    return Told(found, f"labels are from {named[0]}")


def _by_prefix(files: Files) -> Told | None:
    found = {
        name: stem.split("_", 1)[0]
        for name in files.names
        if "_" in (stem := files.path(name).rsplit("/", 1)[-1])
    }
    counts = Counter(found.values())
    if len(found) < len(files.names) or len(counts) not in PREFIXES or min(counts.values()) < 2:
        return None
    return Told(found, "labels are what stands before the first _ of names")


def _no_column(key: str, wanted: str, files: Files) -> ConfigError:
    there = [name for table in files.tables for name in table.columns]
    return ConfigError(
        f"no column {wanted!r}",
        where=key,
        expected="a column of the files, or of a CSV beside them that names them",
        got=f"beside the files: {', '.join(there)}"
        if there
        else "no such column, and no table beside the files",
        hint="for a part of the path give re:PATTERN with ( ) around it, or folder"
        if key == "data.group"
        else None,
    )


def _label(cell: str) -> str:
    return "" if is_missing(cell) else plain_label(cell)
