"""Samples a second of the last steps, for a person who watches."""

from __future__ import annotations

from collections import deque


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
