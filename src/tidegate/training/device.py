"""Where a run computes, in how many processes, and how exactly."""

from __future__ import annotations

import logging
from datetime import timedelta

from lightning_fabric import Fabric
from lightning_fabric.strategies import DDPStrategy, Strategy

from tidegate.config.tables import TrainSpec
from tidegate.errors import ConfigError
from tidegate.training.distributed.rank import Rank, RankEnvironment

# The others wait while one validates, however long that takes; a process that dies is noticed at once all the same.
_WAIT = timedelta(hours=12)


def make_fabric(spec: TrainSpec, rank: Rank | None = None) -> Fabric:
    """One device at one precision; or one of several, each with a process.

    Args:
        spec: The device and the precision.
        rank: This process among others. Fabric's ``launch`` then waits for them.

    Raises:
        ConfigError: The machine has no such device, or too few, or the device has no such precision.

    >>> make_fabric(TrainSpec(device="cpu")).device
    device(type='cpu')
    """
    # It tells every start which precision it was asked for, in the middle of our own display.
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    rank = rank or Rank()
    together: Strategy | str = "auto"
    if rank.world_size > 1:
        # A batch may use a part of the weights only, such as some clusters of a softmax.
        together = DDPStrategy(
            cluster_environment=RankEnvironment(rank), timeout=_WAIT, find_unused_parameters=True
        )
    try:
        return Fabric(
            accelerator=spec.device,
            devices=rank.local_world_size,
            num_nodes=rank.world_size // rank.local_world_size,
            strategy=together,
            precision=spec.precision,
        )
    except (ValueError, RuntimeError) as error:
        raise ConfigError(
            "the device cannot be used",
            where="train.device",
            expected="cpu, cuda, mps or auto; only what this machine has, one for each process",
            got=f"{spec.device}, with train.precision = {spec.precision}: {error}",
            hint="leave --device out: auto takes the best there is; or give --device cpu",
        ) from error
