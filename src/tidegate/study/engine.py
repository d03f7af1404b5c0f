"""Where runs go: joblib hands them out, on this machine or over a Ray cluster.

A task of joblib starts the process of one run, waits for it and writes down how it ended. So a run has threads of its own
number, and one that crashes or is killed for its memory takes no other with it; joblib's own worker processes would be
gone all together. Everything between the study and its runs goes through files of the study's folder, which every node
of a cluster must see.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tidegate.errors import ConfigError, MissingExtraError, OutputError
from tidegate.spec.files import write_json, write_text
from tidegate.spec.run import RunSpec
from tidegate.study.folder import StudyFolder
from tidegate.study.process import RunProcess
from tidegate.study.watch import RunKey

EngineName = Literal["local", "ray"]
_POLL_SECONDS = 0.1
STOP, KILL = "stop", "kill"


@dataclass(frozen=True)
class Job:
    """One run that is to be made.

    Attributes:
        run: Which one.
        spec: Its whole configuration.
        folder: The study's.
        command: The worker's program and arguments.
    """

    run: RunKey
    spec: RunSpec
    folder: Path
    command: Sequence[str]


@dataclass(frozen=True)
class Engine:
    """This machine, or a Ray cluster.

    Args:
        name: ``local`` or ``ray``.
        address: Of the cluster; ``None``: the one that runs on this machine, or the variable RAY_ADDRESS.

    Raises:
        ConfigError: There is no such engine.
    """

    name: str = "local"
    address: str | None = None

    def __post_init__(self) -> None:
        if self.name not in ("local", "ray") or (self.address and self.name != "ray"):
            raise ConfigError(
                "there is no such engine" if self.name not in ("local", "ray") else "only Ray has an address",
                where="--engine",
                expected="local, or ray with --address",
                came=f"{self.name}, address {self.address}",
            )

    def workers(self, threads: int) -> int | None:
        """How many runs the cluster takes at a time; ``None`` for this machine, which is divided otherwise."""
        if self.name == "local":
            return None
        ray = self._connected()
        return max(1, int(ray.cluster_resources().get("CPU", 1)) // threads)

    def run(self, jobs: Iterable[Job], workers: int, threads: int) -> None:
        """Make all runs; their outcomes are files. Returns when the last one has ended.

        Raises:
            OutputError: A node does not see the study's folder.
        """
        from joblib import Parallel, delayed, parallel_config

        if self.name == "local":
            Parallel(n_jobs=workers, backend="threading", pre_dispatch="n_jobs")(
                delayed(run_job)(job) for job in jobs
            )
            return
        self._connected()
        from ray.util.joblib import register_ray  # pyright: ignore[reportMissingImports]

        register_ray()
        with parallel_config(backend="ray", n_jobs=workers, ray_remote_args={"num_cpus": threads}):
            Parallel(pre_dispatch="n_jobs")(delayed(run_job)(job) for job in jobs)

    def _connected(self) -> Any:
        try:
            import ray  # pyright: ignore[reportMissingImports]
        except ImportError as error:
            raise MissingExtraError(
                "--engine ray needs the package ray",
                came=str(error),
                advice="pip install 'tidegate[cluster]', on every node",
            ) from error
        module: Any = ray
        if not module.is_initialized():
            try:
                module.init(address=self.address or "auto", log_to_driver=False, logging_level="warning")
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise ConfigError(
                    "the Ray cluster does not answer",
                    where="--address",
                    expected="the address that `ray start --head` printed, such as 10.0.0.1:6379",
                    came=f"{self.address or 'auto'}: {error}",
                    advice="start it: ray start --head; on the other nodes: ray start --address=…",
                ) from error
        return module


LOCAL = Engine()


def run_job(job: Job) -> None:
    """Make one run, wherever joblib has put it: start its process, wait, and write down how it ended.

    It ends early when a file asks for it: the study's, or the run's own.

    Raises:
        OutputError: The study's folder is not there.
    """
    folder = StudyFolder(job.folder)
    if not folder.plan.is_file():
        raise OutputError(
            "the study's folder is not there on this node",
            where=f"{socket.gethostname()}: {job.folder}",
            expected="a file system that all nodes share",
            advice="choose an --out that every node sees under the same path",
        )
    if asked(folder.stop):
        return
    process = RunProcess(job.run, job.spec, folder, job.command)
    going = {"resumed": process.resumed, "node": socket.gethostname()}
    write_json(folder.going(job.run), going)
    stopped = False
    while not process.ended:
        time.sleep(_POLL_SECONDS)
        wish = asked(folder.stop) or asked(folder.stop_of(job.run))
        if wish == KILL:
            process.kill()
        elif wish and not stopped:
            process.stop()
            stopped = True
    write_json(folder.ended(job.run), {**process.outcome().to_json(), **going})


def ask_to_stop(path: Path, *, kill: bool = False) -> None:
    """Leave the wish that runs end: after saving and evaluating, or at once."""
    write_text(path, KILL if kill else STOP)


def asked(path: Path) -> str:
    """What a file asks for; nothing where there is none."""
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""
