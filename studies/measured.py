"""Run `tidegate` as a process of its own, and record what it printed, what it cost, and on what machine.

Used by the `run.py` of each study: `python studies/uw3-lines/run.py --help`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from tidegate.files import write_json
from tidegate.training.environment import environment


@dataclass(frozen=True)
class Cost:
    """What a process cost: processor seconds of all its threads, from start-up to exit, and wall-clock seconds."""

    cpu_seconds: float
    seconds: float


def tidegate(*arguments: str, threads: int) -> tuple[Any, Cost]:
    """The JSON that a verb prints, and what the process cost."""
    command = [sys.executable, "-m", "tidegate", *arguments, "--json"]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    limits = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env={**os.environ, **limits})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout), Cost(round(cpu, 1), round(time.monotonic() - begun, 1))


def record(path: Path, question: str, rows: list[dict[str, Any]], threads: int) -> None:
    """Write a result file: the rows, and the machine and versions that gave them."""
    machine = {
        k: v for k, v in environment(threads, "cpu").to_json().items() if k not in ("command", "started")
    }
    write_json(path, {"question": question, "machine": machine, "rows": rows})


def recorded(path: Path) -> list[dict[str, Any]]:
    """The rows of a result file; none where there is no file yet."""
    return json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []


def has(path: Path, arm: str, seed: int) -> bool:
    """Whether a result file has the row of an arm and a seed."""
    return any((one["arm"], one["seed"]) == (arm, seed) for one in recorded(path))


def spread(values: list[float], digits: int = 4) -> str:
    """Mean and standard deviation over seeds."""
    middle = f"{mean(values):.{digits}f}"
    return f"{middle} ± {stdev(values):.{digits}f}" if len(values) > 1 else middle


def row(arm: str, seed: int, result: dict[str, Any], cost: Cost) -> dict[str, Any]:
    """One training run as a row."""
    run = Path(result["run"])
    figures = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    kept = ("parameters", "flops", "epochs", "stopped", "best", "samples", "samples_per_second", "baselines")
    return {
        "arm": arm,
        "seed": seed,
        "valid": result["valid"],
        "test": result["test"],
        "training_seconds": round(result["seconds"], 1),
        **asdict(cost),
        **{key: figures[key] for key in kept},
    }
