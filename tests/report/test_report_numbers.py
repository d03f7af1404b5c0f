"""Reports of runs over numbers: forecasts and signals."""

import json
import math
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from page_checker import EVIL, HOSTILE, check, drawings, words_on
from real_runs import Real, alone, altered, study_of

from tidegate.report import write_run_report, write_study_report
from tidegate.report.text.metrics import measure
from tidegate.report.text.numbers import short
from tidegate.results.analysis.forecast import ForecastAnalysis
from tidegate.results.analysis.signal import SignalAnalysis
from tidegate.results.metrics import RunMetrics

Json = dict[str, Any]


def text_of(values: dict[str, float], key: str) -> str:
    """A metric as pages write it."""
    return measure(key).text(values[key]).replace("\u202f", " ")


def hours(count: int, begin: str = "2016-07-01T00:00:00") -> list[str]:
    """ISO stamps, one after the other."""
    return [(datetime.fromisoformat(begin) + timedelta(hours=i)).isoformat() for i in range(count)]


def months(count: int, year: int = 1949) -> list[str]:
    """The first days of months."""
    return [f"{year + i // 12}-{i % 12 + 1:02}-01" for i in range(count)]


def window(stamps: list[str], steps: int, **changes: Any) -> Json:
    """A window of error_analysis.json: a rising wave that was forecast a little too high."""
    wave = [round(100 + 20 * math.sin(i / 4) + 0.1 * i, 3) for i in range(len(stamps))]
    past, truth = wave[:-steps], wave[-steps:]
    told = {"name": "Air", "target": "Passengers", "history": {"stamps": stamps[:-steps], "values": past}}
    forecast = [value + 1 for value in truth]
    bounds = {side: {"80": forecast, "95": forecast} for side in ("lower", "upper")}
    told |= {"stamps": stamps[-steps:], "truth": truth, "forecast": forecast, **bounds}
    return {**told, "baselines": {"last value": [past[-1]] * steps}, **changes}


def test_a_forecasting_run(real: Real) -> None:
    run = real("forecast")
    metrics = RunMetrics.read(run / "metrics.json")
    analysis, text = ForecastAnalysis.read(run / "error_analysis.json"), words_on(run / "report.html")
    assert metrics.test is not None
    test = {key: value for key, value in metrics.test.items() if value is not None}
    assert (
        f"{text_of(test, 'mse')} mean squared error on the test split (18 windows) mse, mae: over 4" in text
    )
    for key in ("smape", "mase", "coverage_80", "width_95"):
        assert f"{measure(key).label} {text_of(test, key)}".replace("\u202f", " ") in text
    assert f"MSE (scaled) {text_of(test, 'mse')}" in text
    assert f"MAE in units {text_of(test, 'mae_units')}" in text
    speed = short(metrics.samples_per_second.predict).replace("\u202f", " ")
    assert f"forecasts, windows/s {speed}" in text and f"Forecasting speed {speed} windows/s" in text
    assert "FLOPs of a window of 8 steps, forward" in text
    # The figures that stand in tables only are not among those on top.
    assert "Width of" not in text[: text.index("Learning curves")]
    worst, curves = analysis.by_series[0], analysis.by_step.curves
    assert worst.mse is not None and worst.smape is not None and worst.mase is not None
    assert f"Series MSE MAE sMAPE, % MASE Values {worst.name} {worst.mse:.4g}" in text
    assert f"{worst.smape:.2f} {worst.mase:.4g} {worst.count}" in text
    assert f"Step network {' '.join(name for name in curves if name != 'network')} 1 " in text
    assert text.count("largest error") == 2 * sum(item.why == "largest error" for item in analysis.forecasts)
    assert "observed forecast 80 % 95 %" in text


def test_how_far_intervals_are_off(real: Real, tmp_path: Path) -> None:
    levels = (
        {"level": 0.8, "covered": 0.79, "width": 1.23},
        {"level": 0.95, "covered": 0.9712, "width": 2.4512},
    )
    run = altered(real("forecast"), tmp_path / "run", error_analysis={"intervals": levels})
    text = words_on(write_run_report(run))
    assert "80 % 1.0 points too few 79.0 % 1.230" in text and "95 % 2.1 points too many 97.1 % 2.451" in text


