"""Which of the processes of a run this one is, and what Fabric asks about that."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from lightning_fabric.plugins.environments import ClusterEnvironment

from tidegate.config.run import TrainSpec
from tidegate.errors import ConfigError


@dataclass(frozen=True)
class Seat:
    """Which of the processes of a run this one is.

    Attributes:
        rank: From 0, over all machines.
        size: Processes in all.
        local_rank: From 0, on this machine.
        local_size: Processes on this machine.
        address: Of the machine of rank 0.
        port: Where it listens.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1
    address: str = ""
    port: int = 0


class Seated(ClusterEnvironment):
    """What Fabric asks about processes that were started already."""

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self._seat = seat

    @property
    def creates_processes_externally(self) -> bool:
        """Always: Fabric is not to start the command again."""
        return True

    @property
    def main_address(self) -> str:
        """Of rank 0."""
        return self._seat.address

    @property
    def main_port(self) -> int:
        """Of rank 0."""
        return self._seat.port

    @staticmethod
    def detect() -> bool:
        """Never: it is always given."""
        return False

    def world_size(self) -> int:
        """Processes in all."""
        return self._seat.size

    def set_world_size(self, size: int) -> None:
        """It is settled."""

    def global_rank(self) -> int:
        """Over all machines."""
        return self._seat.rank

    def set_global_rank(self, rank: int) -> None:
        """It is settled."""

    def local_rank(self) -> int:
        """On this machine."""
        return self._seat.local_rank

    def node_rank(self) -> int:
        """Which machine."""
        return self._seat.rank // self._seat.local_size


def seat_here(processes: int, environment: Mapping[str, str] | None = None) -> Seat | None:
    """Which process of a launcher's this one is; ``None`` where no launcher started it.

    Args:
        processes: ``train.processes``.
        environment: As torchrun leaves it: ``RANK`` (or ``NODE_RANK``), ``LOCAL_RANK``, ``WORLD_SIZE``,
            ``LOCAL_WORLD_SIZE``, ``MASTER_ADDR``, ``MASTER_PORT``.

    Raises:
        ConfigError: The launcher started another number of processes, or says too little.

    >>> seat_here(1, {}) is None
    True
    >>> told = {"LOCAL_RANK": "1", "NODE_RANK": "1", "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2"}
    >>> seat_here(4, told | {"MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "29500"}).rank
    3
    """
    told = os.environ if environment is None else environment
    if "LOCAL_RANK" not in told or "WORLD_SIZE" not in told:
        return None
    try:
        size, local = int(told["WORLD_SIZE"]), int(told["LOCAL_RANK"])
        beside = int(told.get("LOCAL_WORLD_SIZE", size))
        node = int(told.get("NODE_RANK", told.get("GROUP_RANK", "0")))
        rank = int(told.get("RANK", node * beside + local))
        seat = Seat(rank, size, local, beside, told["MASTER_ADDR"], int(told["MASTER_PORT"]))
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
    return seat


def leads_here(processes: int) -> bool:
    """Whether this process is the one that validates and writes.

    Raises:
        ConfigError: As ``seat_here``.

    >>> leads_here(1)
    True
    """
    seat = seat_here(processes)
    return seat is None or seat.rank == 0


def threads_of(spec: TrainSpec, seat: Seat | None = None) -> int:
    """CPU threads of a process: as the specification says, else its share of the cores.

    >>> threads_of(TrainSpec(threads=3))
    3
    """
    beside = seat.local_size if seat else spec.processes
    return spec.threads or max(1, (os.cpu_count() or 1) // beside)
