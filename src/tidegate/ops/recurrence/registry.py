"""What runs each cell: its specification, and what there is beside it. A new cell is one line here.

Without a function over time and without a kernel a cell runs step by step, in every engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from tidegate.ops.recurrence import equations
from tidegate.ops.recurrence.equations import Update
from tidegate.ops.recurrence.scan import over_time
from tidegate.ops.recurrence.torch_functions import OverTime, of_lstm, of_one_state


@dataclass(frozen=True)
class Implementation:
    """What runs a cell.

    Attributes:
        update: One step: the specification.
        over_time: All steps at once in torch; ``None``: there is no such thing.
        kernel: Its number in ``tidegate_cell`` of the native library's header; ``None``: no kernel.
    """

    update: Update
    over_time: OverTime | None = None
    kernel: int | None = None


IMPLEMENTATIONS: Mapping[str, Implementation] = {
    "elman": Implementation(equations.elman(torch.tanh), of_one_state(torch.rnn_tanh), kernel=0),
    "elman-relu": Implementation(equations.elman(torch.relu), of_one_state(torch.rnn_relu), kernel=1),
    "lstm": Implementation(equations.lstm, of_lstm, kernel=2),
    "gru": Implementation(equations.gru, of_one_state(torch.gru), kernel=3),
    "mingru": Implementation(equations.linear(equations.mingru), over_time(equations.mingru)),
    "minlstm": Implementation(equations.linear(equations.minlstm), over_time(equations.minlstm)),
}
"""Of every cell in ``tidegate.ops.recurrence.cells.RECORDS``."""

KERNELS = {cell.kernel: name for name, cell in IMPLEMENTATIONS.items() if cell.kernel is not None}
"""The cells that have a kernel, by its number."""
