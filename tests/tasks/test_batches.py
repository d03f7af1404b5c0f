"""Batches: what goes together, how it is padded, and preparing it ahead."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tidegate.tasks.batches import plan_epoch, plan_evaluation, prefetch
from tidegate.tasks.images.batch import collate

LENGTHS = np.random.default_rng(0).integers(10, 2000, 3000)


@given(
    st.lists(st.integers(1, 500), max_size=80), st.integers(1, 9), st.integers(0, 2**40), st.integers(0, 99)
)
def test_every_plan_has_every_sample_once(lengths: list[int], size: int, seed: int, epoch: int):
    for plan in (
        plan_epoch(lengths, size, seed, epoch),
        plan_epoch(lengths, size, seed, epoch, max_columns=600),
        plan_evaluation(lengths, size),
    ):
        assert sorted(index for batch in plan for index in batch) == list(range(len(lengths)))
        single_joins = int(size > 1)  # a single sample that is left over joins another batch
        assert all(1 <= len(batch) <= size + single_joins for batch in plan)
    left_over = size > 1 and len(lengths) > size and len(lengths) % size == 1
    assert len(plan_epoch(lengths, size, seed, epoch)) == -(-len(lengths) // size) - left_over
    for batch in plan_epoch(lengths, size, seed, epoch, max_columns=600):
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= 600


@pytest.mark.parametrize("count", [9, 17, 8 * 50 + 1, 8 * 50 + 9])
def test_no_batch_of_training_holds_a_single_sample(count: int):
    sizes = [len(batch) for batch in plan_epoch(range(1, count + 1), 8, seed=0, epoch=0)]
    assert sum(sizes) == count and set(sizes) <= {8, 9} and sizes.count(9) == 1
    assert plan_epoch([5], 8, seed=0, epoch=0) == [[0]]
    assert sorted(plan_epoch([5, 6], 1, seed=0, epoch=0)) == [[0], [1]]


def test_a_plan_is_a_pure_function_of_its_arguments():
    plan = plan_epoch(LENGTHS, 16, seed=3, epoch=5)
    np.random.seed(0)
    assert plan == plan_epoch(LENGTHS.tolist(), 16, seed=3, epoch=5)
    assert plan != plan_epoch(LENGTHS, 16, seed=3, epoch=6)
    assert plan != plan_epoch(LENGTHS, 16, seed=4, epoch=5)
    # Written down, since a run resumed with another version of numpy must go on in the same order.
    assert plan_epoch(range(1, 13), 4, seed=0, epoch=0) == [[4, 5, 6, 7], [8, 9, 10, 11], [0, 1, 2, 3]]


def test_like_lengths_share_a_batch_and_order_is_random():
    plan = plan_epoch(LENGTHS, 16, seed=0, epoch=0)
    padded = sum(len(batch) * LENGTHS[batch].max() for batch in plan)
    assert LENGTHS.sum() / padded > 0.95
    means = np.array([LENGTHS[batch].mean() for batch in plan])
    assert abs(np.corrcoef(means[:-1], means[1:])[0, 1]) < 0.25
    together = [set(batch) for batch in plan_epoch(LENGTHS, 16, seed=0, epoch=1)]
    same = sum(max(len(set(batch) & other) for other in together) > 8 for batch in plan)
    assert same < len(plan) / 10


def test_equal_lengths_are_shuffled():
    first = plan_epoch([28] * 100, 10, seed=0, epoch=0)
    assert first != plan_epoch([28] * 100, 10, seed=0, epoch=1)
    assert sorted(first[0]) != list(range(10))


def test_collate():
    chance = np.random.default_rng(0)
    images = [chance.integers(0, 256, (3, 4, columns)).astype(np.uint8) for columns in (5, 1, 7)]
    batch = collate(images, [8, 2, 4])
    assert (batch.images.shape, batch.images.dtype) == ((3, 3, 4, 7), torch.float32)
    assert (batch.lengths.tolist(), batch.indices, len(batch)) == ([5, 1, 7], [8, 2, 4], 3)
    for place, image in zip(batch.images, images, strict=True):
        np.testing.assert_allclose(place[:, :, : image.shape[2]], image / 255, atol=1e-7)
        assert not place[:, :, image.shape[2] :].any()
    assert float(collate([np.full((1, 1, 1), 255, np.uint8)]).images) == 1.0


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_prefetch_hands_on_everything_in_order(depth: int):
    assert list(prefetch(range(50), depth)) == list(range(50))
    assert list(prefetch([], depth)) == []


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_prefetch_raises_where_items_are_taken(depth: int):
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("disk gone")

    taken: list[int] = []
    with pytest.raises(OSError, match="disk gone"):
        for item in prefetch(items(), depth):
            taken.append(item)
    assert taken == [1, 2]


def test_prefetch_stops_when_closed_early():
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10**6):
            made.append(number)
            yield number

    stream = prefetch(items(), depth=2)
    assert next(stream) == 0
    stream.close()
    count = len(made)
    time.sleep(0.02)
    assert len(made) == count <= 5
    assert not [one for one in threading.enumerate() if one.name.startswith("prefetch")]


def test_prefetch_works_ahead():
    ahead = threading.Event()

    def items() -> Iterator[int]:
        yield 0
        ahead.set()
        yield 1

    stream = prefetch(items(), depth=1)
    assert next(stream) == 0
    assert ahead.wait(200)
    assert list(stream) == [1]
