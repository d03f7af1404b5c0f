"""The real worker of a study with a ``tidegate.api`` that trains nothing: quick, and without torch."""

import json
import os
import signal
import sys
import time
import types
from pathlib import Path

from tidegate.config.run import RunSpec
from tidegate.errors import DivergenceError
from tidegate.files import write_json, write_text
from tidegate.results.history import HistoryLine
from tidegate.results.model import ModelDescription
from tidegate.studies.execution.worker import main

# By arguments where it runs under somebody else's environment, such as a cluster's.
_NUMBERS = [float(one) for one in sys.argv[1:]]
EPOCHS = int(_NUMBERS[0] if _NUMBERS else os.environ.get("STUB_EPOCHS", "3"))
PAUSE = float(_NUMBERS[1] if _NUMBERS else os.environ.get("STUB_PAUSE", "0"))
# The epoch after which a run that is not resumed waits: until it is stopped, or finds a file "go" in its folder.
HOLD = int(_NUMBERS[2] if len(_NUMBERS) > 2 else os.environ.get("STUB_HOLD", "0"))


def train(spec: RunSpec, *, out: Path) -> types.SimpleNamespace:
    if spec.model.preset == "rnn" and not os.environ.get("STUB_MENDED"):
        raise DivergenceError(
            "the loss is not finite", where="step 412", hint="lower optimiser.learning_rate"
        )
    if spec.model.preset == "mlp":
        os.kill(os.getpid(), signal.SIGKILL)
    if spec.model.preset == "lenet":
        raise ZeroDivisionError("a bug")
    if out.exists():
        raise FileExistsError(out)
    (out / "checkpoints").mkdir(parents=True)
    (out / "config.toml").write_text(f'task = "{spec.task}"\n')
    told = {
        "spec": spec.model_dump(mode="json"),
        "threads": os.environ["OMP_NUM_THREADS"],
        "pid": os.getpid(),
        "parent": os.getppid(),
        "raylet": os.environ.get("RAY_RAYLET_PID"),
        "argv": sys.argv,
        "begun": time.time(),
    }
    write_json(out / "job.json", told)
    return _train(spec, out, 0, HOLD)


def resume(run: Path) -> types.SimpleNamespace:
    spec = RunSpec.model_validate(json.loads((run / "job.json").read_text())["spec"])
    write_json(run / "resumed.json", {"pid": os.getpid()})
    epoch = int((run / "checkpoints" / "last.safetensors").read_text())
    # What was told after the checkpoint happens again.
    told = (run / "history.jsonl").read_text().splitlines(keepends=True)
    write_text(run / "history.jsonl", "".join(told[:epoch]))
    return _train(spec, run, epoch)


def _train(spec: RunSpec, out: Path, epoch: int, hold: int = 0) -> types.SimpleNamespace:
    stopped = "epochs"
    try:
        while epoch < EPOCHS:
            epoch += 1
            end = time.monotonic() + PAUSE
            while time.monotonic() < end:
                _sleep()
            valid = {"loss": 1 / epoch, "accuracy": 1 - 0.5 / epoch}
            # The rate stands for the process, for tests that ask who wrote a line.
            HistoryLine(
                epoch=epoch,
                step=epoch,
                seconds=epoch * 1.5,
                cpu_seconds=epoch * 1.5,
                learning_rate=os.getpid(),
                train_loss=1.0,
                gradient_norm=1.0,
                samples_per_second=1.0,
                valid=valid,
                best=True,
            ).append(out / "history.jsonl")
            write_text(out / "checkpoints" / "last.safetensors", str(epoch))
            while epoch == hold and not (out / "go").exists():
                _sleep()
    except KeyboardInterrupt:
        stopped = "interrupted"
    share = spec.data.train_share or 1.0
    samples = round(80_000 * share) if isinstance(share, float) else share
    accuracy = 0.9 + 0.01 * (spec.seed % 5) + (0.02 if spec.model.preset == "gru" else 0)
    accuracy -= 0.1 * (1 - samples / 80_000)
    figures = {
        "task": spec.task,
        "primary": "accuracy",
        "lower_is_better": False,
        "valid": {"accuracy": accuracy},
        "test": {"accuracy": accuracy - 0.01},
        "best": {"epoch": epoch, "step": epoch},
        "seconds": 1.5 * epoch,
        "cpu_seconds": 1.5 * epoch,
        "epochs": epoch,
        "steps": epoch,
        "stopped": stopped,
        "parameters": 1234,
        "samples": {"train": samples, "valid": 10, "test": 10_000},
        "samples_per_second": {"train": 100.0, "predict": 300.0},
        "baselines": {"majority class": {"accuracy": 0.1}},
        "notes": ["two files were left out"],
    }
    draw = spec.data.resample
    write_json(out / "split.json", {"kind": "one" if draw is None else "resampled", "draw": draw or 0})
    (out / "model").mkdir(exist_ok=True)
    ModelDescription(task="classify", problem={"architecture": "[1,28,28,1 Lfys64 O0s10]"}, spec={}).write(
        out / "model" / "model.json"
    )
    write_json(out / "metrics.json", figures)
    return types.SimpleNamespace(stopped=stopped)


def _sleep() -> None:
    try:
        time.sleep(0.01)
    except KeyboardInterrupt:
        if not os.environ.get("STUB_DEAF"):
            raise


stub = types.ModuleType("tidegate.api")
stub.train, stub.resume = train, resume  # type: ignore[attr-defined]
sys.modules["tidegate.api"] = stub
# A warm process would import it, and nothing here needs it.
sys.modules["sklearn.metrics"] = None  # type: ignore[assignment]
sys.exit(main())
