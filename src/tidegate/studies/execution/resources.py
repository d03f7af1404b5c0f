"""How many runs fit on this machine at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from joblib import cpu_count

from tidegate.results.record import Record

# A process with torch, its data loader and a small network; decoded images come on top.
_PROCESS_MEGABYTES = 1000


@dataclass(frozen=True)
class Share(Record):
    """machine.json: how a machine is divided.

    Attributes:
        workers: processes at the same time
        threads: CPU threads of each
        why: it is divided like that
    """

    workers: int
    threads: int
    why: str = "one run a core, as far as memory allows"


def share(runs: int, cache_megabytes: float, workers: int | None = None, threads: int | None = None) -> Share:
    """Divide the machine among runs: one process a core, as far as memory allows.

    Every run gets the same number of threads for the whole study, so that budgets in seconds stay fair.

    Args:
        runs: Runs that wait.
        cache_megabytes: What each may keep of decoded images.
        workers: Processes that a person asked for.
        threads: Threads of each that a person asked for.

    Example:
        >>> share(runs=6, cache_megabytes=0, workers=1, threads=2)
        Share(workers=1, threads=2, why='as asked')
    """
    cores: int = cpu_count()
    why = "as asked" if workers or threads else Share.why
    if workers is None:
        workers = int(max(1, min(cores // (threads or 1), fitting(cache_megabytes))))
    workers = max(1, min(workers, runs or 1))
    return Share(workers, threads or max(1, cores // workers), why)


def fitting(cache_megabytes: float) -> float:
    """How many runs memory has room for."""
    return _available_megabytes() // (_PROCESS_MEGABYTES + cache_megabytes)


def _available_megabytes() -> float:
    """Free memory, within a container's limit; without end where the system does not say."""
    known = [_kilobytes(Path("/proc/meminfo"), "MemAvailable:"), _limit(Path("/sys/fs/cgroup"))]
    return min((size for size in known if size is not None), default=float("inf"))


def _kilobytes(path: Path, key: str) -> float | None:
    if not path.is_file():
        return None
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1024
    return None


def _limit(group: Path) -> float | None:
    limit, used = group / "memory.max", group / "memory.current"
    if not (limit.is_file() and used.is_file()):
        return None
    text = limit.read_text(encoding="ascii").strip()
    return None if text == "max" else (int(text) - int(used.read_text(encoding="ascii"))) / 2**20
