"""Which of the processes of a run this one is, and what Fabric asks about that."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from lightning_fabric.plugins.environments import ClusterEnvironment

from tidegate.config.tables import TrainSpec
from tidegate.errors import ConfigError


@dataclass(frozen=True)
class Rank:
    """Which of the processes of a run this one is.

    Attributes:
        global_rank: From 0, over all machines.
        world_size: Processes in all.
        local_rank: From 0, on this machine.
        local_world_size: Processes on this machine.
        address: Of the machine of rank 0.
        port: Where it listens.
    """

    global_rank: int = 0
    world_size: int = 1
    local_rank: int = 0
    local_world_size: int = 1
    address: str = ""
    port: int = 0


class RankEnvironment(ClusterEnvironment):
    """What Fabric asks about processes that were started already."""

    def __init__(self, rank: Rank) -> None:
        super().__init__()
        self._rank = rank

    @property
    def creates_processes_externally(self) -> bool:
        """Always: Fabric is not to start the command again."""
        return True

    @property
    def main_address(self) -> str:
        """Of rank 0."""
        return self._rank.address

    @property
    def main_port(self) -> int:
        """Of rank 0."""
        return self._rank.port

    @staticmethod
    def detect() -> bool:
        """Never: it is always given."""
        return False

    def world_size(self) -> int:
        """Processes in all."""
        return self._rank.world_size

    def set_world_size(self, size: int) -> None:
        """It is settled."""

    def global_rank(self) -> int:
        """Over all machines."""
        return self._rank.global_rank

    def set_global_rank(self, rank: int) -> None:
        """It is settled."""

    def local_rank(self) -> int:
        """On this machine."""
        return self._rank.local_rank

    def node_rank(self) -> int:
        """Which machine."""
        return self._rank.global_rank // self._rank.local_world_size


def rank_here(processes: int, environment: Mapping[str, str] | None = None) -> Rank | None:
    """Which process of a launcher's this one is; ``None`` where no launcher started it.

    Args:
        processes: ``train.processes``.
        environment: As torchrun leaves it: ``RANK`` (or ``NODE_RANK``), ``LOCAL_RANK``, ``WORLD_SIZE``,
            ``LOCAL_WORLD_SIZE``, ``MASTER_ADDR``, ``MASTER_PORT``.

    Raises:
        ConfigError: The launcher started another number of processes, or says too little.

    >>> rank_here(1, {}) is None
    True
    >>> given = {"LOCAL_RANK": "1", "NODE_RANK": "1", "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2"}
    >>> rank_here(4, given | {"MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "29500"}).global_rank
    3
    """
    given = os.environ if environment is None else environment
    if "LOCAL_RANK" not in given or "WORLD_SIZE" not in given:
        return None
    try:
        size, local = int(given["WORLD_SIZE"]), int(given["LOCAL_RANK"])
        beside = int(given.get("LOCAL_WORLD_SIZE", size))
        node = int(given.get("NODE_RANK", given.get("GROUP_RANK", "0")))
        number = int(given.get("RANK", node * beside + local))
        rank = Rank(number, size, local, beside, given["MASTER_ADDR"], int(given["MASTER_PORT"]))
    except (KeyError, ValueError) as error:
        raise ConfigError(
            "the launcher of this process says too little, or what cannot be read",
            where="the environment",
            expected="numbers in RANK, LOCAL_RANK, WORLD_SIZE, LOCAL_WORLD_SIZE and MASTER_PORT, and MASTER_ADDR",
            got=str(error),
            hint="start the command by torchrun, or without a launcher and with --processes N",
        ) from error
    if size != processes:
        raise ConfigError(
            "the launcher started another number of processes than the configuration says",
            where="train.processes",
            expected=f"{size}, as WORLD_SIZE says",
            got=str(processes),
            hint=f"add --processes {size}, or start the command without a launcher",
        )
    return rank


def leads_here(processes: int) -> bool:
    """Whether this process is the one that validates and writes.

    Raises:
        ConfigError: As ``rank_here``.

    >>> leads_here(1)
    True
    """
    rank = rank_here(processes)
    return rank is None or rank.global_rank == 0


def threads_of(spec: TrainSpec, rank: Rank | None = None) -> int:
    """CPU threads of a process: as the specification says, else its share of the cores.

    >>> threads_of(TrainSpec(threads=3))
    3
    """
    beside = rank.local_world_size if rank else spec.processes
    return spec.threads or max(1, (os.cpu_count() or 1) // beside)
