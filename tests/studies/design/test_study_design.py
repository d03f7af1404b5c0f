"""Studies that match and tune, with a stub in place of training: what is decided, in which order, and what goes on."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from result_cases import run_metrics, validation
from tidegate.config.run import RunSpec
from tidegate.config.study import Design
from tidegate.errors import ConfigError
from tidegate.report.export import export
from tidegate.results.metrics import Best
from tidegate.results.study import StudyResults
from tidegate.studies import StudySpec, parse_arms, run_study
from tidegate.studies import study as room
from tidegate.studies.analysis.comparison import compare
from tidegate.studies.analysis.runs import ArmResult, Question
from tidegate.studies.callbacks import NullReporter, RunKey
from tidegate.studies.collection import collect_studies, open_collection
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.design.matching import solve
from tidegate.studies.design.plan import TRIAL_SEED
from tidegate.studies.learning_curve import best_seconds, improving

STUB = (sys.executable, str(Path(__file__).parents[2] / "cases" / "stub_worker.py"))


def plan(arms: str = "gru,lstm", seeds: int = 2, **design: Any) -> StudySpec:
    base = RunSpec.model_validate({"task": "classify", "train": {"epochs": 3}})
    return StudySpec(base, parse_arms(arms), seeds, Design(**design))


class Order(NullReporter):
    """Notes which runs began, in order."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.begun: list[RunKey] = []
        self.kept: tuple[RunKey, ...] = ()
        self.further: list[RunKey] = []
        self._stop_at = stop_at

    def started(self, plan: Any) -> None:
        self.kept = plan.kept

    def extended(self, runs: Sequence[RunKey]) -> None:
        self.further += runs

    def run_started(self, run: RunKey, resumed: bool) -> None:
        self.begun.append(run)
        if len(self.begun) == self._stop_at:
            raise KeyboardInterrupt


def specs(study: Path, pattern: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text())["spec"] for path in sorted(study.glob(pattern))]


def spec_of_trial_0(study: Path, arm: str) -> float:
    return specs(study, f"trials/{arm}/trial-0/job.json")[0]["optimiser"]["learning_rate"]


def test_all_trials_come_before_any_run_that_counts(tmp_path: Path) -> None:
    reporter = Order()
    result = run_study(plan(tune=3), tmp_path / "s", workers=2, reporter=reporter, command=STUB)
    assert not result.failed
    kinds = ["counts" if run.trial is None else "again" if run.repeat else "trial" for run in reporter.begun]
    assert kinds == ["trial"] * 6 + ["again"] * 4 + ["counts"] * 4
    trials = specs(tmp_path / "s", "trials/*/*/job.json")
    assert all(spec["train"]["validation_only"] for spec in trials)
    assert {spec["seed"] for spec in trials} == {TRIAL_SEED, TRIAL_SEED + 1}
    assert sorted(reporter.further) == sorted(run for run in reporter.begun if run.repeat)
    runs = specs(tmp_path / "s", "runs/*/*/job.json")
    assert {spec["seed"] for spec in runs} == {0, 1} and not any(
        spec["train"]["validation_only"] for spec in runs
    )


def test_both_arms_try_the_same_and_the_choice_reaches_the_runs(tmp_path: Path) -> None:
    run_study(plan(tune=3), tmp_path / "s", workers=2, command=STUB)
    tuning = json.loads((tmp_path / "s" / "tuning.json").read_text())["arms"]
    tried = {arm: [one["settings"] for one in told["trials"]] for arm, told in tuning.items()}
    assert tried["gru"] == tried["lstm"] and tried["gru"][0] == {} and len(tried["gru"]) == 3
    for arm, told in tuning.items():
        settings = told["trials"][told["chosen"]]["settings"]
        for spec in specs(tmp_path / "s", f"runs/{arm}/*/job.json"):
            expected = settings.get("optimiser.learning_rate", spec["optimiser"]["learning_rate"])
            assert spec["optimiser"]["learning_rate"] == expected
        # In the stub all trials tie, and another seed is another value.
        assert told["tied"] == {"trials": 3, "among": 3, "units": 10} and told["improving"]
        assert [trial["repeat"] is not None for trial in told["trials"]].count(True) == 2
        assert told["defaults"]["optimiser.learning_rate"] == spec_of_trial_0(tmp_path / "s", arm)
    results = json.loads((tmp_path / "s" / "results.json").read_text())
    assert [arm["settings"] for arm in results["arms"]] == [
        tuning[arm["arm"]]["trials"][tuning[arm["arm"]]["chosen"]]["settings"] for arm in results["arms"]
    ]


