"""Embeddings: torch's numbers, and symbols that are hidden as a whole."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tidegate.config.tables import InitialiseSpec
from tidegate.nn.embedding import Embedding
from tidegate.nn.initialise import initialise


def test_numbers_and_gradients_are_torchs() -> None:
    ours, reference = Embedding(7, 3), nn.Embedding(7, 3)
    ours.load_state_dict(reference.state_dict())
    numbers = torch.tensor([[0, 6, 6], [2, 1, 0]])
    for layer in (ours, reference):
        (layer(numbers) * torch.arange(3)).sum().backward()
    torch.testing.assert_close(ours(numbers), reference(numbers))
    torch.testing.assert_close(ours.weight.grad, reference.weight.grad)


def test_a_hidden_symbol_is_hidden_wherever_it_stands_and_the_others_grow() -> None:
    torch.manual_seed(0)
    layer = Embedding(200, 4, hide=0.25).train()
    numbers = torch.arange(200).repeat(3, 1)
    y = layer(numbers)
    torch.testing.assert_close(y[0], y[1])
    hidden = (y[0] == 0).all(dim=1)
    assert 20 < int(hidden.sum()) < 80
    torch.testing.assert_close(y[0][~hidden], layer.weight[~hidden] / 0.75)
    assert not torch.equal(layer(numbers), y)  # Others the next time.


def test_evaluation_hides_nothing() -> None:
    layer = Embedding(50, 4, hide=0.9).eval()
    torch.testing.assert_close(layer(torch.arange(50)), layer.weight)


def test_a_symbol_out_of_range_is_refused() -> None:
    with pytest.raises(IndexError):
        Embedding(3, 2)(torch.tensor([3]))


def test_initialisation_leaves_given_vectors_alone() -> None:
    drawn, given = Embedding(20, 12), Embedding(20, 12)
    given.given = True
    before = given.weight.detach().clone()
    both = nn.ModuleList([drawn, given])
    initialise(both, InitialiseSpec(), torch.Generator().manual_seed(0))
    first = drawn.weight.detach().clone()
    initialise(both, InitialiseSpec(), torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn.weight.detach(), first)
    torch.testing.assert_close(given.weight.detach(), before)
    assert float(first.abs().max()) <= 0.5 and float(first.abs().max()) > 0.4  # sqrt(3 / 12)
