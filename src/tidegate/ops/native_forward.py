"""The operator ``tidegate::recurrence_forward``: a recurrent layer on the native kernels.

``x·W_ih`` is one matrix product of torch over all true steps; what goes step by step is the library's.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import torch
from torch import Tensor

from tidegate.ops.native_call import Call, part, pointer
from tidegate.ops.native_interface import Forward
from tidegate.ops.native_layout import Tables
from tidegate.ops.native_library import loaded
from tidegate.ops.native_weights import kept_packed, rows_apart

Results = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def forward(
    x: Tensor,
    weights: Sequence[Tensor],
    state: Sequence[Tensor],
    lengths: Tensor | None,
    sizes: Sequence[int],
    save: bool,
    keep_packed: bool,
) -> Results:
    """Run the layer.

    Args:
        x: As the layout has it, contiguous: ``(B, T, F)``, ``(T, B, F)`` or ``(N, F)``.
        weights: See ``Call.of``.
        state: None, or hidden states and memories before the first step, ``(D, B, H)`` each.
        lengths: ``(B,)``.
        sizes: ``Call.numbers``.
        save: Whether a backward pass will follow.
        keep_packed: Whether the weights are likely to be the same at the next call.

    Returns:
        Outputs; final hidden states; final memories; and for the backward pass the gates and what else it needs.
        What does not apply has no elements.
    """
    native = loaded()
    call = Call.of(weights, lengths, sizes)
    tables = call.layout.tables()
    # The kernels add the biases, at no cost: their sums begin there.
    gates = torch.mm(call.steps_of(native, x, tables), call.input_matrix().t())
    results = _empty(call, x, save)
    y, hidden, memory, _, kept = results
    directions = (Forward * call.directions)()
    matrices = [rows_apart(strand.recurrent) for strand in call.strands]
    ready = [kept_packed(native, call.number, matrix) for matrix in matrices] if keep_packed else []
    for d, (one, strand) in enumerate(zip(directions, call.strands, strict=True)):
        one.recurrent, one.recurrent_stride = matrices[d].data_ptr(), matrices[d].stride(0)
        one.weights = ready[d].data_ptr() if ready else None
        one.gates, one.gates_stride = call.columns(gates, d), call.width
        one.input_bias, one.recurrent_bias = pointer(strand.input_bias), pointer(strand.recurrent_bias)
        one.new_recurrent = part(kept, d) if call.cell == "gru" else None
        one.memories = part(kept, d) if call.cell == "lstm" else None
        one.hidden_in, one.memory_in = state_part(state, 0, d), state_part(state, 1, d)
        one.hidden_out, one.memory_out = part(hidden, d), part(memory, d)
    call.check(run(native, call, tables, directions, y, save))
    return y, hidden, memory, gates if save and call.gates > 1 else results[3], kept


def run(
    native: ctypes.CDLL, call: Call, tables: Tables, directions: ctypes.Array[Forward], y: Tensor, save: bool
) -> int:
    """The library's answer."""
    problem = ctypes.byref(call.problem(tables))
    return native.tidegate_run_forward(problem, directions, pointer(y), int(call.layout.gathers), int(save))


def state_part(state: Sequence[Tensor], which: int, direction: int) -> int | None:
    """Where one direction's hidden states (0) or memories (1) begin."""
    return part(state[which], direction) if which < len(state) else None


def _empty(call: Call, like: Tensor, save: bool) -> Results:
    """Room for all results; none for the gates, which are the projected ones in place."""
    shapes = (call.output_shape, call.state_shape, call.memory_shape, (0,), call.kept_shape(saved=save))
    y, hidden, memory, gates, kept = (like.new_empty(shape) for shape in shapes)
    return y, hidden, memory, gates, kept


def forward_shapes(
    x: Tensor,
    weights: Sequence[Tensor],
    state: Sequence[Tensor],
    lengths: Tensor | None,
    sizes: Sequence[int],
    save: bool,
    keep_packed: bool,
) -> Results:
    """Results as ``forward`` would give, empty: for tracing."""
    call = Call.of(weights, lengths, sizes)
    y, hidden, memory, _, kept = _empty(call, x, save)
    return y, hidden, memory, x.new_empty(call.gates_shape(saved=save)), kept
