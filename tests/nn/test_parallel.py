"""Branches side by side, and added up."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tidegate.config.tables import InitialiseSpec
from tidegate.models.build import build
from tidegate.models.registry import build_layers
from tidegate.network import layers as records
from tidegate.network.shape import ImageShape, SequenceShape, Shape, VectorShape
from tidegate.network.vgsl import parse, parse_fragment
from tidegate.nn.convolution import Convolution
from tidegate.nn.initialise import initialise
from tidegate.nn.normalisation import BatchNorm
from tidegate.nn.parallel import Addition, Parallel
from tidegate.nn.pooling import Pooling

RESIDUAL = "([Cl1,8,6 Bnr Cl1,5,6 Bn] [Cl1,1,6 Bn]) A3,6"


def block(text: str, shape: Shape) -> Parallel:
    torch.manual_seed(0)
    layer = build_layers(parse_fragment(text), shape)[0]
    assert isinstance(layer, Parallel)
    return layer.eval()


def by_hand(layers: nn.ModuleList, x: Tensor, lengths: Tensor | None) -> Tensor:
    for layer in layers:
        x, lengths = layer(x, lengths)
    return x


@pytest.mark.parametrize(
    ("text", "shape", "axis"),
    [
        ("([Cr3,3,5 Lbx2] I Cl1,1,2)", ImageShape(3, 4, None), 1),
        ("(Lbx2 [Gfx3 Bn] I)", SequenceShape(3, None), 2),
        ("(Fr4 I)", VectorShape(3), 1),
    ],
)
def test_it_is_the_branches_side_by_side(text: str, shape: Shape, axis: int):
    layer = block(text, shape)
    sizes = {ImageShape: (2, 3, 4, 9), SequenceShape: (2, 9, 3), VectorShape: (2, 3)}
    x = torch.randn(sizes[type(shape)])
    lengths = None if isinstance(shape, VectorShape) else torch.tensor([9, 5])
    y, after = layer(x, lengths)
    assert torch.equal(y, torch.cat([by_hand(branch, x, lengths) for branch in layer.branches], dim=axis))
    assert (after is None) if lengths is None else torch.equal(after, lengths)


def test_beside_a_vector_one_position_is_a_vector():
    layer = block("([S1(1x0)1,3 Lfxs2] Ap0,0 At3)", ImageShape(3, 1, None))
    x = torch.randn(2, 3, 1, 9)
    y, lengths = layer(x, torch.tensor([9, 4]))
    assert y.shape == (2, 8) and lengths is None
    torch.testing.assert_close(y[1, 2:5], x[1, :, 0, :4].mean(1))


def test_beside_a_sequence_an_image_of_one_row_is_one():
    x = torch.randn(2, 3, 1, 9)
    y, lengths = block("(I [S1(1x0)1,3 I])", ImageShape(3, 1, None))(x, torch.tensor([9, 4]))
    steps = x[:, :, 0].transpose(1, 2)
    assert torch.equal(y, torch.cat([steps, steps], dim=2))
    assert lengths.tolist() == [9, 4]


def test_addition_is_kraken_s():
    """Chunks that follow each other are summed, as by its unfolding."""
    x = torch.randn(2, 12, 3, 5)
    unfolded = x.unfold(1, 4, 4).sum(1, keepdim=True).transpose(-1, 1).squeeze(-1)
    torch.testing.assert_close(Addition(records.Addition(4))(x, None)[0], unfolded)
    sequence = x[:, :, 0].transpose(1, 2)
    y, lengths = Addition(records.Addition(4))(sequence, torch.tensor([5, 2]))
    torch.testing.assert_close(y, unfolded[:, :, 0].transpose(1, 2))
    assert lengths.tolist() == [5, 2]


@pytest.mark.parametrize(
    ("text", "chunk"),
    [
        (RESIDUAL, 6),
        ("(Cr1,3,4 I) A3,4", 4),
        ("(Lbxs2 [Cr1,3,4 Ap0,0] At3) A3,4", 4),
        # Nothing to gain: branches of other sizes than a chunk are put side by side.
        ("([Cr1,3,8 Bnr] I) A3,4", 4),
        ("(I I) A3,2", 2),
    ],
)
def test_adding_at_once_is_adding_chunks(text: str, chunk: int):
    network = build(parse(f"[1,1,0,4 {text} Ap0,0 O0s0]"), symbols=3).train()
    first = network.layers[0]
    assert isinstance(first, Parallel) and first.chunk == chunk
    x, lengths = torch.randn(3, 4, 1, 11), torch.tensor([11, 7, 3])
    results = []
    for size in (chunk, 0):
        first.chunk = size
        y, _ = network(x.clone().requires_grad_(), lengths)
        results.append([y, *torch.autograd.grad(y.square().sum(), list(network.parameters()))])
    for fast, slow in zip(*results, strict=True):
        torch.testing.assert_close(fast, slow)


def test_an_activation_moves_behind_a_max_pooling_within_a_branch_and_not_over_its_edge():
    network = build(parse("[1,8,0,1 Cr3,3,4 ([Cr3,3,4 Mp2,2 Bnr] [Mp2,2 Cr3,3,3]) Mp2,2 Ap0,0 O0s0]"), 10)
    before, inner, after = network.layers[:3]
    assert isinstance(before, Convolution) and isinstance(inner, Parallel) and isinstance(after, Pooling)
    convolution, pooling, norm = inner.branches[0]
    assert isinstance(convolution, Convolution) and isinstance(norm, BatchNorm)
    assert (before.deferred, convolution.deferred, norm.deferred) == (False, True, False)
    assert pooling.activation == "relu" and after.activation == "linear"
    assert inner.branches[1][0].activation == "linear"


def test_weights_in_blocks_are_drawn_like_all_others():
    text = "[1,1,0,4 ([Cl1,3,6 (Lfx5 I)] [Cr1,1,11 Bn]) At7 O0s0]"
    networks = [build(parse(text), symbols=3) for _ in range(2)]
    for network in networks:
        initialise(network, InitialiseSpec(), torch.Generator().manual_seed(5))
    states = [network.state_dict() for network in networks]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert {"layers.0.branches.0.1.branches.0.0.weight_hh_l0", "layers.1.context"} <= states[0].keys()