def test_a_study_that_was_stopped_while_tuning_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as slow:
        slow.setenv("STUB_PAUSE", "0.2")
        first = run_study(plan(tune=3), tmp_path / "s", workers=1, reporter=Order(stop_at=3), command=STUB)
    assert first.interrupted
    before = json.loads((tmp_path / "s" / "tuning.json").read_text())["arms"]
    reporter = Order()
    second = run_study(plan(tune=3), tmp_path / "s", workers=1, reporter=reporter, command=STUB)
    assert not second.interrupted and [arm.n for arm in second.results.arms] == [2, 2]
    after = json.loads((tmp_path / "s" / "tuning.json").read_text())["arms"]
    for arm, told in before.items():
        for one in told["trials"]:
            same = next(other for other in after[arm]["trials"] if other["number"] == one["number"])
            assert same["settings"] == one["settings"]
    assert {run.trial for run in reporter.kept if run.trial is not None} and len(reporter.begun) < 14
    alone = run_study(plan(tune=3), tmp_path / "t", workers=1, command=STUB)
    assert json.loads((tmp_path / "t" / "tuning.json").read_text())["arms"] == after
    assert alone.results.arms[0].settings == second.results.arms[0].settings


def test_seeds_are_added_without_new_trials(tmp_path: Path) -> None:
    run_study(plan(tune=2), tmp_path / "s", workers=2, command=STUB)
    reporter = Order()
    result = run_study(plan(tune=2, seeds=4), tmp_path / "s", workers=2, reporter=reporter, command=STUB)
    assert [arm.n for arm in result.results.arms] == [4, 4]
    assert all(run.trial is None and run.seed >= 2 for run in reporter.begun) and len(reporter.begun) == 4
    assert result.results.comparison.seeds == (0, 1, 2, 3)


def test_a_new_margin_changes_the_verdict_and_no_run(tmp_path: Path) -> None:
    first = run_study(plan(seeds=5, margin=0.001), tmp_path / "s", workers=2, command=STUB)
    reporter = Order()
    second = run_study(plan(seeds=5, margin=0.5), tmp_path / "s", workers=2, reporter=reporter, command=STUB)
    assert reporter.begun == []
    verdicts = [[row.verdict for row in one.results.comparison.arms] for one in (first, second)]
    # In the stub gru is better by 0.02 on every split, which vary by 0.016 between each other.
    assert verdicts == [["best", "worse"], ["best", "good enough"]]
    with pytest.raises(ConfigError, match="holds another study"):
        run_study(plan(seeds=5, tune=2), tmp_path / "s", command=STUB)


def test_the_time_to_a_target_is_told_and_changes_no_run(tmp_path: Path) -> None:
    run_study(plan(seeds=2), tmp_path / "s", workers=2, command=STUB)
    reporter = Order()
    study = plan(seeds=2, target=0.75)
    result = run_study(study, tmp_path / "s", workers=2, reporter=reporter, command=STUB)
    assert reporter.begun == [] and result.results.design.target == 0.75
    # The stub has 1 − 0.5 / n after n epochs of 1.5 seconds.
    times = [(one.arm, one.n, one.reached, one.median and one.median.value) for one in result.results.times]
    assert times == [("gru", 2, 2, 3.0), ("lstm", 2, 2, 3.0)]
    page = (tmp_path / "s" / "report.html").read_text("utf-8")
    assert "Time to the target" in page and "2 of 2" in page
    assert "| gru | 2 of 2 | 3" in export(tmp_path / "s", "markdown")
    never = run_study(plan(seeds=2, target=0.999), tmp_path / "s", workers=2, command=STUB)
    assert [(one.reached, one.median) for one in never.results.times] == [(0, None), (0, None)]


