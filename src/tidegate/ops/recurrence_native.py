"""The native engine: kernels of our own for the CPU, both directions of a layer in one call.

A batch of unequal lengths costs what its true steps cost: they are laid end to end, and the kernels run each sequence
through its own length. ``docs/explanation/recurrence-kernel.md`` draws how.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor

from tidegate.ops.cells import RecurrentCell, State, Strand
from tidegate.ops.lengths import shortened
from tidegate.ops.native_backward import backward, backward_shapes
from tidegate.ops.native_call import Call
from tidegate.ops.native_forward import forward, forward_shapes
from tidegate.ops.native_layout import Layout, Order
from tidegate.ops.native_library import library
from tidegate.ops.recurrence_reference import run_reference

_OPERATORS = torch.library.Library("tidegate", "DEF")
_OPERATORS.define(
    "recurrence_forward(Tensor x, Tensor[] weights, Tensor[] state, Tensor? lengths, SymInt[] sizes, bool save, "
    "bool keep_packed) -> (Tensor, Tensor, Tensor, Tensor, Tensor)"
)
_OPERATORS.define(
    "recurrence_backward(Tensor?[] grads, Tensor[] saved, Tensor[] weights, Tensor[] state, Tensor? lengths, "
    "SymInt[] sizes, bool[] wanted) -> Tensor[]"
)
_OPERATORS.impl("recurrence_forward", forward, "CPU")
_OPERATORS.impl("recurrence_backward", backward, "CPU")
torch.library.register_fake("tidegate::recurrence_forward", forward_shapes, lib=_OPERATORS)
torch.library.register_fake("tidegate::recurrence_backward", backward_shapes, lib=_OPERATORS)
_run_forward = torch.ops.tidegate.recurrence_forward.default
_run_backward = torch.ops.tidegate.recurrence_backward.default


def runs_natively(x: Tensor, strands: Sequence[Strand]) -> bool:
    """Whether the kernels do this: float32 on the CPU, outside autocast, with the library there.

    Example:
        >>> runs_natively(torch.zeros(2, 3, 4, dtype=torch.float64), [])
        False
    """
    tensors = [x, *(tensor for strand in strands for tensor in strand.weights.present)]
    return (
        all(tensor.dtype == torch.float32 and tensor.device.type == "cpu" for tensor in tensors)
        and not torch.is_autocast_enabled("cpu")
        and library() is not None
    )


def run_native(
    cell: RecurrentCell,
    x: Tensor,
    strands: Sequence[Strand],
    lengths: Tensor | None,
    *,
    recompute: bool = False,
) -> tuple[Tensor, list[State]]:
    """See ``tidegate.ops.recurrence.recurrent_layer``. One direction, or forward and reverse."""
    lengths = shortened(lengths, x.shape[1])
    batch, time = x.shape[:2]
    rows = batch * time if lengths is None else int(lengths.clamp(0, time).sum())
    time_first = not x.is_contiguous() and x.transpose(0, 1).is_contiguous()
    order = Order.TIME_FIRST if time_first else Order.BATCH_FIRST
    source = x.transpose(0, 1) if time_first else x.contiguous()
    layout = Layout(order, batch, time, rows, None if lengths is None else lengths.contiguous())
    y, states = run_layout(cell, source, layout, strands, recompute=recompute)
    return y.transpose(0, 1) if time_first else y, states


def run_layout(
    cell: RecurrentCell, x: Tensor, layout: Layout, strands: Sequence[Strand], *, recompute: bool = False
) -> tuple[Tensor, list[State]]:
    """``run_native`` on a batch that lies as ``layout`` says; so do the outputs."""
    reverse = strands[0].direction == "reverse"
    call = Call(cell, reverse, layout, tuple(strand.weights for strand in strands))
    weights = [tensor for strand in strands for tensor in strand.weights.present]
    state = _stacked(strands)
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (x, *weights, *state)):
        y, hidden, memory = cast(
            tuple[Tensor, ...], _Layer.apply(call, recompute, len(weights), x, *weights, *state)
        )
    else:
        y, hidden, memory, _, _ = _run_forward(x, weights, state, layout.lengths, call.numbers(), False, True)
    memories = memory if cell == "lstm" else [None] * len(strands)
    return y, [State(h, c) for h, c in zip(hidden, memories, strict=True)]


def _stacked(strands: Sequence[Strand]) -> list[Tensor]:
    """Hidden states and memories before the first step, ``(D, B, H)`` each; none, if all are zeros."""
    states = [strand.state for strand in strands if strand.state is not None]
    if not states:
        return []
    assert len(states) == len(strands), "both directions have a state, or none"
    memories = [state.cell for state in states if state.cell is not None]
    hidden = torch.stack([state.hidden for state in states])
    return [hidden, torch.stack(memories)] if memories else [hidden]


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, call: Call, recompute: bool, count: int, x: Tensor, *rest: Tensor
    ) -> tuple[Tensor, ...]:
        weights, state = rest[:count], rest[count:]
        ctx.call, ctx.count = call, count
        ctx.set_materialize_grads(False)
        y, hidden, memory, gates, kept = _run_forward(
            x, weights, state, call.layout.lengths, call.numbers(), True, False
        )
        saved = () if recompute else (gates, kept)
        ctx.save_for_backward(x, *rest, y, *saved)
        return y, hidden, memory

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        call: Call = ctx.call
        x, *others = ctx.saved_tensors
        needed = ctx.needs_input_grad[3:]  # x, weights, state
        end = len(needed) - 1
        weights, state, results = others[: ctx.count], others[ctx.count : end], others[end:]
        if torch.is_grad_enabled():
            found = _differentiable(call, x, weights, state, grads, needed)
            return (None, None, None, *found)
        lengths, numbers = call.layout.lengths, call.numbers()
        if len(results) == 1:
            results += _run_forward(x, weights, state, lengths, numbers, True, False)[3:]
        wanted = [needed[0], any(needed[1 + ctx.count :])]
        d_x, d_hidden, d_memory, *d_weights = _run_backward(
            grads, [x, *results], weights, state, lengths, numbers, wanted
        )
        gradients = (d_x, *d_weights, *(d_hidden, d_memory)[: len(state)])
        return (None, None, None, *(g if need else None for g, need in zip(gradients, needed, strict=True)))


def _differentiable(
    call: Call,
    x: Tensor,
    weights: Sequence[Tensor],
    state: Sequence[Tensor],
    grads: Sequence[Tensor | None],
    needed: Sequence[bool],
) -> list[Tensor | None]:
    """Gradients that can be differentiated again: through the reference, which is slow. For ``create_graph=True``."""
    inputs = [x, *weights, *state]
    with torch.enable_grad():
        padded, lengths = call.layout.padded(x), call.layout.lengths
        outputs, finals = list[Tensor](), list[State]()
        for d, strand in enumerate(Call.of(weights, call.layout.lengths, call.numbers()).strands):
            zeros = padded.new_zeros(call.layout.batch, call.hidden)
            hidden = state[0][d] if state else zeros
            memory = None if call.cell != "lstm" else state[1][d] if state else zeros
            direction = "reverse" if d == 1 or call.reversed else "forward"
            y, final = run_reference(call.cell, padded, strand, State(hidden, memory), lengths, direction)
            outputs.append(y)
            finals.append(final)
        results = [
            call.layout.unpadded(torch.cat(outputs, dim=2)),
            torch.stack([final.hidden for final in finals]),
            *([torch.stack([cast(Tensor, final.cell) for final in finals])] if call.cell == "lstm" else []),
        ]
    pairs = [(result, grad) for result, grad in zip(results, grads, strict=False) if grad is not None]
    wanted = [one for one, need in zip(inputs, needed, strict=True) if need]
    found = torch.autograd.grad(
        [result for result, _ in pairs],
        wanted,
        [grad for _, grad in pairs],
        create_graph=True,
        allow_unused=True,
    )
    left = iter(found)
    return [next(left) if need else None for need in needed]
