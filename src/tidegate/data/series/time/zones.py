"""Time zones of stamps: steps are counted in one fixed offset, and forecasts are given back as the data were written.

Clocks change, the time between two rows does not. Stamps of rows below a day are therefore those of one offset, that of
the first row; stamps that stand at the same time of day in all rows, such as midnights, are taken as the wall shows them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tidegate.data.series.frequency import Stamps

_OFFSET = r"Z|UTC|[+-]\d{2}:?\d{2}"
_ZONE = re.compile(rf"(.*\d:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?) ?({_OFFSET})")


@dataclass(frozen=True)
class Zone:
    """The zone of a column of time.

    Attributes:
        name: ``Europe/Berlin`` or ``+01:00`` or ``Z``, in which forecasts are written; empty: none.
        offset: Of the stamps, in seconds east of Greenwich; ``None``: they stand as the wall shows them.
    """

    name: str = ""
    offset: int | None = None

    @property
    def is_offset(self) -> bool:
        """Whether its name is an offset, which is written behind each time."""
        return bool(re.fullmatch(_OFFSET, self.name))


NO_ZONE = Zone()
"""Of stamps that name none."""


def typed_stamps(column: Any, trained: Zone) -> tuple[Stamps, Stamps, Zone]:
    """Stamps of a typed column as they stand and in whole seconds, and their zone."""
    zone = column.dt.tz
    wall: Stamps = column.dt.tz_localize(None).to_numpy()
    if zone is None:
        return wall, wall.astype("datetime64[s]"), NO_ZONE
    name = str(zone)
    there = np.flatnonzero(~np.isnat(wall))
    if not len(there) or (trained.name and trained.offset is None) or _same_clock(wall[there]):
        return wall, wall.astype("datetime64[s]"), Zone(name)
    plain: Stamps = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    offset = _seconds(wall, plain, int(there[0])) if trained.offset is None else trained.offset
    fine = _moved(plain, offset)
    return fine, fine.astype("datetime64[s]"), Zone(name, offset)


def split_zones(
    texts: NDArray[np.object_], trained: Zone
) -> tuple[NDArray[np.object_], Zone, NDArray[np.timedelta64] | None]:
    """Texts without the offsets behind them, their zone, and what brings each to the offset of all stamps."""
    matches = [_ZONE.fullmatch(text) for text in texts]
    found = [match for match in matches if match]
    if not found:
        return texts, NO_ZONE, None
    first, last = _offset(found[0][2]), found[-1][2]
    bare = np.empty(len(texts), dtype=object)
    bare[:] = [match[1] if match else text for match, text in zip(matches, texts, strict=True)]
    offsets = np.array([_offset(match[2]) if match else first for match in matches])
    if len(set(offsets.tolist())) > 1 and len({text[10:] for text in bare if text}) == 1:
        return bare, Zone(last), None
    offset = first if trained.offset is None else trained.offset
    return bare, Zone(last, offset), (offset - offsets).astype("timedelta64[s]")


def localised(stamps: Stamps, codes: NDArray[np.int64], name: str, trained: Zone) -> tuple[Stamps, Zone]:
    """Stamps that a wall clock of a zone showed, in one offset; of an hour that stands twice, the first is the earlier.

    Args:
        stamps: ``(R,)``, in the order of the data.
        codes: The series of each ``(R,)``.
        name: Of the zone, such as ``Europe/Berlin``.
        trained: What training made of it.
    """
    there = np.flatnonzero(~np.isnat(stamps))
    if not len(there) or _same_clock(stamps[there]):
        return stamps, Zone(name)
    wall = pd.DatetimeIndex(stamps)
    falling = int((np.diff(stamps[there].astype(np.int64)) < 0).sum()) > len(there) // 2
    rows = pd.DataFrame({"series": codes, "wall": wall})
    again = rows.duplicated(keep="last" if falling else "first").to_numpy()
    local = wall.tz_localize(name, ambiguous=~again, nonexistent="shift_forward")
    plain: Stamps = local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")
    offset = _seconds(stamps, plain, int(there[0])) if trained.offset is None else trained.offset
    return _moved(plain, offset), Zone(name, offset)


def in_zone(stamps: Stamps, zone: Zone) -> pd.DatetimeIndex:
    """Stamps as the clocks of their zone show them."""
    if zone.offset is None:
        first = np.ones(len(stamps), bool)
        name = timezone(timedelta(seconds=_offset(zone.name))) if zone.is_offset else zone.name
        return pd.DatetimeIndex(stamps).tz_localize(name, ambiguous=first, nonexistent="shift_forward")
    plain = pd.DatetimeIndex(_moved(stamps, -zone.offset)).tz_localize("UTC")
    if zone.is_offset:
        return plain.tz_convert(timezone(timedelta(seconds=_offset(zone.name))))
    return plain.tz_convert(zone.name)


def _same_clock(wall: Stamps) -> bool:
    return len(np.unique(wall.astype("datetime64[s]").astype(np.int64) % 86_400)) == 1


def _seconds(wall: Stamps, plain: Stamps, at: int) -> int:
    first, second = (one[at : at + 1].astype("datetime64[s]").astype(np.int64) for one in (wall, plain))
    return int(first[0] - second[0])


def _moved(stamps: Stamps, seconds: int) -> Stamps:
    return (stamps + np.timedelta64(seconds, "s")).astype(stamps.dtype)


def _offset(text: str) -> int:
    """Seconds east of Greenwich."""
    if text in ("Z", "UTC"):
        return 0
    digits = text[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if text[0] == "-" else seconds
