"""Who reads which part of a batch, and how a process learns which one it is."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
import torch

from tidegate.config.tables import TrainSpec
from tidegate.errors import ConfigError
from tidegate.tasks.language.split import TextStream
from tidegate.training.distributed.process_group import single_process
from tidegate.training.distributed.rank import rank_here, threads_of
from tidegate.training.distributed.sharding import Shard, weight_of


class Dealt:
    """A split whose plan lists seeds and no samples."""

    def __len__(self) -> int:
        return 8

    def batch(self, indices: list[int]) -> Any:
        return None


def test_a_plan_of_something_else_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot be divided"):
        Shard(0, 2).check(Dealt(), [[7, 0, 0, 4], [7, 0, 1, 4]])  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_rows_of_a_text_are_read_once(size: int) -> None:
    stream = TextStream(np.arange(200), window=8)
    for entry in stream.plan(batch_size=4, seed=1, epoch=2):
        parts = [Shard(rank, size).of(stream, entry) for rank in range(size)]
        windows = [stream.batch(part) for part in parts if part]
        whole = stream.batch(entry)
        assert torch.equal(torch.cat([one.symbols for one in windows]), whole.symbols)
        assert sum(map(weight_of, windows)) == weight_of(whole)


def test_a_rank_is_read_from_the_environment() -> None:
    told = {
        "RANK": "3",
        "LOCAL_RANK": "1",
        "WORLD_SIZE": "4",
        "LOCAL_WORLD_SIZE": "2",
        "MASTER_ADDR": "a",
        "MASTER_PORT": "1",
    }
    rank = rank_here(4, told)
    assert rank is not None and (rank.global_rank, rank.local_rank, rank.local_world_size) == (3, 1, 2)
    assert threads_of(TrainSpec(processes=4), rank) == max(1, (os.cpu_count() or 1) // 2)
    with pytest.raises(ConfigError, match="another number of processes"):
        rank_here(2, told)
    with pytest.raises(ConfigError, match="too little"):
        rank_here(4, {name: value for name, value in told.items() if name != "MASTER_PORT"})


def test_alone_everything_is_as_it_was() -> None:
    group = single_process(TrainSpec(device="cpu"))
    assert group.all_reduce([1.5, 2.0]) == [1.5, 2.0] and group.broadcast("a") == "a" and group.leads
    assert group.shard.of(Dealt(), [3, 1]) == [3, 1]  # pyright: ignore[reportArgumentType]
