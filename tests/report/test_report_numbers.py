"""Reports of runs over numbers: forecasts and signals."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fake_numbers import (
    forecast,
    forecast_analysis,
    forecast_metrics,
    months,
    signal,
    signal_analysis,
    signal_metrics,
    stamps,
    values_metrics,
    write_forecast_run,
    write_numbers_study,
    write_signal_run,
    write_values_run,
)
from page_checker import EVIL, check

from tidegate.report import write_run_report, write_study_report

WRITE = {"forecast": write_forecast_run, "signal": write_signal_run, "values": write_values_run}


def page(report: Path) -> str:
    """Text of a report, a space for every element and every kind of space."""
    check(report)
    body = report.read_text().split("</style>")[1]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", body)))


def drawings(report: Path) -> list[str]:
    """What a screen reader says of each chart."""
    return [
        str(at.get("aria-label")).replace("\u202f", " ") for tag, at in check(report).tags if tag == "svg"
    ]


def test_a_forecasting_run(tmp_path: Path) -> None:
    report = write_run_report(write_forecast_run(tmp_path / "load"))
    text = page(report)
    assert "0.3812 mean squared error on the test split (2 785 windows) mse, mae = of values scaled" in text
    assert "It beats all 3 baselines; the best is “linear”, which reaches 0.386." in text
    for part in ("sMAPE 7.55 %", "MASE 1.269", "Coverage of 80 % 79.00 %", "forecasts, windows/s 9.8 k"):
        assert part in text
    for part in ("MSE (scaled) 0.3812", "MAE in units 12.34", "Width of 95 % 2.45", "Pinball loss 0.12"):
        assert part in text
    assert "FLOPs of a window of 96 steps, forward" in text and "Forecasting speed 9.8 k windows/s" in text
    # The figures that stand in tables only are not among those on top.
    assert "Width of" not in text[: text.index("Learning curves")]
    assert "80 % 1.0 points too few 79.0 % 1.230" in text and "95 % 2.1 points too many 97.1 % 2.451" in text
    assert "Series MSE sMAPE, % MASE Values Series A 0.9 7.55 1.465 24 000" in text
    assert "Step network last value seasonal naive linear 1 0.25 0.3" in text
    assert (
        text.count("largest error") == 2 and "observed forecast 80 % 95 % last value seasonal naive" in text
    )


def test_a_forecast_as_picture_and_as_text(tmp_path: Path) -> None:
    item = forecast("Air", months(36), 3, 12, target="Passengers")
    item |= {"truth": [1.0, None, 5.0], "forecast": [2.0, 3.0, 4.5]}
    item |= {"lower": {"80": [0.5, 1.0, 4.9]}, "upper": {"80": [3.0, 4.0, 6.0]}}
    item["baselines"] = {"last value": [2.0, 2.0, 2.0]}
    item["history"]["values"][30] = None
    report = write_run_report(
        write_forecast_run(tmp_path / "run", error_analysis={**forecast_analysis(), "forecasts": [item]})
    )
    text = page(report)
    assert "Mean absolute error 0.75, last value 2.00; 2 of 2 within 80 %." in text
    assert (
        "Time Came Forecast 80 % last value Oct 1951 1.0000 2.0000 0.5000 to 3.0000 2.0000 Nov 1951 – 3"
        in text
    )
    told = next(one for one in drawings(report) if one.startswith("Chart of Air"))
    assert told.startswith(
        "Chart of Air · Passengers, Jan 1949 to Dec 1951: the last 33 values, then 3 that were"
    )
    html = report.read_text()
    chart = html[html.index('aria-label="Chart of Air') :].split("</svg>")[0]
    observed = re.search(r'<path d="([^"]*)" class="seen"', chart)
    assert observed is not None
    # Once for the gap in the past, once for what did not come; a lone value is a dot.
    assert observed[1].count("M") == 2 and "<circle" in chart
    assert [label in chart for label in (">1950<", ">1951<", "the forecast begins", 'class="band"')] == [
        True
    ] * 4


def test_a_long_past_leaves_room_for_the_forecast(tmp_path: Path) -> None:
    item = forecast("Load", stamps(1000), 24)
    told = {**forecast_analysis(), "forecasts": [item]}
    report = write_run_report(write_forecast_run(tmp_path / "run", error_analysis=told))
    assert any("the last 72 values, then 24 that were forecast" in one for one in drawings(report))
    assert "7 Aug 2016, 16:00 to 11 Aug 2016, 15:00" in page(report)


@pytest.mark.parametrize(
    ("baseline", "said"),
    [
        (
            "last value",
            "The last value is hard to beat here: the network does not beat the baseline “last value”",
        ),
        ("seasonal naive", "The value of one season before is hard to beat here: the network"),
        ("AutoETS", "Exponential smoothing, fitted to each series, is hard to beat here: the network"),
        ("majority", "Learnt was no more than which class is the most frequent: the network does not beat"),
        ("a friend", "It does not beat the baseline “a friend”, which reaches 0.37."),
    ],
)
def test_a_rival_that_is_not_beaten_is_named(tmp_path: Path, baseline: str, said: str) -> None:
    told = forecast_metrics(
        0.38, baselines={baseline: {"mse": 0.37}, "drift": {"mse": 0.9}, "other": {"mae": 0.1}}
    )
    text = page(write_run_report(write_forecast_run(tmp_path / "run", metrics=told)))
    assert said in text and "It does beat “drift”." in text


def test_only_baselines_of_the_same_figure_are_counted(tmp_path: Path) -> None:
    told = forecast_metrics(0.38, baselines={"drift": {"mse": 0.9}, "other": {"mae": 0.1}})
    assert "It beats the baseline “drift”, which" in page(
        write_run_report(write_forecast_run(tmp_path / "run", metrics=told))
    )


def test_a_run_of_classes(tmp_path: Path) -> None:
    report = write_run_report(write_signal_run(tmp_path / "gestures"))
    text = page(report)
    assert "95.33 % accuracy on the test split (150 sequences)" in text and "It beats all 3 baselines" in text
    assert "is point taken for gun ✗ wrong · confidence 93 % · 315 steps, 6.30 s gestures/3.csv" in text
    assert "point taken for gun 7" in text and "FLOPs of a sequence of 315 steps" in text
    assert (
        "Share of errors of sequences by their number of steps. Steps Samples Errors 1–200 50 samples 6.00 %"
        in text
    )
    assert "Signal gestures/0.csv: 315 steps; acc 0 from −1.000 to 1.000; acc 1 from" in "".join(
        drawings(report)
    )
    assert "gestures/0.csv gun gun 315 steps acc 0 from −1.000 to 1.000" in text


@pytest.mark.parametrize("channels", [1, 3, 4, 6])
def test_many_channels_stand_one_above_the_other(tmp_path: Path, channels: int) -> None:
    report = write_run_report(write_signal_run(tmp_path / "run", error_analysis=signal_analysis(channels)))
    html = report.read_text()
    check(report)
    chart = html[html.index('aria-label="Signal gestures/0') :].split("</svg>")[0]
    assert chart.count('class="wave"') == channels
    assert ('text-anchor="end">acc 0<' in chart) == (channels > 3)


def test_a_run_of_values(tmp_path: Path) -> None:
    report = write_run_report(write_values_run(tmp_path / "meters"))
    text = page(report)
    assert "1.031 root mean squared error on the test split" in text and "R² 0.93" in text
    assert "It beats all 2 baselines; the best is “ridge regression”, which reaches 1.4." in text
    assert "40 sequences of the test split, a dot each" in text and "24 of them as a table" in text
    assert "Farthest off The answers that are farthest from what is right." in text
    assert "is 5 estimated 6.1269 1.13 off · 315 steps meter 1" in text
    assert "Mean absolute error of sequences by their number of steps" in text
    # A value is nearer or farther, never right or wrong.
    assert "✗" not in text and "Worst mistakes" not in text
    assert any(one.startswith("Scatter chart of 40 estimated values") for one in drawings(report))


@pytest.mark.parametrize("task", ["forecast", "signal", "values"])
def test_a_study(tmp_path: Path, task: str) -> None:
    study = write_numbers_study(tmp_path / "cells", task)
    report = write_study_report(study)
    text = page(report)
    assert "Every seed of segrnn is better than every seed of bilstm." in text
    if task == "forecast":
        assert "MSE on the test split, lower is better." in text
        assert "The same windows, side by side" in text and "Forecast by Error segrnn" in text
        assert "Step segrnn bilstm last value seasonal naive linear 1" in text
        assert "Arm 80 % width 95 % width segrnn 79.0 % 1.230 97.1 % 2.451" in text
        assert "Series A · Turnover" in text and "one window of many" in "".join(drawings(report)) + text
    elif task == "signal":
        assert "higher is better" in text and "segrnn gun ✓ bilstm gun ✓" in text
    else:
        assert "RMSE on the test split, lower is better." in text and "✓" not in text
        assert "segrnn 6.1269 1.13 off bilstm 6.1269" in text


def test_a_study_that_beats_no_baseline_says_so(tmp_path: Path) -> None:
    study = write_numbers_study(tmp_path / "cells", worse=1.0)
    results = json.loads((study / "results.json").read_text())
    results["baselines"] = {"last value": {"mse": 1.3}, "drift": {"mse": 2.0}}
    (study / "results.json").write_text(json.dumps(results))
    said = (
        "The last value is hard to beat here: no arm beats the best baseline “last value”, which reaches 1.3."
    )
    assert said in page(write_study_report(study))


def test_the_largest_reports_stay_small(tmp_path: Path) -> None:
    run = write_forecast_run(tmp_path / "forecast", error_analysis=forecast_analysis(720, 12))
    check(write_run_report(run), most=2_000_000)
    told = signal_analysis(6, 20)
    for item in told["samples"]:
        item["signal"] = signal(6, 16_000, 240, 8000)
    told["worst"] = told["samples"]
    check(write_run_report(write_signal_run(tmp_path / "signal", error_analysis=told)), most=2_000_000)


HOSTILE = (EVIL, "a\x00b\x07\x1b[31m", "\u202eturned\u2066", "x" * 5000, "", "\r\n", "]]>", "&lt;")


def test_hostile_names(tmp_path: Path) -> None:
    items = [
        forecast(name, [EVIL] * 30, 6, target=name, why=name, baselines={name: [1.0] * 6}) for name in HOSTILE
    ]
    told = {
        "task": "forecast",
        "forecasts": items,
        "by_step": {"measure": EVIL, "curves": {name: [1.0, 2.0] for name in HOSTILE}},
        "by_series": [{"name": name, "mse": 1.0, "count": 3} for name in HOSTILE],
        "intervals": [{"level": 0.8, "covered": None, "width": None}],
        "definition": EVIL,
    }
    checker = check(write_run_report(write_forecast_run(tmp_path / "run", error_analysis=told)))
    assert "<script>alert(1)" in checker.text and "\x00" not in checker.text
    samples = [
        {"name": name, "reference": name, "predicted": EVIL, "confidence": 1, "error": 1}
        | {
            "signal": {
                "channels": [name] * 5,
                "values": [[1, None, 1e300, 2]] * 5,
                "steps": 5,
                "rate": 0,
            }
        }
        for name in HOSTILE
    ]
    told = {"task": "signal", "samples": samples, "worst": samples}
    checker = check(write_run_report(write_signal_run(tmp_path / "signal", error_analysis=told)))
    assert "<script>alert(1)" in checker.text and "\u202e" not in checker.text


def window(stamps: list[str], values: list[float | None], **changes: Any) -> dict[str, Any]:
    item = {"name": "", "target": "", "history": {"stamps": [], "values": []}, "stamps": stamps}
    return item | {"truth": values, "forecast": values, **changes}


SAMPLE = {"name": "a", "reference": "1.5", "predicted": "2.0"}
EDGES: tuple[dict[str, Any], ...] = (
    {"task": "forecast"},
    {"task": "forecast", "forecasts": [window([], [])], "by_step": {"curves": {"network": []}}},
    {"task": "forecast", "forecasts": [window(["2016-01-01"], [None])]},
    {"task": "forecast", "forecasts": [window(["2016-01-02", "2016-01-01"], [1.0, 1e308])]},
    {"task": "forecast", "forecasts": [window(["9999-12-31", "x"], [1, 2], lower={"x": [1]})]},
    {"task": "forecast", "forecasts": [window(["0001-01-01", "9999-12-31"], [5, 5], lower={"80": [5, 5]})]},
    {"task": "forecast", "by_step": {"curves": {"network": [None, 1e200], "drift": [0, 0]}}},
    {"task": "forecast", "by_series": [{"name": "", "mse": None, "count": 0}]},
    {"task": "forecast", "intervals": [{"level": 2, "covered": -1, "width": None}]},
    {"task": "signal", "samples": [SAMPLE], "worst": [SAMPLE], "matrix": [], "classes": []},
    {"task": "signal", "samples": [SAMPLE | {"signal": signal(1, points=0)}]},
    {"task": "signal", "samples": [SAMPLE | {"signal": signal(2, steps=1, points=1, rate=0.0)}]},
    {"task": "signal", "scatter": [], "samples": [SAMPLE]},
    {"task": "signal", "scatter": [{"reference": None, "predicted": 1}, {"reference": 2, "predicted": 2}]},
)


@pytest.mark.parametrize("told", EDGES)
def test_values_at_the_edge(tmp_path: Path, told: dict[str, Any]) -> None:
    run = write_signal_run(tmp_path / "run", error_analysis=told, metrics=None, config=None)
    check(write_run_report(run))


@pytest.mark.parametrize("task", ["forecast", "signal"])
def test_an_error_analysis_says_its_task(tmp_path: Path, task: str) -> None:
    told = {"task": task, **(forecast_analysis() if task == "forecast" else signal_analysis())}
    run = WRITE[task](tmp_path / "run", error_analysis=told, metrics=None, config=None)
    html = write_run_report(run).read_text()
    assert f"<small>{task}</small>" in html and ('id="forecasts"' in html) == (task == "forecast")


def test_windows_of_sequences_have_figures_of_their_own(tmp_path: Path) -> None:
    figures = {"accuracy": 0.9, "window_accuracy": 0.8, "macro_f1": 0.7}
    told = signal_metrics(test=figures, definition="accuracy = of whole sequences")
    text = page(write_run_report(write_signal_run(tmp_path / "run", metrics=told)))
    assert "Accuracy of windows 80.00 %" in text
    told = values_metrics(test={"rmse": 2.0, "window_rmse": 3.5})
    assert "RMSE of windows 3.5" in page(
        write_run_report(write_values_run(tmp_path / "values", metrics=told))
    )
