"""The operator ``tidegate::recurrence_backward``: gradients of a recurrent layer on the native kernels.

The library goes back through time and leaves the gradient of every projected gate; the gradients of the weights and
of ``x`` are then matrix products of torch over all true steps.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import torch
from torch import Tensor

from tidegate.ops.native_library import loaded
from tidegate.ops.product import product
from tidegate.ops.recurrence.native_call import Call, part, pointer
from tidegate.ops.recurrence.native_forward import state_part
from tidegate.ops.recurrence.native_interface import Backward
from tidegate.ops.recurrence.native_layout import Order
from tidegate.ops.recurrence.native_weights import rows_apart


def backward(
    grads: Sequence[Tensor | None],
    x: Tensor,
    y: Tensor,
    gates: Tensor,
    kept: Tensor,
    weights: Sequence[Tensor],
    state: Sequence[Tensor],
    lengths: Tensor | None,
    sizes: Sequence[int],
    wanted: Sequence[bool],
) -> tuple[Tensor, ...]:
    """Gradients of all that ``forward`` read.

    Args:
        grads: Of outputs, final hidden states and final memories; ``None``: zeros.
        x: As given to it.
        y: Its outputs.
        gates: As it gave them. Used up: their gradients take their place.
        kept: As it gave it. Used up likewise.
        weights: As given to it.
        state: As given to it.
        lengths: As given to it.
        sizes: As given to it.
        wanted: Whether that of ``x``, and those of the state.

    Returns:
        Of ``x``, hidden states and memories before the first step; of all directions' ``W_ih`` ``(D·G·H, F)``,
        ``W_hh`` ``(D, G·H, H)`` and two biases ``(D·G·H,)``. What is not wanted has no elements.
    """
    native = loaded()
    call = Call.of(weights, lengths, sizes)
    tables = call.layout.tables()
    d_hidden_out, d_memory_out = (None if grad is None else grad.contiguous() for grad in grads[1:])
    d_hidden, d_memory = _empty(call, x, wanted[1])
    # In place where the backward pass reads what it then replaces: large batches are bound by memory.
    deltas = gates if call.gates > 1 else x.new_empty(call.layout.rows, call.width)
    before = kept if call.cell == "lstm" else x.new_empty(call.directions, call.layout.rows, call.hidden)
    directions = (Backward * call.directions)()
    matrices = [rows_apart(own.recurrent) for own in call.parameters]
    for d, (arguments, matrix) in enumerate(zip(directions, matrices, strict=True)):
        arguments.recurrent, arguments.recurrent_stride = matrix.data_ptr(), matrix.stride(0)
        arguments.gates, arguments.deltas = call.columns(gates, d), call.columns(deltas, d)
        arguments.gates_stride = call.width
        arguments.memories = part(kept, d) if call.cell == "lstm" else None
        arguments.new_recurrent = arguments.new_deltas = part(kept, d) if call.cell == "gru" else None
        arguments.hidden_in, arguments.memory_in = state_part(state, 0, d), state_part(state, 1, d)
        arguments.d_hidden_out, arguments.d_memory_out = part(d_hidden_out, d), part(d_memory_out, d)
        arguments.hidden_before = part(before, d)
        arguments.d_hidden_in, arguments.d_memory_in = part(d_hidden, d), part(d_memory, d)
    d_y, strides = _strides(grads[0], call.layout.order)
    problem = ctypes.byref(call.problem(tables))
    call.check(native.tidegate_run_backward(problem, directions, pointer(y), pointer(d_y), strides))
    d_x = (
        call.spread(native, product(deltas, call.input_matrix().t()), tables) if wanted[0] else x.new_empty(0)
    )
    steps = call.steps_of(native, x, tables)
    d_recurrent = _recurrent_gradient(call, deltas, kept, before)
    d_input = product(deltas.t(), steps.t())
    return (d_x, d_hidden, d_memory, d_input, d_recurrent, *_bias_gradients(call, deltas, kept))


def _empty(call: Call, like: Tensor, want_state: bool) -> tuple[Tensor, Tensor]:
    """Room for the gradients of the first states."""
    return (
        like.new_empty(call.state_shape if want_state else (0,)),
        like.new_empty(call.memory_shape if want_state else (0,)),
    )


def _recurrent_gradient(call: Call, deltas: Tensor, kept: Tensor, before: Tensor) -> Tensor:
    """``(D, G·H, H)``.

    A GRU's recurrent weights of the new gate stand behind the reset gate, and so have deltas of their own.
    """
    by_direction = deltas.view(-1, call.directions, call.gates * call.hidden).permute(1, 2, 0)
    if call.cell != "gru":
        return _products(by_direction, before)
    inner = _products(by_direction[:, : 2 * call.hidden], before)
    return torch.cat([inner, _products(kept.transpose(1, 2), before)], dim=1)


def _products(left: Tensor, right: Tensor) -> Tensor:
    """``(D, M, K)`` times ``(D, K, N)``, direction by direction."""
    return torch.stack([product(a, b.t()) for a, b in zip(left, right, strict=True)])


def _bias_gradients(call: Call, deltas: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
    """Of the input and the recurrent biases, ``(D·G·H,)`` each; two tensors, since autograd may keep them both."""
    if call.parameters[0].input_bias is None:
        return deltas.new_empty(0), deltas.new_empty(0)
    # Column sums as a product with ones: twice as fast as sum() on two threads.
    total = torch.mv(deltas.t(), deltas.new_ones(deltas.shape[0]))
    recurrent = total.clone()
    if call.cell == "gru":
        recurrent.view(call.directions, 3, call.hidden)[:, 2] = kept.sum(1)
    return total, recurrent


def _strides(d_y: Tensor | None, order: Order) -> tuple[Tensor | None, ctypes.Array[ctypes.c_int64] | None]:
    """The gradient, copied only if its features do not lie side by side, and its strides by sequence and step."""
    if d_y is None:
        return None, None
    if order is Order.PACKED:
        return d_y.contiguous(), None
    if d_y.stride(2) != 1:
        d_y = d_y.contiguous()
    sequence, step = (0, 1) if order is Order.BATCH_FIRST else (1, 0)
    return d_y, (ctypes.c_int64 * 2)(d_y.stride(sequence), d_y.stride(step))


def backward_shapes(
    grads: Sequence[Tensor | None],
    x: Tensor,
    y: Tensor,
    gates: Tensor,
    kept: Tensor,
    weights: Sequence[Tensor],
    state: Sequence[Tensor],
    lengths: Tensor | None,
    sizes: Sequence[int],
    wanted: Sequence[bool],
) -> tuple[Tensor, ...]:
    """Results as ``backward`` would give, empty: for tracing."""
    call = Call.of(weights, lengths, sizes)
    d_x = x.new_empty(x.shape if wanted[0] else (0,))
    rows, bias = call.gates * call.hidden, call.width if call.parameters[0].input_bias is not None else 0
    shapes = [(call.width, x.shape[-1]), (call.directions, rows, call.hidden), (bias,), (bias,)]
    return (d_x, *_empty(call, x, wanted[1]), *[x.new_empty(shape) for shape in shapes])


def of_each_weight(call: Call, gradients: Sequence[Tensor]) -> list[Tensor]:
    """The gradients of the weights as ``backward`` gives them, in the order of its ``weights``."""
    d_input, d_recurrent, *d_biases = gradients
    rows = call.gates * call.hidden
    each: list[Tensor] = []
    for d in range(call.directions):
        own = slice(d * rows, (d + 1) * rows)
        each += [d_input[own], d_recurrent[d], *(total[own] for total in d_biases if total.numel())]
    return each
