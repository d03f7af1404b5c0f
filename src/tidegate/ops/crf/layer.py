"""Linear-chain conditional random fields: which tags of a sequence go together.

A path of tags scores the sum of its steps' own scores and of its transitions; its probability is the exponential of that
over the sum for all paths. Lafferty, McCallum and Pereira 2001, "Conditional random fields"; as the last layer of a
network: Collobert et al. 2011, section 3.3.2; Huang, Xu and Yu 2015.

Two engines: ``native`` for float32 on the CPU, and ``reference`` for the rest. They agree to rounding.
"""

from __future__ import annotations

import os

import torch
from torch import Tensor

from tidegate.errors import ConfigError, ShapeError, SymbolError
from tidegate.ops.crf import native_engine as crf_native
from tidegate.ops.crf import reference as crf_reference
from tidegate.ops.crf.n_best import Ranked, n_best
from tidegate.ops.crf.transitions import IMPOSSIBLE, Transitions
from tidegate.ops.lengths import mask

__all__ = [
    "ENGINES",
    "IMPOSSIBLE",
    "Transitions",
    "crf_decode",
    "crf_log_likelihood",
    "crf_marginals",
    "crf_n_best",
]

ENGINES = ("native", "reference")
"""The engines by name. ``TIDEGATE_ENGINE`` with any value but ``native`` makes the reference the default."""


def crf_log_likelihood(
    scores: Tensor, tags: Tensor, lengths: Tensor, transitions: Transitions, *, engine: str | None = None
) -> Tensor:
    """The logarithm of the probability of each sequence's tags; its negative is the loss.

    Args:
        scores: ``(B, T, K)``, of each tag at each step. What stands beyond a length is never read.
        tags: ``(B, T)`` int64, 0 to K - 1; anything beyond a length.
        lengths: ``(B,)`` int64, 0 to T.
        transitions: Of K tags.
        engine: A name in ``ENGINES``; ``None``: the default.

    Returns:
        ``(B,)``, at most 0; 0 for a sequence of no steps. Differentiable in scores and transitions, repeatedly.

    Raises:
        ConfigError: No such engine, or the native one is named for what it does not do.
        ShapeError: The arguments do not fit each other.
        SymbolError: A tag below 0 or above K - 1.

    Example:
        >>> even = Transitions(torch.zeros(2, 2), torch.zeros(2), torch.zeros(2))
        >>> scores, tags = torch.zeros(2, 3, 2), torch.zeros(2, 3, dtype=torch.int64)
        >>> crf_log_likelihood(scores, tags, torch.tensor([3, 1]), even).exp()
        tensor([0.1250, 0.5000])
    """
    scores, transitions = _checked(scores, lengths, transitions)
    _check_tags(tags, lengths, scores)
    run = crf_native if _natively(scores, transitions, engine) else crf_reference
    return run.log_likelihood(scores, tags, lengths, transitions)


def crf_decode(
    scores: Tensor, lengths: Tensor, transitions: Transitions, *, engine: str | None = None
) -> list[list[int]]:
    """The path of the highest score of each sequence (Viterbi 1967).

    Scores are added up in float64, and of equals the lowest tag is taken, from the end on: both engines give the same
    path.

    Args:
        scores: ``(B, T, K)``. What stands beyond a length is never read.
        lengths: ``(B,)`` int64, 0 to T.
        transitions: Of K tags.
        engine: A name in ``ENGINES``; ``None``: the default.

    Raises:
        ConfigError: No such engine, or the native one is named for what it does not do.
        ShapeError: The arguments do not fit each other.

    Example:
        >>> never_again = Transitions(torch.tensor([[0.0, 0.0], [0.0, IMPOSSIBLE]]), torch.zeros(2), torch.zeros(2))
        >>> scores = torch.tensor([[[0.0, 2.0], [0.0, 1.0], [0.0, 2.0]]])
        >>> crf_decode(scores, torch.tensor([3]), never_again)
        [[1, 0, 1]]
    """
    with torch.no_grad():
        scores, transitions = _checked(scores, lengths, transitions)
        run = crf_native if _natively(scores, transitions, engine) else crf_reference
        paths = run.decode(scores, lengths, transitions).tolist()
    return [path[:length] for path, length in zip(paths, lengths.tolist(), strict=True)]


def crf_n_best(scores: Tensor, lengths: Tensor, transitions: Transitions, n: int) -> list[Ranked]:
    """The n paths of the highest scores of each sequence, best first, with the logarithms of their probabilities.

    The first is ``crf_decode``'s. There are fewer where a sequence has fewer paths; paths with transitions that are
    forbidden (half of ``IMPOSSIBLE`` or less) do not count, unless the best has as many of them.

    Args:
        scores: ``(B, T, K)``. What stands beyond a length is never read.
        lengths: ``(B,)`` int64, 0 to T.
        transitions: Of K tags.
        n: At least 1. Time grows with its square.

    Raises:
        ConfigError: n is below 1.
        ShapeError: The arguments do not fit each other.

    Example:
        >>> even = Transitions(torch.zeros(2, 2), torch.zeros(2), torch.zeros(2))
        >>> ranked = crf_n_best(torch.tensor([[[1.0, 0.0]]]), torch.tensor([1]), even, n=3)
        >>> [(path, round(p, 4)) for path, p in ranked[0]]
        [([0], -0.3133), ([1], -1.3133)]
    """
    if n < 1:
        raise ConfigError("the number of best paths is at least 1", expected="1 or more", got=str(n))
    with torch.no_grad():
        scores, transitions = _checked(scores, lengths, transitions)
        return n_best(scores, lengths, transitions, n)


