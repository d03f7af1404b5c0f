"""The native engine: kernels of our own for the CPU, both directions of a layer in one call.

A batch of unequal lengths costs what its true steps cost: they are laid end to end, and the kernels run each sequence
through its own length. ``docs/explanation/recurrence-kernel.md`` draws how.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor

from tidegate.ops.native_library import library
from tidegate.ops.recurrence.cells import RECORDS, DirectionWeights, RecurrentCell, State, zero_state
from tidegate.ops.recurrence.native_backward import backward, backward_shapes, of_each_weight
from tidegate.ops.recurrence.native_call import Call
from tidegate.ops.recurrence.native_forward import forward, forward_shapes
from tidegate.ops.recurrence.native_layout import Layout, Order
from tidegate.ops.recurrence.reference import run_reference
from tidegate.ops.recurrence.registry import IMPLEMENTATIONS

_OPERATORS = torch.library.Library("tidegate", "DEF")
_OPERATORS.define(
    "recurrence_forward(Tensor x, Tensor[] weights, Tensor[] state, Tensor? lengths, SymInt[] sizes, bool save, "
    "bool keep_packed) -> (Tensor, Tensor, Tensor, Tensor, Tensor)"
)
_OPERATORS.define(
    "recurrence_backward(Tensor?[] grads, Tensor x, Tensor y, Tensor(a!) gates, Tensor(b!) kept, Tensor[] weights, "
    "Tensor[] state, Tensor? lengths, SymInt[] sizes, bool[] wanted) "
    "-> (Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor)"
)
_OPERATORS.impl("recurrence_forward", forward, "CPU")
_OPERATORS.impl("recurrence_backward", backward, "CPU")
torch.library.register_fake("tidegate::recurrence_forward", forward_shapes, lib=_OPERATORS)
torch.library.register_fake("tidegate::recurrence_backward", backward_shapes, lib=_OPERATORS)
_run_forward = torch.ops.tidegate.recurrence_forward.default
_run_backward = torch.ops.tidegate.recurrence_backward.default


def recurrence_forward_operator() -> Any:
    """The operator that runs a layer, for who counts its arithmetic."""
    return torch.ops.tidegate.recurrence_forward


def runs_natively(
    cell: RecurrentCell, x: Tensor, directions: Sequence[DirectionWeights], state: State | None = None
) -> bool:
    """Whether the kernels do this: a cell that has one, float32 on the CPU, outside autocast, with the library there.

    Example:
        >>> runs_natively("gru", torch.zeros(2, 3, 4, dtype=torch.float64), [])
        False
    """
    if (
        IMPLEMENTATIONS[cell].kernel is None
        or not _plain(x)
        or torch.is_autocast_enabled("cpu")
        or library() is None
    ):
        return False
    if state is not None and not all(map(_plain, state.present)):
        return False
    return all(_plain(tensor) for direction in directions for tensor in direction.weights.present)


def _plain(tensor: Tensor) -> bool:
    return tensor.dtype == torch.float32 and tensor.is_cpu


def run_native(
    cell: RecurrentCell,
    x: Tensor,
    directions: Sequence[DirectionWeights],
    state: State | None,
    lengths: Tensor | None,
    *,
    recompute: bool = False,
) -> tuple[Tensor, State]:
    """See ``tidegate.ops.recurrence.layer.recurrent_layer``. One direction, or two of which the second is reverse."""
    batch, time = x.shape[:2]
    time_first = not x.is_contiguous() and x.transpose(0, 1).is_contiguous()
    layout = Layout.padded_batch(Order.TIME_FIRST if time_first else Order.BATCH_FIRST, batch, time, lengths)
    source = x.transpose(0, 1) if time_first else x.contiguous()
    y, final = run_layout(cell, source, layout, directions, state, recompute=recompute)
    return y.transpose(0, 1) if time_first else y, final


def run_layout(
    cell: RecurrentCell,
    x: Tensor,
    layout: Layout,
    directions: Sequence[DirectionWeights],
    state: State | None = None,
    *,
    recompute: bool = False,
) -> tuple[Tensor, State]:
    """``run_native`` on a batch that lies as ``layout`` says; so do the outputs."""
    assert len(directions) == 1 or directions[1].direction == "reverse"
    call = Call(
        cell,
        directions[0].direction == "reverse",
        layout,
        tuple(direction.weights for direction in directions),
    )
    weights = [_flat(tensor) for direction in directions for tensor in direction.weights.present]
    first = () if state is None else tuple(tensor.contiguous() for tensor in state.present)
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (x, *weights, *first)):
        results = _Layer.apply(call, recompute, len(weights), x, *weights, *first)
    else:
        results = _run_forward(x, weights, first, layout.lengths, call.numbers(), False, True)
    y, hidden, memory = cast(tuple[Tensor, ...], results)[:3]
    return y, State(hidden, memory if len(RECORDS[cell].states) > 1 else None)


def _flat(weight: Tensor) -> Tensor:
    """A bias of numbers side by side; a matrix as it is."""
    return weight.contiguous() if weight.dim() == 1 else weight


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, call: Call, recompute: bool, count: int, x: Tensor, *rest: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.call, ctx.count = call, count
        ctx.set_materialize_grads(False)
        recompute = recompute and call.gates > 1
        y, hidden, memory, *kept = _run_forward(
            x, rest[:count], rest[count:], call.layout.lengths, call.numbers(), True, False
        )
        # Not among the saved tensors, since the backward pass uses them up: it takes them away, and where there are none,
        # because it is asked a second time or to save memory, it runs the forward pass again.
        ctx.kept = None if recompute else kept
        ctx.save_for_backward(x, *rest, y)
        return y, hidden, memory

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        call: Call = ctx.call
        x, *rest, y = ctx.saved_tensors
        weights, state = rest[: ctx.count], rest[ctx.count :]
        needed = ctx.needs_input_grad[3:]  # x, weights, state
        if torch.is_grad_enabled():
            return (None, None, None, *_differentiable(call, x, weights, state, grads, needed))
        lengths, numbers = call.layout.lengths, call.numbers()
        kept = ctx.kept
        if call.gates > 1:
            ctx.kept = None
        if kept is None:
            kept = _run_forward(x, weights, state, lengths, numbers, True, False)[3:]
        wanted = [needed[0], any(needed[1 + ctx.count :])]
        d_x, d_hidden, d_memory, *d_weights = _run_backward(
            grads, x, y, *kept, weights, state, lengths, numbers, wanted
        )
        gradients = (d_x, *of_each_weight(call, d_weights), *(d_hidden, d_memory)[: len(state)])
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
        for d, own in enumerate(Call.of(weights, lengths, call.numbers()).parameters):
            before = (
                State(*(tensor[d] for tensor in state))
                if state
                else zero_state(call.cell, padded, call.hidden)
            )
            direction = "reverse" if d == 1 or call.reversed else "forward"
            y, final = run_reference(call.cell, padded, own, before, lengths, direction)
            outputs.append(y)
            finals.append(final)
        results = [call.layout.unpadded(torch.cat(outputs, dim=2)), *State.stacked(finals).present]
    pairs = [(result, grad) for result, grad in zip(results, grads, strict=False) if grad is not None]
    wanted = [tensor for tensor, need in zip(inputs, needed, strict=True) if need]
    found = torch.autograd.grad(
        [result for result, _ in pairs],
        wanted,
        [grad for _, grad in pairs],
        create_graph=True,
        allow_unused=True,
    )
    left = iter(found)
    return [next(left) if need else None for need in needed]
