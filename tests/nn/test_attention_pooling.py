"""Attention over true steps, against its equations written out."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tidegate.network import layers as records
from tidegate.nn.attention_pooling import AttentionPooling

quiet = settings(deadline=None, derandomize=True, database=None, max_examples=60)


def layer_of(features: int, hidden: int, seed: int = 0) -> AttentionPooling:
    torch.manual_seed(seed)
    layer = AttentionPooling(features, records.AttentionPooling(hidden)).double()
    torch.nn.init.normal_(layer.context)
    torch.nn.init.normal_(layer.hidden.bias)
    return layer


def reference(layer: AttentionPooling, steps: Tensor) -> Tensor:
    """Yang et al. 2016, equations 5 to 7, a step at a time: ``(T, F)`` to ``(F,)``."""
    scores = [
        torch.dot(torch.tanh(layer.hidden.weight @ step + layer.hidden.bias), layer.context) for step in steps
    ]
    weights = [score.exp() for score in scores]
    total = sum(weights, torch.zeros((), dtype=steps.dtype))
    return sum((w / total * x for w, x in zip(weights, steps, strict=True)), torch.zeros_like(steps[0]))


@quiet
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(1, 5), st.integers(1, 6))
def test_it_is_the_equations_over_true_steps(lengths: list[int], features: int, hidden: int):
    layer = layer_of(features, hidden, seed=sum(lengths))
    x = torch.randn(len(lengths), 10, features, dtype=torch.float64)
    y, after = layer(x, torch.tensor(lengths))
    assert after is None
    for row, sample, length in zip(y, x, lengths, strict=True):
        torch.testing.assert_close(row, reference(layer, sample[:length]))


def test_gradients_are_those_of_the_equations():
    layer = layer_of(3, 4)
    x = torch.randn(2, 5, 3, dtype=torch.float64, requires_grad=True)
    ours, _ = layer(x, torch.tensor([5, 2]))
    wanted = torch.stack([reference(layer, x[0]), reference(layer, x[1, :2])])
    weight = torch.randn_like(ours)
    inputs = [x, *layer.parameters()]
    for one, other in zip(
        torch.autograd.grad((ours * weight).sum(), inputs),
        torch.autograd.grad((wanted * weight).sum(), inputs),
        strict=True,
    ):
        torch.testing.assert_close(one, other)
    assert layer.context.abs().min() > 0


def test_each_row_of_an_image_is_a_sequence():
    layer = layer_of(3, 4)
    x = torch.randn(2, 3, 5, 7, dtype=torch.float64)
    y, lengths = layer(x, torch.tensor([7, 4]))
    assert y.shape == (2, 3, 5, 1) and lengths.tolist() == [1, 1]
    for row in range(5):
        alone, _ = layer(x[:, :, row].transpose(1, 2), torch.tensor([7, 4]))
        torch.testing.assert_close(y[:, :, row, 0], alone)


def test_it_starts_as_the_mean():
    layer = AttentionPooling(3, records.AttentionPooling(4))
    x = torch.randn(2, 5, 3)
    torch.testing.assert_close(
        layer(x, torch.tensor([5, 2]))[0], torch.stack([x[0].mean(0), x[1, :2].mean(0)])
    )


@pytest.mark.parametrize("garbage", [torch.nan, torch.inf, -torch.inf, 1e30])
def test_no_garbage_in_the_padding_comes_through(garbage: float):
    layer = layer_of(3, 4)
    x = torch.randn(3, 5, 3, dtype=torch.float64)
    clean = x.clone()
    lengths = torch.tensor([5, 2, 0])
    x[1, 2:], x[2] = garbage, garbage
    clean[1, 2:], clean[2] = 0.0, 0.0
    x.requires_grad_()
    y, _ = layer(x, lengths)
    torch.testing.assert_close(y, layer(clean, lengths)[0])
    assert y[2].tolist() == [0.0, 0.0, 0.0]
    grads = torch.autograd.grad(y.sum(), [x, *layer.parameters()])
    assert all(torch.isfinite(grad).all() for grad in grads)
    assert grads[0][1, 2:].abs().sum() == 0 == grads[0][2].abs().sum()


def test_scores_of_any_size_give_weights():
    layer = layer_of(2, 3)
    layer.context.data.fill_(1e8)
    y, _ = layer(torch.randn(2, 6, 2, dtype=torch.float64), torch.tensor([6, 1]))
    assert torch.isfinite(y).all()


def test_a_batch_without_steps():
    y, _ = AttentionPooling(3, records.AttentionPooling(4))(torch.zeros(2, 0, 3), torch.tensor([0, 0]))
    assert y.tolist() == [[0.0] * 3] * 2
