"""Packed weights are never stale, go with their weights, and weights may lie in memory as they like."""

from __future__ import annotations

import copy
import gc
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import tidegate.nn
from tidegate.ops.native_library import library
from tidegate.ops.recurrence import native_weights
from tidegate.ops.recurrence.cells import DirectionWeights, Weights
from tidegate.ops.recurrence.layer import recurrent_layer

pytestmark = pytest.mark.skipif(library() is None, reason="no native library")


def step(layer: nn.GRU) -> None:
    optimiser = torch.optim.SGD(layer.parameters(), lr=1.0)
    with torch.enable_grad(), torch.inference_mode(False):
        sum(one.sum() for one in layer.parameters()).backward()
    optimiser.step()


def load(layer: nn.GRU) -> None:
    layer.load_state_dict(tidegate.nn.GRU(6, 20).state_dict())


def assign(layer: nn.GRU) -> None:
    layer.load_state_dict(tidegate.nn.GRU(6, 20).state_dict(), assign=True)


def scale(layer: nn.GRU) -> None:
    layer.weight_hh_l0.data.mul_(1.5)


def one_number(layer: nn.GRU) -> None:
    layer.weight_hh_l0[33, 7] += 1


def swap(layer: nn.GRU) -> None:
    layer.weight_hh_l0 = nn.Parameter(torch.randn(60, 20))


def new_data(layer: nn.GRU) -> None:
    layer.weight_hh_l0.data = torch.randn(60, 20)


CHANGES: list[Callable[[nn.GRU], None]] = [step, load, assign, scale, one_number, swap, new_data]


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode], ids=["no_grad", "inference_mode"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_of_the_weights_is_seen(change, mode):
    torch.manual_seed(0)
    layer, reference, x = tidegate.nn.GRU(6, 20), nn.GRU(6, 20), torch.randn(5, 3, 6)
    with mode():
        before = layer(x)[0]
        assert torch.equal(layer(x)[0], before)
    with torch.no_grad():
        change(layer)
        reference.load_state_dict(layer.state_dict())
    with mode():
        after = layer(x)[0]
        assert not torch.equal(after, before)
        torch.testing.assert_close(after, reference(x)[0], rtol=1e-5, atol=1e-5)


def test_training_and_looking_in_turn():
    torch.manual_seed(0)
    layer, reference, x = tidegate.nn.LSTM(6, 20), nn.LSTM(6, 20), torch.randn(5, 3, 6)
    optimiser = torch.optim.Adam(layer.parameters(), lr=0.1)
    for _ in range(4):
        optimiser.zero_grad()
        layer(x)[0].sin().sum().backward()
        optimiser.step()
        reference.load_state_dict(layer.state_dict())
        with torch.no_grad():
            torch.testing.assert_close(layer(x)[0], reference(x)[0], rtol=1e-5, atol=1e-5)


def test_what_is_kept_goes_with_the_weight():
    torch.manual_seed(0)
    x = torch.randn(5, 3, 6)
    gc.collect()
    before = set(native_weights._kept)
    layer = tidegate.nn.GRU(6, 20, bidirectional=True)
    with torch.no_grad():
        for _ in range(3):
            layer(x)
    assert set(native_weights._kept) - before == {id(layer.weight_hh_l0), id(layer.weight_hh_l0_reverse)}
    other = copy.deepcopy(layer)
    with torch.no_grad():
        assert torch.equal(other(x)[0], layer(x)[0])
    assert len(set(native_weights._kept) - before) == 4
    del layer, other
    gc.collect()
    assert set(native_weights._kept) <= before


def test_a_module_in_the_place_of_a_deleted_one_is_not_mistaken_for_it():
    torch.manual_seed(0)
    x = torch.randn(5, 3, 6)
    for _ in range(30):
        layer, reference = tidegate.nn.GRU(6, 20), nn.GRU(6, 20)
        reference.load_state_dict(layer.state_dict())
        with torch.no_grad():
            torch.testing.assert_close(layer(x)[0], reference(x)[0], rtol=1e-5, atol=1e-5)
        del layer


def test_training_keeps_nothing():
    torch.manual_seed(0)
    before = dict(native_weights._kept)
    layer = tidegate.nn.GRU(6, 20)
    layer(torch.randn(5, 3, 6))[0].sum().backward()
    assert id(layer.weight_hh_l0) not in set(native_weights._kept) - set(before)


def transposed(matrix: Tensor) -> Tensor:
    return matrix.t().contiguous().t() if matrix.dim() == 2 else torch.stack([matrix, -matrix], dim=1)[:, 0]


def rows_apart(matrix: Tensor) -> Tensor:
    wide = torch.cat([matrix, torch.full_like(matrix, torch.nan)], dim=-1)
    return wide[..., : matrix.shape[-1]]


def inside(matrix: Tensor) -> Tensor:
    return torch.cat([torch.full((3,), torch.nan), matrix.flatten()])[3:].view(matrix.shape)


def all_alike(matrix: Tensor) -> Tensor:
    return matrix[:1].expand_as(matrix)


def negated(matrix: Tensor) -> Tensor:
    """torch negates it when it is read."""
    return torch.complex(matrix, -matrix).conj().imag


@pytest.mark.parametrize("grad", [False, True])
@pytest.mark.parametrize(
    "lie", [transposed, rows_apart, inside, all_alike, negated], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("which", ["input", "recurrent", "input_bias", "recurrent_bias"])
def test_weights_lie_in_memory_as_they_like(lie, which, grad):
    torch.manual_seed(0)
    parts = {"input": (60, 6), "recurrent": (60, 20), "input_bias": (60,), "recurrent_bias": (60,)}
    drawn = {name: torch.randn(shape) * 0.3 for name, shape in parts.items()}
    drawn[which] = lie(drawn[which])
    x, results = torch.randn(3, 5, 6), list[list[Tensor]]()
    for engine in ("native", "reference"):
        leaves = [x.clone().requires_grad_(grad)]
        y, final = recurrent_layer(
            "gru", leaves[0], [DirectionWeights("forward", Weights(**drawn))], engine=engine
        )
        grads = torch.autograd.grad(y.sin().sum(), leaves) if grad else ()
        results.append([y.detach(), final.hidden.detach(), *grads])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
