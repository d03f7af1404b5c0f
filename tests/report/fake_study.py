"""A study's folder, with the folders of its runs."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from fake_results import CONFIG, LINES, VGSL, error_analysis, history, metrics, write_run


def write_study(study: Path, *, seeds: int = 3) -> Path:
    """A study of six arms, one of whose runs failed."""
    study.mkdir(parents=True)
    arms = {
        "cnn-bilstm": (0.0131, 288, 1_254_352, 42),
        "cnn-bigru": (0.0142, 251, 976_000, 49),
        "cnn-lstm": (0.0188, 197, 660_000, 61),
        "bilstm": (0.0392, 143, 410_000, 85),
        "gru": (0.0719, 88, 160_000, 138),
        "rnn": (0.1874, 61, 71_000, 201),
    }
    results: list[dict[str, Any]] = []
    for number, (arm, (cer, seconds, parameters, speed)) in enumerate(arms.items()):
        runs: list[dict[str, Any]] = []
        for seed in range(seeds):
            chance = random.Random(100 * number + seed)
            value = cer * chance.uniform(0.93, 1.07)
            folder = f"runs/{arm}/seed-{seed}"
            if arm == "rnn" and seed == 2:
                runs.append(
                    {
                        "seed": seed,
                        "folder": folder,
                        "valid": None,
                        "test": None,
                        "seconds": None,
                        "samples_per_second": None,
                        "status": "failed",
                        "error": "the loss is not finite\n  where:  step 412\n  hint:  lower optimiser.learning_rate",
                    }
                )
                continue
            lines = tuple((n, r, p if number < 3 else _worse(p, number * 10 + seed)) for n, r, p in LINES)
            told = metrics(value, seconds=float(seconds), parameters=parameters)
            write_run(
                study / folder,
                metrics=told,
                history=history(30, value, seconds / 30, seed),
                error_analysis=error_analysis(lines),
            )
            runs.append(
                {
                    "seed": seed,
                    "folder": folder,
                    "valid": told["valid"],
                    "test": told["test"],
                    "seconds": float(seconds),
                    "samples_per_second": {"train": float(speed), "predict": speed * 3.1},
                    "status": "done",
                    "error": None,
                }
            )
        summary = {**_summary(runs), "n": sum(run["status"] == "done" for run in runs)}
        results.append({"arm": arm, "spec": VGSL, "parameters": parameters, "runs": runs, **summary})
    told = {
        "task": "transcribe",
        "primary": "cer",
        "lower_is_better": True,
        "arms": results,
        "budget": {"epochs": 30, "max_time": None, "batch_size": 16, "threads": 1, "workers": 2},
        "baselines": {"most frequent text": {"cer": 0.842, "wer": 0.971}},
        "notes": [],
    }
    (study / "results.json").write_text(json.dumps(told), encoding="utf-8")
    (study / "study.toml").write_text("seeds = 3\n\n[base]\n" + CONFIG, encoding="utf-8")
    return study


def _summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    from statistics import fmean, stdev

    done = [run for run in runs if run["status"] == "done"]
    told: dict[str, Any] = {"mean": {}, "spread": {}}
    for split in ("valid", "test"):
        told["mean"][split] = {key: fmean(run[split][key] for run in done) for key in ("cer", "wer")}
        told["spread"][split] = (
            {key: stdev([run[split][key] for run in done]) for key in ("cer", "wer")}
            if len(done) > 1
            else None
        )
    return told


def _worse(text: str, seed: int) -> str:
    chance = random.Random(seed)
    return "".join(chance.choice("aeion ") if chance.random() < seed / 400 else symbol for symbol in text)


TRAITS = {
    "cnn-bilstm": ("lstm", "both", "cnn"),
    "cnn-bigru": ("gru", "both", "cnn"),
    "cnn-lstm": ("lstm", "forward", "cnn"),
    "bilstm": ("lstm", "both", "none"),
    "gru": ("gru", "forward", "none"),
    "rnn": ("elman", "forward", "none"),
}


def write_judged_study(study: Path, *, seeds: int = 5, margin: float | None = None) -> Path:
    """The same study with what issues a verdict: traits, costs, results by sample, trials, and the comparison."""
    from tidegate.results.samples import Samples
    from tidegate.studies.analysis.comparison import compare
    from tidegate.studies.analysis.runs import ArmResult, Question

    write_study(study, seeds=seeds)
    results = json.loads((study / "results.json").read_text())
    samples: dict[str, list[dict[str, Any]]] = {}
    for number, arm in enumerate(results["arms"]):
        cell, direction, front = TRAITS[arm["arm"]]
        network = "cnn-rnn" if front == "cnn" else "rnn"
        keys = {"cell": cell, "direction": direction, "front": front, "network": network, "rest": "R O1c"}
        arm |= {"traits": keys, "settings": {"optimiser.learning_rate": 0.002}}
        arm["costs"] = {
            "flops": 1_000_000 * (number + 1), "best_seconds": 20.0 + number, "train_speed": 300.0,
            "predict_speed": 900.0, "latency_p50_ms": 9.0 - number, "latency_p95_ms": 12.0 - number,
            "peak_memory_mb": 500.0, "model_bytes": 612_345,
        }  # fmt: skip
        for run in arm["runs"]:
            if run["status"] == "done":
                told = _by_sample(run["test"]["cer"], 100 * number + run["seed"], number)
                (study / run["folder"] / "samples.json").write_text(json.dumps(told))
                samples.setdefault(arm["arm"], []).append(told)
    arms = [
        ArmResult(
            arm["arm"],
            {run["seed"]: run["test"]["cer"] for run in arm["runs"] if run["status"] == "done"},
            arm["traits"],
            samples=[Samples.from_json(json.dumps(each), "samples.json") for each in samples[arm["arm"]]],
        )
        for arm in results["arms"]
    ]
    results["design"] = {"match": "parameters", "size": 100_000, "tune": 2, "prune": "none", "margin": margin}
    compared = compare(arms, Question(metric="cer", split="test", lower_is_better=True, margin=margin))
    results["comparison"] = compared.to_json() if compared else None
    (study / "results.json").write_text(json.dumps(results))
    trials = [
        {"number": 0, "settings": {}, "value": 0.02, "status": "done"},
        {"number": 1, "settings": {"optimiser.learning_rate": 0.002}, "value": None, "status": "failed"},
    ]
    (study / "tuning.json").write_text(json.dumps({"arms": {"gru": {"trials": trials, "chosen": 0}}}))
    return study


def _by_sample(cer: float, seed: int, number: int) -> dict[str, Any]:
    chance = random.Random(seed)
    lengths = [len(reference) for _, reference, _ in LINES] + [chance.randint(20, 80) for _ in range(60)]
    return {
        "split": "test", "metric": "cer", "root": False, "of": len(lengths),
        "numerator": [round(length * cer * chance.uniform(0.5, 1.5)) for length in lengths],
        "denominator": lengths, "length": lengths,
        "names": [f"lines/{name}.png" for name, _, _ in LINES] + [f"line-{i}" for i in range(60)],
        "references": [reference for _, reference, _ in LINES] + ["x"] * 60,
        "answers": [p if number < 3 else _worse(p, number) for _, _, p in LINES] + ["y"] * 60,
    }  # fmt: skip


def write_collection(folder: Path) -> Path:
    """Three data sets with the same arms."""
    from tidegate.studies.collection import collect_studies

    for number in range(3):
        write_judged_study(folder / f"lines-{number}", seeds=3)
    (folder / "collection.toml").write_text('studies = ["lines-0", "lines-1", "lines-2"]\n')
    collect_studies(folder)
    return folder
