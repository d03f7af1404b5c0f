"""Layers in blocks: series, parallel branches, additions and attention, as written, as shapes, and as changed by keys."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import ShapeError
from tidegate.network.layers import (
    Addition,
    AttentionPooling,
    Convolution,
    Parallel,
    Recurrence,
    pace,
    render_branch,
)
from tidegate.network.pace import Pace, differing
from tidegate.network.shape import ImageShape, SequenceShape, Shape, VectorShape
from tidegate.network.trace import steps, trace, trace_layers
from tidegate.network.transforms import (
    fitted,
    size_after,
    widen,
    with_batch_norm,
    with_dropout,
    without_batch_norm,
)
from tidegate.network.vgsl import parse, parse_fragment, render

quiet = settings(deadline=None, derandomize=True, database=None, max_examples=200)
row = ImageShape(4, 1, None)
image = ImageShape(8, 6, None)
sequence = SequenceShape(5, None)
RESIDUAL = "([Cl1,8,64 Bnr Cl1,5,64 Bnr Cl1,3,64 Bn] [Cl1,1,64 Bn]) A3,64"


def rendered(layers) -> str:
    return render_branch(layers)


def test_a_residual_block_is_what_it_says():
    block, addition = parse_fragment(RESIDUAL)
    assert isinstance(block, Parallel) and addition == Addition(64)
    assert [len(branch) for branch in block.branches] == [6, 2]
    assert block.branches[1][0] == Convolution("linear", (1, 1), 64)
    assert parse_fragment("(I{shortcut} Lfx3) A{sum}3,7 At{look}5") == (
        Parallel(((), (Recurrence("lstm", "forward", "x", 3),))),
        Addition(7),
        AttentionPooling(5),
    )


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("[Cr3,3,8 Mp2,2]", "Cr3,3,8 Mp2,2"),
        ("Cr3,3,8 [Mp2,2 [Bn] I] I", "Cr3,3,8 Mp2,2 Bn"),
        ("([Lfx3] [I])", "(Lfx3 I)"),
        ("([Lfx3 [Do0.5 Lfx3]] [(Bn I)])", "([Lfx3 Do0.5 Lfx3] (Bn I))"),
        ("( Lfx3\n[ Bn Do ]I )", "(Lfx3 [Bn Do0.5] I)"),
        ("(Lfx3[BnDo]I)A3,2(II)", "(Lfx3 [Bn Do0.5] I) A3,2 (I I)"),
    ],
)
def test_brackets_that_change_nothing_are_written_out(text: str, same: str):
    assert parse_fragment(text) == parse_fragment(same)
    network = parse(f"[1,1,0,1 {text}]")
    assert render(network) == f"[1,1,0,1 {same}]"
    assert parse(render(network)) == network


@pytest.mark.parametrize(
    ("token", "before", "after"),
    [
        ("(I I)", image, ImageShape(16, 6, None)),
        ("([Cr3,3,5 Mp2,2] [Mp2,2 Bn])", image, ImageShape(13, 3, None)),
        ("([Cr3,3,5,1,2 Cr3,3,5,1,3] Cr5,5,7,1,6)", image, ImageShape(12, 6, None)),
        ("(Lbx3 Rfx4 I)", sequence, SequenceShape(15, None)),
        ("(Lbxs3 At4 [Gfx4 At4])", sequence, VectorShape(15)),
        ("(Fr7 I)", VectorShape(3), VectorShape(10)),
        ("([Cr1,8,9 Ap0,0] Lfxs5 At3 Mp0,0)", row, ImageShape(22, 1, 1)),
        ("([S1(1x0)1,3 Lfxs5] Ap0,0)", row, VectorShape(9)),
        ("([S1(1x0)1,3 Lbx5] Lfx3)", row, SequenceShape(13, None)),
        ("([Ap0,0 Fr6] Mp0,0)", row, VectorShape(10)),
        ("((I Lfx2) [(I I) Bn])", sequence, SequenceShape(17, None)),
        ("A3,2", image, ImageShape(2, 6, None)),
        ("A3,5", sequence, sequence),
        ("A3,3", VectorShape(9), VectorShape(3)),
        ("At9", image, ImageShape(8, 6, 1)),
        ("At9", sequence, VectorShape(5)),
        ("At9", SequenceShape(5, 28, "y"), VectorShape(5)),
    ],
)
def test_blocks_give_their_shape(token: str, before: Shape, after: Shape):
    assert parse_fragment(token)[0].out_shape(before) == after


@pytest.mark.parametrize(
    ("token", "before", "where", "got"),
    [
        ("(I Mp2,2)", image, "branch 2: Mp2,2", "8×3×?"),
        ("(I I Lfys3)", image, "branch 3: Lfys3", "3×1×?"),
        ("(I Lfxs3)", sequence, "branch 2: Lfxs3", "3 (a vector"),
        ("(Ap0,0 I)", row, "branch 2: I", "4×1×?"),
        ("(I [S2(1x0)2,3 Lby3])", ImageShape(4, 3, 7), "branch 2: [S2(1x0)2,3 Lby3]", "3×6"),
        # One of these halves by dropping the last column of an odd number, the other keeps it.
        ("(Mp1,2 Cr1,3,8,1,2)", image, "branch 2: Cr1,3,8,1,2", "1 of 1 columns"),
        ("([Mp1,2 Mp1,3] [Mp1,5,1,6])", image, "branch 2: Mp1,5,1,6", "1 of 5 columns"),
        # Of the same size here; but in one of them lengths stop being counted.
        ("(I S2(0x1)2,3)", ImageShape(4, 3, 7), "branch 2: S2(0x1)2,3", "4×3×7"),
        ("(I [Bn (I Mp2,2)])", image, "branch 2, layer 2, branch 2: Mp2,2", "8×3×?"),
    ],
)
def test_branches_that_disagree_are_told_apart(token: str, before: Shape, where: str, got: str):
    with pytest.raises(ShapeError) as caught:
        trace_layers(parse_fragment(token), before)
    error = caught.value
    assert error.where == f"layer 1, {where}"
    assert "another size than branch 1" in error.what
    assert got in str(error.got) and error.expected and error.hint


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[1,1,0,4 Bn (I [Bn Gn3])]", "layer 2, branch 2, layer 2: Gn3", "3 equal groups"),
        ("[1,1,0,4 (I Lfx3) A3,4]", "layer 2: A3,4", "7 channels cannot be cut into chunks of 4"),
        ("[1,1,0,4 S1(1x0)1,3 At3 At3]", "layer 3: At3", "this is one vector"),
        ("[1,1,0,4 (I I) O0s3]", "layer 2: O0s3", "one vector a sample"),
    ],
)
def test_what_does_not_fit_in_a_block_is_told_with_its_place(text: str, where: str, what: str):
    with pytest.raises(ShapeError) as caught:
        trace(parse(text))
    assert caught.value.where == where and what in str(caught.value)


changing = st.one_of(
    st.builds("Cr1,3,2,1,{}".format, st.integers(1, 4)),
    st.builds("Mp1,{},1,{}".format, st.integers(1, 5), st.integers(1, 4)),
)


@quiet
@given(st.lists(changing, min_size=1, max_size=4), st.lists(changing, min_size=1, max_size=4))
def test_paces_are_the_steps_that_are_left(one: list[str], other: list[str]):
    strings = [" ".join(layers) for layers in (one, other)]
    paces = [pace(parse_fragment(text)) for text in strings]
    networks = [parse(f"[1,1,0,1 {text} O1s0]") for text in strings]
    counts = [[steps(network, n) for n in range(60)] for network in networks]
    for counted, expected in zip(paces, counts, strict=True):
        assert [counted.left(n) for n in range(60)] == expected
    apart = differing(*paces)
    if apart is None:
        assert counts[0] == counts[1]
    elif apart < 60:
        assert counts[0][apart] != counts[1][apart] and counts[0][1:apart] == counts[1][1:apart]


def test_paces_that_differ_late_are_found():
    assert differing(Pace(7, -300), Pace(7, -299)) == 306
    assert differing(Pace(), Pace(0, 0)) == 2


def test_steps_through_blocks():
    assert steps(parse("[1,1,0,1 ([Cr1,3,2 Mp1,2] Mp1,2) Mp1,3 O1s0]"), 13) == 2
    network = parse("[1,1,0,1 ([Mp1,4 Ap0,0] Lfxs3 [Mp1,6 At3]) O0s0]")
    assert [steps(network, columns) for columns in (3, 4, 6, 60)] == [0, 0, 1, 1]


def test_keys_reach_into_blocks():
    block = parse_fragment(f"{RESIDUAL} (Fr9 [Do0.5 (Do0.2 I)]) At8")
    half = rendered(widen(block, 0.5))
    assert half == (
        "[([Cl1,8,32 Bnr Cl1,5,32 Bnr Cl1,3,32 Bn] [Cl1,1,32 Bn]) A3,32 (Fr4 [Do0.5 (Do0.2 I)]) At8]"
    )
    assert rendered(with_dropout(block[2:], 0.1)) == "[(Fr9 [Do0.1 (Do0.1 I)]) At8]"
    assert rendered(with_dropout(block[2:], 0.0)) == "[(Fr9 (I I)) At8]"
    assert rendered(with_batch_norm(parse_fragment("Cr1,1,3 (Ct1,1,3 [Cr1,1,3 Bn])"))) == (
        "[Cl1,1,3 Bnr ([Cl1,1,3 Bnt] [Cr1,1,3 Bn])]"
    )
    assert rendered(without_batch_norm(parse_fragment("(Bn [Cl1,1,3 Bnr])"))) == "(I Cr1,1,3)"
    assert rendered(fitted(parse_fragment("(Mp2,2 [Cr1,1,3 Mp2,2]) Mp2,2"), (2, 8))) == (
        "[(Mp2,2 [Cr1,1,3 Mp2,2]) Mp1,2]"
    )
    assert size_after(parse_fragment("([Cr1,1,3,1,2 I] Mp1,2)"), (1, 10)) == (1, 5)
    assert size_after(parse_fragment("At3"), (2, None)) == (2, 1)
