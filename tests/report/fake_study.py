"""A study's folder, with the folders of its runs."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from fake_results import CONFIG, LINES, VGSL, evidence, history, metrics, write_run


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
                        "error": "the loss is not finite\n  where:  step 412\n  to do:  lower optimiser.learning_rate",
                    }
                )
                continue
            lines = tuple((n, r, p if number < 3 else _worse(p, number * 10 + seed)) for n, r, p in LINES)
            told = metrics(value, seconds=float(seconds), parameters=parameters, spec=VGSL)
            write_run(
                study / folder,
                metrics=told,
                history=history(30, value, seconds / 30, seed),
                evidence=evidence(lines),
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
        results.append({"arm": arm, "spec": VGSL, "parameters": parameters, "runs": runs, **_summary(runs)})
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