def test_a_forecast_as_picture_and_as_text(real: Real, tmp_path: Path) -> None:
    item = window(months(36), 3, truth=[1.0, None, 5.0], forecast=[2.0, 3.0, 4.5])
    item |= {"lower": {"80": [0.5, 1.0, 4.9]}, "upper": {"80": [3.0, 4.0, 6.0]}}
    item["baselines"] = {"last value": [2.0, 2.0, 2.0]}
    item["history"]["values"][30] = None
    run = altered(real("forecast"), tmp_path / "run", error_analysis={"forecasts": [item]})
    report = write_run_report(run)
    text = words_on(report)
    assert "Mean absolute error 0.75, last value 2.00; 2 of 2 within 80 %." in text
    assert (
        "Time Observed Forecast 80 % last value Oct 1951 1.0000 2.0000 0.5000 to 3.0000 2.0000 Nov 1951 – 3"
        in text
    )
    label = next(label for label in drawings(report) if label.startswith("Chart of Air"))
    assert label.startswith(
        "Chart of Air · Passengers, Jan 1949 to Dec 1951: the last 33 values, then 3 that were"
    )
    html = report.read_text()
    chart = html[html.index('aria-label="Chart of Air') :].split("</svg>")[0]
    observed = re.search(r'<path d="([^"]*)" class="seen"', chart)
    assert observed is not None
    # Once for the gap in the past, once for what did not come; a lone value is a dot.
    assert observed[1].count("M") == 2 and "<circle" in chart
    assert all(part in chart for part in (">1950<", ">1951<", "the forecast begins", 'class="band"'))


def test_a_long_past_leaves_room_for_the_forecast(real: Real, tmp_path: Path) -> None:
    told = {"forecasts": [window(hours(1000), 24)]}
    report = write_run_report(altered(real("forecast"), tmp_path / "run", error_analysis=told))
    assert any("the last 72 values, then 24 that were forecast" in label for label in drawings(report))
    assert "7 Aug 2016, 16:00 to 11 Aug 2016, 15:00" in words_on(report)


