"""An input that comes piece by piece, and what is said of it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol


class Partial(Protocol):
    """What is said of all that came so far."""

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        ...

    def text(self) -> str:
        """One line for a terminal; empty before there is enough for an answer."""
        ...


class Stream(Protocol):
    """One input, piece by piece."""

    def push(self, chunk: Any) -> Partial:
        """The next piece."""
        ...

    def finish(self) -> Partial:
        """There is nothing more."""
        ...

    def follow(
        self, lines: Iterable[str], *, every: int | None, complain: Callable[[str], None]
    ) -> Iterator[Partial]:
        """Answers while lines of text come in.

        Args:
            lines: Such as standard input.
            every: Pieces from one answer to the next; ``None``: as suits the data.
            complain: Told of each line that cannot be read.

        Raises:
            DataError: The lines cannot be understood at all, or none came.
        """
        ...
