"""The one door to recurrence: a cell along time, in one direction or both, over sequences of their own lengths."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from tidegate.errors import ConfigError, ShapeError
from tidegate.network.cells import CellRecord
from tidegate.ops.recurrence.cells import (
    RECORDS,
    DirectionWeights,
    OneDirection,
    RecurrentCell,
    State,
    Weights,
    zero_state,
)
from tidegate.ops.recurrence.native_engine import run_native, runs_natively
from tidegate.ops.recurrence.reference import run_reference
from tidegate.ops.recurrence.torch_engine import run_torch


class Engine(Protocol):
    """One way to run a layer. The arguments are checked before."""

    def __call__(
        self,
        cell: RecurrentCell,
        x: Tensor,
        directions: Sequence[DirectionWeights],
        state: State | None,
        lengths: Tensor | None,
        *,
        recompute: bool = False,
    ) -> tuple[Tensor, State]:
        """Outputs and final state, as ``recurrent_layer``."""
        ...


RunDirection = Callable[
    [RecurrentCell, Tensor, Weights, State, Tensor | None, OneDirection], tuple[Tensor, State]
]


def _one_by_one(run: RunDirection) -> Engine:
    """The engine that runs each direction by itself."""

    def direction_after_direction(
        cell: RecurrentCell,
        x: Tensor,
        directions: Sequence[DirectionWeights],
        state: State | None,
        lengths: Tensor | None,
    ) -> tuple[Tensor, State]:
        outputs, finals = list[Tensor](), list[State]()
        for d, direction in enumerate(directions):
            before = zero_state(cell, x, direction.weights.hidden) if state is None else state.of(d)
            y, final = run(cell, x, direction.weights, before, lengths, direction.direction)
            outputs.append(y)
            finals.append(final)
        return outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=2), State.stacked(finals)

    def engine(
        cell: RecurrentCell,
        x: Tensor,
        directions: Sequence[DirectionWeights],
        state: State | None,
        lengths: Tensor | None,
        *,
        recompute: bool = False,
    ) -> tuple[Tensor, State]:
        if recompute and torch.is_grad_enabled():
            return checkpoint(
                direction_after_direction, cell, x, directions, state, lengths, use_reentrant=False
            )
        return direction_after_direction(cell, x, directions, state, lengths)

    return engine


ENGINES: dict[str, Engine] = {
    "native": run_native,
    "torch": _one_by_one(run_torch),
    "reference": _one_by_one(run_reference),
}
"""Every engine by name. They agree to rounding, forward and backward.

