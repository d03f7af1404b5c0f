"""One step to many: against the specification, forward and backward."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tidegate.ops.recurrence.broadcast import broadcast_step
from tidegate.ops.recurrence.cells import RECORDS, RecurrentCell, State, Weights
from tidegate.ops.recurrence.reference import step

B, M, F, H = 3, 4, 5, 6


def case(cell: RecurrentCell, rows: int) -> tuple[Tensor, Weights, State]:
    generator = torch.Generator().manual_seed(1)

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()

    record = RECORDS[cell]
    gates = len(record.gates) * H
    weights = Weights(draw(gates, F), draw(gates if record.reads_state else 0, H), draw(gates))
    if record.reads_state:
        weights = replace(weights, recurrent_bias=draw(gates))
    return draw(rows, M, F), weights, State(*(draw(B, H) for _ in record.states))


def slowly(cell: RecurrentCell, x: Tensor, weights: Weights, state: State) -> Tensor:
    """Each input by itself, from copies of the state."""
    steps = [step(cell, x[:, m].expand(B, F), state, weights).hidden for m in range(M)]
    return torch.stack(steps, dim=1)


@pytest.mark.parametrize("cell", RECORDS)
@pytest.mark.parametrize("rows", [1, B], ids=["shared inputs", "own inputs"])
def test_agrees_with_stepping_copies_of_the_state(cell: RecurrentCell, rows: int) -> None:
    x, weights, state = case(cell, rows)
    leaves = [one for one in (x, *weights.present, *state.present) if one.numel()]
    fast, slow = broadcast_step(cell, x, weights, state).hidden, slowly(cell, x, weights, state)
    assert torch.allclose(fast, slow, atol=1e-12)
    weight = torch.arange(fast.numel(), dtype=torch.float64).view_as(fast)
    for one, other in zip(
        torch.autograd.grad((fast * weight).sum(), leaves),
        torch.autograd.grad((slow * weight).sum(), leaves),
        strict=True,
    ):
        assert torch.allclose(one, other, atol=1e-9)
