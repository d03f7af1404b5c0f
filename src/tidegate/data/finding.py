"""What happens to samples that cannot be used: all are refused at once, or left out and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from tidegate.errors import READ_AS, BadFilesError, Finding


def settle(bad: Sequence[Finding], *, total: int, where: str, skip_bad: bool) -> list[Finding]:
    """Refuse bad samples, or return the note that says how many were left out.

    Raises:
        BadFilesError: There are some, and ``skip_bad`` is off.

    >>> bad = Finding("error", "empty-file", "a.png", "the image file is empty")
    >>> print(*settle([bad], total=10, where="lines", skip_bad=True))
    left out 1 of 10 samples: a.png: the image file is empty
    """
    if not bad:
        return []
    if not skip_bad:
        raise BadFilesError(bad, where=where, total=total)
    shown = [str(finding) for finding in bad[: BadFilesError.shown]]
    more = [f"… and {len(bad) - len(shown)} more"] if len(bad) > len(shown) else []
    return [note("left-out", f"left out {len(bad)} of {total} samples: " + "; ".join([*shown, *more]))]


def read_as(where: object, *parts: str) -> Finding:
    """What was read, and as what: the first of a reader's notes, one for each path.

    Args:
        where: The path.
        parts: Format, encoding, samples, columns with their roles, scheme, dates, values: what applies; empty ones are
            left out.

    >>> print(read_as("sales.csv", "CSV with ;", "", "2 series of 120 months, 2010-01 to 2019-12").line)
    read sales.csv: CSV with ;, 2 series of 120 months, 2010-01 to 2019-12
    """
    return Finding("note", READ_AS, str(where), ", ".join(part for part in parts if part))


def note(code: str, what: str, where: str = "") -> Finding:
    """What a person should know, though nothing is wrong.

    >>> print(note("mixed-sound", "2 channels were mixed to one", "a.wav"))
    a.wav: 2 channels were mixed to one
    """
    return Finding("note", code, where, what)


def warning(code: str, what: str, where: str = "", hint: str = "") -> Finding:
    """What looks wrong, and is used all the same."""
    return Finding("warning", code, where, what, hint)


_ABOUT = ("readme", "license", "licence", "source", "changelog", "citation", "copying", "authors", "notice")


def passed_over(names: Iterable[str], where: object) -> list[Finding]:
    """A note that counts, by their endings, the files that a reader did not take; nothing where there are none.

    Args:
        names: Of the files; those about the data, such as README and LICENSE, do not count.
        where: The path.

    >>> print(*passed_over(["a/1.m4a", "a/2.M4A", "list", "README.md"], "sound/"))
    sound/: passed over 3 files: 2 .m4a, 1 without an ending
    """
    paths = [PurePosixPath(name) for name in names]
    counts = Counter(path.suffix.lower() for path in paths if not path.stem.lower().startswith(_ABOUT))
    if not counts:
        return []
    parts = ", ".join(f"{count} {ending or 'without an ending'}" for ending, count in counts.most_common())
    files = "1 file" if counts.total() == 1 else f"{counts.total()} files"
    return [note("passed-over", f"passed over {files}: {parts}", str(where))]
