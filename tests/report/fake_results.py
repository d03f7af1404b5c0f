"""Result folders as runs and studies leave them, with realistic values and no training."""

from __future__ import annotations

import base64
import io
import json
import math
import random
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from tidegate.results.model import ModelDescription
from tidegate.training.environment import environment

LINES = (
    (
        "0012_010036",
        "The moon draws the tide through the gate twice a day,",
        "The moon draws the tide throngh the gate twice a day,",
    ),
    (
        "0045_010021",
        "and what the gate keeps back the mill wheel spends.",
        "and what the gate keeps back the mill wheel spends.",
    ),
    ("0077_010102", "Table 3: mean flow (m³/s), 1871–1874", "Table 3: mean flow (m3/s), 1871-1874"),
    ("0101_010004", "in each basin the level was read at noon", "in each basin the level was read at noon"),
    ("0119_010013", "fillet & flange, 2½ in. by 18 in.", "fillet & fiange, 2½ in. by 18 in"),
    ("0150_010008", "by Messrs. Hollis, Rennie & Co., Ipswich.", "by Messrs. Hollis, Rennie & Co., lpswich."),
)
CONFIG = """task = "transcribe"
seed = 0

[data]
source = "lines/"
split = "400/50/50"

[model]
preset = "cnn-bilstm"
rows = 48
hidden = 128

[train]
epochs = 30
batch_size = 16
"""
VGSL = "[1,48,0,1 Cr3,3,32 Mp2,2 Cr3,3,64 Mp2,2 S1(1x0)1,3 Lbx128 Do0.5 O1c80]"


def png(text: str, size: tuple[int, int] | None = None) -> str:
    """A text as a base64 PNG: black ink on paper."""
    font = ImageFont.load_default(size=22)
    width = int(font.getlength(text)) + 16
    picture = Image.new("L", size or (width, 36), 245)
    ImageDraw.Draw(picture).text((8, 4), text, fill=25, font=font)
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode("ascii")


def history(
    epochs: int = 30, final: float = 0.0131, seconds: float = 9.6, seed: int = 0
) -> list[dict[str, Any]]:
    """Validations of a run whose CER falls from 1 to ``final``."""
    chance = random.Random(seed)
    rows: list[dict[str, Any]] = []
    best = math.inf
    for epoch in range(1, epochs + 1):
        done = epoch / epochs
        cer = final + (1 - final) * math.exp(-9 * done) * chance.uniform(0.8, 1.2)
        loss = 4 * cer + 0.05 * chance.random()
        rows.append(
            {
                "epoch": float(epoch),
                "step": epoch * 25,
                "seconds": epoch * seconds,
                "cpu_seconds": epoch * seconds * 1.9,
                "learning_rate": 1e-3 * (1 - done),
                "train_loss": loss * 1.15,
                "gradient_norm": 0.8,
                "samples_per_second": 210.0,
                "valid": {"loss": loss, "cer": min(cer, 1.0), "wer": min(4 * cer, 1.0)},
                "best": cer < best,
            }
        )
        best = min(best, cer)
    return rows


def error_analysis(lines: tuple[tuple[str, str, str], ...] = LINES) -> dict[str, Any]:
    """Error analysis of a transcription run."""
    examples = [
        {
            "name": f"lines/{name}.png",
            "reference": reference,
            "predicted": predicted,
            "confidence": 0.97,
            "error": _edits(reference, predicted) / len(reference),
            "edits": _edits(reference, predicted),
            "image": png(reference),
        }
        for name, reference, predicted in lines
    ]
    pairs = (
        ("l", "1", 9),
        ("u", "n", 7),
        ("", " ", 5),
        (".", "", 5),
        ("I", "l", 4),
        ("–", "-", 3),
        ("³", "3", 2),
        ("<", "&", 1),
    )
    worst = sorted(examples, key=lambda example: -example["error"])
    return {
        "task": "transcribe",
        "split": "test",
        "samples": examples,
        "worst": [example for example in worst if example["error"]],
        "confusions": [{"reference": a, "predicted": b, "count": n} for a, b, n in pairs],
        "errors_by_length": [
            {"length": "1–14", "samples": 3, "value": 0.031},
            {"length": "15–28", "samples": 11, "value": 0.0174},
            {"length": "29–42", "samples": 21, "value": 0.0118},
            {"length": "43–56", "samples": 15, "value": 0.0102},
        ],
    }


def metrics(cer: float = 0.0131, **changes: Any) -> dict[str, Any]:
    """Final figures of a transcription run."""
    return {
        "task": "transcribe",
        "primary": "cer",
        "lower_is_better": True,
        "valid": {"loss": 0.071, "cer": cer * 1.1, "wer": cer * 4.4},
        "test": {"loss": 0.066, "cer": cer, "wer": cer * 4},
        "best": {"epoch": 28.0, "step": 700},
        "seconds": 288.0,
        "cpu_seconds": 551.0,
        "epochs": 30,
        "steps": 750,
        "stopped": "epochs",
        "parameters": 1_254_352,
        "flops": 412_000_000,
        "samples": {"train": 400, "valid": 50, "test": 50},
        "samples_per_second": {"train": 42.3, "predict": 131.0},
        "baselines": {"most frequent text": {"cer": 0.842, "wer": 0.971}},
        "notes": ["1150_010008.png looks rotated by 90°: 38 columns, 612 rows, for a text of 41 characters"],
        **changes,
    }


def write_run(run: Path, **parts: Any) -> Path:
    """A run folder; ``parts`` replaces the content of files by name."""
    (run / "model").mkdir(parents=True)
    ModelDescription(task="transcribe", problem={"architecture": VGSL}, spec={}).write(
        run / "model" / "model.json"
    )
    (run / "config.toml").write_text(CONFIG)
    environment(2, "cpu").write(run / "environment.json")
    content = {"history": history(), "metrics": metrics(), "error_analysis": error_analysis(), **parts}
    lines = [json.dumps(row) + "\n" for row in content["history"]]
    (run / "history.jsonl").write_text("".join(lines), encoding="utf-8")
    for name in ("metrics", "error_analysis"):
        (run / f"{name}.json").write_text(json.dumps(content[name]), encoding="utf-8")
    return run


def _edits(reference: str, predicted: str) -> int:
    from rapidfuzz.distance import Levenshtein

    return int(Levenshtein.distance(reference, predicted))
