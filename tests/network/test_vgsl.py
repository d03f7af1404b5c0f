"""VGSL strings: what the manuals write is read, what is read is printed back, and nothing else gets through."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import VgslError
from tidegate.network.cells import CELLS
from tidegate.network.layers import (
    Addition,
    Architecture,
    AttentionPooling,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    GroupNorm,
    Input,
    Output,
    Parallel,
    Pooling,
    Recurrence,
    Reshape,
)
from tidegate.network.trace import trace
from tidegate.network.vgsl import parse, parse_fragment, render

quiet = settings(deadline=None, derandomize=True, database=None, max_examples=200)

# Word for word from kraken's "VGSL network specification" and its default networks, and from Tesseract's "VGSL Specs"
# and the networks inside its shipped models.
MANUALS = (Path(__file__).parent / "manuals.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("text", MANUALS)
def test_manuals_strings_are_read_printed_back_and_fit(text: str):
    architecture = parse(text)
    assert parse(render(architecture)) == architecture
    assert len(trace(architecture)) == len(architecture.layers) > 0


def test_each_token_is_what_it_names():
    text = (
        "[4,48,0,1 Cr3,5,32 Cl{a}3,3,8,2,1,1,2 Mp2,3 Ap0,2,1,2 Mp{n}3,3,2,2 Bnr Bn Gn4 Do Do0.1,2 Do.25 Do,2"
        " Dl0.2 S1(1x0)1,3 Lfx3 Grys{g}4 Rbx5 Fm7 O0l9]"
    )
    assert parse(text) == Architecture(
        Input(48, None, 1, 4),
        (
            Convolution("relu", (3, 5), 32),
            Convolution("linear", (3, 3), 8, (2, 1), (1, 2)),
            Pooling("max", (2, 3), (2, 3)),
            Pooling("average", (0, 2), (1, 2)),
            Pooling("max", (3, 3), (2, 2)),
            BatchNorm("relu"),
            BatchNorm("linear"),
            GroupNorm(4),
            Dropout(0.5, "plain"),
            Dropout(0.1, "channel"),
            Dropout(0.25, "plain"),
            Dropout(0.5, "channel"),
            Dropout(0.2, "locked"),
            Reshape(1, 1, 0, 1, 3),
            Recurrence("lstm", "forward", "x", 3),
            Recurrence("gru", "reverse", "y", 4, summarise=True),
            Recurrence("elman", "both", "x", 5),
            Dense("softmax", 7),
            Output(0, "linear", 9),
        ),
    )


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("", 1, "`[`"),
        ("Cr3,3,32", 1, "`[`"),
        ("[1,48,0", 8, "a comma, then channels"),
        ("[1,48,0,1 Cr3,3]", 16, "the number of channels"),
        ("[1,48,0,1 Cx3,3,8]", 12, "`s` `t` `r` `l` `m`"),
        ("[1,48,0,1 Cr0,3,8]", 13, "from 1 to"),
        ("[1,48,0,1 Lbz100]", 13, "`x` `y`"),
        ("[1,48,0,1 Lqx100]", 12, "`f` `r` `b`"),
        ("[1,48,0,1 Xy]", 11, "Mpy,x[,sy,sx]"),
        ("[1,48,0,1 Do1.0]", 13, "a probability from 0 to below 1"),
        ("[1,48,0,1 Do0.1,3]", 17, "from 1 to 2"),
        ("[1,48,0,1 S1(1x0)3,3]", 18, "exactly one of the two to be 1"),
        ("[1,48,0,1 S1(0x0)1,3]", 16, "one of the two sizes above 0"),
        ("[1,48,0,1 O0c5]", 13, "`O1c`"),
        ("[1,48,0,1 O0f5]", 13, "`O1f`"),
        ("[1,48,0,1 O1c5 Do]", 16, "`]`"),
        ("[1,48,0,1 Lbx100", 17, "O(0|1)(s|l|c|f)<n>"),
        ("[1,48,0,1] Lbx100", 12, "the end of the string"),
        ("[1,48,0,1 Lbx" + "9" * 5000 + "]", 14, "from 1 to"),
        ("[1,48,0,1 Lbx{a-b}3]", 14, "a name in braces"),
        ("[1,48,0,1 ()]", 11, "(Lfx32 Lrx32)"),
        ("[1,48,0,1 [ ] O1c5]", 11, "I for the identity"),
        ("[1,48,0,1 (Lfx3 Lrx3]", 21, "(branch branch …)"),
        ("[1,48,0,1 (Lfx3 [Lrx3)]", 22, "[layer layer …]"),
        ("[1,48,0,1 (Lfx3 O1c5)]", 17, "A3,<chunk>"),
        ("[1,48,0,1 Lfx3)]", 15, "(branch branch …)"),
        ("[1,48,0,1 A4,2]", 12, "from 3 to 3"),
        ("[1,48,0,1 A3]", 13, "the channels of a chunk"),
        ("[1,48,0,1 At]", 13, "hidden units"),
        ("[1,48,0,1 " + "(" * 5000, 27, "at most 16"),
        ("[1,48,0,1 " + "[(" * 5000, 27, "at most 16"),
    ],
)
def test_an_error_has_the_column_and_what_is_accepted(text: str, column: int, expected: str):
    with pytest.raises(VgslError) as caught:
        parse(text)
    assert caught.value.column == column
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    "layer",
    ["LS32", "LE32", "L2xy32", "Lfxc32", "CTr3,3,8,2,2", "Clr3,3,8", "O2l3", "O1ca5", "A1,2", "A{a}2,4",
     "W0.5,2,3,1", "S2,2", "S0(1x4)0,3", "S3(3x0)0,3", "RxLfx3", "TxyLfx3"],
)  # fmt: skip
def test_what_the_manuals_know_and_we_do_not_build_is_said_so(layer: str):
    with pytest.raises(VgslError, match="known, but not supported") as caught:
        parse(f"[1,48,0,1 Cr3,3,8 {layer} O1c5]")
    assert caught.value.column == 19
    assert caught.value.hint


def test_a_fragment_has_no_output():
    assert parse_fragment("") == ()
    assert parse_fragment(" Cr3,3,8  Mp2,2 ") == parse("[1,8,8,1 Cr3,3,8 Mp2,2]").layers
    with pytest.raises(VgslError) as caught:
        parse_fragment("Cr3,3,8 O1c5")
    assert caught.value.column == 9


sizes = st.integers(1, 999)
pairs = st.tuples(sizes, sizes)
activations = st.sampled_from(["sigmoid", "tanh", "relu", "linear", "softmax"])
whole_or_part = st.integers(0, 9)
probabilities = st.floats(0, 1, exclude_max=True, allow_subnormal=True)
splits = st.sampled_from(
    [(d, e, f) for d in (1, 2, 3) for e in (1, 2, 3) for f in (1, 2, 3) if (e == d) != (f == d)]
)
single_layers = st.one_of(
    st.builds(Convolution, activations, pairs, sizes, pairs, pairs),
    st.builds(Pooling, st.sampled_from(["max", "average"]), st.tuples(whole_or_part, whole_or_part), pairs),
    st.builds(BatchNorm, activations),
    st.builds(GroupNorm, sizes),
    st.builds(Dropout, probabilities, st.sampled_from(["plain", "locked", "channel"])),
    st.builds(
        lambda split, high, low: Reshape(split[0], high, low, *split[1:]), splits, st.integers(0, 99), sizes
    ),
    st.builds(
        Recurrence,
        st.sampled_from(list(CELLS)),
        st.sampled_from(["forward", "reverse", "both"]),
        st.sampled_from(["x", "y"]),
        sizes,
        st.booleans(),
    ),
    st.builds(Dense, activations, sizes),
    st.builds(AttentionPooling, sizes),
    st.builds(Addition, sizes),
)
layers = st.recursive(
    single_layers,
    lambda inner: st.builds(
        Parallel,
        st.lists(st.lists(inner, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple),
    ),
    max_leaves=8,
)
outputs = st.one_of(
    st.builds(Output, st.just(1), st.sampled_from(["softmax", "linear", "ctc"]), st.integers(0, 999)),
    st.builds(Output, st.just(0), st.sampled_from(["softmax", "linear"]), st.integers(0, 999)),
)
open_sizes = st.none() | sizes
architectures = st.builds(
    lambda source, middle, end: Architecture(source, (*middle, *end)),
    st.builds(Input, open_sizes, open_sizes, sizes, st.integers(0, 9)),
    st.lists(layers, max_size=8),
    st.lists(outputs, max_size=1),
)


@quiet
@given(architectures)
def test_every_architecture_is_read_back_as_it_was(architecture: Architecture):
    text = render(architecture)
    assert parse(text) == architecture
    assert parse(text.replace(" ", "")) == architecture
    assert render(parse(text)) == text


grammar_like = st.text("[](){}0123456789,. CMAptBnGDolSLRFOxyfrbstlmcI\n", max_size=40)
near_misses = st.builds(
    lambda text, at, cut, insert: text[: at % len(text)] + insert + text[at % len(text) + cut :],
    st.sampled_from(MANUALS),
    st.integers(0, 200),
    st.integers(0, 4),
    st.text("[](){}019,. CMApBnGDolSLRFOxyfrbstlmc", max_size=3) | st.text(max_size=2),
)


@quiet
@given(st.one_of(st.text(max_size=30), grammar_like, grammar_like.map("[1,48,0,1 ".__add__), near_misses))
def test_any_string_is_an_architecture_or_a_vgsl_error(text: str):
    for read in (parse, parse_fragment):
        try:
            read(text)
        except VgslError as error:
            assert 1 <= error.column <= len(text) + 1
            assert error.text.count("\n") == 0
