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
    saved: Sequence[Tensor],
    weights: Sequence[Tensor],
    state: Sequence[Tensor],
    lengths: Tensor | None,
    sizes: Sequence[int],
    wanted: Sequence[bool],
) -> list[Tensor]:
    """Gradients of all that ``forward`` read.

    Args:
        grads: Of outputs, final hidden states and final memories; ``None``: zeros.
        saved: ``x``, and ``y``, gates and kept as ``forward`` gave them.
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
    x, y, gates, kept = saved
    call = Call.of(weights, lengths, sizes)
    tables = call.layout.tables()
    deltas, before, d_hidden, d_memory = _empty(call, x, wanted[1])
    d_hidden_out, d_memory_out = (None if grad is None else grad.contiguous() for grad in grads[1:])
    directions = (Backward * call.directions)()
    matrices = [rows_apart(strand.recurrent) for strand in call.strands]
    for d, (one, matrix) in enumerate(zip(directions, matrices, strict=True)):
        one.recurrent, one.recurrent_stride = matrix.data_ptr(), matrix.stride(0)
        one.gates = part(gates, d)
        one.new_recurrent = part(kept, d) if call.cell == "gru" else None
        one.memories = part(kept, d) if call.cell == "lstm" else None
        one.hidden_in, one.memory_in = state_part(state, 0, d), state_part(state, 1, d)
        one.d_hidden_out, one.d_memory_out = part(d_hidden_out, d), part(d_memory_out, d)
        one.deltas, one.hidden_before = part(deltas, d), part(before, d)
        one.d_hidden_in, one.d_memory_in = part(d_hidden, d), part(d_memory, d)
    d_y, strides = _strides(grads[0], call.layout.order)
    problem = ctypes.byref(call.problem(tables))
    call.check(native.tidegate_run_backward(problem, directions, pointer(y), pointer(d_y), strides))
    steps = call.steps_of(native, x, tables)
    d_x = call.spread(native, _input_gradient(call, deltas), tables) if wanted[0] else x.new_empty(0)
    d_weights = [
        grad
        for strand, delta, hidden in zip(call.strands, deltas, before, strict=True)
        for grad in _weight_gradients(call, strand, delta, hidden, steps)
    ]
    return [d_x, d_hidden, d_memory, *d_weights]


def _empty(call: Call, like: Tensor, want_state: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Room for deltas, hidden states before each step, and the gradients of the first states."""
    rows, size = call.layout.rows, call.hidden
    # A GRU's new gate has two deltas, before and behind the reset gate.
    blocks = 4 if call.cell == "gru" else call.gates
    return (
        like.new_empty(call.directions, rows, blocks * size),
        like.new_empty(call.directions, rows, size),
        like.new_empty(call.state_shape if want_state else (0,)),
        like.new_empty(call.memory_shape if want_state else (0,)),
    )


def _input_gradient(call: Call, deltas: Tensor) -> Tensor:
    """``(N, F)``."""
    width = call.gates * call.hidden
    d_steps: Tensor | None = None
    for d, strand in enumerate(call.strands):
        outer = deltas[d, :, :width]
        d_steps = outer @ strand.input if d_steps is None else d_steps.addmm_(outer, strand.input)
    assert d_steps is not None
    return d_steps


def _weight_gradients(
    call: Call, strand: Weights, delta: Tensor, hidden: Tensor, steps: Tensor
) -> list[Tensor]:
    width, gru = call.gates * call.hidden, call.cell == "gru"
    d_recurrent = hidden.new_empty(strand.recurrent.shape)
    if gru:
        # The new gate's delta is another one behind the reset gate; it stands last.
        torch.mm(delta[:, : 2 * call.hidden].t(), hidden, out=d_recurrent[: 2 * call.hidden])
        torch.mm(delta[:, width:].t(), hidden, out=d_recurrent[2 * call.hidden :])
    else:
        torch.mm(delta.t(), hidden, out=d_recurrent)
    grads = [delta[:, :width].t() @ steps, d_recurrent]
    if strand.input_bias is not None:
        total = delta.sum(0)
        # Two tensors, since autograd may keep one as a parameter's gradient, and change it in place.
        inner = torch.cat([total[: 2 * call.hidden], total[width:]]) if gru else total.clone()
        grads += [total[:width], inner]
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
    saved: Sequence[Tensor],
    weights: Sequence[Tensor],
    state: Sequence[Tensor],
    lengths: Tensor | None,
    sizes: Sequence[int],
    wanted: Sequence[bool],
) -> list[Tensor]:
    """Results as ``backward`` would give, empty: for tracing."""
    call = Call.of(weights, lengths, sizes)
    x = saved[0]
    _, _, d_hidden, d_memory = _empty(call, x, wanted[1])
    d_x = x.new_empty(x.shape if wanted[0] else (0,))
    return [d_x, d_hidden, d_memory, *[weight.new_empty(weight.shape) for weight in weights]]
