"""The operator ``tidegate::recurrence_backward``: gradients of a recurrent layer on the native kernels.

The library goes back through time and leaves the gradient of every projected gate; the gradients of the weights and
of ``x`` are then matrix products of torch over all true steps.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import torch
from torch import Tensor

from tidegate.ops.cells import Weights
from tidegate.ops.native_call import Call, part, pointer
from tidegate.ops.native_forward import state_part
from tidegate.ops.native_interface import Backward
from tidegate.ops.native_layout import Order
from tidegate.ops.native_library import loaded
from tidegate.ops.native_weights import rows_apart


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
) -> list[Tensor]:
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
        Of ``x``, hidden states and memories before the first step, and each of ``weights``. What is not wanted has no
        elements.
    """
    native = loaded()
    call = Call.of(weights, lengths, sizes)
    tables = call.layout.tables()
    d_hidden_out, d_memory_out = (None if grad is None else grad.contiguous() for grad in grads[1:])
    d_hidden, d_memory = _empty(call, x, wanted[1])
    # In place where the backward pass reads what it then replaces: large batches are bound by memory.
    deltas = gates if call.gates > 1 else x.new_empty(call.directions, call.layout.rows, call.hidden)
    before = kept if call.cell == "lstm" else x.new_empty(call.directions, call.layout.rows, call.hidden)
    directions = (Backward * call.directions)()
    matrices = [rows_apart(strand.recurrent) for strand in call.strands]
    for d, (one, matrix) in enumerate(zip(directions, matrices, strict=True)):
        one.recurrent, one.recurrent_stride = matrix.data_ptr(), matrix.stride(0)
        one.gates = part(gates, d)
        one.memories = part(kept, d) if call.cell == "lstm" else None
        one.new_recurrent = one.new_deltas = part(kept, d) if call.cell == "gru" else None
        one.hidden_in, one.memory_in = state_part(state, 0, d), state_part(state, 1, d)
        one.d_hidden_out, one.d_memory_out = part(d_hidden_out, d), part(d_memory_out, d)
        one.deltas, one.hidden_before = part(deltas, d), part(before, d)
        one.d_hidden_in, one.d_memory_in = part(d_hidden, d), part(d_memory, d)
    d_y, strides = _strides(grads[0], call.layout.order)
    problem = ctypes.byref(call.problem(tables))
    call.check(native.tidegate_run_backward(problem, directions, pointer(y), pointer(d_y), strides))
    d_x = call.spread(native, _input_gradient(call, deltas), tables) if wanted[0] else x.new_empty(0)
    steps = call.steps_of(native, x, tables)
    d_weights: list[Tensor] = []
    for d, strand in enumerate(call.strands):
        behind_reset = kept[d] if call.cell == "gru" else None
        d_weights += _weight_gradients(strand, deltas[d], behind_reset, before[d], steps)
    return [d_x, d_hidden, d_memory, *d_weights]


def _empty(call: Call, like: Tensor, want_state: bool) -> tuple[Tensor, Tensor]:
    """Room for the gradients of the first states."""
    return (
        like.new_empty(call.state_shape if want_state else (0,)),
        like.new_empty(call.memory_shape if want_state else (0,)),
    )


def _input_gradient(call: Call, deltas: Tensor) -> Tensor:
    """``(N, F)``."""
    d_steps: Tensor | None = None
    for delta, strand in zip(deltas, call.strands, strict=True):
        d_steps = delta @ strand.input if d_steps is None else d_steps.addmm_(delta, strand.input)
    assert d_steps is not None
    return d_steps


def _weight_gradients(
    strand: Weights, delta: Tensor, behind_reset: Tensor | None, hidden: Tensor, steps: Tensor
) -> list[Tensor]:
    """Of ``W_ih``, ``W_hh`` and the biases.

    A GRU's recurrent weights of the new gate stand behind the reset gate, and so have deltas of their own.
    """
    d_recurrent = hidden.new_empty(strand.recurrent.shape)
    inner = delta.shape[1] if behind_reset is None else 2 * hidden.shape[1]
    torch.mm(delta[:, :inner].t(), hidden, out=d_recurrent[:inner])
    if behind_reset is not None:
        torch.mm(behind_reset.t(), hidden, out=d_recurrent[inner:])
    grads = [delta.t() @ steps, d_recurrent]
    if strand.input_bias is not None:
        # Column sums as products with ones: twice as fast as sum() on two threads.
        ones = delta.new_ones(delta.shape[0])
        total = torch.mv(delta.t(), ones)
        # Two tensors, since autograd may keep one as a parameter's gradient, and change it in place.
        recurrent_total = total.clone()
        if behind_reset is not None:
            torch.mv(behind_reset.t(), ones, out=recurrent_total[inner:])
        grads += [total, recurrent_total]
    return grads


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
) -> list[Tensor]:
    """Results as ``backward`` would give, empty: for tracing."""
    call = Call.of(weights, lengths, sizes)
    d_x = x.new_empty(x.shape if wanted[0] else (0,))
    return [d_x, *_empty(call, x, wanted[1]), *[weight.new_empty(weight.shape) for weight in weights]]