def test_sizes_are_asked_for_once_and_reach_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def survey(kind: str, request: dict[str, Any], threads: int | None) -> dict[str, Any]:
        asked.append([one["key"] for one in request["specs"]])
        told = {"parameters": 1000, "flops": 1, "architecture": "[net]"}
        arms = [
            {"key": one["key"], "units": [11, 12], "off": 0.02 * (one["key"] == "lstm"), **told}
            for one in request["specs"]
        ]
        return {"target": 1000, "arms": arms, "notes": []}

    monkeypatch.setattr(room, "call_worker", survey)
    study = plan(match="parameters", tune=2)
    result = run_study(study, tmp_path / "s", workers=2, command=STUB)
    assert asked == [["gru", "lstm"]], "dropout and learning rate change no size"
    for spec in specs(tmp_path / "s", "*/*/*/job.json"):
        assert spec["model"]["units"] == [11, 12]
    assert any("lstm has 1,000 parameters, +2.0% of the 1,000" in note for note in result.results.notes)
    run_study(study, tmp_path / "s", workers=2, command=STUB)
    assert len(asked) == 1


def test_an_arm_that_cannot_be_so_small_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def survey(kind: str, request: dict[str, Any], threads: int | None) -> dict[str, Any]:
        return {
            "target": 10,
            "arms": [{"key": "gru", "error": "its other layers alone have more"}, {"key": "lstm"}],
        }

    monkeypatch.setattr(room, "call_worker", survey)
    reporter = Order()
    with pytest.raises(ConfigError, match="not all arms can have 10 parameters") as caught:
        run_study(plan(match="parameters", size=10), tmp_path / "s", reporter=reporter, command=STUB)
    assert "gru: its other layers" in str(caught.value) and reporter.begun == []
    assert not (tmp_path / "s").exists()


def test_the_study_of_a_folder_reads_back_with_its_design(tmp_path: Path) -> None:
    study = plan(match="flops", tune=2, search={"train.batch_size": {"choices": [8, 16]}}, margin=0.01)
    folder = StudyFolder(tmp_path / "s")
    folder.create(study)
    assert folder.open() == study


@pytest.mark.parametrize(
    ("units", "target"), [([128], 50_000), ([64, 64], 100_000), ([1, 1000], 20_000), ([10], 3)]
)
def test_the_nearest_size_is_found(units: list[int], target: int) -> None:
    def count(sizes: Any) -> int:
        return sum(4 * size * (size + 30) for size in sizes) + 1

    found = solve(units, target, count)
    assert found.count == count(found.units) and all(size >= 1 for size in found.units)
    for place in range(len(units)):
        for step in (-1, 1):
            moved = [size + step * (i == place) for i, size in enumerate(found.units)]
            if min(moved) >= 1 and abs(found.off(target)) > 0.002:
                assert abs(count(moved) - target) >= abs(found.count - target)


def test_when_a_run_was_best_and_whether_it_still_improved() -> None:
    rows = [
        validation(step=n, seconds=10.0 * n, valid={"accuracy": value})
        for n, value in enumerate((0.5, 0.8, 0.83), 1)
    ]
    metrics = run_metrics(best=Best(1.0, 2))
    assert best_seconds(rows, metrics) == 20.0 and best_seconds(rows[:1], metrics) is None
    assert improving(rows, metrics)
    assert not improving(rows, replace(metrics, stopped="patience"))
    flat = [replace(row, valid={"accuracy": 0.8}) for row in rows]
    assert not improving(flat, metrics) and not improving([], metrics)


def test_data_sets_and_arms_that_cannot_be_compared_are_named(tmp_path: Path) -> None:
    names = open_collection(tmp_path / "all", [Path(f"{name}.toml") for name in ("a", "b", "text")])
    for name in names:
        arms = "gru,elman" if name == "text" else "gru,lstm,rnn" if name == "a" else "gru,lstm,bigru"
        values = {arm: {0: 0.1 * n, 1: 0.1 * n + 0.01} for n, arm in enumerate(arms.split(","))}
        compared = compare(
            [ArmResult(arm, by_seed) for arm, by_seed in values.items()],
            Question(metric="cer", split="test", lower_is_better=True, units=1000),
        )
        (tmp_path / "all" / name).mkdir()
        results = StudyResults(task="tag", lower_is_better=True, arms=(), comparison=compared)
        results.write(tmp_path / "all" / name / "results.json")
    told = collect_studies(tmp_path / "all")
    assert told.matrix is not None
    assert told.matrix.arms == ("gru", "lstm") and told.matrix.datasets == ("a", "b")
    assert told.matrix.pairs[0].wins == 2 and told.matrix.winner is None
    assert any("text" in note for note in told.notes) and any(
        "bigru, elman, rnn" in note for note in told.notes
    )
