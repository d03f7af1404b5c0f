"""Forecasting on the command line: train, evaluate, predict, study, look at data; what is bad is named."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tidegate.api import load
from tidegate.cli.app import app

SMALL = ("--preset", "gru", "--set", "model.hidden=4", "--set", "train.baselines=false")
SIZES = ("--horizon", "4", "--lookback", "8", "--set", "forecast.season=6")
ONCE = ("--epochs", "1", "--threads", "1")


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def long(rows: int = 60) -> pd.DataFrame:
    """Two stations, hour by hour; line 2 is the first row of ebb, line 62 that of flow."""
    parts: list[pd.DataFrame] = []
    for seed, name in enumerate(("ebb", "flow")):
        noise = np.random.default_rng(seed).uniform(-0.3, 0.3, rows)
        heights = np.round(5 + np.sin(2 * np.pi * np.arange(rows) / 6) + noise, 4)
        hours = pd.date_range("2016-01-01", periods=rows, freq="h").strftime("%Y-%m-%d %H:%M")
        columns = {"unique_id": name, "ds": hours, "y": heights.astype(str), "moon": np.arange(rows) % 5}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def written(folder: Path, frame: pd.DataFrame, name: str = "tides.csv") -> str:
    frame.to_csv(folder / name, index=False)
    return str(folder / name)


def train(path: str, out: Path, *more: str, split: str = "36/12/12", horizon: tuple[str, ...] = SIZES) -> Any:
    given = ("--data", path, "--split", split, *horizon, *SMALL, *ONCE, "--out", str(out))
    return call("train", "--task", "forecast", *given, *more)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("tides"), long())


@pytest.fixture(scope="module")
def run(path: str) -> Path:
    out = Path(path).parent / "run"
    result = train(path, out)
    assert result.exit_code == 0, result.stderr
    return out


@pytest.fixture(scope="module")
def known(path: str) -> Path:
    out = Path(path).parent / "known"
    result = train(path, out, "--set", 'forecast.known=["moon"]')
    assert result.exit_code == 0, result.stderr
    return out


def test_evaluate_on_the_table_of_training_gives_the_test_figures(run: Path, path: str) -> None:
    metrics = json.loads((run / "metrics.json").read_text())
    result = call("evaluate", str(run), "--data", path, "--json", "--threads", "1")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    expected = {name: value for name, value in metrics["test"].items() if name != "loss"}
    assert found["metrics"] == pytest.approx(expected, rel=1e-6) and found["samples"] == 18
    assert "over 4 steps" in found["definition"] and "season 6" in found["definition"]


def test_predict_prints_a_table_like_the_one_given(run: Path, path: str) -> None:
    result = call("predict", str(run), path, "--threads", "1")
    assert result.exit_code == 0, result.stderr
    frame = pd.read_csv(io.StringIO(result.stdout))
    assert frame.columns.tolist() == ["unique_id", "ds", "y", "y_lo_80", "y_hi_80", "y_lo_95", "y_hi_95"]
    assert frame["ds"].tolist() == [f"2016-01-03 {hour}:00" for hour in (12, 13, 14, 15)] * 2
    expected = load(run, threads=1).predict(path).frame
    np.testing.assert_allclose(frame["y"], expected["y"], rtol=1e-6)


@pytest.mark.parametrize("value", [1234567.0, 98765432.0])
def test_large_values_are_printed_as_people_write_them(value: float, tmp_path: Path, run: Path) -> None:
    frame = long()
    frame["unique_id"] = "large " + frame["unique_id"]
    frame["y"] = (frame["y"].astype(float) + value).astype(str)
    result = call("predict", str(run), written(tmp_path, frame), "--threads", "1")
    assert result.exit_code == 0, result.stderr
    assert "e+" not in result.stdout
    assert pd.read_csv(io.StringIO(result.stdout))["y"].tolist() == pytest.approx([value] * 8, abs=20)


def test_predict_as_json(run: Path, path: str) -> None:
    result = call("predict", str(run), path, "--json", "--horizon", "2", "--threads", "1")
    answers = json.loads(result.stdout)
    assert [one["name"] for one in answers["predictions"]] == ["ebb", "flow"]
    assert [finding["code"] for finding in answers["findings"]] == ["read-as"]
    rows = [row for one in answers["predictions"] for row in one["forecast"]]
    assert len(rows) == 4 and rows[0]["unique_id"] == "ebb" and rows[0]["ds"] == "2016-01-03 12:00"
    assert rows[0]["y_lo_80"] < rows[0]["y"] < rows[0]["y_hi_80"]


def read_json(path: Path) -> pd.DataFrame:
    answers = json.loads(path.read_text(encoding="utf-8"))["predictions"]
    return pd.DataFrame([row for one in answers for row in one["forecast"]])


@pytest.mark.parametrize("name", ["next.csv", "next.tsv", "next.csv.gz", "next.parquet", "next.json"])
def test_predict_writes_a_file_of_the_kind_that_its_name_says(
    name: str, run: Path, path: str, tmp_path: Path
) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    out = tmp_path / name
    as_json = ("--json",) if name.endswith("json") else ()
    result = call("predict", str(run), path, "--out", str(out), "--threads", "1", *as_json)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip() == str(out)
    frame = {
        "csv": pd.read_csv,
        "tsv": lambda file: pd.read_csv(file, sep="\t"),
        "gz": pd.read_csv,
        "parquet": pd.read_parquet,
        "json": read_json,
    }[name.rsplit(".", 1)[1]](out)
    np.testing.assert_allclose(frame["y"], load(run, threads=1).predict(path).frame["y"], rtol=1e-6)


def test_predict_leaves_a_file_that_exists_alone(run: Path, path: str, tmp_path: Path) -> None:
    out = tmp_path / "next.csv"
    out.write_text("mine")
    result = call("predict", str(run), path, "--out", str(out))
    assert result.exit_code == 2 and "the file exists" in result.stderr and out.read_text() == "mine"
    result = call("predict", str(run), path, "--out", str(tmp_path / "next.docx"))
    assert result.exit_code == 2 and ".parquet" in result.stderr and not (tmp_path / "next.docx").exists()


def test_a_bad_series_is_named_and_the_others_are_answered(run: Path, tmp_path: Path) -> None:
    frame = long()
    frame.loc[65, "y"] = "high"
    brief = pd.concat([frame, frame[:5].assign(unique_id="brief")])
    result = call("predict", str(run), written(tmp_path, brief), "--threads", "1")
    assert result.exit_code == 1
    assert {line.split(",")[0] for line in result.stdout.splitlines()[1:]} == {"ebb"}
    assert "series flow: line 67: y is 'high', no number" in result.stderr
    assert "brief: has 5 rows, and the network looks back over 8" in result.stderr
    assert "2 of 3 inputs could not be read" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--horizon", "5"), "longer than that of training"),
        (("--horizon", "0"), "horizon"),
        (("another.csv",), "one table at a time"),
        (("--stream",), "a model of the task forecast takes no --stream"),
        (("--every", "5"), "a model of the task forecast takes no --every"),
    ],
)
def test_what_predict_refuses(arguments: tuple[str, ...], said: str, run: Path, path: str) -> None:
    result = call("predict", str(run), path, *arguments)
    assert result.exit_code == 2 and said in result.stderr and not result.stdout


def test_covariates_of_the_future(known: Path, path: str, tmp_path: Path) -> None:
    result = call("predict", str(known), path)
    assert result.exit_code == 2 and "no series can be forecast" in result.stderr
    assert (
        "ebb has 0 rows beyond its last value, and 4 are needed: rows of the future with moon"
        in result.stderr
    )
    ahead = pd.date_range("2016-01-03 12:00", periods=4, freq="h").strftime("%Y-%m-%d %H:%M")
    future = pd.DataFrame({"unique_id": "ebb", "ds": ahead, "y": "", "moon": [0, 1, 2, 3]})
    result = call("predict", str(known), written(tmp_path, pd.concat([long(), future])))
    assert result.exit_code == 1 and len(result.stdout.splitlines()) == 5
    assert "flow: has 0 rows beyond" in result.stderr and "1 of 2 inputs could not be read" in result.stderr


def gap(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(index=[70, 71])


def twice(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame.iloc[[70]]])


def cell(column: str, value: str, row: int = 70) -> Any:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value
        return frame

    return change


BAD = [
    (
        gap,
        ("series flow: line 72: 2 rows are missing", "2016-01-01 09:00:00", "2016-01-01 12:00:00", "--fill"),
    ),
    (twice, ("series flow", "line 122", "stands twice", "line 72")),
    (cell("ds", "soon"), ("series flow: line 72: ds is 'soon', no date",)),
    (cell("y", ""), ("series flow: line 72: y is missing", "--fill")),
    (cell("y", "NaN"), ("series flow: line 72: y is missing",)),
    (cell("y", "inf"), ("series flow: line 72: y is inf, not finite",)),
    (cell("y", "high"), ("series flow: line 72: y is 'high', no number",)),
    (cell("ds", "2016-01-01 10:20"), ("series flow: line 72", "is no step of 1h")),
    (lambda frame: frame[:75], ("series flow: has 15 rows",)),
]


@pytest.mark.parametrize(("spoil", "said"), BAD, ids=[said[0] + said[-1] for _, said in BAD])
def test_bad_rows_are_named_with_file_series_and_line(
    spoil: Any, said: tuple[str, ...], tmp_path: Path
) -> None:
    path = written(tmp_path, spoil(long()))
    result = train(path, tmp_path / "run")
    assert result.exit_code == 2 and "1 of 2" in result.stderr, result.stderr
    assert path in result.stderr and "--skip-bad" in result.stderr
    for part in said:
        assert part in result.stderr
    assert "Traceback" not in result.stderr and not (tmp_path / "run").exists()


def test_skip_bad_trains_on_the_others_and_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, cell("y", "high")(long()))
    result = train(path, tmp_path / "run", "--skip-bad")
    assert result.exit_code == 0, result.stderr
    assert "left out 1 of 2" in result.stderr and "line 72" in result.stderr
    assert list(json.loads((tmp_path / "run" / "model" / "model.json").read_text())["problem"]["seen"]) == [
        "ebb"
    ]


def test_fill_trains_over_a_gap(tmp_path: Path) -> None:
    result = train(written(tmp_path, gap(long())), tmp_path / "run", "--fill", "mask")
    assert result.exit_code == 0, result.stderr
    assert "2 missing values of targets in 1 of 2 series are masked, 2 rows of them put in" in result.stderr


@pytest.mark.parametrize(
    ("rename", "said"),
    [
        ({"ds": "when"}, "no column of time"),
        ({"y": "moon2", "unique_id": "station"}, None),
        ({"unique_id": "station", "ds": "when", "y": "tall"}, "no column of time"),
    ],
)
def test_columns_of_other_names(rename: dict[str, str], said: str | None, tmp_path: Path) -> None:
    path = written(tmp_path, long().rename(columns=rename))
    result = train(path, tmp_path / "run")
    assert result.exit_code == 2 and "Traceback" not in result.stderr
    assert path in result.stderr and (said is None or said in result.stderr)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("forecast.horizon=0", "forecast.horizon"),
        ("forecast.fill='guess'", "forecast.fill"),
        ("forecast.known=['sun']", "no column 'sun'"),
        ("forecast.frequency='1m'", "1mo for months"),
        ("forecast.levels=[1.5]", "forecast.levels"),
        ("forecast.decoder='magic'", "forecast.decoder"),
    ],
)
def test_settings_that_cannot_be(setting: str, said: str, path: str, tmp_path: Path) -> None:
    result = train(path, tmp_path / "run", "--set", setting)
    assert result.exit_code == 2 and said in result.stderr, result.stderr
    assert not (tmp_path / "run").exists() and "Traceback" not in result.stderr


def test_a_horizon_of_0_is_refused(path: str, tmp_path: Path) -> None:
    result = train(path, tmp_path / "run", horizon=("--horizon", "0"))
    assert result.exit_code == 2 and "--horizon" in result.stderr


@pytest.mark.parametrize("content", ["", "ds,y\n", "1,2\n3,4\n", "\x00\x01\x02"])
def test_files_that_are_no_tables(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(content)
    result = train(str(tmp_path / "x.csv"), tmp_path / "run")
    assert result.exit_code == 2 and "x.csv" in result.stderr and "Traceback" not in result.stderr
    result = train(str(tmp_path / "none.csv"), tmp_path / "run")
    assert result.exit_code == 2 and "none.csv" in result.stderr


@pytest.mark.slow
def test_a_study_of_two_arms(path: str, tmp_path: Path) -> None:
    given = ("--data", path, "--split", "36/12/12", *SIZES, "--set", "train.baselines=false", *ONCE)
    arms = ("gru: model.preset=gru model.hidden=4", "lstm: model.preset=lstm model.hidden=4")
    out = tmp_path / "study"
    flags = [part for arm in arms for part in ("--arm", arm)]
    result = call(
        "study", "--task", "forecast", *given, *flags, "--workers", "2", "--out", str(out), "--json"
    )
    assert result.exit_code == 0, result.stderr
    assert '"gru"' in result.stdout and '"lstm"' in result.stdout and (out / "report.html").exists()


def test_show_a_preset_and_a_run(run: Path) -> None:
    result = call("show", "gru", "--task", "forecast")
    assert result.exit_code == 0, result.stderr
    assert "for a window of 96 steps" in result.stdout and "forecast.decoder" in result.stdout
    result = call("show", str(run))
    assert result.exit_code == 0, result.stderr
    assert "for a window of 8 steps" in result.stdout and "8 steps seen, 4 forecast" in result.stdout
    assert "decoder direct" in result.stdout and "parameters in all" in result.stdout
    assert "Gfxs4" in result.stdout
