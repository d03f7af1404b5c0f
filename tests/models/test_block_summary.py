"""The table of layers of networks with blocks: every layer once, and what it costs."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tidegate.models.build import build
from tidegate.models.network import parameters
from tidegate.models.summary import flops, summarise
from tidegate.network.vgsl import parse

NETWORK = "[1,1,0,3 ([Cl1,8,6 Bnr (Cr1,3,4 I)] I) Mp1,2 (Cr1,1,8 [Cl1,3,8 Bn]) A3,8 Ap0,0 (Fr5 I) O0s0]"


def test_the_layers_of_a_block_stand_below_it():
    rows = summarise(parse(NETWORK), symbols=4, columns=20)
    assert [(row.number, row.token, str(row.shape)) for row in rows] == [
        ("1", "(2 branches)", "13×1×20"),
        ("1.1.1", "Cl1,8,6", "6×1×20"),
        ("1.1.2", "Bnr", "6×1×20"),
        ("1.1.3", "(2 branches)", "10×1×20"),
        ("1.1.3.1.1", "Cr1,3,4", "4×1×20"),
        ("1.1.3.2", "I", "6×1×20"),
        ("1.2", "I", "3×1×20"),
        ("2", "Mp1,2", "13×1×10"),
        ("3", "(2 branches)", "16×1×10"),
        ("3.1.1", "Cr1,1,8", "8×1×10"),
        ("3.2.1", "Cl1,3,8", "8×1×10"),
        ("3.2.2", "Bn", "8×1×10"),
        ("4", "A3,8", "8×1×10"),
        ("5", "Ap0,0", "8×1×1"),
        ("6", "(2 branches)", "13"),
        ("6.1.1", "Fr5", "5"),
        ("6.2", "I", "8×1×1"),
        ("7", "O0s4", "4"),
    ]
    assert rows[1].parameters == 6 * (3 * 8 + 1) and rows[1].flops == 2 * 20 * 6 * 3 * 8
    assert rows[0].parameters == 0 == rows[0].flops


def test_every_layer_is_counted_once():
    architecture = parse(NETWORK)
    network = build(architecture, 4).eval()
    assert sum(row.parameters for row in summarise(architecture, 4, 20)) == parameters(network)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 3, 1, 20))
    assert flops(architecture, 4, 20) == counter.get_total_flops()


@pytest.mark.parametrize("text", ["[1,1,0,5 At7 O0s0]", "[1,1,0,5 S1(1x0)1,3 At7 O0s0]"])
def test_attention_by_hand_and_as_torch_counts_it(text: str):
    architecture = parse(text)
    rows = [row for row in summarise(architecture, 3, 20) if row.kind == "attention"]
    assert [row.parameters for row in rows] == [5 * 7 + 7 + 7]
    assert [row.flops for row in rows] == [2 * 20 * (5 * 7 + 7 + 5)]
    network = build(architecture, 3).eval()
    assert sum(row.parameters for row in summarise(architecture, 3, 20)) == parameters(network)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 5, 1, 20))
    # Its counter leaves out the product of a matrix and a vector, that of the scores.
    assert flops(architecture, 3, 20) == counter.get_total_flops() + 2 * 20 * 7