def crf_marginals(
    scores: Tensor, lengths: Tensor, transitions: Transitions, *, engine: str | None = None
) -> Tensor:
    """The probability of each tag at each step, over all paths: a tag's confidence. Not differentiable.

    Args:
        scores: ``(B, T, K)``. What stands beyond a length is never read.
        lengths: ``(B,)`` int64, 0 to T.
        transitions: Of K tags.
        engine: A name in ``ENGINES``; ``None``: the default.

    Returns:
        ``(B, T, K)``, 0 to 1, each step adding up to 1; zeros beyond a length.

    Raises:
        ConfigError: No such engine, or the native one is named for what it does not do.
        ShapeError: The arguments do not fit each other.

    Example:
        >>> never_again = Transitions(torch.tensor([[0.0, 0.0], [0.0, IMPOSSIBLE]]), torch.zeros(2), torch.zeros(2))
        >>> crf_marginals(torch.zeros(1, 2, 2), torch.tensor([2]), never_again)  # 0 0, 0 1 and 1 0
        tensor([[[0.6667, 0.3333],
                 [0.6667, 0.3333]]])
    """
    with torch.no_grad():
        scores, transitions = _checked(scores, lengths, transitions)
        run = crf_native if _natively(scores, transitions, engine) else crf_reference
        return run.marginals(scores, lengths, transitions)


def _natively(scores: Tensor, transitions: Transitions, engine: str | None) -> bool:
    if engine is not None and engine not in ENGINES:
        raise ConfigError("no such CRF engine", expected=", ".join(ENGINES), got=engine)
    name = engine or os.environ.get("TIDEGATE_ENGINE", "native")
    natively = name == "native" and crf_native.runs_natively(scores, transitions)
    if engine == "native" and not natively:
        raise ConfigError(
            "the native engine does not do this",
            expected="float32 tensors on the CPU, and the native library",
            got=f"{scores.dtype} on {scores.device}",
            hint="leave the engine out: the reference is taken then",
        )
    return natively


def _checked(scores: Tensor, lengths: Tensor, transitions: Transitions) -> tuple[Tensor, Transitions]:
    """All in one floating type of at least 32 bits."""
    if scores.dim() != 3 or scores.shape[2] == 0 or not scores.is_floating_point():
        raise ShapeError(
            "a CRF needs the scores of tags",
            expected="floating (B, T, K), K at least 1",
            got=f"{scores.dtype} {tuple(scores.shape)}",
        )
    batch, time, tags = scores.shape
    for name, tensor, shape in zip(
        ("between", "start", "end"), transitions.tensors, ((tags, tags), (tags,), (tags,)), strict=True
    ):
        if tensor.shape != shape:
            raise ShapeError(
                f"the transitions do not fit {tags} tags",
                where=name,
                expected=str(shape),
                got=str(tuple(tensor.shape)),
            )
    _check_lengths(lengths, batch, time)
    dtype = torch.promote_types(torch.promote_types(scores.dtype, transitions.between.dtype), torch.float32)
    return scores.to(dtype), transitions.to(dtype)


def _check_lengths(lengths: Tensor, batch: int, time: int) -> None:
    if lengths.shape != (batch,) or lengths.dtype != torch.int64:
        raise ShapeError(
            "one length a sequence",
            expected=f"int64 {(batch,)}",
            got=f"{lengths.dtype} {tuple(lengths.shape)}",
        )
    if batch and not 0 <= int(lengths.min()) <= int(lengths.max()) <= time:
        raise ShapeError("a length beyond its sequence", expected=f"0 to {time}", got=str(lengths.tolist()))


def _check_tags(tags: Tensor, lengths: Tensor, scores: Tensor) -> None:
    batch, time, count = scores.shape
    if tags.shape != (batch, time) or tags.dtype != torch.int64:
        raise ShapeError(
            "one tag a step", expected=f"int64 {(batch, time)}", got=f"{tags.dtype} {tuple(tags.shape)}"
        )
    wrong = ((tags < 0) | (tags >= count)) & mask(lengths, time)
    if bool(wrong.any()):
        b, t = (int(i) for i in wrong.nonzero()[0])
        raise SymbolError(
            "a tag that the scores do not have",
            where=f"sequence {b}, step {t}",
            expected=f"0 to {count - 1}",
            got=str(int(tags[b, t])),
        )
