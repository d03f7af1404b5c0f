"""The real worker of a study with a ``tidegate.api`` that trains nothing: quick, and without torch."""

import json
import os
import signal
import sys
import time
import types
from pathlib import Path

from tidegate.errors import DivergenceError
from tidegate.spec.files import append_json_line, write_json
from tidegate.spec.run import RunSpec
from tidegate.study.worker import main

EPOCHS = int(os.environ.get("STUB_EPOCHS", "3"))
PAUSE = float(os.environ.get("STUB_PAUSE", "0"))


def train(spec: RunSpec, *, out: Path) -> types.SimpleNamespace:
    if spec.model.preset == "rnn" and not os.environ.get("STUB_MENDED"):
        raise DivergenceError(
            "the loss is not finite", where="step 412", advice="lower optimiser.learning_rate"
        )
    if spec.model.preset == "mlp":
        os.kill(os.getpid(), signal.SIGKILL)
    if spec.model.preset == "lenet":
        raise ZeroDivisionError("a bug")
    if out.exists():
        raise FileExistsError(out)
    (out / "checkpoints").mkdir(parents=True)
    (out / "config.toml").write_text(f'task = "{spec.task}"\n')
    write_json(
        out / "job.json", {"spec": spec.model_dump(mode="json"), "threads": os.environ["OMP_NUM_THREADS"]}
    )
    return _train(spec, out, 0)


def resume(run: Path) -> types.SimpleNamespace:
    spec = RunSpec.model_validate(json.loads((run / "job.json").read_text())["spec"])
    write_json(run / "resumed.json", {"pid": os.getpid()})
    return _train(spec, run, int((run / "checkpoints" / "last.safetensors").read_text()))


def _train(spec: RunSpec, out: Path, epoch: int) -> types.SimpleNamespace:
    stopped = "epochs"
    try:
        while epoch < EPOCHS:
            epoch += 1
            end = time.monotonic() + PAUSE
            while time.monotonic() < end:
                time.sleep(0.01)
            valid = {"loss": 1 / epoch, "accuracy": 1 - 0.5 / epoch}
            append_json_line(
                out / "history.jsonl", {"epoch": epoch, "seconds": epoch * 1.5, "valid": valid, "best": True}
            )
            (out / "checkpoints" / "last.safetensors").write_text(str(epoch))
    except KeyboardInterrupt:
        stopped = "interrupted"
    accuracy = 0.9 + 0.01 * spec.seed + (0.02 if spec.model.preset == "gru" else 0)
    figures = {
        "task": spec.task,
        "primary": "accuracy",
        "lower_is_better": False,
        "valid": {"accuracy": accuracy},
        "test": {"accuracy": accuracy - 0.01},
        "seconds": 1.5 * epoch,
        "stopped": stopped,
        "parameters": 1234,
        "samples": {"train": 80, "valid": 10, "test": 10},
        "samples_per_second": {"train": 100.0, "predict": 300.0},
        "baselines": {"majority class": {"accuracy": 0.1}},
        "notes": ["two files were left out"],
        "spec": "[1,28,28,1 Lfys64 O0s10]",
    }
    write_json(out / "metrics.json", figures)
    return types.SimpleNamespace(stopped=stopped)


stub = types.ModuleType("tidegate.api")
stub.train, stub.resume = train, resume  # type: ignore[attr-defined]
sys.modules["tidegate.api"] = stub
sys.exit(main())
