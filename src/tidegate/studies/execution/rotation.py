"""Timing several things side by side: in rotation, alone on the machine, and whether it really was alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

Answer = Callable[[int], object]
"""Answers the n-th sample."""

ROUNDS = 30
SAMPLES = 20
_FEWEST = 3
_SECONDS = 60.0


def rotate(
    arms: Mapping[str, Answer], *, rounds: int = ROUNDS, samples: int = SAMPLES,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, tuple[float, ...]]:  # fmt: skip
    """Median milliseconds of each arm in each round; another arm begins each round.

    Args:
        arms: What answers one sample, by the name of the arm.
        rounds: In each of which all arms are timed.
        samples: Answered by each arm in a round.
        clock: In seconds.

    Example:
        >>> ticks = iter(range(1000))
        >>> rotate({"a": abs, "b": abs}, rounds=3, samples=2, clock=lambda: float(next(ticks)))
        {'a': (1000.0, 1000.0, 1000.0), 'b': (1000.0, 1000.0, 1000.0)}
    """
    names = list(arms)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            times: list[float] = []
            for sample in range(samples):
                begun = clock()
                arms[name](number * samples + sample)
                times.append(clock() - begun)
            taken[name].append(median(times) * 1000)
    return {name: tuple(times) for name, times in taken.items()}


def samples_that_fit(seconds: float, arms: int) -> int:
    """How many samples a round may have, where one takes so long that the usual number would take more than minutes.

    >>> samples_that_fit(0.001, arms=4), samples_that_fit(0.1, arms=4)
    (20, 5)
    """
    return max(_FEWEST, min(SAMPLES, int(_SECONDS / (ROUNDS * arms * max(seconds, 1e-9)))))


class OthersLoad:
    """How busy other processes keep the machine from now on, by the counters of Linux.

    Args:
        stat: The file of counters.
        own: CPU seconds of this process.
    """

    def __init__(
        self, stat: Path = Path("/proc/stat"), own: Callable[[], float] = time.process_time, hertz: int = 100
    ) -> None:
        self._stat, self._own, self._hertz = stat, own, hertz
        self._begun = self._now()

    def share(self) -> float | None:
        """Of all cores, since it was made; ``None`` where the system does not say."""
        now = self._now()
        if now is None or self._begun is None:
            return None
        busy, whole, own = (after - before for after, before in zip(now, self._begun, strict=True))
        return max(0.0, (busy - own) / whole) if whole > 0 else None

    def _now(self) -> tuple[float, float, float] | None:
        """Seconds of all cores that were busy, all of them, and those of this process."""
        if not self._stat.is_file():
            return None
        # user nice system idle iowait irq softirq steal; what comes after is counted in user already.
        fields = [
            int(word) / self._hertz for word in self._stat.read_text("ascii").split("\n")[0].split()[1:9]
        ]
        idle = fields[3] + fields[4]
        return sum(fields) - idle, sum(fields), self._own()
