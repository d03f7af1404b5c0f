"""Batches for the tests of the CRF, and the sum over every path there is."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tidegate.ops.crf.layer import IMPOSSIBLE, Transitions


@dataclass(frozen=True)
class Case:
    scores: Tensor
    tags: Tensor
    lengths: Tensor
    transitions: Transitions

    def to(self, dtype: torch.dtype) -> Case:
        return replace(self, scores=self.scores.to(dtype), transitions=self.transitions.to(dtype))

    def leaves(self, dtype: torch.dtype | None = None) -> list[Tensor]:
        """Scores and transitions as leaves of a graph of their own."""
        tensors = (self.scores, *self.transitions.tensors)
        return [one.to(dtype or one.dtype).clone().requires_grad_() for one in tensors]

    def alone(self, b: int) -> Case:
        """One sequence, without its padding."""
        n = int(self.lengths[b])
        return replace(
            self, scores=self.scores[b : b + 1, :n], tags=self.tags[b : b + 1, :n], lengths=self.lengths[b : b + 1]
        )  # fmt: skip


def draw(
    batch: int,
    time: int,
    tags: int,
    *,
    seed: int = 0,
    bound: float = 2.0,
    forbidden: float = 0.0,
    whole: bool = False,
    lengths: list[int] | None = None,
) -> Case:
    """Random scores; a share of transitions is forbidden; of whole numbers many paths are equally good."""
    chance = torch.Generator().manual_seed(seed)

    def numbers(*shape: int) -> Tensor:
        found = (torch.rand(shape, generator=chance) * 2 - 1) * bound
        return found.round() if whole else found

    def edges(*shape: int) -> Tensor:
        found = numbers(*shape)
        return torch.where(torch.rand(shape, generator=chance) < forbidden, IMPOSSIBLE, found)

    if lengths is None:
        lengths = [time, *torch.randint(0, time + 1, (batch - 1,), generator=chance).tolist()]
    return Case(
        numbers(batch, time, tags),
        torch.randint(0, tags, (batch, time), generator=chance),
        torch.tensor(lengths),
        Transitions(edges(tags, tags), edges(tags), edges(tags)),
    )


@dataclass(frozen=True)
class Expected:
    """One sequence by brute force, in Python's own floats."""

    log_z: float
    log_p: float
    """Of the case's tags."""
    ranked: list[tuple[tuple[int, ...], float]]
    """Every path with its log-probability, best first; of equals the one of the lower tags, from the end on."""
    marginals: list[list[float]]


def reference(case: Case, b: int) -> Expected:
    n, tags = int(case.lengths[b]), case.transitions.tags
    scores = case.scores[b].double().tolist()
    between, start, end = (tensor.double().tolist() for tensor in case.transitions.tensors)

    def score(path: tuple[int, ...]) -> float:
        if not path:
            return 0.0
        steps = sum(scores[t][k] for t, k in enumerate(path))
        return (
            steps + start[path[0]] + sum(between[i][j] for i, j in itertools.pairwise(path)) + end[path[-1]]
        )

    every = {path: score(path) for path in itertools.product(range(tags), repeat=n)}
    best = max(every.values())
    log_z = best + math.log(math.fsum(math.exp(one - best) for one in every.values()))
    ranked = sorted(
        ((path, one - log_z) for path, one in every.items()), key=lambda one: (-one[1], one[0][::-1])
    )
    marginals = [
        [math.fsum(math.exp(p) for path, p in ranked if path[t] == k) for k in range(tags)] for t in range(n)
    ]
    return Expected(log_z, every[tuple(case.tags[b, :n].tolist())] - log_z, ranked, marginals)
