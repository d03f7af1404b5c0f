"""The samples that a list names, of all that a source has."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tidegate.data.finding import note
from tidegate.data.format import Listing
from tidegate.data.source import IMAGE_SUFFIXES, Place
from tidegate.errors import DataError, EmptyDataError

SHOWN = 20


def only_chosen(listing: Listing, place: Place) -> Listing:
    """Keep what the list of a place names; everything, if it has none.

    Raises:
        DataError: A name is not found, or found in several folders, or the list is not UTF-8.
        EmptyDataError: The list has no names.
    """
    if place.chosen is None:
        return listing
    wanted = _wanted(place)
    index: dict[str, set[str]] = {}
    for name in [sample.name for sample in listing.samples] + [bad.where for bad in listing.bad]:
        for key in _keys(name):
            index.setdefault(key, set()).add(name)
    missing = [name for name in wanted if name not in index]
    doubtful = [name for name in wanted if len(index.get(name, ())) > 1]
    if missing or doubtful:
        _refuse_names(place, missing, doubtful)
    names = {name for key in wanted for name in index[key]}
    notes = list(listing.notes)
    if len(names) < len(wanted):
        notes.append(
            note(
                "repeated",
                f"{len(wanted) - len(names)} names stand there twice; each is taken once",
                str(place.chosen),
            )
        )
    # A broken row of a table has a place instead of a name; it may be one of those wanted, so it is kept.
    bad = [one for one in listing.bad if one.where in names or re.search(r":\d+$", one.where)]
    return Listing([one for one in listing.samples if one.name in names], bad, notes)


def _wanted(place: Place) -> list[str]:
    assert place.chosen is not None
    try:
        lines = place.chosen.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise DataError("the list is not UTF-8", where=str(place.chosen), got=str(error)) from error
    wanted = [_without_suffix(line.strip().removeprefix("./")) for line in lines if line.strip()]
    if not wanted:
        raise EmptyDataError("the list is empty", where=str(place.chosen), expected="one name a line")
    return wanted


def _keys(name: str) -> set[str]:
    """All ways to write a sample's name in a list: with its folders, or only some, or none."""
    stem = _without_suffix(name)
    parts = stem.split("/")
    return {"/".join(parts[start:]) for start in range(len(parts))}


def _without_suffix(name: str) -> str:
    if name.endswith(".gt.txt"):
        return name.removesuffix(".gt.txt")
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in IMAGE_SUFFIXES else name


def _refuse_names(place: Place, missing: list[str], doubtful: list[str]) -> None:
    names, what = (missing, "not found") if missing else (doubtful, "found in several folders")
    more = f"\n… and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    raise DataError(
        f"{len(names)} names of the list are {what}",
        where=place.text,
        got="\n".join(names[:SHOWN]) + more,
        hint="write them with their folders" if not missing else "check the list, or the path before the @",
    )
