"""What a format is: a way to find samples behind a path. ``tidegate.data.formats`` registers them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tidegate.data.sample import Sample
from tidegate.data.source import Source, find_place
from tidegate.errors import Finding

Role = Literal["train", "valid", "test", "all"]
"""Which part of a data set that brings its own: ``train-*`` or ``t10k-*`` of an IDX folder, say."""


@dataclass
class Listing:
    """What a reader found: samples that can be used, files that cannot, and what else to know."""

    samples: list[Sample] = field(default_factory=list[Sample])
    bad: list[Finding] = field(default_factory=list[Finding])
    notes: list[Finding] = field(default_factory=list[Finding])

    def refuse(self, code: str, where: str, what: str) -> None:
        """Put a file on the list of those that cannot be used."""
        self.bad.append(Finding("error", code, where, what))


@dataclass(frozen=True)
class Format:
    """One way to lay out a data set.

    Args:
        name: Its key in ``data.format``.
        tasks: The tasks it can feed.
        summary: What it looks for, in one line.
        looks_like: Whether a source looks like this format; cheap.
        list_samples: Lists the samples of one part. It opens labels, not images. None for words and text, which are no
            lists of images: their tasks read whole files (``sentence_files``, ``texts``).
        own_parts: Parts it brings itself when the user names only ``data.train``.
    """

    name: str
    tasks: tuple[str, ...]
    summary: str
    looks_like: Callable[[Source], bool]
    list_samples: Callable[[Source, Role], Listing] | None = None
    own_parts: tuple[Role, ...] = ()

    def matches(self, path: Path | str) -> bool:
        """Whether a path looks like this format.

        Raises:
            DataError: It is not there.
        """
        return self.looks_like(find_place(str(path)).source)
