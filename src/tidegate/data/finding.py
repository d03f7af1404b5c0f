"""What happens to samples that cannot be used: all are refused at once, or left out and counted."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.errors import BadFilesError, Finding


def settle(bad: Sequence[Finding], *, total: int, where: str, skip_bad: bool) -> list[str]:
    """Refuse bad samples, or return the note that says how many were left out.

    Raises:
        BadFilesError: There are some, and ``skip_bad`` is off.

    >>> bad = Finding("error", "empty-file", "a.png", "the image file is empty")
    >>> settle([bad], total=10, where="lines", skip_bad=True)
    ['left out 1 of 10 samples: a.png: the image file is empty']
    """
    if not bad:
        return []
    if not skip_bad:
        raise BadFilesError(bad, where=where, total=total)
    shown = [str(finding) for finding in bad[: BadFilesError.shown]]
    more = [f"… and {len(bad) - len(shown)} more"] if len(bad) > len(shown) else []
    return [f"left out {len(bad)} of {total} samples: " + "; ".join([*shown, *more])]
