"""The linear-chain CRF in plain torch operations: one step of time after the other, all sequences at once.

The reference of the native kernel, and the engine for float64, other devices and gradients of gradients. Everything is
done with logarithms, as in Sutton and McCallum 2012, "An introduction to conditional random fields", section 4.1, and in
float64: sums of thousands of steps are large numbers, whose differences count.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tidegate.ops.crf.transitions import Transitions
from tidegate.ops.lengths import clear, mask


def log_likelihood(scores: Tensor, tags: Tensor, lengths: Tensor, transitions: Transitions) -> Tensor:
    """See ``tidegate.ops.crf.layer.crf_log_likelihood``; the arguments are checked, and of one floating type.

    Example:
        >>> even = Transitions(torch.zeros(2, 2), torch.zeros(2), torch.zeros(2))
        >>> scores, tags = torch.zeros(1, 3, 2), torch.tensor([[0, 1, 1]])
        >>> log_likelihood(scores, tags, torch.tensor([3]), even).exp()
        tensor([0.1250])
    """
    true = mask(lengths, scores.shape[1])
    wide, edges = widened(clear(scores, lengths), transitions)
    found = _path_score(wide, tags.where(true, 0), true, edges) - _log_normaliser(wide, lengths, edges)
    return found.to(scores.dtype)


def log_normaliser(scores: Tensor, lengths: Tensor, transitions: Transitions) -> Tensor:
    """Log Z ``(B,)``, in float64: the logarithm of the sum over all paths of the exponential of their scores.

    Example:
        >>> even = Transitions(torch.zeros(2, 2), torch.zeros(2), torch.zeros(2))
        >>> round(float(log_normaliser(torch.zeros(1, 3, 2), torch.tensor([3]), even).exp()), 6)
        8.0
    """
    scores, transitions = widened(clear(scores, lengths), transitions)
    return _log_normaliser(scores, lengths, transitions)


def _path_score(scores: Tensor, tags: Tensor, true: Tensor, transitions: Transitions) -> Tensor:
    if scores.shape[1] == 0:
        return scores.sum((1, 2))  # zeros, for a backward pass too
    steps = scores.gather(2, tags[:, :, None])[:, :, 0]
    pairs = transitions.between[tags[:, :-1], tags[:, 1:]].where(true[:, 1:], 0.0)
    final = (true.sum(1) - 1).clamp(min=0)
    ends = transitions.start[tags[:, 0]] + transitions.end[tags.gather(1, final[:, None])[:, 0]]
    return steps.where(true, 0.0).sum(1) + pairs.sum(1) + ends.where(true[:, 0], 0.0)


def _prefixes(scores: Tensor, lengths: Tensor, transitions: Transitions) -> list[Tensor]:
    """At each step ``(B, K)``: of all paths that end in a tag there. Beyond a length: as at its last step."""
    steps = scores.unbind(1)
    found = [transitions.start + steps[0]]
    for t, step in enumerate(steps[1:], start=1):
        grown = torch.logsumexp(found[-1][:, :, None] + transitions.between, dim=1) + step
        found.append(torch.where((lengths > t)[:, None], grown, found[-1]))
    return found


def _log_normaliser(scores: Tensor, lengths: Tensor, transitions: Transitions) -> Tensor:
    if scores.shape[1] == 0:
        return scores.new_zeros(scores.shape[0])
    last = _prefixes(scores, lengths, transitions)[-1]
    return torch.logsumexp(last + transitions.end, dim=1).where(lengths > 0, 0.0)


def marginals(scores: Tensor, lengths: Tensor, transitions: Transitions) -> Tensor:
    """See ``tidegate.ops.crf.layer.crf_marginals``: forward-backward.

    Example:
        >>> even = Transitions(torch.zeros(2, 2), torch.zeros(2), torch.zeros(2))
        >>> marginals(torch.zeros(1, 3, 2), torch.tensor([1]), even)[0].tolist()
        [[0.5, 0.5], [0.0, 0.0], [0.0, 0.0]]
    """
    if scores.shape[1] == 0:
        return torch.zeros_like(scores)
    dtype = scores.dtype
    scores, transitions = widened(clear(scores, lengths), transitions)
    prefixes = torch.stack(_prefixes(scores, lengths, transitions), dim=1)  # (B, T, K)
    total = torch.logsumexp(prefixes[:, -1] + transitions.end, dim=1)
    suffixes = [transitions.end.expand_as(prefixes[:, 0])]
    for t in range(scores.shape[1] - 1, 0, -1):
        grown = torch.logsumexp(transitions.between + (scores[:, t] + suffixes[-1])[:, None, :], dim=2)
        suffixes.append(torch.where((lengths > t)[:, None], grown, suffixes[-1]))
    found = (prefixes + torch.stack(suffixes[::-1], dim=1) - total[:, None, None]).exp()
    return found.where(mask(lengths, scores.shape[1])[:, :, None], 0.0).to(dtype)


def decode(scores: Tensor, lengths: Tensor, transitions: Transitions) -> Tensor:
    """See ``tidegate.ops.crf.layer.crf_decode``: the best paths ``(B, T)``, anything beyond a length.

    Example:
        >>> even = Transitions(torch.zeros(2, 2), torch.zeros(2), torch.zeros(2))
        >>> decode(torch.tensor([[[1.0, 0.0], [0.0, 1.0]]]), torch.tensor([2]), even)
        tensor([[0, 1]])
    """
    batch, time, _ = scores.shape
    paths = torch.zeros(batch, time, dtype=torch.int64, device=scores.device)
    if time == 0:
        return paths
    scores, transitions = widened(clear(scores, lengths), transitions)
    best, got = transitions.start + scores[:, 0], list[Tensor]()
    for t in range(1, time):
        grown, before = (best[:, :, None] + transitions.between).max(dim=1)
        got.append(before)
        best = torch.where((lengths > t)[:, None], grown + scores[:, t], best)
    tag = (best + transitions.end).argmax(dim=1)
    for t in range(time - 1, 0, -1):
        paths[:, t] = tag
        tag = torch.where(lengths > t, got[t - 1].gather(1, tag[:, None])[:, 0], tag)
    paths[:, 0] = tag
    return paths


def widened(scores: Tensor, transitions: Transitions) -> tuple[Tensor, Transitions]:
    """In float64, where sums of float32 scores are exact, so that equal paths stay equal. Apple's MPS has none.

    Example:
        >>> even = Transitions(torch.zeros(2, 2), torch.zeros(2), torch.zeros(2))
        >>> widened(torch.zeros(1, 3, 2), even)[0].dtype
        torch.float64
    """
    dtype = scores.dtype if scores.device.type == "mps" else torch.float64
    return scores.to(dtype), transitions.to(dtype)
