"""A text as rows and windows: states can be carried on, and evaluation counts every symbol once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import DataError
from tidegate.tasks.language.split import READ_AT_ONCE, WARM_UP, TextStream

STREAMS = st.builds(
    TextStream,
    st.integers(2, 900).map(np.arange),
    window=st.integers(1, 40),
    vary=st.booleans(),
)


@settings(deadline=None, max_examples=150)
@given(STREAMS, st.integers(1, 9), st.integers(0, 5), st.integers(0, 4))
def test_rows_are_read_on_from_window_to_window(stream: TextStream, rows: int, seed: int, epoch: int) -> None:
    windows = [stream.batch(entry) for entry in stream.plan(rows, seed, epoch)]
    for window in windows:
        assert torch.equal(window.targets, window.symbols + 1)
        assert window.samples == window.symbols.numel() > 0
    for before, after in itertools.pairwise(windows):
        assert torch.equal(after.symbols[:, 0], before.targets[:, -1])
    every = torch.cat([window.symbols for window in windows], dim=1)
    assert every.shape[0] <= rows and len(every.unique()) == every.numel()
    # Little is left out: what does not divide evenly, and up to a window at the ends.
    assert every.numel() >= len(stream) - stream.window - rows


@settings(deadline=None, max_examples=80)
@given(STREAMS, st.integers(1, 9), st.integers(0, 5))
def test_epochs_have_the_same_number_of_windows(stream: TextStream, rows: int, seed: int) -> None:
    plans = [stream.plan(rows, seed, epoch) for epoch in range(6)]
    assert len({len(plan) for plan in plans}) == 1
    assert plans[3] == stream.plan(rows, seed, 3)
    sizes = [end - start for plan in plans for *_, start, end in plan]
    if not stream.vary and len(plans[0]) > 1:
        assert max(sizes) - min(sizes) <= 1
    assert max(sizes) < 2 * stream.window + stream.window // 2 + 2


def test_epochs_begin_elsewhere_and_ends_move_if_asked() -> None:
    still, moving = (TextStream(np.arange(4000), window=20, vary=vary) for vary in (False, True))
    assert len({still.plan(4, 0, epoch)[0][2] for epoch in range(8)}) > 3
    assert len({end - start for *_, start, end in still.plan(4, 0, 0)}) <= 2
    lengths = [end - start for *_, start, end in moving.plan(4, 0, 0)]
    assert len(set(lengths)) > 4 and 10 <= min(lengths) < max(lengths) <= 31
    assert moving.plan(4, 0, 0) != moving.plan(4, 0, 1)
    assert moving.plan(4, 0, 0) != moving.plan(4, 1, 0)


@pytest.mark.parametrize("length", [2, 3, READ_AT_ONCE, READ_AT_ONCE + 1, READ_AT_ONCE + 2, 5000])
def test_one_stream_reads_all_of_it_once(length: int) -> None:
    windows = list(TextStream(np.arange(length), window=8).windows())
    assert torch.equal(torch.cat([one.symbols for one in windows], dim=1)[0], torch.arange(length - 1))
    assert torch.equal(torch.cat([one.targets for one in windows], dim=1)[0], torch.arange(1, length))
    assert all(one.counted == 0 for one in windows)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 5), st.integers(0, 9000))
def test_several_streams_count_every_symbol_once(streams: int, more: int) -> None:
    length = 2 * streams * WARM_UP + 1 + more
    stream = TextStream(np.arange(length), window=8, streams=streams)
    windows = list(stream.windows())
    counted = torch.cat([one.targets[:, one.counted :].flatten() for one in windows])
    assert torch.equal(counted.sort().values, torch.arange(1, length))
    parallel = [one for one in windows if len(one.symbols) == streams]
    assert parallel and sum(one.symbols.shape[1] for one in parallel) < length
    for before, after in itertools.pairwise(parallel):
        assert torch.equal(after.symbols[:, 0], before.targets[:, -1])
    warm = sum(one.counted for one in parallel)
    assert warm == WARM_UP


def test_a_text_too_short_for_streams_is_read_in_one() -> None:
    windows = list(TextStream(np.arange(4 * WARM_UP), window=8, streams=2).windows())
    assert {len(one.symbols) for one in windows} == {1}


@pytest.mark.parametrize("length", [0, 1])
def test_nothing_to_predict(length: int) -> None:
    with pytest.raises(DataError, match="too short") as caught:
        TextStream(np.arange(length), window=8)
    assert f"got:      {length}" in str(caught.value)
