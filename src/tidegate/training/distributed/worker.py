"""``python -m tidegate.training.distributed.worker RUN begin|resume MODULE…``: one of the processes that train a network.

The process of rank 0 starts it and writes the run; it reads the same configuration and data, learns its part of every
batch, and writes nothing but errors.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
from pathlib import Path

from tidegate.config.resolve import resolve
from tidegate.config.toml import load
from tidegate.errors import CheckpointError, DivergenceError, TidegateError
from tidegate.files import read_json
from tidegate.ops.memory import large_blocks_kept
from tidegate.tasks.registry import task_named
from tidegate.training.callbacks import NullReporter
from tidegate.training.distributed.launcher import READY
from tidegate.training.folder import RunFolder
from tidegate.training.loop import Trainer


def main() -> None:
    """Train with the others, and end when they do."""
    run, how, *modules = sys.argv[1:]
    _end_with(os.getppid())
    # What libraries print is not to be taken for our one word.
    stdout = os.dup(1)
    os.dup2(2, 1)
    try:
        trainer = _trainer(Path(run), modules)
        os.write(stdout, READY)
        os.close(stdout)
        with large_blocks_kept():
            trainer.fit(resume=how == "resume")
    except DivergenceError:
        pass  # Every process sees it; the first one tells it.
    except TidegateError as error:
        _give_up(str(error))
    except RuntimeError as error:
        # The first process has ended, and says why or was killed.
        if "gloo" not in str(error).lower():
            raise
        os._exit(1)
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(130)


def _trainer(run: Path, modules: list[str]) -> Trainer:
    for module in modules:
        importlib.import_module(module)
    folder = RunFolder(run)
    spec = resolve(load(folder.config))
    task = task_named(spec.task)
    prepared = task.prepare(spec)
    if read_json(folder.split) != json.loads(json.dumps(prepared.record)):
        raise CheckpointError(
            "another process of this run reads other data",
            where=str(run),
            expected="the same files for all processes, and a task whose split follows from its configuration",
        )
    return Trainer(task, prepared, folder, NullReporter())


def _end_with(parent: int) -> None:
    """End when the process that started this one is gone, whatever this one waits for."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    threading.Thread(target=look, name="end-with", daemon=True).start()


def _give_up(error: str) -> None:
    rank = os.environ.get("RANK", "?")
    sys.stderr.write(f"process {rank} of the run: {error}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
