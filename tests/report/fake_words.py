"""Result folders of runs over text: a tagger, a language model, and a study of taggers."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from fake_results import history, metrics, write_run

SENTENCES: tuple[tuple[str, str, str], ...] = (
    (
        "Mr. Rennie left Ipswich for the Tidal Harbour Company .",
        "B-PER I-PER O B-LOC O O B-ORG I-ORG I-ORG O",
        "B-PER I-PER O B-LOC O O B-LOC I-LOC B-ORG O",
    ),
    ("The gate is shut .", "O O O O O", "O O O O O"),
    ("Hollis & Co. wrote to London", "B-ORG I-ORG I-ORG O O B-LOC", "B-PER O O O O O"),
    ("张伟 在 上 海 工作", "B-PER O B-LOC I-LOC O", "B-PER O B-LOC I-LOC O"),
    ("البوابة في لندن", "O O B-LOC", "O O B-LOC"),
)
TAG_CONFIG = 'task = "tag"\nseed = 0\n\n[data]\ntrain = "train.txt"\n'
LANGUAGE_CONFIG = 'task = "language"\nseed = 0\n\n[data]\ntrain = "poems.txt"\n'


def sentence(words: str, reference: str, predicted: str, number: int = 0) -> dict[str, Any]:
    """One entry of error_analysis.json, as the task ``tag`` writes it."""
    pairs = list(zip(reference.split(), predicted.split(), strict=True))
    return {
        "name": f"test.txt:{number}",
        "words": words.split(),
        "reference": [one for one, _ in pairs],
        "predicted": [other for _, other in pairs],
        "sure": [0.97 if one == other else 0.41 for one, other in pairs],
        "wrong": sum(one != other for one, other in pairs),
        "length": len(pairs),
    }


def tag_analysis() -> dict[str, Any]:
    """Error analysis of a tagger of names."""
    samples = [sentence(*told, number) for number, told in enumerate(SENTENCES)]
    return {
        "task": "tag",
        "split": "test",
        "samples": samples,
        "worst": [item for item in samples if item["wrong"]],
        "confusions": [
            {"reference": "B-ORG", "predicted": "B-LOC", "count": 7},
            {"reference": "O", "predicted": "B-PER", "count": 5},
            {"reference": "I-ORG", "predicted": "O", "count": 4},
            {"reference": "I-ORG", "predicted": "B-ORG", "count": 2},
        ],
        "labels": [
            {"label": "PER", "count": 41, "precision": 0.912, "recall": 0.886, "f1": 0.8988},
            {"label": "ORG", "count": 18, "precision": 0.5, "recall": 0.25, "f1": 0.3333},
        ],
    }


def tag_metrics(f1: float = 0.8412, **changes: Any) -> dict[str, Any]:
    """Final figures of a tagger."""
    figures = {"loss": 0.21, "f1": f1, "precision": f1 + 0.01, "recall": f1 - 0.01, "accuracy": 0.9712}
    return metrics(
        **{
            "task": "tag",
            "primary": "f1",
            "lower_is_better": False,
            "valid": figures,
            "test": figures,
            "definition": "f1 = exact matches of whole entities",
            "baselines": {
                "most frequent tag": {"f1": 0.6213, "accuracy": 0.9},
                "CRF on features": {"f1": 0.8311, "accuracy": 0.96},
            },
            "samples": {"train": 900, "valid": 100, "test": 120},
            "samples_per_second": {"train": 142.0, "predict": 1890.0},
            "typical_size": 23,
            "notes": [],
            **changes,
        }
    )


def write_tag_run(run: Path, **parts: Any) -> Path:
    """A run of a tagger."""
    content = {
        "config": TAG_CONFIG,
        "history": rows("f1", 0.8412),
        "metrics": tag_metrics(),
        "error_analysis": tag_analysis(),
        **parts,
    }
    return write_run(run, **content)


def language_analysis() -> dict[str, Any]:
    """Error analysis of a character model."""
    text = "床前明月光，\n疑是地上霜。\nthe tide"
    nats = (0.1, 0.7, 1.5, 3.0, 5.0, 9.0)
    return {
        "task": "language",
        "split": "test",
        "definition": "token = character (Unicode code point, 2,411 different and <unk>)",
        "written": [
            {"prompt": "床前\n", "temperature": temperature, "text": f"  明月光\n\t{temperature}\n"}
            for temperature in (0.5, 0.8, 1.0)
        ],
        "passage": [{"text": symbol, "nats": nats[i % len(nats)]} for i, symbol in enumerate(text)],
        "costly": [
            {"text": "\n", "count": 120, "nats": 2.25, "share": 0.2},
            {"text": " ", "count": 90, "nats": 1.5, "share": 0.1},
            {"text": "，", "count": 40, "nats": 1.25, "share": 0.04},
            {"text": "月", "count": 12, "nats": 4.125, "share": 0.03},
        ],
    }


def language_metrics(nats: float = 1.4671, **changes: Any) -> dict[str, Any]:
    """Final figures of a character model."""
    return metrics(
        **{
            "task": "language",
            "primary": "nats_per_symbol",
            "valid": _units(nats + 0.02),
            "test": _units(nats),
            "definition": "token = character (Unicode code point, 64 different and <unk>)",
            "baselines": {"unigram": _units(3.31), "6-gram": _units(1.5619)},
            "samples": {"train": 1_003_853, "valid": 55_769, "test": 55_770},
            "samples_per_second": {"train": 35_512.0, "predict": 116_869.0},
            "typical_size": 64,
            "notes": [],
            **changes,
        }
    )


def write_language_run(run: Path, **parts: Any) -> Path:
    """A run of a language model."""
    content = {
        "config": LANGUAGE_CONFIG,
        "history": rows("nats_per_symbol", 1.4671),
        "metrics": language_metrics(),
        "error_analysis": language_analysis(),
        **parts,
    }
    return write_run(run, **content)


def write_words_study(study: Path, task: str = "tag") -> Path:
    """A study of two arms with two seeds each."""
    study.mkdir(parents=True)
    arms: list[dict[str, Any]] = []
    for number, arm in enumerate(("bilstm-crf", "lstm")):
        runs: list[dict[str, Any]] = []
        for seed in range(2):
            folder = f"runs/{arm}/seed-{seed}"
            worse = 0.08 * number + 0.01 * seed
            if task == "tag":
                told = tag_metrics(0.8412 - worse)
                write_tag_run(study / folder, metrics=told)
            else:
                told = language_metrics(1.4671 + worse)
                write_language_run(study / folder, metrics=told)
            kept = {key: told[key] for key in ("valid", "test", "seconds", "samples_per_second")}
            runs.append({"seed": seed, "folder": folder, "status": "done", "error": None, **kept})
        arms.append({"arm": arm, "parameters": 1_000_000, "runs": runs, "n": 2})
    content = {
        **{key: told[key] for key in ("task", "primary", "lower_is_better", "baselines")},
        "arms": arms,
        "notes": [],
    }
    (study / "results.json").write_text(json.dumps(content), encoding="utf-8")
    (study / "study.toml").write_text("seeds = 2\n", encoding="utf-8")
    return study


def rows(key: str, final: float) -> list[dict[str, Any]]:
    """Validations whose metric comes near ``final``."""
    told = history(6)
    return [
        {**row, "valid": {"loss": row["valid"]["loss"], key: final + (0.02 - 0.1 * row["valid"]["cer"])}}
        for row in told
    ]


def _units(nats: float) -> dict[str, float]:
    return {
        "loss": nats,
        "nats_per_symbol": nats,
        "bits_per_symbol": nats / math.log(2),
        "perplexity": math.exp(nats),
    }
