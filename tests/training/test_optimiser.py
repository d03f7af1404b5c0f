"""What is done to gradients and weights, each by its effect."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tidegate.config.tables import OptimiserSpec
from tidegate.training.averaging import average_of
from tidegate.training.optimiser import clip, decay, make_optimiser, penalise, regularised

NAMES = ("sgd", "rmsprop", "adam", "adamw", "nadam")


def quadratic(spec: OptimiserSpec, steps: int = 300) -> float:
    """Distance to the minimum of a bowl after some steps from distance 5."""
    layer = nn.Linear(5, 1, bias=False)
    nn.init.ones_(layer.weight)
    goal = torch.linspace(-1, 1, 5)
    optimiser = make_optimiser(spec, layer)
    for _ in range(steps):
        optimiser.zero_grad()
        ((layer.weight - goal) ** 2).sum().backward()
        penalise(regularised(layer), spec)
        clip(layer.parameters(), spec)
        decay(regularised(layer), spec, spec.learning_rate)
        optimiser.step()
    return float((layer.weight - goal).detach().norm())


@pytest.mark.parametrize("name", NAMES)
def test_every_optimiser_reaches_the_bottom_of_a_bowl(name: str) -> None:
    spec = OptimiserSpec(name=name, learning_rate=0.02, weight_decay=0, clip_norm=0)  # pyright: ignore[reportArgumentType]
    assert quadratic(spec) < 0.05


@pytest.mark.parametrize(
    ("name", "expected"), [("sgd", [-0.1, -0.25]), ("asgd", [-0.1, -0.25]), ("rmsprop", [-1.0, -2.20888])]
)
def test_momentum_goes_on_where_the_last_step_went(name: str, expected: list[float]) -> None:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(layer.weight)
    optimiser = make_optimiser(OptimiserSpec(name=name, learning_rate=0.1, momentum=0.5), layer)  # pyright: ignore[reportArgumentType]
    found: list[float] = []
    for _ in expected:
        layer.weight.grad = torch.ones(1, 1)
        optimiser.step()
        found.append(float(layer.weight.detach()))
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_weight_decay_is_apart_from_the_gradient(name: str) -> None:
    # With no gradient at all the weights shrink by exactly rate × decay, whatever the optimiser's own scaling.
    spec = OptimiserSpec(name=name, learning_rate=0.1, weight_decay=0.5)  # pyright: ignore[reportArgumentType]
    layer = nn.Linear(3, 2)
    nn.init.ones_(layer.weight)
    nn.init.ones_(layer.bias)
    make_optimiser(spec, layer)
    decay(regularised(layer), spec, spec.learning_rate)
    assert torch.allclose(layer.weight, torch.full_like(layer.weight, 0.95))
    assert torch.equal(layer.bias, torch.ones_like(layer.bias))


def test_the_library_does_not_decay_a_second_time() -> None:
    for name in NAMES:
        spec = OptimiserSpec(name=name, weight_decay=0.3)  # pyright: ignore[reportArgumentType]
        assert all(group["weight_decay"] == 0 for group in make_optimiser(spec, nn.Linear(2, 2)).param_groups)


def test_l1_and_l2_gradients() -> None:
    layer = nn.Linear(2, 1, bias=False)
    layer.weight.data = torch.tensor([[2.0, -3.0]])
    layer.weight.grad = torch.zeros(1, 2)
    penalise([layer.weight], OptimiserSpec(l1=0.5, l2=0.1))
    assert torch.allclose(layer.weight.grad, torch.tensor([[0.5 + 0.2, -0.5 - 0.3]]))


def test_l1_brings_weights_nearer_to_zero() -> None:
    plain = quadratic(OptimiserSpec(name="sgd", learning_rate=0.02, momentum=0, weight_decay=0))
    pulled = quadratic(OptimiserSpec(name="sgd", learning_rate=0.02, momentum=0, weight_decay=0, l1=0.4))
    assert pulled > plain + 0.1


def test_clipping_bounds_the_norm_and_keeps_the_direction() -> None:
    weight = nn.Parameter(torch.zeros(4))
    weight.grad = torch.tensor([3.0, 0.0, 4.0, 0.0])
    assert clip([weight], OptimiserSpec(clip_norm=1)) == pytest.approx(5)
    assert torch.allclose(weight.grad, torch.tensor([0.6, 0.0, 0.8, 0.0]), atol=1e-6)


def test_clipping_by_value_bounds_each_entry() -> None:
    weight = nn.Parameter(torch.zeros(3))
    weight.grad = torch.tensor([3.0, -0.1, -4.0])
    clip([weight], OptimiserSpec(clip_norm=0, clip_value=0.5))
    assert torch.allclose(weight.grad, torch.tensor([0.5, -0.1, -0.5]))


def test_no_clipping_leaves_the_gradient() -> None:
    weight = nn.Parameter(torch.zeros(2))
    weight.grad = torch.tensor([300.0, 400.0])
    assert clip([weight], OptimiserSpec(clip_norm=0)) == pytest.approx(500)
    assert torch.equal(weight.grad, torch.tensor([300.0, 400.0]))


def test_the_average_follows_closely_at_first_and_slowly_later() -> None:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(layer.weight)
    average = average_of(layer, decay=0.9)
    distances: list[float] = []
    for step in range(400):
        layer.weight.data.fill_(1.0 if step < 200 else 0.0)
        average.update_parameters(layer)
        distances.append(abs(float(average.module.weight.detach()) - float(layer.weight.detach())))
    assert distances[20] < 0.1  # it forgot the start
    assert distances[200] == pytest.approx(0.9) and distances[205] > 0.5  # and does not follow a jump later


def test_the_average_of_the_first_steps_is_this() -> None:
    layer = nn.Linear(1, 1, bias=False)
    average = average_of(layer, decay=0.999)
    found: list[float] = []
    for value in (0.0, 1.0, 1.0):
        layer.weight.data.fill_(value)
        average.update_parameters(layer)
        found.append(float(average.module.weight.detach()))
    # After n steps the old average weighs (1 + n) / (10 + n).
    assert found == pytest.approx([0, 1 - 2 / 11, 1 - (2 / 11) * (3 / 12)])
