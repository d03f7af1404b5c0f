"""The operator ``tidegate::recurrence_forward``: a recurrent layer on the native kernels.

``x·W_ih`` is one matrix product of torch over all true steps; or the kernels do it step by step, where all weights fit a
core's own cache and no gates are kept: 5 to 15 % faster, since no sums go through memory.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from torch import Tensor

from tidegate.ops.native_library import loaded
from tidegate.ops.product import product
from tidegate.ops.recurrence.native_call import Call, part, pointer
from tidegate.ops.recurrence.native_interface import Forward
from tidegate.ops.recurrence.native_weights import kept_packed, rows_apart

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
    features = x.shape[-1]
    y, hidden, memory, gates, kept = _empty(call, x, save)
    # Gates that are kept for the backward pass go through memory anyway, and then torch's product is as fast.
    projects = not gates.numel() and bool(native.tidegate_projects(call.number, call.hidden, features))
    if not projects:
        gates = product(call.steps_of(native, x, tables), call.input_matrix())
    directions = (Forward * call.directions)()
    matrices = [(rows_apart(own.recurrent), rows_apart(own.input)) for own in call.parameters]
    ready: list[Tensor] = []
    for d, (arguments, (recurrent, inputs), own) in enumerate(
        zip(directions, matrices, call.parameters, strict=True)
    ):
        arguments.recurrent, arguments.recurrent_stride = recurrent.data_ptr(), recurrent.stride(0)
        if projects:
            arguments.x, arguments.input, arguments.input_stride = (
                x.data_ptr(),
                inputs.data_ptr(),
                inputs.stride(0),
            )
        if keep_packed:
            ready.append(kept_packed(native, call.number, recurrent, inputs if projects else None))
            arguments.weights = ready[d].data_ptr()
        arguments.input_bias, arguments.recurrent_bias = pointer(own.input_bias), pointer(own.recurrent_bias)
        arguments.gates, arguments.gates_stride = call.columns(gates, d), call.width
        arguments.new_recurrent = part(kept, d) if call.cell == "gru" else None
        arguments.memories = part(kept, d) if call.cell == "lstm" else None
        arguments.hidden_in, arguments.memory_in = state_part(state, 0, d), state_part(state, 1, d)
        arguments.hidden_out, arguments.memory_out = part(hidden, d), part(memory, d)
    problem = call.problem(tables, features=features if projects else 0)
    clear, gates_saved = int(call.layout.gathers), save and call.gates > 1
    call.check(native.tidegate_run_forward(ctypes.byref(problem), directions, pointer(y), clear, int(save)))
    return y, hidden, memory, gates if gates_saved else x.new_empty(0), kept


def state_part(state: Sequence[Tensor], which: int, direction: int) -> int | None:
    """Where one direction's hidden states (0) or memories (1) begin."""
    return part(state[which], direction) if which < len(state) else None


def _empty(call: Call, like: Tensor, save: bool) -> Results:
    """Room for all results."""
    gates, kept = call.gates_shape(saved=save), call.kept_shape(saved=save)
    shapes = (call.output_shape, call.state_shape, call.memory_shape, gates, kept)
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
    return _empty(Call.of(weights, lengths, sizes), x, save)
