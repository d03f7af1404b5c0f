"""Result folders of runs over numbers: forecasts, signals of classes and of values, and studies of each."""

from __future__ import annotations

import json
import math
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fake_results import history, metrics, write_run

FORECAST_CONFIG = 'task = "forecast"\nseed = 0\n\n[data]\nsource = "table.csv"\n\n[forecast]\nhorizon = 24\n'
SIGNAL_CONFIG = 'task = "signal"\nseed = 0\n\n[data]\nsource = "gestures/"\n'
RIVALS = ("last value", "seasonal naive", "linear")


def stamps(count: int, begin: str = "2016-07-01T00:00:00", hours: float = 1) -> list[str]:
    """ISO stamps, one after the other."""
    first = datetime.fromisoformat(begin)
    return [(first + timedelta(hours=hours * i)).isoformat() for i in range(count)]


def months(count: int, year: int = 1949) -> list[str]:
    """The first days of months."""
    return [f"{year + i // 12}-{i % 12 + 1:02}-01" for i in range(count)]


def forecast(
    name: str, all_stamps: list[str], horizon: int, season: int = 24, seed: int = 0, **changes: Any
) -> dict[str, Any]:
    """One entry of ``forecasts``: a wave with noise, its forecast, two intervals and two baselines."""
    chance = random.Random(seed)
    wave = [
        round(100 + 20 * math.sin(2 * math.pi * i / season) + 0.1 * i + chance.gauss(0, 3), 3)
        for i in range(len(all_stamps))
    ]
    past, truth = wave[:-horizon], wave[-horizon:]
    expected = [round(value + chance.gauss(0, 3), 3) for value in truth]
    spread = {"80": 4.0, "95": 7.0}
    return {
        "name": name,
        "target": "Turnover",
        "history": {"stamps": all_stamps[:-horizon], "values": past},
        "stamps": all_stamps[-horizon:],
        "truth": truth,
        "forecast": expected,
        "lower": {level: [round(v - width, 3) for v in expected] for level, width in spread.items()},
        "upper": {level: [round(v + width, 3) for v in expected] for level, width in spread.items()},
        "baselines": {
            "last value": [past[-1]] * horizon,
            "seasonal naive": [past[-season + i % season] for i in range(horizon)],
        },
        "why": "evenly spaced",
        **changes,
    }


def forecast_analysis(horizon: int = 24, shown: int = 3, worse: float = 0.0) -> dict[str, Any]:
    """Error analysis of a forecasting run."""
    items = [
        forecast(f"Series {chr(65 + i)}", stamps(4 * horizon + 24 * i), horizon, seed=i) for i in range(shown)
    ]
    items[-1]["why"] = "largest error"
    items[0]["history"]["values"][5:9] = [None] * 4
    curve = [0.25 + 0.3 * (1 - math.exp(-i / 20)) + worse for i in range(horizon)]
    curves = {"network": curve}
    curves |= {name: [v * (1.2 + 0.2 * i) for v in curve] for i, name in enumerate(RIVALS)}
    return {
        "task": "forecast",
        "split": "test",
        "definition": "mse, mae = of values scaled by each series",
        "forecasts": items,
        "by_step": {"measure": "mse", "curves": curves},
        "by_series": [
            {"name": f"Series {chr(65 + i)}", "mse": 0.9 - 0.1 * i, "smape": 7.5512 - i}
            | {"mase": 1.465 - 0.1 * i, "count": 24_000}
            for i in range(4)
        ],
        "intervals": [
            {"level": 0.8, "covered": 0.79, "width": 1.23},
            {"level": 0.95, "covered": 0.9712, "width": 2.4512},
        ],
    }


def forecast_metrics(mse: float = 0.3812, **changes: Any) -> dict[str, Any]:
    """Final figures of a forecasting run."""
    figures = {
        "loss": mse,
        "mse": mse,
        "mae": 0.402,
        "smape": 7.5512,
        "mase": 1.2691,
        "mae_units": 12.34,
        "rmse_units": 19.5,
        "coverage_80": 0.79,
        "width_80": 1.23,
        "coverage_95": 0.9712,
        "width_95": 2.45,
        "pinball": 0.12,
    }
    return metrics(
        **{
            "task": "forecast",
            "primary": "mse",
            "lower_is_better": True,
            "valid": figures,
            "test": figures,
            "definition": "mse, mae = of values scaled by each series",
            "baselines": {
                "last value": {"mse": 1.294, "mae": 0.713},
                "seasonal naive": {"mse": 0.512, "mae": 0.433},
                "linear": {"mse": 0.386, "mae": 0.4},
            },
            "samples": {"train": 8449, "valid": 2785, "test": 2785},
            "samples_per_second": {"train": 3100.0, "predict": 9800.0},
            "typical_size": 96,
            "notes": [],
            **changes,
        }
    )


def write_forecast_run(run: Path, **parts: Any) -> Path:
    """A run that forecasts."""
    content = {
        "config": FORECAST_CONFIG,
        "history": rows("mse", 0.3812),
        "metrics": forecast_metrics(),
        "error_analysis": forecast_analysis(),
        **parts,
    }
    return write_run(run, **content)


def signal(
    channels: int = 3, steps: int = 315, points: int = 60, rate: float | None = None
) -> dict[str, Any]:
    """A signal as error analysis holds it."""
    lines = [[round(math.sin(i / 5 + c) * (c + 1), 4) for i in range(points)] for c in range(channels)]
    return {
        "channels": [f"acc {axis}" for axis in range(channels)],
        "values": lines,
        "steps": steps,
        "rate": rate,
    }


