"""Samples a second of the CRNN preset: the model alone, the whole training epoch, and predict; and what is not the model.

    python benchmarks/training.py [--threads 2] [--rounds 5]

One run measures the parts in turn on the same batches of `digit-lines` and prints medians. "Model" is forward,
backward and optimiser on batches that lie ready; "epoch" is the same loop as `tidegate train` runs it: reading,
augmentation, clipping, counting. The share that is not the model is 1 - model / epoch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import torch

from tidegate.config.resolve import resolve
from tidegate.files import write_json
from tidegate.tasks.evaluation import evaluate
from tidegate.tasks.registry import task_named
from tidegate.training.callbacks import NullReporter
from tidegate.training.environment import environment
from tidegate.training.folder import RunFolder
from tidegate.training.loop import Trainer

HERE = Path(__file__).parent


def trainer(threads: int, preset: str, folder: Path) -> Trainer:
    spec = resolve(
        {
            "task": "transcribe",
            "data": {"train": "digit-lines"},
            "model": {"preset": preset},
            "train": {"threads": threads, "epochs": 1000, "max_time": None},
        }
    )
    task = task_named("transcribe")
    return Trainer(task, task.prepare(spec), RunFolder(folder), NullReporter())


def model_only(one: Trainer, batches: list) -> float:
    """Seconds of forward, backward and update over batches that lie ready."""
    begun = time.perf_counter()
    for batch in batches:
        loss = one.loss(batch)
        loss.backward()
        one.optimiser.step()
        one.optimiser.zero_grad(set_to_none=True)
    return time.perf_counter() - begun


def whole_epoch(one: Trainer, count: int) -> float:
    """Seconds of the loop's own steps, reading included, over as many batches."""
    begun = time.perf_counter()
    with_batches = one.batches()
    for _ in range(count):
        one.step(next(with_batches))
    seconds = time.perf_counter() - begun
    with_batches.close()
    one.progress.step = 0
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=30)
    parser.add_argument("--preset", default="cnn-bilstm")
    parser.add_argument("--out", type=Path, default=HERE / "training.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        one = trainer(options.threads, options.preset, Path(folder))
        stream = one.batches()
        batches = [next(stream) for _ in range(options.batches)]
        stream.close()
        samples = sum(len(batch.indices) for batch in batches)
        model_only(one, batches[:5])
        times: dict[str, list[float]] = {"model": [], "epoch": [], "predict": []}
        for _ in range(options.rounds):
            times["model"].append(model_only(one, batches) / samples)
            times["epoch"].append(whole_epoch(one, options.batches) / samples)
            split = one.prepared.splits["valid"]
            result = evaluate(one.network, one.problem, split, labelled=False)
            times["predict"].append(1 / result.samples_per_second)
    medians = {name: statistics.median(values) for name, values in times.items()}
    pairs = zip(times["model"], times["epoch"], strict=True)
    share = statistics.median(1 - model / epoch for model, epoch in pairs)
    machine = {
        k: v
        for k, v in environment(options.threads, "cpu").to_json().items()
        if k not in ("command", "started")
    }
    result = {
        "preset": options.preset,
        "data": "digit-lines, with the augmentation of the task's defaults",
        "samples_per_second": {name: round(1 / seconds, 1) for name, seconds in medians.items()},
        "share_of_epoch_that_is_not_the_model": round(share, 4),
        "rounds": options.rounds,
        "machine": machine,
    }
    write_json(options.out, result)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
