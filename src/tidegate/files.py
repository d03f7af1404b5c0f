"""Writing results so that nothing is ever half-written.

A file is written under a temporary name in its own folder, flushed to the disk and renamed. Whoever looks at
the path sees the old file or the new one, whatever happens in between: a kill, a full disk, a crash.
"""

from __future__ import annotations

import errno
import json
import math
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import cast

from tidegate.errors import BundleError, OutputError

_ADVICE = {
    errno.ENOSPC: "the disk is full: free some space, or choose a folder on another disk",
    errno.EDQUOT: "your disk quota is used up: free some space, or choose a folder on another disk",
    errno.EFBIG: "the file is larger than this disk or account allows: choose a folder elsewhere",
    errno.EACCES: "you may not write there: choose another folder, or change its permissions",
    errno.EPERM: "you may not write there: choose another folder, or change its permissions",
    errno.EROFS: "the disk is read-only: choose a folder on another one",
    errno.ENOENT: "the folder does not exist: make it first",
    errno.ENOTDIR: "a part of the path is a file and no folder: choose another path",
    errno.EISDIR: "there is a folder of this name: choose another path",
}
_serial = count()


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """A temporary path to write to; it takes the place of ``path`` when the block ends well.

    Args:
        path: The file to write. It keeps its old content until the block has ended without an exception.

    Yields:
        A path in the same folder that does not exist yet.

    Raises:
        OutputError: The system refuses: a full disk, a missing folder, no permission.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "weights.bin"
        ...     with replacing(path) as temporary:
        ...         _ = temporary.write_bytes(b"12")
        ...     path.read_bytes()
        b'12'
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{next(_serial)}.tmp")
    try:
        yield temporary
        _flush(temporary)
        temporary.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise _refused(path, error) from error
    finally:
        # After a success there is nothing to remove; after a failure this is the half-written file.
        with suppress(OSError):
            temporary.unlink()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, or leave the old one as it was.

    Raises:
        OutputError: The system refuses; ``path`` is untouched and no temporary file is left.
    """
    with replacing(path) as temporary:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            _write_all(handle, content)
        finally:
            os.close(handle)


def write_text(path: Path, content: str) -> None:
    """Write a UTF-8 file, or leave the old one as it was.

    Raises:
        OutputError: The system refuses; ``path`` is untouched and no temporary file is left.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_text(Path(folder) / "a.txt", "ſ")
        ...     (Path(folder) / "a.txt").read_bytes()
        b'\\xc5\\xbf'
    """
    write_bytes(path, content.encode("utf-8"))


def write_json(path: Path, value: object) -> None:
    """Write a value as indented JSON, or leave the old file as it was.

    Numbers that are not finite become ``null``, since JSON knows no others.

    Raises:
        OutputError: The system refuses; ``path`` is untouched and no temporary file is left.
    """
    text = json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def read_json(path: Path) -> dict[str, object]:
    """The object in a JSON file.

    Raises:
        BundleError: The file is missing or cannot be read, or holds no JSON object.
    """
    try:
        value: object = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BundleError("cannot be read", where=str(path), got=reason, hint="check the path") from error
    if not isinstance(value, dict):
        raise BundleError("not a file of results", where=str(path), expected="a JSON object")
    return cast(dict[str, object], value)


def append_line(path: Path, line: str) -> None:
    """Add one line to a file, whole or not at all.

    A line that a killed process left without its end is removed first.

    Args:
        path: The file; made where it is missing.
        line: Text without line breaks.

    Raises:
        OutputError: The system refuses; the file holds the lines that it held before.
    """
    if "\n" in line:
        raise ValueError("append_line takes one line, without its end")
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        try:
            _append(handle, line.encode("utf-8") + b"\n")
        finally:
            os.close(handle)
    except OSError as error:
        raise _refused(path, error) from error


def append_json_line(path: Path, value: Mapping[str, object]) -> None:
    """Add one object to a file of JSON lines; numbers that are not finite become ``null``.

    Raises:
        OutputError: The system refuses; the file holds the lines that it held before.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     append_json_line(Path(folder) / "history.jsonl", {"epoch": 1})
        ...     whole_lines(Path(folder) / "history.jsonl")
        [b'{"epoch": 1}']
    """
    append_line(path, json.dumps(_finite(value), ensure_ascii=False, allow_nan=False))


def whole_lines(path: Path) -> list[bytes]:
    """The lines of a file that have an end.

    A last line without one is what a killed process was writing; it counts as never written.

    Raises:
        BundleError: The file cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BundleError(
            "cannot be read", where=str(path), got=error.strerror, hint="check the path"
        ) from error
    # Not splitlines(): texts may hold U+2028 and the like.
    return [line for line in content[: content.rfind(b"\n") + 1].split(b"\n") if line]


def _append(handle: int, content: bytes) -> None:
    size = _end_of_last_line(handle)
    os.ftruncate(handle, size)
    os.lseek(handle, size, os.SEEK_SET)
    try:
        _write_all(handle, content)
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, size)
        raise


def _end_of_last_line(handle: int, step: int = 4096) -> int:
    end = os.lseek(handle, 0, os.SEEK_END)
    while end > 0:
        start = max(0, end - step)
        os.lseek(handle, start, os.SEEK_SET)
        found = os.read(handle, end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _write_all(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush_folder(path: Path) -> None:
    # Makes the rename itself durable. Windows and some network disks cannot do it; the file is whole there
    # all the same.
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refused(path: Path, error: OSError) -> OutputError:
    return OutputError(
        "cannot write a result",
        where=str(path),
        got=error.strerror or str(error),
        hint=_ADVICE.get(error.errno or 0, "check the disk and the folder"),
    )


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        items = cast(Mapping[object, object], value).items()
        return {str(key): _finite(item) for key, item in items}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_finite(item) for item in cast(Sequence[object], value)]
    return value
