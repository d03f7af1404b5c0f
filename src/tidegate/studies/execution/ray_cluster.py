"""Runs over the nodes of a Ray cluster, handed out by joblib's Ray backend.

One executor for every place that the cluster has. joblib gives each of Ray's actors one, and they share the runs out
among themselves: of its own, Ray's pool would queue a run behind a busy actor while another one idles.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from tidegate.errors import ConfigError, MissingExtraError, OutputError, TrainingError
from tidegate.files import write_text
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.execution.executor import execute, give_back, stop_requested
from tidegate.studies.execution.job import Job

# So often a study goes on by itself after a node is lost, or one of its processes is killed for memory.
_AGAIN = 3
_REACH_SECONDS = 10.0
_ANSWER_SECONDS = 120.0
_SEEN_SECONDS = 5.0
# What ended just before gives its place free a moment later.
_ROOM_SECONDS = 20.0
_POLL_SECONDS = 0.2


def connected(address: str | None) -> Any:
    """The module ray, connected.

    Args:
        address: Of the cluster; ``None``: the one that runs on this machine, or the variable RAY_ADDRESS.

    Raises:
        MissingExtraError: It is not installed.
        ConfigError: No cluster answers.
    """
    try:
        import ray  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise MissingExtraError(
            "--engine ray needs the package ray",
            got=str(error),
            hint="pip install 'tidegate[cluster]', on every node",
        ) from error
    module: Any = ray
    if not module.is_initialized():
        try:
            _reach(address or os.environ.get("RAY_ADDRESS", ""))
            module.init(address=address or "auto", log_to_driver=False, logging_level="error")
        except (OSError, ValueError, RuntimeError) as error:
            raise ConfigError(
                "the Ray cluster does not answer",
                where="--address",
                expected="the address that `ray start --head` printed, such as 10.0.0.1:6379",
                got=f"{address or 'auto'}: {error}",
                hint="start it: ray start --head; on the other nodes: ray start --address=…",
            ) from error
    return module


def places(address: str | None, threads: int) -> int:
    """How many runs of so many threads the cluster takes at a time; a run does not span nodes.

    Raises:
        ConfigError: No node has so many cores.
    """
    nodes = _nodes(connected(address), threads)
    if not nodes:
        raise ConfigError(
            "no node of the Ray cluster has room for a run",
            where="--threads",
            expected="a node with as many cores as a run has threads",
            got=f"{threads} threads",
            hint="ask for fewer --threads, or start nodes with more --num-cpus",
        )
    return sum(int(node["Resources"]["CPU"]) // threads for node in nodes)


def run_on_cluster(jobs: Sequence[Job], workers: int, threads: int, address: str | None) -> None:
    """Make all runs; their outcomes are files. Returns when the last one has ended.

    When a node is lost, all runs save, and go on over the nodes that are left.

    Raises:
        OutputError: A node does not see the study's folder.
        ConfigError: A node cannot run Tidegate.
        TrainingError: Nodes were lost, again and again.
    """
    ray = connected(address)
    folders = {job.folder for job in jobs}
    for attempt in range(_AGAIN + 1):
        wanted = min(workers, places(address, threads))
        for folder in folders:
            _check(ray, folder, threads)
        at_once = _room(ray, folders, wanted, threads)
        try:
            if at_once:
                _make(ray, jobs, at_once, threads)
            return
        except ray.exceptions.RayError as error:
            if _stopped(folders):
                return
            if attempt == _AGAIN:
                raise TrainingError(
                    "the Ray cluster loses nodes or processes again and again",
                    got=str(error),
                    hint="see `ray status`, and start the study again: it goes on where it was",
                ) from error
        give_back(jobs)


def _room(ray: Any, folders: Collection[Path], wanted: int, threads: int) -> int:
    """How many executors can begin; none where the study is asked to stop before there is room.

    Who waits inside Ray for others to leave cannot be called back, so it is done here. A study begins with fewer
    executors when the cluster stays partly taken.
    """
    begun = time.monotonic()
    while not _stopped(folders):
        free = min(wanted, int(ray.available_resources().get("CPU", 0)) // threads)
        if free == wanted or (free and time.monotonic() - begun > _ROOM_SECONDS):
            return free
        time.sleep(_POLL_SECONDS)
    return 0


def _stopped(folders: Collection[Path]) -> bool:
    return any(stop_requested(StudyFolder(folder).stop) for folder in folders)


def _make(ray: Any, jobs: Sequence[Job], workers: int, threads: int) -> None:
    """One executor a worker, until nothing is left to do."""
    if workers == 1:
        # joblib makes a single job where it is called, and that is not on the cluster.
        told: Any = [ray.get(ray.remote(num_cpus=threads, max_retries=0)(execute).remote(jobs))]
    else:
        from joblib import Parallel, delayed, parallel_config
        from ray.util.joblib import register_ray  # pyright: ignore[reportMissingImports]

        register_ray()
        with parallel_config(backend="ray", n_jobs=workers, ray_remote_args={"num_cpus": threads}):
            # One task a message: joblib would send short ones together.
            told = Parallel(pre_dispatch="all", batch_size=1)(  # pyright: ignore[reportArgumentType]
                delayed(execute)(jobs) for _ in range(workers)
            )
    for error in told:
        if error is not None:
            raise error


def _reach(address: str) -> None:
    """Find a mistyped address in seconds: Ray itself tries it for many minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_REACH_SECONDS).close()


def _nodes(ray: Any, threads: int) -> list[dict[str, Any]]:
    return [node for node in ray.nodes() if node["Alive"] and int(node["Resources"].get("CPU", 0)) >= threads]


def _check(ray: Any, folder: Path, threads: int) -> None:
    """Whether every node sees this very folder, and not another one of the same name on a disk of its own."""
    from ray.util.scheduling_strategies import (  # pyright: ignore[reportMissingImports]
        NodeAffinitySchedulingStrategy,
    )

    token = folder / f".seen-{uuid4().hex}"
    write_text(token, "")
    try:
        look = ray.remote(num_cpus=0)(_seen)
        answers: list[tuple[str, Any]] = []
        for node in _nodes(ray, threads):
            there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            answer = look.options(scheduling_strategy=there).remote(str(token))
            answers.append((node["NodeManagerHostname"], answer))
        blind = [name for name, seen in answers if not ray.get(seen, timeout=_ANSWER_SECONDS)]
    except ray.exceptions.RayError as error:
        raise ConfigError(
            "a node of the Ray cluster cannot run Tidegate",
            where="--engine ray",
            got=str(error),
            hint="install the same version of tidegate[cluster] on every node, and start its Ray from there",
        ) from error
    finally:
        token.unlink(missing_ok=True)
    if blind:
        raise OutputError(
            "the study's folder is not there on all nodes",
            where=f"{', '.join(blind)}: {folder}",
            expected="a file system that all nodes share",
            hint="choose an --out that every node sees under the same path",
        )


def _seen(token: str) -> bool:
    # A network file system may show a new file a moment late; listing its folder asks the server.
    path = Path(token)
    end = time.monotonic() + _SEEN_SECONDS
    while time.monotonic() < end:
        if path.parent.is_dir() and path.name in os.listdir(path.parent):  # noqa: PTH208 - names are all that is needed
            return True
        time.sleep(_POLL_SECONDS)
    return False
