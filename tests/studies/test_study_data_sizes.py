"""Studies over sizes of the training data, with a stub in place of training."""

from __future__ import annotations

import csv
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tidegate.cli.study.request import StudyFlags, study_request
from tidegate.config.run import RunSpec
from tidegate.config.study import Design
from tidegate.config.study_table import checked
from tidegate.errors import ConfigError
from tidegate.report.export import export
from tidegate.report.study.data_sizes import order_told
from tidegate.results.comparison import Comparison
from tidegate.results.study import StudyResults
from tidegate.studies import StudySpec, parse_arms, run_study
from tidegate.studies.analysis.comparison import compare
from tidegate.studies.analysis.runs import ArmResult, Question
from tidegate.studies.design.data_sizes import size_name
from tidegate.studies.size_order import size_order

STUB = (sys.executable, str(Path(__file__).parents[1] / "cases" / "stub_worker.py"))


def plan(sizes: list[Any], seeds: int = 2, **design: Any) -> StudySpec:
    base = RunSpec.model_validate({"task": "classify", "train": {"epochs": 3}})
    table = checked(Design, {"sizes": sizes, **design}, "study")
    return StudySpec(base, parse_arms("gru,lstm"), seeds, table)


def jobs(study: Path) -> dict[str, Any]:
    found = {path: json.loads(path.read_text())["spec"] for path in study.glob("**/job.json")}
    return {path.parent.relative_to(study).as_posix(): spec for path, spec in found.items()}


def test_every_arm_and_seed_learns_from_every_size(tmp_path: Path) -> None:
    out = tmp_path / "s"
    results = run_study(plan(["100%", "10%", 0.5]), out, workers=2, command=STUB).results
    found = jobs(out)
    assert len(found) == 12
    shares = {folder: spec["data"]["train_share"] for folder, spec in found.items()}
    assert shares["runs/gru/seed-0"] is None
    assert shares["sizes/10-percent/lstm/seed-1"] == 0.1 and shares["sizes/50-percent/gru/seed-0"] == 0.5
    draws = {(spec["seed"], spec["data"]["resample"], spec["data"]["split_seed"]) for spec in found.values()}
    assert draws == {(0, 0, 0), (1, 1, 0)}, "a size has the splits of the whole"
    measuring = {folder for folder, spec in found.items() if spec["train"]["baselines"]}
    assert measuring == {folder for folder in found if "/gru/" in folder}, "once a split, at each size"
    assert results.design.sizes == ("10%", "50%", "100%")
    assert [(size.size, size.samples) for size in results.sizes] == [("10%", 8000), ("50%", 40_000)]
    assert results.sizes[0].arms[1].runs[0].folder == "sizes/10-percent/lstm/seed-0"
    assert results.samples == 80_000 and results.sizes[0].baselines
    means = [size.arms[0].mean.on("test")["accuracy"] for size in results.sizes]
    assert means == pytest.approx([0.825, 0.865])
    assert results.sizes[0].comparison and results.sizes[0].comparison.best == "gru"
    assert StudyResults.read(out / "results.json") == results
    page = (out / "report.html").read_text()
    assert 'id="sizes"' in page and "10%: 8,000" in page and "100%: 80,000" in page
    assert "gru, 10%" in page and 'href="sizes/10-percent' not in page
    assert re.search(r"\| *10%: 8,000 *\|", export(out, "markdown"))
    rows = list(csv.DictReader(export(out, "csv").splitlines()))
    assert sorted({row["size"] for row in rows}) == ["10%", "100%", "50%"] and len(rows) == 12


def test_sizes_may_be_added_below_the_largest(tmp_path: Path) -> None:
    out = tmp_path / "s"
    run_study(plan([]), out, workers=2, command=STUB)
    before = {path: path.stat().st_mtime_ns for path in out.glob("runs/**/metrics.json")}
    run_study(plan(["10%", "100%"]), out, workers=2, command=STUB)
    flags = StudyFlags(out=out, sizes="30%,100%")
    results = run_study(study_request(flags), out, workers=2, command=STUB).results
    assert results.design.sizes == ("10%", "30%", "100%") and len(jobs(out)) == 12
    assert {path: path.stat().st_mtime_ns for path in out.glob("runs/**/metrics.json")} == before
    again = run_study(study_request(StudyFlags(out=out)), out, workers=2, command=STUB).results
    assert again.sizes == results.sizes
    with pytest.raises(ConfigError, match="another size"):
        run_study(plan([0.1, 0.5]), out, workers=2, command=STUB)
    with pytest.raises(ConfigError, match="cannot be added"):
        run_study(plan([500, 1.0]), out, workers=2, command=STUB)


