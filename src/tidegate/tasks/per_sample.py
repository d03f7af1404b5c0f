"""The primary metric taken apart: what each sample of a split adds to it.

Two runs can then be compared sample by sample: on which ones they differ, and whether another draw of so many samples
would turn their order round. Every metric that ranks runs is a ratio of sums, or the root of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tidegate.results.samples import Samples

MOST = 20_000
MOST_TEXTS = 5_000


@dataclass(frozen=True)
class Units:
    """What samples are of that varies as one: lines of a page, sentences of a document, signals of a person.

    Attributes:
        unit: What it is, in one word.
        names: The one that each sample is of.
    """

    unit: str
    names: Sequence[str]

    @classmethod
    def groups(cls, names: Sequence[str], otherwise: Units | None = None) -> Units | None:
        """The groups of ``data.group``; where no sample has one, what else samples share.

        Args:
            names: The group of each sample; empty where it stands for itself.
            otherwise: What samples share by their kind.
        """
        if not any(names):
            return otherwise
        return cls("group", [name or f"\n{place}" for place, name in enumerate(names)])


def by_sample(
    metric: str,
    numerator: Sequence[float],
    denominator: Sequence[float],
    *,
    root: bool = False,
    length: Sequence[int] = (),
    units: Units | None = None,
    texts: Mapping[str, Sequence[str]] | None = None,
) -> Samples:
    """What samples.json holds, without the split that it is from.

    Args:
        metric: Its name among the figures.
        numerator: Of each sample; the metric is their sum over that of ``denominator``.
        denominator: Of each sample.
        root: Whether the metric is the square root of that.
        length: Of each sample, in symbols, words or steps; nothing where all are as long.
        units: That samples share; told where there are several, and some share one.
        texts: ``names``, ``references`` and ``answers``, where answers are texts.

    Example:
        >>> told = by_sample("accuracy", [1, 0, 1], [1, 1, 1])
        >>> sum(told.numerator) / sum(told.denominator)
        0.6666666666666666
    """
    count = len(numerator)
    places = range(count) if count <= MOST else np.linspace(0, count - 1, MOST).astype(int).tolist()
    clusters = _numbered(units.names) if units else []
    shared = 1 < len(set(clusters)) < count
    kept = texts if texts and count <= MOST_TEXTS else {}
    return Samples(
        metric=metric,
        root=root,
        of=count,
        numerator=tuple(_short(numerator[i]) for i in places),
        denominator=tuple(_short(denominator[i]) for i in places),
        unit=units.unit if units and shared else "",
        cluster=tuple(clusters[i] for i in places) if shared else (),
        length=tuple(int(length[i]) for i in places) if len(set(length)) > 1 else (),
        names=tuple(kept.get("names", ())),
        references=tuple(kept.get("references", ())),
        answers=tuple(kept.get("answers", ())),
    )


def _numbered(names: Sequence[str]) -> list[int]:
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [numbers[name] for name in names]


def _short(value: float) -> float | int:
    """Whole numbers as such; others to ten digits, since thousands of them are written."""
    return int(value) if float(value).is_integer() else float(f"{value:.10g}")
