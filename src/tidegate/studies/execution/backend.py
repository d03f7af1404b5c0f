"""Where runs go: joblib hands them out, on this machine or over a Ray cluster.

A task of joblib starts the process of one run, waits for it and writes down how it ended. So a run has threads of its own
number, and one that crashes or is killed for its memory takes no other with it; joblib's own worker processes would be
gone all together. Everything between the study and its runs goes through files of the study's folder, which every node
of a cluster must see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.errors import ConfigError
from tidegate.studies.execution.executor import run_one
from tidegate.studies.execution.job import Job
from tidegate.studies.execution.ray_cluster import connected, places, run_on_cluster
from tidegate.studies.execution.starting import Start, start_anew

__all__ = ["LOCAL", "Backend", "Job"]

_NAMES = ("local", "ray")


@dataclass(frozen=True)
class Backend:
    """This machine, or a Ray cluster.

    Args:
        name: ``local`` or ``ray``.
        address: Of the cluster; ``None``: the one that runs on this machine, or the variable RAY_ADDRESS.

    Raises:
        ConfigError: There is no such backend.

    >>> Backend().workers(threads=1) is None
    True
    """

    name: str = "local"
    address: str | None = None

    def __post_init__(self) -> None:
        if self.name not in _NAMES or (self.address and self.name != "ray"):
            raise ConfigError(
                "only Ray has an address" if self.name in _NAMES else "there is no such backend",
                where="--engine",
                expected="local, or ray with --address",
                got=f"{self.name}, address {self.address}",
            )

    def workers(self, threads: int) -> int | None:
        """How many runs the cluster takes at a time; ``None`` for this machine, which is divided otherwise.

        Raises:
            ConfigError: The cluster does not answer, or has no node with so many cores.
            MissingExtraError: Ray is not installed.
        """
        return None if self.name == "local" else places(self.address, threads)

    def connect(self) -> None:
        """Reach the cluster from the main thread, where Ray may set its signal handlers; nothing on this machine."""
        if self.name == "ray":
            connected(self.address)

    def run(self, jobs: Sequence[Job], workers: int, threads: int, start: Start = start_anew) -> None:
        """Make all runs; their outcomes are files. Returns when the last one has ended.

        Args:
            jobs: In order.
            workers: Runs at the same time.
            threads: Of each.
            start: How processes are started on this machine.

        Raises:
            OutputError: A result cannot be written, or a node does not see the study's folder.
            ConfigError: The cluster cannot run them.
            TrainingError: Nodes of the cluster were lost.
        """
        if self.name == "ray":
            run_on_cluster(jobs, workers, threads, self.address)
            return
        from joblib import Parallel, delayed

        made = Parallel(n_jobs=workers, backend="threading", pre_dispatch="n_jobs")
        for error in made(delayed(run_one)(job, start) for job in jobs):
            if error is not None:
                raise error


LOCAL = Backend()
