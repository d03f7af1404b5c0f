"""Cells that are linear in their state: the paper's equations, and all steps at once against one after another."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tidegate.ops.recurrence import equations
from tidegate.ops.recurrence.cells import RECORDS, State, Weights
from tidegate.ops.recurrence.layer import recurrence
from tidegate.ops.recurrence.scan import scan

TERMS = {"mingru": equations.mingru, "minlstm": equations.minlstm}


def one_by_one(a: Tensor, b: Tensor, start: Tensor) -> Tensor:
    states, before = list[Tensor](), start
    for t in range(a.shape[1]):
        before = a[:, t] * before + b[:, t]
        states.append(before)
    return torch.stack(states, dim=1)


def draw(
    cell: str, batch: int, time: int, dtype: torch.dtype = torch.float64
) -> tuple[Tensor, Weights, State]:
    generator = torch.Generator().manual_seed(time)

    def leaf(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype).requires_grad_()

    rows = 4 * len(RECORDS[cell].gates)
    return leaf(batch, time, 3), Weights(leaf(rows, 3), leaf(0, 4), leaf(rows)), State(leaf(batch, 4))


def test_mingru_is_the_papers() -> None:
    x, weights, state = draw("mingru", 2, 1)
    (w_z, w_h), (b_z, b_h) = weights.input.chunk(2), weights.input_bias.chunk(2)
    z = torch.sigmoid(x[:, 0] @ w_z.T + b_z)
    candidate = x[:, 0] @ w_h.T + b_h
    candidate = torch.where(candidate >= 0, candidate + 0.5, torch.sigmoid(candidate))
    expected = (1 - z) * state.hidden + z * candidate
    torch.testing.assert_close(recurrence("mingru", x, weights, state)[0][:, 0], expected)


def test_minlstm_is_the_papers() -> None:
    x, weights, state = draw("minlstm", 2, 1)
    i, f, candidate = (x[:, 0] @ weights.input.T + weights.input_bias).chunk(3, dim=1)
    i, f = torch.sigmoid(i), torch.sigmoid(f)
    candidate = torch.where(candidate >= 0, candidate + 0.5, torch.sigmoid(candidate))
    expected = f / (f + i) * state.hidden + i / (f + i) * candidate
    torch.testing.assert_close(recurrence("minlstm", x, weights, state)[0][:, 0], expected)


@pytest.mark.parametrize("time", [1, 2, 3, 4, 5, 9, 10, 15, 16, 17, 100])
def test_a_scan_is_one_step_after_another(time: int) -> None:
    generator = torch.Generator().manual_seed(time)
    a = torch.rand(2, time, 3, generator=generator, dtype=torch.float64)
    a[0, ::3] = 0
    b, start = (
        torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((2, time, 3), (2, 3))
    )
    kept = a.clone(), b.clone(), start.clone()
    leaves = [one.requires_grad_() for one in (a, b, start)]
    fast, slow = scan(a, b, start), one_by_one(a, b, start)
    torch.testing.assert_close(fast, slow, rtol=1e-12, atol=1e-12)
    weight = torch.randn(fast.shape, generator=generator, dtype=torch.float64)
    for one, other in zip(
        torch.autograd.grad((fast * weight).sum(), leaves),
        torch.autograd.grad((slow * weight).sum(), leaves),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=1e-11, atol=1e-11)
    assert all(map(torch.equal, leaves, kept))


def test_gradients_of_a_scan_and_theirs() -> None:
    generator = torch.Generator().manual_seed(0)
    a = torch.rand(2, 5, 2, generator=generator, dtype=torch.float64).requires_grad_()
    b, start = (
        torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()
        for shape in ((2, 5, 2), (2, 2))
    )
    assert torch.autograd.gradcheck(scan, (a, b, start))
    assert torch.autograd.gradgradcheck(scan, (a, b, start))


@pytest.mark.parametrize("cell", TERMS)
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_long_sequences_in_float32(cell: str, direction: str) -> None:
    """As many steps as a division by the product of what is kept, or its logarithm, would not survive."""
    x, weights, state = draw(cell, 3, 3000, torch.float32)
    lengths = torch.tensor([3000, 1234, 0])
    y, final = recurrence(cell, x, weights, state, lengths, direction=direction)
    exact = [Weights(*(one.double() for one in weights.present)), State(state.hidden.double())]
    expected, end = recurrence(cell, x.double(), *exact, lengths, direction=direction, engine="reference")
    torch.testing.assert_close(y.double(), expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(final.hidden.double(), end.hidden, rtol=1e-5, atol=1e-5)
    leaves = [x, weights.input, weights.input_bias, state.hidden]
    grads = torch.autograd.grad(y.sin().sum(), leaves)
    others = torch.autograd.grad(expected.sin().sum(), leaves)
    for one, other in zip(grads, others, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("engine", [None, "reference"])
@pytest.mark.parametrize("cell", TERMS)
@pytest.mark.parametrize("size", [1e3, 1e30])
def test_gates_far_open_or_shut_are_finite(cell: str, engine: str | None, size: float) -> None:
    """minLSTM: both gates shut is 0 / 0 as the paper writes it."""
    rows = len(RECORDS[cell].gates)
    x = torch.tensor([[[size], [-size], [-size], [size]]], requires_grad=True)
    weights = Weights(torch.tensor([[1.0]] * (rows - 1) + [[0.0]]), torch.zeros(0, 1), torch.zeros(rows))
    y, _ = recurrence(cell, x, weights, State(torch.tensor([[3.0]])), engine=engine)
    y.sum().backward()
    assert y.isfinite().all()
    assert x.grad.isfinite().all()
