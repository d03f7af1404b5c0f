"""What happens to samples that cannot be used: all are refused at once, or left out and counted."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.errors import BadFilesError, Finding


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


def note(code: str, what: str, where: str = "") -> Finding:
    """What a person should know, though nothing is wrong.

    >>> print(note("mixed-sound", "2 channels were mixed to one", "a.wav"))
    a.wav: 2 channels were mixed to one
    """
    return Finding("note", code, where, what)


def warning(code: str, what: str, where: str = "") -> Finding:
    """What looks wrong, and is used all the same."""
    return Finding("warning", code, where, what)
