"""``report --compare``: two arms of a study, two runs on the same samples."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tidegate.cli.app import app
from tidegate.errors import DataError
from tidegate.results.comparison import Comparison
from tidegate.results.metrics import Best, RunMetrics
from tidegate.results.samples import Samples
from tidegate.results.study import StudyResults
from tidegate.studies.analysis.comparison import compare
from tidegate.studies.analysis.run_pair import compare_runs
from tidegate.studies.analysis.runs import ArmResult, Question


def run_of(folder: Path, errors: list[int], *, metric: str = "cer", lower: bool = True) -> Path:
    """A run that has so many errors in ten symbols of each sample."""
    folder.mkdir()
    counts = [10] * len(errors)
    numerator = errors if lower else [10 - wrong for wrong in errors]
    value = sum(numerator) / sum(counts)
    samples = Samples(
        split="test", metric=metric, of=len(errors), numerator=tuple(map(float, numerator)),
        denominator=tuple(map(float, counts)), names=tuple(f"line-{i}" for i in range(len(errors))),
        references=("abc",) * len(errors), answers=tuple(f"{wrong} wrong" for wrong in errors),
    )  # fmt: skip
    samples.write(folder / "samples.json")
    metrics = RunMetrics(
        task="transcribe", primary=metric, lower_is_better=lower, valid={metric: 0.5}, test={metric: value},
        best=Best(1.0, 1), seconds=1.0, cpu_seconds=1.0, epochs=1.0, steps=1, stopped="epochs", parameters=1,
    )  # fmt: skip
    metrics.write(folder / "metrics.json")
    (folder / "config.toml").write_text('task = "transcribe"\n')
    return folder


def study_of(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    arms = [
        ArmResult(name, dict(enumerate((error * np.exp(rng.normal(0, 0.05, 5))).tolist())))
        for name, error in (("rnn", 0.3), ("gru", 0.1), ("lstm", 0.1))
    ]
    comparison = compare(arms, Question(metric="cer", split="test", lower_is_better=True))
    assert isinstance(comparison, Comparison)
    folder.mkdir()
    (folder / "study.toml").write_text("")
    results = StudyResults(
        task="transcribe", primary="cer", lower_is_better=True, arms=(), comparison=comparison
    )
    results.write(folder / "results.json")
    return folder


def told(*words: object) -> str:
    result = CliRunner().invoke(app, ["report", *map(str, words)])
    assert result.exit_code == 0, result.output
    return result.output.replace("\u202f", " ")


def test_two_runs_sample_by_sample(tmp_path: Path) -> None:
    one = run_of(tmp_path / "one", [1, 2, 0, 4] * 10)
    other = run_of(tmp_path / "two", [1, 0, 1, 2] * 10)
    pair = compare_runs(one, other)
    assert pair.values == pytest.approx((0.175, 0.1)) and (pair.improved, pair.worsened) == (20, 10)
    assert pair.changed[0].errors == -2 and pair.changed[0].name == "line-1"
    assert pair.difference.points.value == pytest.approx(-0.075)
    factor = pair.difference.factor
    assert factor is not None and factor.low is not None and factor.high is not None
    assert factor.low < factor.value < factor.high < 1
    text = told(one, "--compare", other)
    assert "divides CER by 1.74" in text and "20 with fewer errors, 10 with more" in text
    assert json.loads(told(one, "--compare", other, "--format", "json"))["improved"] == 20


def test_the_interval_covers_the_draw_of_the_samples(tmp_path: Path) -> None:
    """Of 200 draws of test samples from two runs whose errors differ by a tenth, nineteen in twenty cover that."""
    rng = np.random.default_rng(1)
    covered = 0
    for draw in range(200):
        hard = rng.gamma(2.0, 1.0, 150)
        first, second = (rng.poisson(hard * rate).clip(0, 10).tolist() for rate in (1.0, 0.9))
        one = run_of(tmp_path / f"a{draw}", first)
        factor = compare_runs(one, run_of(tmp_path / f"b{draw}", second)).difference.factor
        assert factor is not None and factor.low is not None and factor.high is not None
        covered += factor.low <= 0.9 <= factor.high
    assert 182 <= covered <= 198


def test_more_is_better(tmp_path: Path) -> None:
    one = run_of(tmp_path / "one", [1, 2, 0, 4], metric="accuracy", lower=False)
    pair = compare_runs(one, run_of(tmp_path / "two", [1, 3, 0, 4], metric="accuracy", lower=False))
    assert (pair.improved, pair.worsened) == (0, 1) and pair.changed[0].errors == 1
    assert pair.difference.factor is not None and pair.difference.factor.value > 1


@pytest.mark.parametrize("change", [{"metric": "wer"}, {"split": "valid"}, {"of": 9}, {"names": ("x",) * 4}])
def test_runs_on_other_samples_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    one, other = run_of(tmp_path / "one", [1, 2, 0, 4]), run_of(tmp_path / "two", [1, 2, 0, 4])
    samples = Samples.read(other / "samples.json")
    replace(samples, **change).write(other / "samples.json")  # pyright: ignore[reportArgumentType]
    with pytest.raises(DataError, match="not measured on the same samples"):
        compare_runs(one, other)


def test_two_arms_of_a_study(tmp_path: Path) -> None:
    study = study_of(tmp_path / "cells")
    text = told(study, "--compare", "gru,rnn")
    assert "rnn against gru: worse." in text and "corrected over 3 pairs" in text
    whole = json.loads(told(study, "--compare", "rnn, gru", "--format", "json"))
    assert whole["verdict"] == "worse" and whole["difference"]["factor"]["value"] == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize("arms", ["gru", "gru,gru", "gru,cnn", ""])
def test_arms_that_are_not_there(tmp_path: Path, arms: str) -> None:
    result = CliRunner().invoke(app, ["report", str(study_of(tmp_path / "cells")), "--compare", arms])
    assert result.exit_code != 0 and "expected: two of rnn, gru, lstm" in str(result.output) + str(
        result.exception
    )


def test_a_run_against_no_run(tmp_path: Path) -> None:
    one = run_of(tmp_path / "one", [1, 2, 0, 4])
    for other in (tmp_path / "missing", study_of(tmp_path / "cells")):
        result = CliRunner().invoke(app, ["report", str(one), "--compare", str(other)])
        assert result.exit_code != 0