@pytest.mark.parametrize(
    ("baseline", "sentence"),
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
def test_a_baseline_that_is_not_beaten_is_named(
    real: Real, tmp_path: Path, baseline: str, sentence: str
) -> None:
    baselines = {baseline: {"mse": 0.37}, "drift": {"mse": 0.9}, "other": {"mae": 0.1}}
    told = {"test": {"mse": 0.38}, "baselines": baselines}
    text = words_on(write_run_report(altered(real("forecast"), tmp_path / "run", metrics=told)))
    assert sentence in text and "It does beat “drift”." in text


@pytest.mark.parametrize(
    ("baselines", "sentence"),
    [
        # Only baselines of the same metric are counted.
        ({"drift": {"mse": 0.9}, "other": {"mae": 0.1}}, "It beats the baseline “drift”, which reaches 0.9."),
        (
            {"drift": {"mse": 0.9}, "linear": {"mse": 0.386}},
            "It beats all 2 baselines; the best is “linear”, which reaches 0.386.",
        ),
    ],
)
def test_baselines_that_are_beaten(real: Real, tmp_path: Path, baselines: Json, sentence: str) -> None:
    told = {"test": {"mse": 0.38}, "baselines": baselines}
    run = altered(real("forecast"), tmp_path / "run", metrics=told)
    assert sentence in words_on(write_run_report(run))


def test_a_run_of_classes(real: Real) -> None:
    run = real("signal")
    metrics = RunMetrics.read(run / "metrics.json")
    analysis, text = SignalAnalysis.read(run / "error_analysis.json"), words_on(run / "report.html")
    valid = {key: value for key, value in metrics.valid.items() if value is not None}
    assert f"{text_of(valid, 'accuracy')} accuracy on the validation split (6 sequences)" in text
    assert "FLOPs of a sequence of 19 steps" in text
    assert "Share of errors of sequences by their number of steps. Steps Samples Errors" in text
    group = analysis.errors_by_length[0]
    assert (
        group.value is not None and f"{group.length} {group.samples} sample {100 * group.value:.2f} %" in text
    )
    item = analysis.worst[0]
    assert item.signal is not None and item.confidence is not None
    assert (
        f"is {item.reference} taken for {item.predicted} ✗ wrong · confidence {100 * item.confidence:.0f} % · "
        f"{item.signal.steps} steps {item.name}"
    ) in text
    pair = analysis.confusions[0]
    assert f"{pair.reference} taken for {pair.predicted} {pair.count}" in text
    label = next(label for label in drawings(run / "report.html") if label.startswith(f"Signal {item.name}"))
    assert (
        label.startswith(f"Signal {item.name}: {item.signal.steps} steps; 0 from ") and "; 1 from " in label
    )
    assert f"{item.name} {item.reference} {item.predicted} {item.signal.steps} steps 0 from" in text


def signal(channels: int = 3, steps: int = 315, points: int = 60, rate: float | None = None) -> Json:
    """A signal as an error analysis holds it."""
    waves = [[round(math.sin(i / 5 + c) * (c + 1), 4) for i in range(points)] for c in range(channels)]
    return {"channels": [f"acc {i}" for i in range(channels)], "values": waves, "steps": steps, "rate": rate}


@pytest.mark.parametrize("channels", [1, 3, 4, 6])
def test_many_channels_stand_one_above_the_other(real: Real, tmp_path: Path, channels: int) -> None:
    item = {"name": "a.csv", "reference": "gun", "predicted": "gun", "signal": signal(channels, rate=50.0)}
    run = altered(real("signal"), tmp_path / "run", error_analysis={"samples": [item], "worst": []})
    report = write_run_report(run)
    html = report.read_text()
    assert "315 steps, 6.30 s a.csv" in words_on(report)
    chart = html[html.index('aria-label="Signal a.csv') :].split("</svg>")[0]
    assert chart.count('class="wave"') == channels
    assert ('text-anchor="end">acc 0<' in chart) == (channels > 3)


def test_a_run_of_values(real: Real, tmp_path: Path) -> None:
    estimates = [{"reference": i / 2, "predicted": i / 2 + 1} for i in range(40)]
    run = altered(real("values"), tmp_path / "run", error_analysis={"scatter": estimates})
    metrics, analysis = (
        RunMetrics.read(run / "metrics.json"),
        SignalAnalysis.read(run / "error_analysis.json"),
    )
    report = write_run_report(run)
    text = words_on(report)
    valid = {key: value for key, value in metrics.valid.items() if value is not None}
    assert f"{text_of(valid, 'rmse')} root mean squared error on the validation split" in text
    assert f"R² {text_of(valid, 'r2')}" in text
    assert "40 sequences of the validation split, a dot each" in text and "24 of them as a table" in text
    assert "Farthest off The answers that are farthest from what is right." in text
    item = analysis.worst[0]
    assert item.signal is not None and item.error is not None
    assert (
        f"is {item.reference} estimated {item.predicted} {item.error:.3g} off · {item.signal.steps} steps {item.name}"
        in text
    )
    assert "Mean absolute error of sequences by their number of steps" in text
    # A value is nearer or farther, never right or wrong.
    assert "✗" not in text and "Worst mistakes" not in text
    assert any(label.startswith("Scatter chart of 40 estimated values") for label in drawings(report))


def test_a_study_of_forecasts(real: Real, tmp_path: Path) -> None:
    arms = {"segrnn": {"test": {"mse": 0.35}}, "bilstm": {"test": {"mse": 0.38}}}
    report = write_study_report(study_of(real("forecast"), tmp_path / "cells", arms))
    text, analysis = words_on(report), ForecastAnalysis.read(real("forecast") / "error_analysis.json")
    assert "segrnn has the best mean of what has ended so far" in text
    assert "MSE on the test split, lower is better." in text
    assert "The same windows, side by side" in text and "Forecast by Error segrnn" in text
    baselines = " ".join(name for name in analysis.by_step.curves if name != "network")
    assert f"Step segrnn bilstm {baselines} 1" in text
    narrow, wide = (f"{100 * (i.covered or 0):.1f} % {i.width:.3f}" for i in analysis.intervals)
    assert f"Arm 80 % width 95 % width segrnn {narrow} {wide}" in text
    assert f"{analysis.forecasts[0].name} · {analysis.forecasts[0].target}" in text
    assert "one window of many" in text


@pytest.mark.parametrize("kind", ["signal", "values"])
def test_a_study_of_signals(real: Real, tmp_path: Path, kind: str) -> None:
    key = "rmse" if kind == "values" else "accuracy"
    arms = {"segrnn": {"test": {key: 0.9}}, "bilstm": {"test": {key: 0.9 + (0.1 if key == "rmse" else -0.1)}}}
    text = words_on(write_study_report(study_of(real(kind), tmp_path / "cells", arms)))
    item = SignalAnalysis.read(real(kind) / "error_analysis.json").samples[0]
    assert "segrnn has the best mean of what has ended so far" in text
    if kind == "signal":
        sign = "✓" if item.reference == item.predicted else "✗"
        assert "higher is better" in text
        assert f"segrnn {item.predicted} {sign} bilstm {item.predicted} {sign}" in text
    else:
        assert "RMSE on the test split, lower is better." in text and "✓" not in text
        assert f"segrnn {item.predicted} {item.error:.3g} off bilstm {item.predicted}" in text


def test_a_study_that_beats_no_baseline_says_so(real: Real, tmp_path: Path) -> None:
    baselines = {"last value": {"mse": 1.3}, "drift": {"mse": 2.0}}
    arms = {arm: {"test": {"mse": 1.35}, "baselines": baselines} for arm in ("segrnn", "bilstm")}
    text = words_on(write_study_report(study_of(real("forecast"), tmp_path / "cells", arms)))
    assert (
        "The last value is hard to beat here: no arm beats the best baseline, “last value”, which reaches 1.3."
        in text
    )


def test_the_largest_reports_stay_small(real: Real, tmp_path: Path) -> None:
    curves = {name: [0.1 * i for i in range(720)] for name in ("network", "last value", "linear")}
    told: Json = {"forecasts": [window(hours(2880), 720) for _ in range(12)]}
    told["by_step"] = {"measure": "mse", "curves": curves}
    run = altered(real("forecast"), tmp_path / "forecast", error_analysis=told)
    check(write_run_report(run), most=2_000_000)
    wave = signal(6, 16_000, 240, 8000)
    items = [{"name": f"{i}.csv", "reference": "gun", "predicted": "gun", "signal": wave} for i in range(20)]
    run = altered(real("signal"), tmp_path / "signal", error_analysis={"samples": items, "worst": items})
    check(write_run_report(run), most=2_000_000)


def test_hostile_names(real: Real, tmp_path: Path) -> None:
    told: Json = {
        "forecasts": [
            window([EVIL] * 30, 6, name=name, target=name, why=name, baselines={name: [1.0] * 6})
            for name in HOSTILE
        ],
        "by_step": {"measure": EVIL, "curves": {name: [1.0, 2.0] for name in HOSTILE}},
        "by_series": [{"name": name, "mse": 1.0, "count": 3} for name in HOSTILE],
        "intervals": [{"level": 0.8, "covered": None, "width": None}],
        "definition": EVIL,
    }
    checker = check(write_run_report(altered(real("forecast"), tmp_path / "run", error_analysis=told)))
    assert "<script>alert(1)" in checker.text and "\x00" not in checker.text
    samples = [
        {"name": name, "reference": name, "predicted": EVIL, "confidence": 1, "error": 1}
        | {"signal": {"channels": [name] * 5, "values": [[1, None, 1e300, 2]] * 5, "steps": 5, "rate": 0}}
        for name in HOSTILE
    ]
    told = {"samples": samples, "worst": samples}
    checker = check(write_run_report(altered(real("signal"), tmp_path / "signal", error_analysis=told)))
    assert "<script>alert(1)" in checker.text and "\u202e" not in checker.text


def empty(stamps: list[str], values: list[float | None], **changes: Any) -> Json:
    """A window without a past."""
    item = {"name": "", "target": "", "history": {"stamps": [], "values": []}, "stamps": stamps}
    return item | {"truth": values, "forecast": values, **changes}


SAMPLE = {"name": "a", "reference": "1.5", "predicted": "2.0"}
EDGES: tuple[Json, ...] = (
    {"task": "forecast"},
    {"task": "forecast", "forecasts": [empty([], [])], "by_step": {"curves": {"network": []}}},
    {"task": "forecast", "forecasts": [empty(["2016-01-01"], [None])]},
    {"task": "forecast", "forecasts": [empty(["2016-01-02", "2016-01-01"], [1.0, 1e308])]},
    {"task": "forecast", "forecasts": [empty(["9999-12-31", "x"], [1, 2], lower={"x": [1]})]},
    {"task": "forecast", "forecasts": [empty(["0001-01-01", "9999-12-31"], [5, 5], lower={"80": [5, 5]})]},
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
def test_values_at_the_edge(tmp_path: Path, told: Json) -> None:
    check(write_run_report(alone(tmp_path / "run", told)))


@pytest.mark.parametrize("task", ["forecast", "signal"])
def test_an_error_analysis_says_its_task(real: Real, tmp_path: Path, task: str) -> None:
    told = json.loads((real(task) / "error_analysis.json").read_text("utf-8"))
    html = write_run_report(alone(tmp_path / "run", told)).read_text()
    assert f"<small>{task}</small>" in html and ('id="forecasts"' in html) == (task == "forecast")


@pytest.mark.parametrize(
    ("kind", "test", "shown"),
    [
        ("signal", {"accuracy": 0.9, "window_accuracy": 0.8}, "Accuracy of windows 80.00 %"),
        ("values", {"rmse": 2.0, "window_rmse": 3.5}, "RMSE of windows 3.5"),
    ],
)
def test_windows_of_sequences_have_figures_of_their_own(
    real: Real, tmp_path: Path, kind: str, test: Json, shown: str
) -> None:
    run = altered(real(kind), tmp_path / "run", metrics={"test": test})
    assert shown in words_on(write_run_report(run))