def test_counts_have_the_largest_as_the_study_itself(tmp_path: Path) -> None:
    study = plan([2000, 500], tune=2)
    assert study.run_spec(study.runs[0]).data.train_share == 2000
    assert study.run_spec(study.trial("gru", 1)).data.train_share == 2000
    assert {run.size for run in study.size_runs} == {"500"}
    assert study.run_spec(study.size_runs[0]).data.train_share == 500
    assert [size_name(size) for size in plan([500, "100%"]).design.sizes] == ["500", "100%"]


@pytest.mark.parametrize(
    "text", ["0%,100%", "101%,50%", "10%,10%", "10%,0.1", "10%", "500,10%", "ten,100%", "0,5", "10%,,100%"]
)
def test_sizes_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        study_request(StudyFlags(task="classify", train="x", arms="gru,lstm", sizes=text))
    assert "sizes" in str(caught.value.where)


def test_two_keys_for_one_thing_are_refused() -> None:
    base = RunSpec.model_validate({"task": "classify", "data": {"train_share": 0.5}})
    with pytest.raises(ConfigError, match="two keys"):
        StudySpec(base, parse_arms("gru,lstm"), 2, Design(sizes=[0.1, 1.0]))


def test_of_arms_that_get_no_more_seeds_another_one_measures_the_baselines() -> None:
    study = replace(plan(["10%", "100%"], seeds=10), stopped={"gru": 5})
    measuring = [str(run) for run in (*study.runs, *study.size_runs) if study.run_spec(run).train.baselines]
    for size in ("", "10%, "):
        assert [f"gru, {size}seed {seed}" in measuring for seed in range(10)] == [True] * 5 + [False] * 5
        assert [f"lstm, {size}seed {seed}" in measuring for seed in range(10)] == [False] * 5 + [True] * 5


def compared(errors: list[float], noise: np.random.Generator, seeds: int = 10) -> Comparison:
    arms = [
        ArmResult(f"arm{at}", {seed: error * float(np.exp(noise.normal(0, 0.1))) for seed in range(seeds)})
        for at, error in enumerate(errors)
    ]
    found = compare(arms, Question(metric="cer", split="test", lower_is_better=True, units=5000))
    assert found is not None
    return found


def told(comparisons: dict[str, Comparison]) -> str:
    return order_told(StudyResults(task="t", arms=(), order=size_order(comparisons)))


def test_arms_that_cross_are_found_and_equal_ones_are_not() -> None:
    noise = np.random.default_rng(0)
    false = found = 0
    null: dict[str, Comparison] = {}
    crossing: dict[str, Comparison] = {}
    for _ in range(60):
        null = {size: compared([0.05, 0.05, 0.05], noise) for size in ("10%", "30%", "100%")}
        false += bool(size_order(null).changes)
        crossing = {
            "10%": compared([0.2, 0.3, 0.2], noise),
            "30%": compared([0.1, 0.1, 0.1], noise),
            "100%": compared([0.06, 0.04, 0.06], noise),
        }
        changes = size_order(crossing).changes
        found += ("arm0", "arm1", "10%", "100%") in {
            (one.a, one.b, one.smaller, one.larger) for one in changes
        }
        assert all(one.b == "arm1" for one in changes)
    assert false <= 3 and found >= 48, (false, found)
    assert "arm1 is at 100%" in told(crossing)
    assert "No pair" in told(null)


def test_an_order_that_stays_is_told_and_a_first_look_decides_nothing() -> None:
    noise = np.random.default_rng(1)
    same = {"10%": compared([0.1, 0.3], noise), "100%": compared([0.02, 0.08], noise)}
    assert size_order(same).same == 1 and "the same at every size" in told(same)
    early = {size: compared([0.1, 0.3], noise, seeds=3) for size in ("10%", "100%")}
    assert size_order(early).alpha == 0 and "Three seeds or fewer" in told(early)
