"""Several processes that train one network: how they find each other, agree, and end together.

The processes are started here, ``python -m tidegate.training.distributed.worker RUN`` each, or by a launcher such as
torchrun that starts the whole command several times and says so in the environment. Lightning Fabric connects them
(DDP: Li et al. 2020). The process of rank 0 validates and writes; the others learn their part, and what decides is told
to them.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import torch
import torch.distributed as dist
from lightning_fabric import Fabric
from torch import Tensor

from tidegate.config.tables import TrainSpec
from tidegate.errors import ConfigError, TrainingError
from tidegate.training.device import make_fabric
from tidegate.training.distributed.launcher import await_ready, end, free_port, restore, start
from tidegate.training.distributed.rank import Rank
from tidegate.training.distributed.sharding import Shard

Value = TypeVar("Value")
_PATIENCE = 10.0
# What Fabric and torch leave in the environment; whoever starts processes after a run is to know nothing of it.
_LEFT_BEHIND = ("MASTER_ADDR", "MASTER_PORT", "OMP_NUM_THREADS")


@dataclass
class ProcessGroup:
    """The processes of one run, seen from one of them. Alone, every method gives back what it was given.

    As a context it ends what it joined: an error here ends the others too.
    """

    rank: Rank
    fabric: Fabric
    started: Sequence[subprocess.Popen[bytes]] = ()
    before: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])

    @property
    def shard(self) -> Shard:
        """Its part of every batch."""
        return Shard(self.rank.global_rank, self.rank.world_size)

    @property
    def alone(self) -> bool:
        """Whether there is no other process."""
        return self.rank.world_size == 1

    @property
    def leads(self) -> bool:
        """Whether this is the process that validates and writes."""
        return self.rank.global_rank == 0

    def all_reduce(self, values: Sequence[float]) -> list[float]:
        """Sums over the processes, the same to the last bit in all."""
        if self.alone:
            return list(values)
        summed = torch.tensor(values, dtype=torch.float64, device=self.fabric.device)
        dist.all_reduce(summed)
        return summed.tolist()

    def broadcast(self, value: Value) -> Value:
        """What the leading process has."""
        return value if self.alone else self.fabric.broadcast(value)

    def all_gather(self, tensors: Mapping[str, Tensor]) -> list[Mapping[str, Tensor]]:
        """What each process has, in the order of ranks."""
        if self.alone:
            return [tensors]
        found: list[Mapping[str, Tensor]] = [{}] * self.rank.world_size
        dist.all_gather_object(found, tensors)
        return found

    def __enter__(self) -> ProcessGroup:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.alone:
            return
        lost = (
            self._lost() if isinstance(error, RuntimeError) and not isinstance(error, TrainingError) else []
        )
        if kind is None:
            # One that is torn down while its peer still talks to it may wait for ever in its destructor.
            with suppress(RuntimeError):
                dist.barrier()
        end(self.started, patience=_PATIENCE if kind is None else 0)
        with suppress(RuntimeError):  # Another process may have left already.
            dist.destroy_process_group()
        restore(self.before)
        if lost:
            raise TrainingError(
                "another process of this run has ended",
                where=", ".join(f"process {rank}" for rank in lost),
                got=str(error).splitlines()[0],
                hint="its error stands above; tidegate train --resume goes on from the last checkpoint",
            ) from error

    def _lost(self) -> list[int]:
        """Ranks of started processes that are gone; a connection breaks a moment before its process can be seen dead."""
        until = time.monotonic() + 2
        while self.started and time.monotonic() < until:
            lost = [rank for rank, process in enumerate(self.started, start=1) if process.poll() is not None]
            if lost:
                return lost
            time.sleep(0.05)
        return []


def single_process(spec: TrainSpec) -> ProcessGroup:
    """A single process."""
    return ProcessGroup(Rank(), make_fabric(spec))


def join(spec: TrainSpec, run: Path, rank: Rank | None, *, module: str, resume: bool) -> ProcessGroup:
    """Connect this process with the others, which it starts where no launcher did.

    Args:
        spec: How many, and where they compute.
        run: The folder, which holds config.toml and split.json already: the others read them.
        rank: What a launcher made of this process.
        module: Where the task is from: a started process imports it, so that it is registered there too.
        resume: Whether all go on from the last checkpoint.

    Raises:
        TrainingError: One of them ends before it is ready.
        ConfigError: There are too few devices, or the task is not in a module that can be imported.
    """
    modules = [] if module.startswith("tidegate.") else [module]
    if module == "__main__" and rank is None:
        raise ConfigError(
            "the other processes cannot import this task",
            where="train.processes",
            expected="a task that is registered in a module of its own",
            got="one that is registered in the script itself",
            hint="move it to a file beside the script and import that",
        )
    before = {name: os.environ.get(name) for name in _LEFT_BEHIND}
    started: list[subprocess.Popen[bytes]] = []
    try:
        if rank is None:
            rank = Rank(0, spec.processes, 0, spec.processes, "127.0.0.1", free_port())
            started.extend(start(run, rank, number, modules, resume) for number in range(1, rank.world_size))
            await_ready(started)
        fabric = make_fabric(spec, rank)
        fabric.launch()
    except BaseException:
        end(started, patience=0)
        restore(before)
        raise
    return ProcessGroup(rank, fabric, started, before)
