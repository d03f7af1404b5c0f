"""What a column of a table is for, by one rule for all kinds of data: its name first, then what stands in it.

Names are compared without case, spaces and marks. A rule here says what a column is where nobody named it; a key of the
configuration that names a column is always stronger.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tidegate.data.tables.names import plain_name

Role = Literal["index", "id", "group", "split", "weight", "category", "target", "label", "time"]

_NAMES: dict[Role, str] = {
    "index": "index idx row rowid rownumber unnamed:0 column1 level0 no",
    "id": "id uniqueid seriesid series itemid tsid seriesname sequence sequenceid sample sampleid case caseid "
    "recording recordingid",
    "group": "group groupid subject subjectid user userid patient patientid participant participantid person personid "
    "writer writerid speaker speakerid device deviceid session sessionid",
    "split": "split fold partition subset usage set dataset part",
    "weight": "weight weights sampleweight sampleweights",
    "category": "category categoryid kind type",
    "target": "y target value values",
    "label": "label labels class classlabel activity",
    "time": "ds timestamp datetime date time datestamp period datum zeit zeitstempel",
}
INDEX_NAMES = frozenset(("", *_NAMES["index"].split()))
"""What a first column is called that only numbers the rows, such as the one that a data frame writes."""
_BY_NAME: dict[str, Role] = {name: role for role, names in reversed(_NAMES.items()) for name in names.split()}
_NUMBERED = re.compile(
    r"(?:.*[\s_\-.]|)(?:id|nr|nbr|no|num|number|code|key|index|idx)|[a-z]+Id|[a-z]+ID", re.ASCII
)
_PARTS = {
    "train": ("train", "training", "trn", "tr"),
    "valid": ("valid", "validation", "val", "dev", "development"),
    "test": ("test", "testing", "tst", "eval"),
}
_BY_PART = {word: part for part, words in _PARTS.items() for word in words}


def index_column(names: Sequence[str]) -> str | None:
    """The first column, where its name says that it only numbers the rows, and others stand beside it.

    Whether its numbers rise, have gaps or begin anew does not matter: who filters a frame or joins several writes them.

    >>> index_column(["Unnamed: 0", "date", "y"]), index_column(["date", "index"]), index_column([""])
    ('Unnamed: 0', None, None)
    """
    first = names[0] if len(names) > 1 else None
    return first if first is not None and plain_name(first) in INDEX_NAMES else None


def role_of(name: str) -> Role | None:
    """What a column is by its name alone; ``None``: the name does not say.

    >>> role_of("Subject ID"), role_of("sample_weight"), role_of("Split"), role_of("ax")
    ('group', 'weight', 'split', None)
    """
    return _BY_NAME.get(plain_name(name))


def is_numbering(name: str) -> bool:
    """Whether a name says that its numbers only tell things apart, such as ``store_nbr``, ``item_id`` or ``userId``.

    >>> [is_numbering(name) for name in ("store_nbr", "item_id", "userId", "zip code", "humid", "sales")]
    [True, True, True, True, False, False]
    """
    return bool(_NUMBERED.fullmatch(name) or _NUMBERED.fullmatch(name.lower())) and name.lower() != "number"


def parts_of(cells: Iterable[str]) -> dict[str, str] | None:
    """The part that each cell of a column called ``split`` means; ``None`` where some mean none.

    >>> parts_of(["train", "Val", "TEST", "train"])
    {'train': 'train', 'Val': 'valid', 'TEST': 'test'}
    >>> parts_of(["1", "train"]) is None
    True
    """
    found = {cell: _BY_PART.get(cell.strip().lower(), "") for cell in dict.fromkeys(cells)}
    return found if found and all(found.values()) else None


def never_varies(values: NDArray[np.float64], codes: NDArray[np.int64]) -> bool:
    """Whether a column holds one whole number within each sequence: it names a subject, a device or a recording.

    Args:
        values: ``(R,)``; missing ones do not count.
        codes: The sequence of each row ``(R,)``.

    >>> never_varies(np.array([1.0, 1, 2, 2]), np.array([0, 0, 1, 1])), never_varies(np.array([1.0, 2]), np.array([0, 0]))
    (True, False)
    """
    there = ~np.isnan(values)
    if not there.any() or np.isinf(values).any() or bool((values[there] % 1 != 0).any()):
        return False
    values, codes = values[there], codes[there]
    order = np.argsort(codes, kind="stable")
    return not bool(((np.diff(values[order]) != 0) & (np.diff(codes[order]) == 0)).any())