``native`` is the default for what its kernels do (cells that have one, float32 on the CPU), ``torch`` for the rest.
The environment variable ``TIDEGATE_ENGINE`` names another default."""


def engine_for(
    cell: RecurrentCell,
    x: Tensor,
    directions: Sequence[DirectionWeights],
    name: str | None = None,
    state: State | None = None,
) -> Engine:
    """The engine of that name, or the default for this cell and these tensors.

    Raises:
        ConfigError: No such engine, or the native one is named for what it does not do.
    """
    chosen, where = name, None
    if chosen is None:
        chosen, where = os.environ.get("TIDEGATE_ENGINE"), "environment variable TIDEGATE_ENGINE"
    if chosen is not None and chosen not in ENGINES:
        raise ConfigError("no such recurrence engine", where=where, expected=", ".join(ENGINES), got=chosen)
    natively = chosen in (None, "native") and runs_natively(cell, x, directions, state)
    if name == "native" and not natively:
        raise ConfigError(
            "the native engine does not do this",
            expected="a cell with a kernel, float32 tensors on the CPU, no autocast, and the native library",
            got=f"{cell}, {x.dtype} on {x.device}",
            hint="leave the engine out: torch's is taken then",
        )
    return ENGINES["native" if natively else "torch" if chosen in (None, "native") else chosen]


def recurrent_layer(
    cell: RecurrentCell,
    x: Tensor,
    directions: Sequence[DirectionWeights],
    state: State | None = None,
    lengths: Tensor | None = None,
    *,
    engine: str | None = None,
    recompute: bool = False,
) -> tuple[Tensor, State]:
    """Run a recurrent layer of one or two directions over padded sequences.

    Args:
        cell: Which equations; ``tidegate.ops.recurrence.equations`` writes them down.
        x: ``(B, T, F)``. What lies beyond a length is never read.
        directions: One for each direction; of two, the second is ``reverse``.
        state: Before the first step, ``(D, B, H)`` each; ``None``: zeros.
        lengths: ``(B,)`` int64 on the device of ``x``, 0 to T; ``None``: all T.
        engine: A name in ``ENGINES``; ``None``: the default.
        recompute: Keep no gates for the backward pass, and compute them again there: less memory for a third more
            arithmetic.

    Returns:
        ``y`` ``(B, T, D·H)``: the hidden states at every step, zero beyond a length; and ``(D, B, H)`` the state
        after the last step that was run (in reverse: the first position). A sequence of length 0 gives its initial
        state back.

    Raises:
        ConfigError: No such engine.
        ShapeError: Weights, state or lengths do not fit ``x``.

    Example:
        >>> import torch
        >>> weights = Weights(torch.eye(2), torch.zeros(2, 2))
        >>> both = [DirectionWeights("forward", weights), DirectionWeights("reverse", weights)]
        >>> y, state = recurrent_layer("elman-relu", torch.ones(1, 3, 2), both, lengths=torch.tensor([2]))
        >>> y[0].tolist(), state.hidden.shape
        ([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]], torch.Size([2, 1, 2]))
    """
    _check(cell, x, directions, state, lengths)
    lengths = None if lengths is None else lengths.to(torch.int64)
    run = engine_for(cell, x, directions, engine, state)
    if x.shape[0] == 0 or x.shape[1] == 0:
        run = ENGINES["torch"]
    return run(cell, x, directions, state, lengths, recompute=recompute)


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
    """One direction of ``recurrent_layer``: ``y`` ``(B, T, H)``; states are ``(B, H)`` each.

    Example:
        >>> import torch
        >>> weights = Weights(torch.eye(2), torch.zeros(2, 2))
        >>> y, state = recurrence("elman-relu", torch.ones(1, 3, 2), weights, lengths=torch.tensor([2]))
        >>> y[0].tolist(), state.hidden.tolist()
        ([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]], [[1.0, 1.0]])
    """
    before = None if state is None else State.stacked([state])
    y, final = recurrent_layer(
        cell, x, [DirectionWeights(direction, weights)], before, lengths, engine=engine
    )
    return y, final.of(0)


def _check(
    cell: RecurrentCell,
    x: Tensor,
    directions: Sequence[DirectionWeights],
    state: State | None,
    lengths: Tensor | None,
) -> None:
    if x.dim() != 3:
        raise ShapeError(
            "recurrence needs sequences", expected="x of shape (B, T, F)", got=str(tuple(x.shape))
        )
    hidden, record = directions[0].weights.hidden, RECORDS[cell]
    rows = len(record.gates) * hidden
    read = rows if record.reads_state else 0
    for weights in (tensor.weights for tensor in directions):
        if weights.input.shape != (rows, x.shape[2]) or weights.recurrent.shape != (read, hidden):
            raise ShapeError(
                f"the weights do not fit a {cell} layer of {hidden} units on {x.shape[2]} features",
                expected=f"input {(rows, x.shape[2])}, recurrent {(read, hidden)}",
                got=f"input {tuple(weights.input.shape)}, recurrent {tuple(weights.recurrent.shape)}",
            )
        for bias in weights.present[2:]:
            if bias.shape != (rows,):
                raise ShapeError("a bias does not fit", expected=str((rows,)), got=str(tuple(bias.shape)))
        _check_biases(record, weights)
    shape = (len(directions), x.shape[0], hidden)
    for tensor in () if state is None else state.present:
        if tensor.shape != shape:
            raise ShapeError("the state does not fit", expected=str(shape), got=str(tuple(tensor.shape)))
    if lengths is not None and lengths.shape != x.shape[:1]:
        raise ShapeError(
            "one length a sequence", expected=str(tuple(x.shape[:1])), got=str(tuple(lengths.shape))
        )


def _check_biases(record: CellRecord, weights: Weights) -> None:
    given = (weights.input_bias is not None, weights.recurrent_bias is not None)
    if given not in ((False, False), (True, record.reads_state)):
        state = " and one of the state" if record.reads_state else ""
        raise ShapeError(
            f"a {record.name} layer has no bias, or one of the input{state}",
            got=f"{'one' if given[0] else 'none'} of the input, {'one' if given[1] else 'none'} of the state",
        )
