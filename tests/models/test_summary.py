import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tidegate.errors import ShapeError
from tidegate.models.build import build
from tidegate.models.summary import flops, summarise
from tidegate.network.vgsl import parse


def test_flops_are_those_that_torch_counts():
    """Convolutions, dense and output layers: torch's own counter sees their products."""
    architecture = parse("[1,28,28,1 Cr5,5,6 Mp2,2 Cr3,3,16,2,1 Mp2,2 Fr120 O0s0]")
    network = build(architecture, 10).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 1, 28, 28))
    assert flops(architecture, 10) == counter.get_total_flops()


@pytest.mark.parametrize(("letter", "gates"), [("L", 4), ("G", 3), ("R", 1)])
def test_flops_of_recurrence_by_hand(letter: str, gates: int):
    rows = summarise(parse(f"[1,8,0,1 S1(1x0)1,3 {letter}bx5 O1c0]"), symbols=9, columns=20)
    assert rows[1].flops == 2 * 20 * 2 * gates * 5 * (8 + 5)
    assert rows[1].token == f"{letter}bx5"


def test_an_open_width_is_asked_for():
    architecture = parse("[1,8,0,1 S1(1x0)1,3 Lbx5 O1c0]")
    assert flops(architecture, 9) is None
    with pytest.raises(ShapeError, match="any size"):
        summarise(architecture, 9)


def test_a_layer_that_needs_a_fixed_width_fails_for_the_true_input():
    with pytest.raises(ShapeError, match="fixed size"):
        summarise(parse("[1,8,0,1 Fr10 O0s0]"), 9, columns=20)
