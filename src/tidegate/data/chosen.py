"""The samples that a list names, of all that a source has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from tidegate.data.finding import note
from tidegate.data.source import Place, image_suffixes
from tidegate.errors import DataError, EmptyDataError, Finding

SHOWN = 20


@dataclass(frozen=True)
class Chosen:
    """What a list names.

    Attributes:
        names: Of samples.
        notes: On the list.
    """

    names: frozenset[str]
    notes: list[Finding]

    def concerns(self, bad: Finding) -> bool:
        """Whether what is bad is of the list. A broken row has a place instead of a name, and may be: so it is."""
        return bad.where in self.names or re.search(r":\d+$", bad.where) is not None


def choose_names(place: Place, names: Iterable[str], bad: Iterable[str] = ()) -> Chosen | None:
    """Those names that the list of a place names; ``None``: it has no list.

    Args:
        place: With its list (``PATH@LIST.txt``).
        names: Of all samples.
        bad: Of those that cannot be used, which a list may name too.

    Raises:
        DataError: A name is not found, or found in several folders, or the list is not UTF-8.
        EmptyDataError: The list has no names.
    """
    if place.chosen is None:
        return None
    wanted = _wanted(place)
    index: dict[str, set[str]] = {}
    for name in (*names, *bad):
        for key in _keys(name):
            index.setdefault(key, set()).add(name)
    missing = [name for name in wanted if name not in index]
    doubtful = [name for name in wanted if len(index.get(name, ())) > 1]
    if missing or doubtful:
        _refuse_names(place, missing, doubtful)
    found = frozenset(name for key in wanted for name in index[key])
    twice = len(wanted) - len(found)
    what = f"{twice} names stand there twice; each is taken once"
    return Chosen(found, [note("repeated", what, str(place.chosen))] if twice > 0 else [])


def _wanted(place: Place) -> list[str]:
    assert place.chosen is not None
    try:
        lines = place.chosen.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise DataError("the list is not UTF-8", where=str(place.chosen), got=str(error)) from error
    wanted = [_without_suffix(_plain(line)) for line in lines if line.strip()]
    if not wanted:
        raise EmptyDataError("the list is empty", where=str(place.chosen), expected="one name a line")
    return wanted


def _plain(name: str) -> str:
    """A name as it is compared: in NFC, with forward slashes."""
    return unicodedata.normalize("NFC", name.strip().replace("\\", "/").removeprefix("./"))


def _keys(name: str) -> set[str]:
    """All ways to write a sample's name in a list: with its folders, or only some, or none."""
    stem = _without_suffix(_plain(name))
    parts = stem.split("/")
    return {"/".join(parts[start:]) for start in range(len(parts))}


def _without_suffix(name: str) -> str:
    if name.endswith(".gt.txt"):
        return name.removesuffix(".gt.txt")
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in image_suffixes() else name


def _refuse_names(place: Place, missing: list[str], doubtful: list[str]) -> None:
    names, what = (missing, "not found") if missing else (doubtful, "found in several folders")
    more = f"\n… and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    raise DataError(
        f"{len(names)} names of the list are {what}",
        where=place.text,
        got="\n".join(names[:SHOWN]) + more,
        hint="write them with their folders" if not missing else "check the list, or the path before the @",
    )
