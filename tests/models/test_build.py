import pytest
import torch
from torch.nn import functional

from tidegate.errors import ShapeError
from tidegate.models.build import build
from tidegate.models.network import Network
from tidegate.network.vgsl import parse, render
from tidegate.nn.convolution import Convolution
from tidegate.nn.pooling import Pooling


def test_symbols_are_filled_in_and_the_blank_is_added():
    assert render(build(parse("[1,8,0,1 S1(1x0)1,3 O1c0]"), 10).architecture).endswith("O1c11]")
    assert render(build(parse("[1,8,0,1 S1(1x0)1,3 O1s0]"), 10).architecture).endswith("O1s10]")
    assert isinstance(build(parse("[1,8,0,1 S1(1x0)1,3 O1c11]"), 10), Network)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1,8,0,1 S1(1x0)1,3 O1c10]", "another number of answers"),
        ("[1,8,0,1 S1(1x0)1,3 Lbx5]", "no output layer"),
        ("[1,8,0,1 Mp9,9 S1(1x0)1,3 O1c0]", "eats the height"),
    ],
)
def test_what_cannot_be_built_is_said(text: str, problem: str):
    with pytest.raises(ShapeError, match=problem):
        build(parse(text), 10)


def test_every_step_has_a_length_even_without_lengths():
    network = build(parse("[1,8,0,1 Cr3,3,4,1,2 S1(1x0)1,3 O1c0]"), 10)
    assert network(torch.zeros(2, 1, 8, 9))[1].tolist() == [5, 5]
    assert network(torch.zeros(2, 1, 8, 9), torch.tensor([9, 4]))[1].tolist() == [5, 2]


@pytest.mark.parametrize(
    ("letter", "moved"), [("r", True), ("t", True), ("s", True), ("l", False), ("m", False)]
)
def test_an_activation_moves_behind_a_max_pooling_only_if_it_commutes(letter: str, moved: bool):
    network = build(parse(f"[1,8,0,1 C{letter}3,3,4 Mp2,2 S1(1x0)1,3 O1c0]"), 10)
    convolution, pooling = network.layers[0], network.layers[1]
    assert isinstance(convolution, Convolution) and isinstance(pooling, Pooling)
    assert convolution.deferred == moved
    x = torch.randn(2, 1, 8, 9)
    y = pooling(convolution(x, None)[0], None)[0]
    values = functional.conv2d(x, convolution.weight, convolution.bias, padding=1)
    activated = {
        "r": torch.relu,
        "t": torch.tanh,
        "s": torch.sigmoid,
        "l": torch.clone,
        "m": lambda v: torch.softmax(v, dim=1),
    }[letter](values)
    torch.testing.assert_close(y, functional.max_pool2d(activated, 2))


def test_an_activation_stays_before_an_average():
    network = build(parse("[1,8,0,1 Cr3,3,4 Ap2,2 S1(1x0)1,3 O1c0]"), 10)
    assert network.layers[0].deferred is False


def test_a_network_learns_a_little():
    """A sanity check of the whole chain: loss and gradients of a small reader of lines."""
    torch.manual_seed(0)
    network = build(parse("[1,12,0,1 Cr3,3,8 Bn Mp2,2 S1(1x0)1,3 Gbx16 O1c0]"), 4)
    optimiser = torch.optim.Adam(network.parameters(), 0.01)
    x, lengths = torch.rand(4, 1, 12, 40), torch.tensor([40, 33, 28, 21])
    targets = torch.randint(1, 5, (4, 3))
    losses = []
    for _ in range(30):
        logits, steps = network(x, lengths)
        scores = logits.log_softmax(2).transpose(0, 1)
        loss = functional.ctc_loss(scores, targets, steps, torch.full((4,), 3))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4
