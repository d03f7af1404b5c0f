"""Which kind of result folder a path is."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from tidegate.errors import BundleError, DataError

Kind = Literal["run", "study", "collection"]

# A folder is what the first of these that it holds says: a run may have been stopped before it had any metrics.
_SIGNS: tuple[tuple[Kind, str], ...] = (
    ("collection", "collection.toml"),
    ("study", "study.toml"),
    ("study", "results.json"),
    ("run", "config.toml"),
    ("run", "metrics.json"),
    ("run", "history.jsonl"),
)


def kind_of(folder: Path) -> Kind:
    """Say whether a folder holds a run, a study, or several studies.

    Raises:
        DataError: There is no such folder.
        BundleError: It is none of these.
    """
    if not folder.is_dir():
        raise DataError(
            "there is no such folder",
            where=str(folder),
            expected="the folder that `tidegate train --out` or `tidegate study --out` made",
            got="a file" if folder.exists() else "nothing",
        )
    for kind, name in _SIGNS:
        if (folder / name).is_file():
            return kind
    raise BundleError(
        "this folder holds neither a run nor a study",
        where=str(folder),
        expected="one of " + ", ".join(name for _, name in _SIGNS),
        got=_contents(folder),
        hint="give the folder that was passed as --out",
    )


def expect(folder: Path, kind: Kind) -> None:
    """Check that a folder is of a kind.

    Raises:
        DataError: There is no such folder.
        BundleError: It is of the other kind, or of none.
    """
    got = kind_of(folder)
    if got != kind:
        raise BundleError(
            f"this folder holds a {got}, not a {kind}", where=str(folder), expected=f"the folder of a {kind}"
        )


def _contents(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir())
    shown = ", ".join(names[:5]) or "an empty folder"
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
