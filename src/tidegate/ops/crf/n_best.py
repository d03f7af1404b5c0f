"""The n best paths of a linear-chain CRF: Viterbi that keeps n prefixes for each tag instead of one.

Seshadri and Sundberg 1994, "List Viterbi decoding algorithms with applications", the parallel form.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf

import torch
from torch import Tensor

from tidegate.ops.crf.reference import log_normaliser, widened
from tidegate.ops.crf.transitions import IMPOSSIBLE, Transitions
from tidegate.ops.lengths import clear

Ranked = list[tuple[list[int], float]]


def n_best(scores: Tensor, lengths: Tensor, transitions: Transitions, n: int) -> list[Ranked]:
    """See ``tidegate.ops.crf.layer.crf_n_best``; the arguments are checked.

    Example:
        >>> even = Transitions(torch.zeros(2, 2), torch.zeros(2), torch.zeros(2))
        >>> [(path, p)] = n_best(torch.zeros(1, 2, 2), torch.tensor([2]), even, 1)[0]
        >>> path, round(p, 3)
        ([0, 0], -1.386)
    """
    if scores.shape[1] == 0:
        return [[([], 0.0)] for _ in range(scores.shape[0])]
    scores, transitions = widened(clear(scores, lengths), transitions)
    best, got = _prefixes(scores, lengths, transitions, n)
    # Prefixes end here; index i·n + r is the r-th best that ends in tag i.
    found, place = _largest((best + transitions.end[:, None]).flatten(1), n)
    paths = _traced(got, place, lengths, n).tolist()
    log_probabilities = (found - log_normaliser(scores, lengths, transitions)[:, None]).tolist()
    forbidden = _Forbidden(transitions)
    return [
        forbidden.dropped(_there(*of_one)) if of_one[2] else [([], 0.0)]
        for of_one in zip(paths, log_probabilities, lengths.tolist(), strict=True)
    ]


def _there(paths: list[list[int]], log_probabilities: list[float], length: int) -> Ranked:
    """Those of n places that a path was found for."""
    ranked = zip(paths, log_probabilities, strict=True)
    return [(path[:length], p) for path, p in ranked if p != -inf]


def _prefixes(
    scores: Tensor, lengths: Tensor, transitions: Transitions, n: int
) -> tuple[Tensor, list[Tensor]]:
    """The n best prefixes ``(B, K, n)`` at each sequence's end, and for each later step which prefix they go on from."""
    first = (transitions.start + scores[:, 0])[:, :, None]
    best = torch.cat([first, first.new_full((*first.shape[:2], n - 1), -torch.inf)], dim=2)
    got = list[Tensor]()
    for t in range(1, scores.shape[1]):
        candidates = best[:, :, :, None] + transitions.between[:, None, :]  # (B, K before, n, K)
        grown, before = _largest(candidates.flatten(1, 2).transpose(1, 2), n)
        got.append(before)
        best = torch.where((lengths > t)[:, None, None], grown + scores[:, t, :, None], best)
    return best, got


def _largest(values: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """The n largest of the last axis, of equals the first; -infinity where there are no more."""
    left, found, places = values.clone(), list[Tensor](), list[Tensor]()
    for _ in range(n):
        most, place = left.max(dim=-1)
        found.append(most)
        places.append(place)
        left.scatter_(-1, place[..., None], -torch.inf)
    return torch.stack(found, dim=-1), torch.stack(places, dim=-1)


def _traced(got: list[Tensor], place: Tensor, lengths: Tensor, n: int) -> Tensor:
    """Tags ``(B, n, T)`` of the prefixes at ``place`` ``(B, n)``."""
    tags = [place // n]
    for t in range(len(got), 0, -1):
        before = got[t - 1].flatten(1).gather(1, place)
        place = torch.where((lengths > t)[:, None], before, place)
        tags.append(place // n)
    return torch.stack(tags[::-1], dim=2)


class _Forbidden:
    """Tells paths with forbidden steps."""

    def __init__(self, transitions: Transitions) -> None:
        # A parameter that is learnt, plus IMPOSSIBLE, counts too.
        self._between, self._start, self._end = (
            (tensor <= IMPOSSIBLE / 2).tolist() for tensor in transitions.tensors
        )

    def dropped(self, ranked: Ranked) -> Ranked:
        """Without paths that have more forbidden steps than the best one."""
        allowed = self._count(ranked[0][0]) if ranked else 0
        return [path for path in ranked if self._count(path[0]) <= allowed]

    def _count(self, path: list[int]) -> int:
        steps = sum(self._between[i][j] for i, j in pairwise(path))
        return steps + self._start[path[0]] + self._end[path[-1]]
