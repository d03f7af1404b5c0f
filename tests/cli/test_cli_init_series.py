"""``tidegate init`` of time series: what was found, and a file that trains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from typer.testing import CliRunner

from tidegate.cli.app import app
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.reader import panel_from_frame
from tidegate.tasks.forecast.describe import describe_series

QUICK = (
    *("--horizon", "4", "--lookback", "8", "--preset", "gru", "--set", "model.hidden=4"),
    *("--epochs", "1", "--threads", "1", "--set", "train.baselines=false"),
)


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def long(rows: int = 60) -> pd.DataFrame:
    hours = pd.date_range("2016-01-01", periods=rows, freq="h").strftime("%Y-%m-%d %H:%M")
    heights = np.round(np.sin(np.arange(rows)), 3)
    parts = [pd.DataFrame({"unique_id": name, "ds": hours, "y": heights}) for name in ("ebb", "flow")]
    return pd.concat(parts, ignore_index=True)


def written(folder: Path, frame: pd.DataFrame) -> str:
    frame.to_csv(folder / "tides.csv", index=False)
    return str(folder / "tides.csv")


def test_init_says_what_was_found(tmp_path: Path) -> None:
    path = written(tmp_path, long())
    out = tmp_path / "x.toml"
    result = call("init", "--train", path, "--out", str(out))
    assert result.exit_code == 0, result.stderr
    assert "2 series of 60 rows, 2016-01-01 to 2016-01-03 11:00:00" in result.stderr
    assert "a row every 1h, a season of 24 rows" in result.stderr and "no gaps" in result.stderr
    assert "horizon 24, lookback 48" in result.stderr and "2 of 2 series" in result.stderr
    text = out.read_text()
    assert 'task = "forecast"' in text and "# to forecast: y" in text
    result = call("train", str(out), "--split", "36/12/12", *QUICK, "--out", str(tmp_path / "run"))
    assert result.exit_code == 0, result.stderr


def test_init_tells_gaps_and_bad_series(tmp_path: Path) -> None:
    path = written(tmp_path, long().drop(index=[70, 71]))
    result = call("init", "--train", path, "--task", "forecast", "--out", str(tmp_path / "x.toml"))
    assert result.exit_code == 0, result.stderr
    assert "gaps: 2 values (1.7%) of 1 series are missing; forecast.fill" in result.stderr
    assert "1 cannot be used" in result.stderr and "series flow first: line 72" in result.stderr


def test_lengths_that_differ_and_columns() -> None:
    frame = long().drop(index=range(100, 120)).assign(moon=1.0, coast="north")
    spec = ForecastSpec(known=["moon"], static=["coast"], horizon=3, lookback=6)
    lines = describe_series(panel_from_frame(frame, "x", spec), spec)
    assert lines[0] == "2 series of 40 to 60 rows (median 50), 2016-01-01 to 2016-01-03 11:00:00"
    assert lines[1] == "to forecast: y; known: moon; static: coast=north"
    assert lines[4].startswith("horizon 3, lookback 6") and len(lines) == 5


def test_rows_that_are_counted() -> None:
    frame = pd.DataFrame({"t": range(50), "y": np.arange(50.0)})
    spec = ForecastSpec(frequency="rows", time="t")
    lines = describe_series(panel_from_frame(frame, "x", spec), spec)
    assert lines[0] == "1 series of 50 rows, 0 to 49" and lines[2] == "a row every 1, no season"
    assert "horizon 12, lookback 12" in lines[4] and "120 rows: 1 of 1 series" in lines[5]


def test_no_series_can_be_used(tmp_path: Path) -> None:
    path = written(tmp_path, long().assign(y="high"))
    result = call("init", "--train", path, "--task", "forecast", "--out", str(tmp_path / "x.toml"))
    assert result.exit_code == 2 and "Traceback" not in result.stderr and not (tmp_path / "x.toml").exists()
