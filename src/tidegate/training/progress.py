"""How far a run is: what its checkpoints keep of that, the time it took, and its speed of late."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass


@dataclass
class Progress:
    """What moves during a run besides tensors.

    Attributes:
        step: Optimiser steps done; the epoch and the place in it follow from it.
        seconds: Wall-clock time so far.
        cpu_seconds: Processor time so far, of all threads.
        samples: Samples trained on so far.
        step_seconds: What their steps took, reading and validation left out.
        best: Best value of the primary metric yet.
        best_loss: The loss of that validation, which decides between equals.
        best_step: Where that was.
        stale: Validations since then.
        drops: Times that the plateau schedule has lowered the learning rate.
        waited: Validations without progress since the last such drop.
        averaging: Whether asgd has begun to average.
        loss_sum: Sum of the training losses since the last validation.
        loss_count: How many they are.
        history: Lines of history.jsonl that belong to this state.
    """

    step: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    samples: int = 0
    step_seconds: float = 0.0
    best: float | None = None
    best_loss: float | None = None
    best_step: int = 0
    stale: int = 0
    drops: int = 0
    waited: int = 0
    averaging: bool = False
    loss_sum: float = 0.0
    loss_count: int = 0
    history: int = 0


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


class Speed:
    """Counts the samples and seconds of recent training steps.

    >>> speed = Speed()
    >>> speed.add(8, 0.5)
    >>> speed.recent
    16.0
    """

    def __init__(self, window: int = 50) -> None:
        self._recent: deque[tuple[int, float]] = deque(maxlen=window)

    def add(self, samples: int, seconds: float) -> None:
        """Count one step."""
        self._recent.append((samples, seconds))

    @property
    def recent(self) -> float:
        """Samples a second over the last steps."""
        return sum(n for n, _ in self._recent) / max(1e-9, sum(s for _, s in self._recent))
