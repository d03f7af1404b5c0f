"""Errors of readers as findings."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.check.contract import NAMED, Found
from tidegate.errors import DataError, EmptyDataError, Finding, SplitError


def grouped(findings: Sequence[Finding]) -> list[Found]:
    """One finding for all of a kind: the first of them, and where the others are.

    >>> bad = [Finding("error", "empty-file", f"{one}.png", "the image file is empty") for one in "abc"]
    >>> [one.finding.what for one in grouped(bad)]
    ['the image file is empty (3 like it: a.png, b.png, c.png)']
    """
    kinds: dict[str, list[Finding]] = {}
    for one in findings:
        kinds.setdefault(one.code, []).append(one)
    return [_together(kind) for kind in kinds.values()]


def _together(kind: Sequence[Finding]) -> Found:
    first, names = kind[0], tuple(one.where for one in kind[:NAMED])
    skip = "mend or remove what is named, or leave it out with --skip-bad (data.skip_bad = true)"
    hint = first.hint or ("" if "--" in first.what else skip)
    if len(kind) == 1:
        return Found(Finding(first.severity, first.code, first.where, first.what, hint), names, 1)
    more = ", …" if len(kind) > NAMED else ""
    what = f"{first.what} ({len(kind):,} like it: {', '.join(names)}{more})"
    return Found(Finding(first.severity, first.code, first.where, what, hint), names, len(kind))


def of_error(error: DataError) -> Found:
    """An error of a reader as a finding.

    >>> of_error(SplitError("too few samples", where="x.csv", got="3", hint="take more")).finding
    Finding(severity='error', code='impossible-split', where='x.csv', what='too few samples (got 3)', hint='take more')
    """
    code = "unreadable-data"
    code = "impossible-split" if isinstance(error, SplitError) else code
    code = "no-data" if isinstance(error, EmptyDataError) else code
    parts = [f"expected {error.expected}"] if error.expected else []
    parts += [f"got {error.got}"] if error.got else []
    what = f"{error.what} ({'; '.join(parts)})" if parts else error.what
    where, what, hint = (text.replace("\n", "; ") for text in (error.where or "", what, error.hint or ""))
    return Found(Finding("error", code, where, what, hint))
