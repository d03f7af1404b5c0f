"""What a run has cost so far."""

from __future__ import annotations

import time

from tidegate.training.checkpoint import Progress


class Clock:
    """Adds wall-clock and processor time to a run's progress; what earlier parts of the run took stays counted."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._wall = time.monotonic()
        self._cpu = time.process_time()

    def tick(self) -> None:
        """Count the time since the last tick."""
        wall, cpu = time.monotonic(), time.process_time()
        self._progress.seconds += wall - self._wall
        self._progress.cpu_seconds += cpu - self._cpu
        self._wall, self._cpu = wall, cpu
