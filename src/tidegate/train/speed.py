"""Samples a second: of the last steps, for a person who watches, and of the whole run, for the record."""

from __future__ import annotations

from collections import deque


class Speed:
    """Counts the samples and seconds of training steps."""

    def __init__(self, window: int = 50) -> None:
        self._recent: deque[tuple[int, float]] = deque(maxlen=window)
        self._samples = 0
        self._seconds = 0.0

    def add(self, samples: int, seconds: float) -> None:
        """Count one step."""
        self._recent.append((samples, seconds))
        self._samples += samples
        self._seconds += seconds

    @property
    def recent(self) -> float:
        """Samples a second over the last steps."""
        return sum(n for n, _ in self._recent) / max(1e-9, sum(s for _, s in self._recent))

    @property
    def overall(self) -> float:
        """Samples a second over all steps of this process."""
        return self._samples / max(1e-9, self._seconds)
