"""Tables of tides that rise and fall every six hours, and short trainings on them, for the tests of ``forecast``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from tidegate.api import RunResult, train
from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.tasks.contract import Prepared
from tidegate.tasks.forecast.problem import Forecast
from tidegate.tasks.forecast.split import ForecastSplit
from tidegate.tasks.forecast.task import FORECAST

START = np.datetime64("2016-01-01T00", "h")
SIZES: dict[str, Any] = {"lookback": 8, "horizon": 4, "season": 6}


def stamps(rows: int, first: int = 0) -> list[str]:
    """Hours as text."""
    return [str(START + hour).replace("T", " ") + ":00" for hour in range(first, first + rows)]


def tide(rows: int, seed: int = 0, *, level: float = 5.0, noise: float = 0.3) -> np.ndarray:
    """Heights, all above 0."""
    chance = np.random.default_rng(seed)
    return level + np.sin(2 * np.pi * np.arange(rows) / 6) + chance.uniform(-noise, noise, rows)


def long(names: Sequence[str] = ("ebb", "flow"), rows: int = 60, *, noise: float = 0.3) -> pd.DataFrame:
    """``unique_id, ds, y``, with the covariates ``moon`` (known), ``wind`` (observed) and ``coast`` (static)."""
    frames: list[pd.DataFrame] = []
    for number, name in enumerate(names):
        height = tide(rows, number, level=5.0 * 10**number, noise=noise)
        columns = {
            "unique_id": name,
            "ds": stamps(rows),
            "y": np.round(height, 4),
            "moon": np.arange(rows) % 5,
            "wind": np.round(np.cos(np.arange(rows) + number), 3),
            "coast": ["north", "south"][number % 2],
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def wide(rows: int = 60) -> pd.DataFrame:
    """``date`` and the targets ``north`` and ``south``."""
    heights = {name: np.round(tide(rows, seed, level=9.0), 4) for seed, name in enumerate(("north", "south"))}
    return pd.DataFrame({"date": stamps(rows), **heights})


def written(folder: Path, frame: pd.DataFrame, name: str = "tides.csv") -> str:
    """The table as a file."""
    frame.to_csv(folder / name, index=False)
    return str(folder / name)


def spec_of(path: str, *, split: str = "36/12/12", **tables: Any) -> RunSpec:
    """A tiny network's specification; ``tables`` as in a TOML file."""
    forecast = {**SIZES, **tables.pop("forecast", {})}
    settings = {"epochs": 1, "threads": 1, "batch_size": 16, "baselines": False, **tables.pop("train", {})}
    data = {"source": path, "split": split, **tables.pop("data", {})}
    model = tables.pop("model", {"preset": "gru", "hidden": 4})
    asked = {"task": "forecast", "data": data, "model": model, "forecast": forecast, "train": settings}
    return resolve({**asked, **tables})


def prepared(path: str, **tables: Any) -> Prepared:
    """The problem and the windows."""
    return FORECAST.prepare(spec_of(path, **tables))


def problem_of(ready: Prepared) -> Forecast:
    """The problem, for the type checker."""
    assert isinstance(ready.problem, Forecast)
    return ready.problem


def split_of(ready: Prepared, name: str) -> ForecastSplit:
    """One part, for the type checker."""
    split = ready.splits[name]
    assert isinstance(split, ForecastSplit)
    return split


def network_of(ready: Prepared) -> nn.Module:
    """A network that learnt nothing."""
    torch.manual_seed(0)
    return ready.problem.network().eval().requires_grad_(False)


def trained(path: str, out: Path, **tables: Any) -> RunResult:
    """A run of one epoch."""
    return train(spec_of(path, **tables), out=out)
