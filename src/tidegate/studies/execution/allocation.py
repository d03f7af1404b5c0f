"""How the machine is divided among runs: measured once for a study, and kept for the whole of it.

Two runs of one thread, or one of two? It depends on the network and the machine, so a short probe tries: budgets in
seconds stay fair only if no run ever gets another share.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from joblib import cpu_count

from tidegate.config.run import RunSpec
from tidegate.errors import TrainingError
from tidegate.files import write_text
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.execution.backend import Backend
from tidegate.studies.execution.resources import Share, fitting, share
from tidegate.studies.execution.worker_client import call_worker

SECONDS = 6.0
# More runs at a time win where it makes no difference: they need fewer barriers.
_TIE = 0.97
_RUNS_A_CORE = 4
_SHORT_SECONDS = 600.0


def allocate(
    spec: RunSpec, runs: int, folder: StudyFolder, workers: int | None, threads: int | None, backend: Backend
) -> Share:
    """Runs at a time and threads of each.

    Args:
        spec: Of a run, to measure with.
        runs: That are to come.
        folder: Where the allocation is kept.
        workers: As asked.
        threads: As asked.
        backend: A cluster is divided by its own count of cores.
    """
    kept = Share.find(folder.machine)
    if kept is not None and not (workers or threads):
        return kept
    # More workers may be asked for later; other threads would give the runs to come another share than those before.
    threads = threads or (kept.threads if kept else None)
    over = backend.workers(threads or 1)
    if over is not None:
        found = Share(min(workers or over, over, max(1, runs)), threads or 1, "the cores of the cluster")
    elif workers or threads or not _worth_it(spec, runs):
        found = share(runs, spec.data.cache_megabytes, workers, threads)
    else:
        found = probe(spec)
    if runs:
        found.write(folder.machine)
    return found


def candidates(cores: int, most: float) -> list[tuple[int, int]]:
    """Workers and threads that use all cores, many workers first.

    Example:
        >>> candidates(4, most=8), candidates(4, most=2)
        ([(4, 1), (2, 2), (1, 4)], [(2, 2), (1, 4)])
    """
    pairs = [(cores // threads, threads) for threads in range(1, cores + 1) if cores % threads == 0]
    return [(workers, threads) for workers, threads in pairs if workers <= max(1, most)]


def probe(spec: RunSpec, seconds: float = SECONDS) -> Share:
    """Train for some seconds in each way, all workers at once, and take the one that learns most samples in all.

    Args:
        spec: Of a run.
        seconds: Of measuring, for each way.

    Raises:
        TidegateError: What a run would raise, such as data that cannot be read; a way in which a process crashes, mostly
            for its memory, counts as the slowest, unless all do.
    """
    best, tried = (0.0, 0, 0), list[str]()
    crash: TrainingError | None = None
    for workers, threads in candidates(cpu_count(), fitting(spec.data.cache_megabytes)):
        try:
            total = _measured(spec, workers, threads, seconds)
        except TrainingError as error:
            crash = error
            tried.append(f"{workers} × {threads}: crashed")
            continue
        tried.append(f"{workers} × {threads}: {total:,.0f}")
        if total * _TIE > best[0]:
            best = total, workers, threads
    if crash is not None and not best[1]:
        raise crash
    return Share(best[1], best[2], f"workers × threads, samples a second in all: {', '.join(tried)}")


def _measured(spec: RunSpec, workers: int, threads: int, seconds: float) -> float:
    train = spec.train.model_copy(update={"threads": threads, "baselines": False})
    request = {"spec": spec.model_copy(update={"train": train}).model_dump(mode="json"), "seconds": seconds}
    with TemporaryDirectory(prefix="tidegate-probe-") as folder, ThreadPoolExecutor(workers) as executor:
        go = Path(folder) / "go"
        ready = [Path(folder) / f"ready-{number}" for number in range(workers)]
        answers = [
            executor.submit(call_worker, "pace", {**request, "ready": str(one), "go": str(go)}, threads)
            for one in ready
        ]
        try:
            while not all(one.exists() for one in ready) and not any(one.done() for one in answers):
                time.sleep(0.02)
        finally:
            # After Ctrl-C too: the others would wait for it for ever, and we for them.
            write_text(go, "go")
        return sum(one.result()["samples_per_second"] for one in answers)


def _worth_it(spec: RunSpec, runs: int) -> bool:
    """Whether there is so much to do that a probe of half a minute pays."""
    cores: int = cpu_count()
    if os.environ.get("TIDEGATE_PROBE") == "off" or cores == 1 or runs < _RUNS_A_CORE * cores:
        return False
    return spec.train.max_time is None or runs * spec.train.max_time / cores > _SHORT_SECONDS
