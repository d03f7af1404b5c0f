"""Where files of strangers meet parsers of strangers: what these raise becomes ours, and sizes are looked at first.

A packed file may say or hold anything. ``at_border`` stands around each call into another library, and ``room_for``
says how much a packed file may unpack to: honest data stay below it, and what does not can be unpacked by hand.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator
from contextlib import contextmanager

from tidegate.errors import DataError, TidegateError

ALWAYS = 256_000_000
"""Bytes that any packed file may unpack to."""
RATIO = 100
"""How often its own size a larger one may unpack to; text packs 3 to 20 times, tables of few values up to 50 times."""
LARGEST = 4_000_000_000
"""Bytes that are unpacked into memory, at most."""


@contextmanager
def at_border(
    what: str, where: str, *, expected: str | None = None, hint: str | None = None
) -> Generator[None]:
    """Turn whatever another library raises into one error that names the file.

    Args:
        what: The problem in one line, as the error tells it.
        where: The file.
        expected: What would have been right.
        hint: What to do about it.

    Raises:
        DataError: The block raised something that is not Tidegate's own.

    >>> with at_border("the file cannot be read", "a.npz"):
    ...     [][1]
    Traceback (most recent call last):
    tidegate.errors.DataError: the file cannot be read
      where:    a.npz
      got:      list index out of range
    """
    try:
        yield
    except TidegateError:
        raise
    except Exception as error:
        raise DataError(what, where=where, expected=expected, got=reason(error), hint=hint) from error


def reason(error: BaseException) -> str:
    """What another library's exception says, short; its type where it says nothing.

    >>> reason(RecursionError("too deep\\nmore")), reason(KeyError())
    ('too deep', 'KeyError')
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    spoken = getattr(error, "error_string", None) or error  # libsndfile's, without the name of an object
    first = next(iter(str(spoken).strip().splitlines()), "")
    return first[:200] or type(error).__name__


def room_for(packed: int) -> int:
    """Bytes that a file of this size may unpack to.

    >>> room_for(1000), room_for(10**7), room_for(10**9)
    (256000000, 1000000000, 4000000000)
    """
    return min(LARGEST, max(ALWAYS, RATIO * packed))


def check_room(size: int, packed: int, where: str) -> None:
    """Refuse to unpack what grows out of all proportion.

    Raises:
        DataError: ``size`` is more than ``packed`` bytes may unpack to.
    """
    if size > room_for(packed):
        raise DataError(
            "the file unpacks to more than is read into memory",
            where=where,
            expected=f"at most {room_for(packed):,} bytes from {packed:,}",
            got=f"{size:,} bytes or more",
            hint="unpack it by hand and pass what it holds, if it is what you expect",
        )


def gunzip(content: bytes, where: str) -> bytes:
    """Unpack what gzip packed, as far as it is in proportion.

    Raises:
        DataError: It is damaged, cut off, or unpacks to far more than its size.

    >>> import gzip
    >>> gunzip(gzip.compress(b"a") + gzip.compress(b"b"), "a.gz")
    b'ab'
    """
    room = room_for(len(content))
    parts: list[bytes] = []
    size, rest = 0, content
    expected, hint = "a whole gzip file", "download or pack it again"
    with at_border("the file cannot be unpacked", where, expected=expected, hint=hint):
        while rest:
            stream = zlib.decompressobj(wbits=31)
            parts.append(stream.decompress(rest, room - size + 1))
            size += len(parts[-1])
            check_room(size, len(content), where)
            if not stream.eof:
                raise EOFError("the file ends before its end")
            rest = stream.unused_data.lstrip(b"\0")
    return b"".join(parts)
