"""A long text piece by piece, and recurrent weights that are dropped in training."""

from __future__ import annotations

import pytest
import torch

from tidegate.network.cells import CELLS, Cell
from tidegate.network.layers import Recurrence
from tidegate.nn.recurrent import Recurrent

READING = [name for name, cell in CELLS.items() if cell.reads_state]
every_cell_with_a_recurrent_matrix = pytest.mark.parametrize("cell", READING)
every_cell = pytest.mark.parametrize("cell", CELLS)


def layer_of(cell: Cell, *, layers: int = 1, dropout: float = 0.0) -> Recurrent:
    torch.manual_seed(3)
    return Recurrent(5, Recurrence(cell, "forward", "x", 6), layers=layers, dropout=dropout)


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_pieces_are_the_whole(cell: Cell, layers: int) -> None:
    layer = layer_of(cell, layers=layers).eval()
    x = torch.randn(3, 11, 5, generator=torch.Generator().manual_seed(0))
    whole, last = layer.stream(x, ())
    torch.testing.assert_close(whole, layer(x, None)[0])
    pieces: list[torch.Tensor] = []
    carried: tuple[torch.Tensor, ...] = ()
    for start, end in ((0, 1), (1, 6), (6, 11)):
        y, carried = layer.stream(x[:, start:end], carried)
        pieces.append(y)
    torch.testing.assert_close(torch.cat(pieces, dim=1), whole)
    assert len(carried) == layers * len(CELLS[cell].states) == layer.carried
    assert all(state.shape == (1, 3, 6) for state in carried)
    for state, expected in zip(carried, last, strict=True):
        torch.testing.assert_close(state, expected)


@every_cell
def test_a_gradient_flows_back_into_the_states_that_came(cell: Cell) -> None:
    layer = layer_of(cell)
    _, before = layer.stream(torch.randn(2, 3, 5), ())
    states = [state.detach().requires_grad_() for state in before]
    layer.stream(torch.randn(2, 4, 5), states)[0].sum().backward()
    assert all(state.grad is not None and torch.count_nonzero(state.grad) for state in states)


def dropped(layer: Recurrent) -> torch.Tensor:
    return layer.weights(0, "forward").recurrent


@every_cell_with_a_recurrent_matrix
def test_recurrent_weights_are_dropped_anew_in_every_call_of_training(cell: Cell) -> None:
    layer = layer_of(cell)
    layer.weight_drop = 0.5
    layer.train()
    full = layer.weight_hh_l0.detach()
    first, second = dropped(layer).detach(), dropped(layer).detach()
    assert 0.2 < float((first == 0).float().mean()) < 0.8
    kept = first != 0
    torch.testing.assert_close(first[kept], full[kept] / 0.5)
    assert not torch.equal(first == 0, second == 0)
    torch.testing.assert_close(layer.weights(0, "forward").input, layer.weight_ih_l0)


@every_cell_with_a_recurrent_matrix
def test_one_call_uses_one_mask_for_all_steps(cell: Cell) -> None:
    layer = layer_of(cell).train()
    layer.weight_drop = 0.5
    x = torch.randn(1, 7, 5)
    torch.manual_seed(11)
    y, _ = layer.stream(x, ())
    torch.manual_seed(11)
    masked = dropped(layer).detach()
    copy = layer_of(cell).eval()
    copy.weight_hh_l0.data.copy_(masked)
    torch.testing.assert_close(y, copy.stream(x, ())[0])


@every_cell_with_a_recurrent_matrix
def test_evaluation_drops_nothing(cell: Cell) -> None:
    layer = layer_of(cell).eval()
    x = torch.randn(2, 4, 5)
    before = layer(x, None)[0]
    layer.weight_drop = 0.9
    torch.testing.assert_close(layer(x, None)[0], before, rtol=0, atol=0)
    torch.testing.assert_close(layer.stream(x, ())[0], before)


@every_cell_with_a_recurrent_matrix
def test_what_is_dropped_learns_nothing_and_the_rest_does(cell: Cell) -> None:
    layer = layer_of(cell).train()
    layer.weight_drop = 0.5
    x = torch.randn(2, 6, 5)
    torch.manual_seed(4)
    layer.stream(x, ())[0].square().sum().backward()
    torch.manual_seed(4)
    gone = dropped(layer).detach() == 0
    gradient = layer.weight_hh_l0.grad
    assert gradient is not None
    assert torch.count_nonzero(gradient[gone]) == 0
    assert torch.count_nonzero(gradient[~gone]) > 0.9 * int((~gone).sum())