def signal_analysis(channels: int = 3, shown: int = 6) -> dict[str, Any]:
    """Error analysis of a classifier of sequences."""
    samples = [
        {
            "name": f"gestures/{i}.csv",
            "reference": ("gun", "point")[i % 2],
            "predicted": "gun" if i == 3 else ("gun", "point")[i % 2],
            "confidence": 0.93,
            "error": float(i == 3),
            "signal": signal(channels, rate=50.0 if i % 2 else None),
        }
        for i in range(shown)
    ]
    return {
        "task": "signal",
        "split": "test",
        "samples": samples,
        "worst": [samples[3]] if shown > 3 else [],
        "confusions": [{"reference": "point", "predicted": "gun", "count": 7}],
        "classes": ["gun", "point"],
        "matrix": [[76, 0], [7, 67]],
        "errors_by_length": [
            {"length": "1–200", "samples": 50, "value": 0.06},
            {"length": "201–400", "samples": 100, "value": 0.04},
        ],
    }


def values_analysis(count: int = 40) -> dict[str, Any]:
    """Error analysis of a run that estimates a value of each sequence."""
    chance = random.Random(3)
    points = [
        {"reference": 0.5 * i, "predicted": round(0.5 * i + chance.gauss(0, 1), 4)} for i in range(count)
    ]
    samples = [
        {
            "name": f"meter {i}",
            "reference": f"{point['reference']:g}",
            "predicted": f"{point['predicted']:g}",
            "confidence": None,
            "error": abs(point["reference"] - point["predicted"]),
        }
        | {"signal": signal(1)}
        for i, point in enumerate(points[::10])
    ]
    return {
        "task": "signal",
        "split": "test",
        "samples": samples,
        "worst": samples[:1],
        "errors_by_length": [{"length": "1–400", "samples": count, "value": 1.0312}],
        "scatter": points,
    }


def signal_metrics(accuracy: float = 0.9533, **changes: Any) -> dict[str, Any]:
    """Final figures of a classifier of sequences."""
    figures = {"loss": 0.21, "accuracy": accuracy, "macro_f1": accuracy - 0.01}
    return metrics(
        **{
            "task": "signal",
            "primary": "accuracy",
            "lower_is_better": False,
            "valid": figures,
            "test": figures,
            "baselines": {
                "majority": {"accuracy": 0.5067},
                "1-nn euclid": {"accuracy": 0.9133},
                "1-nn dtw": {"accuracy": 0.9067},
            },
            "samples": {"train": 45, "valid": 5, "test": 150},
            "samples_per_second": {"train": 410.0, "predict": 1600.0},
            "typical_size": 315,
            "notes": [],
            **changes,
        }
    )


def values_metrics(rmse: float = 1.0312, **changes: Any) -> dict[str, Any]:
    """Final figures of a run that estimates values."""
    figures = {"loss": 0.1, "rmse": rmse, "mae": 0.8, "r2": 0.93}
    told = {"primary": "rmse", "lower_is_better": True, "valid": figures, "test": figures}
    baselines = {"mean": {"rmse": 5.77, "r2": 0.0}, "ridge regression": {"rmse": 1.4, "r2": 0.9}}
    return signal_metrics(**{**told, "baselines": baselines, **changes})


def write_signal_run(run: Path, **parts: Any) -> Path:
    """A run of a classifier of sequences."""
    content = {
        "config": SIGNAL_CONFIG,
        "history": rows("accuracy", 0.9533),
        "metrics": signal_metrics(),
        "error_analysis": signal_analysis(),
        **parts,
    }
    return write_run(run, **content)


def write_values_run(run: Path, **parts: Any) -> Path:
    """A run that estimates a value of each sequence."""
    content = {
        "metrics": values_metrics(),
        "error_analysis": values_analysis(),
        "history": rows("rmse", 1.0),
        **parts,
    }
    return write_signal_run(run, **content)


def write_numbers_study(study: Path, task: str = "forecast", worse: float = 0.0) -> Path:
    """A study of two arms with two seeds each; ``values`` is ``signal`` with values."""
    study.mkdir(parents=True)
    arms: list[dict[str, Any]] = []
    for number, arm in enumerate(("segrnn", "bilstm")):
        runs: list[dict[str, Any]] = []
        for seed in range(2):
            folder = f"runs/{arm}/seed-{seed}"
            off = worse + 0.03 * number + 0.01 * seed
            if task == "forecast":
                told = forecast_metrics(0.35 + off)
                write_forecast_run(study / folder, metrics=told, error_analysis=forecast_analysis(worse=off))
            elif task == "values":
                told = values_metrics(1.0 + off)
                write_values_run(study / folder, metrics=told)
            else:
                told = signal_metrics(0.96 - off)
                write_signal_run(study / folder, metrics=told)
            kept = {key: told[key] for key in ("valid", "test", "seconds", "samples_per_second")}
            runs.append({"seed": seed, "folder": folder, "status": "done", "error": None, **kept})
        arms.append({"arm": arm, "parameters": 100_000, "runs": runs, "n": 2})
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
    return [
        {**row, "valid": {"loss": row["valid"]["loss"], key: final * (1 + 0.2 * row["valid"]["cer"])}}
        for row in history(8)
    ]
