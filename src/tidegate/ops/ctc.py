"""Connectionist temporal classification: from per-step scores to symbols.

The loss is torch's. Decoding is ours: greedy (the best path, collapsed) and a prefix beam search, which sums over the
paths of each text. Symbol 0 is the blank. Graves et al. 2006, "Connectionist temporal classification", sections 3 and 4;
Hannun 2017, "Sequence modeling with CTC", for the prefix form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

BLANK = 0


@dataclass(frozen=True)
class Reading:
    """Symbols read off one sequence, and how likely they are (0 to 1, per symbol)."""

    symbols: tuple[int, ...]
    confidence: float


def steps_needed(symbols: Sequence[int] | str) -> int:
    """The fewest steps that can spell these symbols: one each, and a blank between equal neighbours.

    >>> steps_needed("hello")
    6
    """
    return len(symbols) + sum(a == b for a, b in pairwise(symbols))


def ctc_loss(logits: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    """Negative log-likelihood per target symbol, over the batch.

    A sample whose steps cannot spell its target adds nothing: data checks refuse such samples, so only a training line
    that augmentation made too narrow comes here.

    Args:
        logits: ``(B, T, K)``, unnormalised, blank at 0.
        lengths: True steps ``(B,)``.
        targets: All texts one after the other, symbols from 1.
        target_lengths: Symbols of each text ``(B,)``.
    """
    log_probabilities = functional.log_softmax(logits.float(), dim=-1).transpose(0, 1)  # (T, B, K)
    total = functional.ctc_loss(
        log_probabilities, targets, lengths, target_lengths, blank=BLANK, reduction="sum", zero_infinity=True
    )
    return total / target_lengths.sum().clamp(min=1)


def greedy(logits: Tensor, lengths: Tensor) -> list[Reading]:
    """The most likely path of each sequence, repeats merged and blanks dropped.

    Args:
        logits: ``(B, T, K)``.
        lengths: ``(B,)``.
    """
    best_log, best = functional.log_softmax(logits.float(), dim=-1).max(dim=-1)  # (B, T)
    paths = best.cpu().numpy()
    scores = best_log.cpu().numpy()
    return [_collapse(paths[b, :n], scores[b, :n]) for b, n in enumerate(lengths.tolist())]


def _collapse(path: NDArray[np.int64], score: NDArray[np.float32]) -> Reading:
    starts = np.ones(len(path), dtype=bool)
    starts[1:] = path[1:] != path[:-1]
    emitted = starts & (path != BLANK)
    if not emitted.any():
        return Reading((), float(np.exp(score.mean())) if len(score) else 0.0)
    return Reading(tuple(path[emitted].tolist()), float(np.exp(score[emitted].mean())))


def beam(logits: Tensor, lengths: Tensor, width: int) -> list[Reading]:
    """The most likely text of each sequence among ``width`` prefixes kept at every step.

    Unlike ``greedy`` it adds up the paths that spell the same text. With a width that no prefix falls out of, it is
    exact; a test compares it with the sum over all paths.

    Args:
        logits: ``(B, T, K)``.
        lengths: ``(B,)``.
        width: Prefixes kept, at least 1.
    """
    log_probabilities = functional.log_softmax(logits.double(), dim=-1).cpu().numpy()
    return [_beam_one(log_probabilities[b, :n], width) for b, n in enumerate(lengths.tolist())]


def _beam_one(log_probabilities: NDArray[np.float64], width: int) -> Reading:
    """Each prefix keeps two scores: of paths that end in a blank, and of those that end in its last symbol."""
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -np.inf)}
    for step in log_probabilities:
        candidates = _likely(step, width)
        grown: dict[tuple[int, ...], tuple[float, float]] = {}
        for prefix, (blank, symbol) in beams.items():
            either = float(np.logaddexp(blank, symbol))
            _add(grown, prefix, either + step[BLANK], -np.inf)
            if prefix:
                _add(grown, prefix, -np.inf, symbol + step[prefix[-1]])
            for k in candidates:
                came_from = blank if prefix and prefix[-1] == k else either
                _add(grown, (*prefix, k), -np.inf, came_from + step[k])
        kept = sorted(grown.items(), key=lambda item: -np.logaddexp(*item[1]))[:width]
        beams = dict(kept)
    text, scores = max(beams.items(), key=lambda item: np.logaddexp(*item[1]))
    return Reading(text, float(np.exp(np.logaddexp(*scores) / max(1, len(text)))))


def _likely(step: NDArray[np.float64], width: int) -> list[int]:
    """Symbols worth adding at this step: no prefix kept can come from beyond the ``width`` best ones."""
    order = np.argsort(-step)[: width + 1]
    return [int(k) for k in order if k != BLANK and np.isfinite(step[k])]


def _add(
    beams: dict[tuple[int, ...], tuple[float, float]], prefix: tuple[int, ...], blank: float, symbol: float
) -> None:
    old_blank, old_symbol = beams.get(prefix, (-np.inf, -np.inf))
    beams[prefix] = (float(np.logaddexp(old_blank, blank)), float(np.logaddexp(old_symbol, symbol)))


def decode(logits: Tensor, lengths: Tensor, *, beam_width: int | None = None) -> list[Reading]:
    """Read sequences greedily, or with a beam of ``beam_width``."""
    with torch.no_grad():
        return greedy(logits, lengths) if beam_width is None else beam(logits, lengths, beam_width)
