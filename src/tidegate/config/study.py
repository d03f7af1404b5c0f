"""``[study]``: how networks are compared. ``tidegate train`` passes over this table, so a file may stand for both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from tidegate.config.section import Count, NotNegative, Positive, Section
from tidegate.config.tables import TrainShare

Match = Literal["none", "parameters", "flops"]
Prune = Literal["none", "median"]


def ordered_sizes(sizes: Sequence[int | float]) -> list[int | float]:
    """Sizes of the training part, the smallest first; the whole is the largest, beside counts too.

    Raises:
        ValueError: There is only one, one stands twice, or it cannot be known which is larger.

    >>> ordered_sizes([2000, 500, 1.0]), ordered_sizes([])
    ([500, 2000, 1.0], [])
    """
    parts = [size for size in sizes if isinstance(size, float) and size < 1]
    counts = [size for size in sizes if isinstance(size, int)]
    if len(sizes) == 1 or len(set(zip(sizes, map(type, sizes), strict=True))) < len(sizes):
        raise ValueError("two sizes or more, each once, such as 10%,30%,100%")
    if parts and counts:
        raise ValueError(
            "shares or counts, not both: which of them is larger is not known before the data are"
        )
    return [*sorted(parts), *sorted(counts), *([1.0] if len(parts) + len(counts) < len(sizes) else [])]


class Design(Section):
    """What makes a comparison fair, and what counts as a difference."""

    match: Match = Field(
        default="none",
        description="what all arms have the same of: layers are made wider or narrower until they do; none: as they are",
    )
    size: Positive | None = Field(
        default=None,
        description="how many parameters or FLOPs that is; default: as many as the network of the configuration itself",
    )
    tune: Count = Field(
        default=0,
        description="trials of every arm before its seeds; the settings best on validation are kept",
    )
    prune: Prune = Field(
        default="none",
        description="median: a trial ends early if it is worse than the median of its arm's trials at the same place, by "
        "the same rule for every arm",
    )
    search: dict[str, dict[str, object]] = Field(
        default={},
        description="what trials try, by key: { low, high, log } or { choices }; default: the task's",
    )
    margin: NotNegative | Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?%$")] | None = Field(
        default=None,
        description='difference too small to matter: "10%" of the error, or a number in the metric\'s own unit (0.01 is '
        "one point of accuracy); default: the usual one of the metric, such as a tenth of a share that is wrong",
    )

    target: float | None = Field(
        default=None,
        description="a value of the metric on validation: how long each arm takes to it is told, runs that never do "
        "included",
    )
    resample: Literal["auto"] | bool = Field(
        default="auto",
        description="draw the parts of the data anew for every seed, the same for all arms: seed i has draw i; auto: "
        "where the data bring no test part; true: throw the parts that they bring together first; false: one split",
    )

    sizes: Annotated[list[TrainShare], AfterValidator(ordered_sizes)] = Field(
        default=[],
        description='sizes of the training part for learning curves, such as ["10%", "30%", "100%"] or [500, 2000]: '
        "every arm and seed is trained on each; settings are looked for, and the verdict is told, at the largest",
    )
    until_decided: bool = Field(
        default=False,
        description="add seeds at the planned looks (3, 5, 10, 20) until it is decided which arm to use; arms that were "
        "found worse get no more",
    )
    max_seeds: Positive = Field(default=20, description="with until_decided: the most seeds of an arm")


class StudyTable(Design):
    """``[study]``: the design, and what is compared."""

    arms: list[str] = Field(default=[], description="presets, `NAME=preset` or VGSL strings, as --arms")
    factors: dict[str, list[object]] = Field(
        default={},
        description="keys and their values, all combinations of which are arms, as --factor",
    )
    seeds: Positive = Field(default=1, description="runs of each arm, with seeds N, N+1, …")
