"""The one door to recurrence: a cell along time, in one direction, over sequences of their own lengths."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from tidegate.errors import ConfigError, ShapeError
from tidegate.ops.cells import GATES, OneDirection, RecurrentCell, State, Weights, zero_state
from tidegate.ops.recurrence_reference import run_reference
from tidegate.ops.recurrence_torch import run_torch


class Engine(Protocol):
    """One way to run the loop. The arguments are checked before; the state is never missing."""

    def __call__(
        self,
        cell: RecurrentCell,
        x: Tensor,
        weights: Weights,
        state: State,
        lengths: Tensor | None,
        direction: OneDirection,
    ) -> tuple[Tensor, State]:
        """Outputs and final state, as ``recurrence``."""
        ...


ENGINES: dict[str, Engine] = {"torch": run_torch, "reference": run_reference}
"""Every engine by name; the first is the default. They agree to rounding, forward and backward."""

DEFAULT_ENGINE = "torch"


def recurrence(
    cell: RecurrentCell,
    x: Tensor,
    weights: Weights,
    state: State | None = None,
    lengths: Tensor | None = None,
    *,
    direction: OneDirection = "forward",
    engine: str | None = None,
) -> tuple[Tensor, State]:
    """Run a recurrent cell over padded sequences.

    Args:
        cell: Which equations; ``recurrence_reference`` writes them down.
        x: ``(B, T, F)``. What lies beyond a length is never read.
        weights: Of this layer and direction.
        state: Before the first step, ``(B, H)`` each; ``None``: zeros.
        lengths: ``(B,)`` int64 on the device of ``x``, 0 to T; ``None``: all T.
        direction: ``reverse`` starts at each sequence's own end.
        engine: A name in ``ENGINES``; ``None``: the default.

    Returns:
        ``y`` ``(B, T, H)``: the hidden state at every step, zero beyond a length; and the state after the
        last step that was run (in reverse: the first position). A sequence of length 0 gives its initial
        state back.

    Raises:
        ConfigError: No such engine.
        ShapeError: Weights, state or lengths do not fit ``x``.

    Example:
        >>> import torch
        >>> weights = Weights(torch.eye(2), torch.zeros(2, 2))
        >>> y, state = recurrence("elman-relu", torch.ones(1, 3, 2), weights, lengths=torch.tensor([2]))
        >>> y[0].tolist(), state.hidden.tolist()
        ([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]], [[1.0, 1.0]])
    """
    _check(cell, x, weights, lengths)
    name = DEFAULT_ENGINE if engine is None else engine
    if name not in ENGINES:
        raise ConfigError("no such recurrence engine", expected=", ".join(ENGINES), came=name)
    before = zero_state(cell, x, weights.hidden) if state is None else state
    return ENGINES[name](cell, x, weights, before, lengths, direction)


def _check(cell: RecurrentCell, x: Tensor, weights: Weights, lengths: Tensor | None) -> None:
    hidden = weights.hidden
    rows = len(GATES[cell]) * hidden
    if x.dim() != 3:
        raise ShapeError(
            "recurrence needs sequences", expected="x of shape (B, T, F)", came=str(tuple(x.shape))
        )
    if tuple(weights.input.shape) != (rows, x.shape[2]) or weights.recurrent.shape[0] != rows:
        raise ShapeError(
            f"the weights do not fit a {cell} layer of {hidden} units on {x.shape[2]} features",
            expected=f"input {(rows, x.shape[2])}, recurrent {(rows, hidden)}",
            came=f"input {tuple(weights.input.shape)}, recurrent {tuple(weights.recurrent.shape)}",
        )
    if lengths is not None and lengths.shape != x.shape[:1]:
        raise ShapeError(
            "one length a sequence", expected=str(tuple(x.shape[:1])), came=str(tuple(lengths.shape))
        )
