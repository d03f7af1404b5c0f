"""Shapes before any weight exists, and what is said when a layer does not fit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import ShapeError
from tidegate.network.layers import Input
from tidegate.network.shape import ImageShape, SequenceShape, Shape, VectorShape
from tidegate.network.sizes import convolved, pooled
from tidegate.network.trace import steps, trace
from tidegate.network.vgsl import parse, parse_fragment

quiet = settings(deadline=None, derandomize=True, database=None, max_examples=200)
line = ImageShape(8, 6, None)
image = ImageShape(8, 6, 10)


@pytest.mark.parametrize(
    ("token", "before", "after"),
    [
        ("Cr3,3,16", line, ImageShape(16, 6, None)),
        ("Cr4,2,16", image, ImageShape(16, 6, 10)),
        ("Cr3,3,16,4,3", image, ImageShape(16, 2, 4)),
        ("Cr3,3,16,1,1,2,2", image, ImageShape(16, 6, 10)),
        ("Mp2,2", line, ImageShape(8, 3, None)),
        ("Mp4,3", image, ImageShape(8, 1, 3)),
        ("Mp3,3,2,2", image, ImageShape(8, 2, 4)),
        ("Ap0,0", line, ImageShape(8, 1, 1)),
        ("Ap0,1", line, ImageShape(8, 1, None)),
        ("Bnr", line, line),
        ("Gn4", SequenceShape(8, None), SequenceShape(8, None)),
        ("Do0.1,2", SequenceShape(8, None), SequenceShape(8, None)),
        ("Dl", VectorShape(8), VectorShape(8)),
        ("S1(1x0)1,3", line, SequenceShape(48, None, "x")),
        ("S1(1x6)1,3", line, SequenceShape(48, None, "x")),
        ("S1(0x1)3,1", line, SequenceShape(48, None, "x")),
        ("S1(2x0)1,3", line, ImageShape(24, 2, None)),
        ("S2(1x0)2,3", image, SequenceShape(80, 6, "y")),
        ("S3(4x0)3,1", line, ImageShape(4, 12, None)),
        ("S1(3x2)1,2", image, ImageShape(8, 3, 20)),
        ("Lbx5", line, ImageShape(10, 6, None)),
        ("Rfy5", line, ImageShape(5, 6, None)),
        ("Lfys5", line, ImageShape(5, 1, None)),
        ("Gbxs5", line, ImageShape(10, 6, 1)),
        ("Lbx5", SequenceShape(8, None, "x"), SequenceShape(10, None, "x")),
        ("Lby5", SequenceShape(8, 28, "y"), SequenceShape(10, 28, "y")),
        ("Lbxs5", SequenceShape(8, None, "x"), VectorShape(10)),
        ("Fr7", image, VectorShape(7)),
        ("Fr7", SequenceShape(8, 28, "y"), VectorShape(7)),
        ("Fr7", VectorShape(8), VectorShape(7)),
    ],
)
def test_each_layer_gives_its_shape(token: str, before: Shape, after: Shape):
    assert parse_fragment(token)[0].out_shape(before) == after


@pytest.mark.parametrize(
    ("token", "before", "after"),
    [
        ("O1c5", SequenceShape(8, None), SequenceShape(5, None)),
        ("O1s5", ImageShape(8, 1, None), SequenceShape(5, None)),
        ("O0s5", VectorShape(8), VectorShape(5)),
        ("O0s5", ImageShape(8, 1, 1), VectorShape(5)),
        ("O0l5", SequenceShape(8, 1), VectorShape(5)),
    ],
)
def test_outputs(token: str, before: Shape, after: Shape):
    layer = parse(f"[1,1,1,1 {token}]").layers[0]
    assert layer.out_shape(before) == after


@pytest.mark.parametrize(
    ("text", "layer", "what", "hint"),
    [
        ("[1,8,0,1 Mp2,2 Mp2,2 Mp2,2 Mp2,2]", "layer 4: Mp2,2", "pooling eats the height", "pool less"),
        ("[1,8,3,1 Mp2,2 Cr3,3,4 Mp2,2]", "layer 3: Mp2,2", "pooling eats the width", "pool less"),
        ("[1,8,0,1 S1(1x7)1,3]", "layer 1: S1(1x7)1,3", "8 is not 1 × 7", "write 0"),
        ("[1,8,0,1 S2(1x0)2,3]", "layer 1: S2(1x0)2,3", "the columns vary", "fix the width"),
        ("[1,0,0,1 S1(1x0)1,3]", "layer 1: S1(1x0)1,3", "not fixed", "data.rows"),
        ("[1,8,8,1 S2(1x0)2,3 Lbx5]", "layer 2: Lbx5", "runs along y", "write Lby5"),
        ("[1,8,8,1 S1(1x0)1,3 Lby5]", "layer 2: Lby5", "runs along x", "write Lbx5"),
        ("[1,8,0,1 Fr5]", "layer 1: Fr5", "fixed size", "Ap0,0"),
        ("[1,8,0,1 S1(1x0)1,3 Fr5]", "layer 2: Fr5", "fixed size", "Ap0,0"),
        ("[1,8,0,1 Lbx5 O1c5]", "layer 2: O1c5", "image with rows", "S1(1x0)1,3"),
        ("[1,8,8,1 O0s5]", "layer 1: O0s5", "one vector a sample", "Ap0,0"),
        ("[1,8,0,1 S1(1x0)1,3 Lbx5 O0s5]", "layer 3: O0s5", "one vector a sample", "Lbxs64"),
        ("[1,8,8,1 Fr5 O1c5]", "layer 2: O1c5", "needs a sequence", "use O0"),
        ("[1,8,8,1 Fr5 Lbx5]", "layer 2: Lbx5", "needs a sequence", "leave it out"),
        ("[1,8,0,1 S1(1x0)1,3 Cr3,3,8]", "layer 2: Cr3,3,8", "needs an image", "before the fold"),
        ("[1,8,0,1 S1(1x0)1,3 Mp2,2]", "layer 2: Mp2,2", "needs an image", "before the fold"),
        ("[1,8,0,1 Cr3,3,8 Gn3]", "layer 2: Gn3", "3 equal groups", "divides 8"),
    ],
)
def test_what_does_not_fit_names_the_layer_what_reached_it_and_what_to_do(
    text: str, layer: str, what: str, hint: str
):
    with pytest.raises(ShapeError) as caught:
        trace(parse(text))
    error = caught.value
    assert error.where == layer
    assert what in error.what
    assert error.got and ("image" in error.got or "sequence" in error.got or "vector" in error.got)
    assert error.hint and hint in error.hint


def test_tracing_another_input_than_its_own():
    network = parse("[1,8,0,1 Mp2,2 S1(1x0)1,3]")
    assert trace(network, Input(8, 30, 1))[-1][1] == SequenceShape(4, 15)


sizes = st.integers(1, 40)


@quiet
@given(sizes, st.integers(1, 7), st.integers(1, 5), st.integers(1, 3))
def test_convolved_counts_windows_over_the_padded_axis(size: int, kernel: int, stride: int, dilation: int):
    reach = dilation * (kernel - 1)
    padded = size + reach
    assert convolved(size, stride) == len(range(0, padded - reach, stride))


@quiet
@given(st.integers(0, 40), st.integers(1, 7), st.integers(1, 5))
def test_pooled_counts_whole_windows(size: int, kernel: int, stride: int):
    assert pooled(size, kernel, stride) == len([i for i in range(0, size, stride) if i + kernel <= size])


@quiet
@given(st.integers(1, 300))
def test_steps_are_the_shape_of_an_image_so_wide(columns: int):
    network = parse("[1,24,0,1 Cr3,3,8,1,2 Mp2,3,2,2 Cr4,2,8 Ap1,2 S1(1x0)1,3 Lbx5 O1c0]")
    try:
        expected = trace(network, Input(24, columns, 1))[-1][1]
    except ShapeError:
        assert steps(network, columns) == 0
    else:
        assert isinstance(expected, SequenceShape)
        assert steps(network, columns) == expected.time


def test_steps_of_other_networks():
    assert steps(parse("[1,28,28,1 Fr5 O0s0]"), 28) == 1
    assert steps(parse("[1,28,20,1 S2(1x0)2,3 Lby5 O1s0]"), 20) == 28
    assert steps(parse("[1,28,0,1 Ap0,0 O0s0]"), 28) == 1
    assert steps(parse("[1,28,0,1]"), 77) == 77
