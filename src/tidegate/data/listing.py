"""From a path, as a user writes it, to samples."""

from __future__ import annotations

from tidegate.data.chosen import only_chosen
from tidegate.data.format import Format, Listing, Role
from tidegate.data.formats import FORMATS, formats_of
from tidegate.data.source import Source, find_place
from tidegate.errors import ConfigError, EmptyDataError


def read_listing(task: str, path: str, role: Role = "train", format_name: str = "auto") -> Listing:
    """List the images behind a path. Labels are read, images are not opened.

    Args:
        task: Chooses among the formats.
        path: Folder, file, archive or built-in name, with ``@LIST.txt`` or without.
        role: The part wanted, for formats that bring parts of their own.
        format_name: A key of ``FORMATS``, or ``auto``.

    Returns:
        Samples, files that cannot be used (not raised: the caller wants all of them at once), and notes.

    Raises:
        DataError: The path is not there, nothing can be read from it, or listed names are not in it.
        ConfigError: No such format, not for this task, or one of words or text, which hold no images.

    >>> len(read_listing("transcribe", "digit-lines", "test").samples)
    250
    """
    place = find_place(path)
    chosen = _choose(task, place.source, format_name)
    if chosen.list_samples is None:
        raise ConfigError(
            f"data of the format {chosen.name} are no list of images",
            where=path,
            expected=f"a task on images, not {task}",
            hint="read sentences with read_documents, and text with read_texts",
        )
    return only_chosen(chosen.list_samples(place.source, role), place)


def find_format(task: str, path: str, format_name: str = "auto") -> Format:
    """The format that ``read_listing`` would use.

    Raises:
        DataError: The path is not there, or no format fits it.
        ConfigError: No such format, or not for this task.
    """
    return _choose(task, find_place(path).source, format_name)


def _choose(task: str, source: Source, format_name: str) -> Format:
    if format_name != "auto":
        return _named(task, format_name)
    for candidate in formats_of(task):
        if candidate.looks_like(source):
            return candidate
    lines = [f"{one.name}: {one.summary}" for one in formats_of(task)]
    if source.builtin:
        got = f"{source.path}, built in for {' and '.join(FORMATS[str(source.path)].tasks)}"
    else:
        got = (
            "an empty folder"
            if not source.is_file and not source.names
            else "nothing that looks like one of these"
        )
    raise EmptyDataError(
        f"no data for {task} found",
        where=str(source.path),
        expected="\n".join(lines),
        got=got,
        hint="check the path and the task, or name the reader with --format",
    )


def _named(task: str, format_name: str) -> Format:
    names = [one.name for one in formats_of(task)]
    if format_name not in names:
        raise ConfigError(
            f"no format {format_name!r} for {task}",
            where="data.format",
            expected=", ".join(["auto", *names]),
            got=format_name,
        )
    return FORMATS[format_name]
