"""The time of one step inside the native library: what is left of a streaming step when Python is taken away."""

from __future__ import annotations

import ctypes
import statistics
import time
from collections.abc import Callable

import torch
from kernel_shapes import GATES, Cell

from tidegate.errors import TrainingError
from tidegate.ops.native_library import Forward, Problem, Rows, library

# enum tidegate_cell and enum tidegate_packing of native/include/tidegate/recurrence.h
_CELLS: dict[Cell, int] = {"rnn": 0, "lstm": 2, "gru": 3}


def kernel_step_microseconds(cell: Cell, hidden: int, calls: int = 2000) -> dict[str, float] | None:
    """Microseconds of `tidegate_run_forward` for one step of one sequence, the input already projected.

    Returns:
        ``call``: as ctypes calls it; ``ctypes``: a call of `tidegate_abi`, which does nothing; ``kernel``: the
        difference. ctypes converts five arguments for the one and none for the other, so the kernel itself takes
        somewhat less. ``None`` without the native library.
    """
    native = library()
    if native is None:
        return None
    torch.manual_seed(0)
    rows = GATES[cell] * hidden
    recurrent, gates = torch.randn(rows, hidden) / hidden**0.5, torch.randn(rows)
    # torch's tensors begin at a multiple of 64 bytes, as packed weights must.
    packed = torch.empty(native.tidegate_packed_size(_CELLS[cell], hidden, 0))
    status = native.tidegate_pack(
        _CELLS[cell], hidden, 0, recurrent.data_ptr(), hidden, None, 0, packed.data_ptr(), 1
    )
    _require_ok(status, cell, hidden)
    state, after = torch.zeros(4, hidden), torch.zeros(3, hidden)
    lstm = cell == "lstm"
    one = Forward(
        weights=packed.data_ptr(),
        gates=gates.data_ptr(),
        hidden_in=state[0].data_ptr(),
        memory_in=state[1].data_ptr() if lstm else None,
        hidden_out=after[0].data_ptr(),
        memory_out=after[1].data_ptr() if lstm else None,
    )
    row = Rows(sequence_stride=1, time_stride=1)
    problem = Problem(
        cell=_CELLS[cell], hidden=hidden, batch=1, time=1, directions=1, threads=1, rows=row, outputs=row
    )
    arguments = (ctypes.byref(problem), ctypes.byref(one), after[2].data_ptr(), 0, 0)
    _require_ok(native.tidegate_run_forward(*arguments), cell, hidden)
    call = _microseconds(lambda: native.tidegate_run_forward(*arguments), calls)
    nothing = _microseconds(native.tidegate_abi, calls)
    return {"call": round(call, 3), "ctypes": round(nothing, 3), "kernel": round(call - nothing, 3)}


def _microseconds(function: Callable[[], object], calls: int) -> float:
    """The median of five loops, a call."""
    loops: list[float] = []
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(calls):
            function()
        loops.append((time.perf_counter() - begun) / calls * 1e6)
    return statistics.median(loops)


def _require_ok(status: int, cell: Cell, hidden: int) -> None:
    if status:
        raise TrainingError(
            "the native library refused a step", where=f"{cell} with {hidden} units", got=f"status {status}"
        )
