"""How fast arms answer: rotation, who else is busy, ratios and their interval, and when it is acted upon."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tidegate.config.run import RunSpec
from tidegate.errors import TrainingError
from tidegate.results.speed import ArmSpeed, SpeedRounds, StudySpeeds
from tidegate.results.study import StudyResults
from tidegate.studies import StudySpec, parse_arms, run_study
from tidegate.studies import study as room
from tidegate.studies.analysis.speed import compare_speeds
from tidegate.studies.callbacks import NullReporter
from tidegate.studies.execution.rotation import OthersLoad, rotate

STUB = (sys.executable, str(Path(__file__).parents[1] / "cases" / "stub_worker.py"))


class Clock:
    """Goes on by what answers take."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def takes(self, seconds: float, order: list[str], name: str) -> Any:
        def answer(sample: int) -> None:
            order.append(f"{name}{sample}")
            self.now += seconds

        return answer


def test_arms_take_turns_and_another_one_begins_each_round() -> None:
    clock, order = Clock(), list[str]()
    arms = {name: clock.takes(seconds, order, name) for name, seconds in (("a", 0.001), ("b", 0.003))}
    taken = rotate(arms, rounds=3, samples=2, clock=clock)
    assert order == ["a0", "a1", "b0", "b1", "b2", "b3", "a2", "a3", "a4", "a5", "b4", "b5"]
    assert taken == {"a": pytest.approx((1.0, 1.0, 1.0)), "b": pytest.approx((3.0, 3.0, 3.0))}


def test_a_slow_spell_that_slows_all_changes_no_ratio() -> None:
    chance = np.random.default_rng(1)
    slow = np.where(np.arange(30) > 14, 3.0, 1.0)
    times = {
        "best": tuple((2.0 * slow * chance.normal(1, 0.01, 30)).tolist()),
        "fast": tuple((1.5 * slow * chance.normal(1, 0.01, 30)).tolist()),
        "same": tuple((1.9 * slow * chance.normal(1, 0.01, 30)).tolist()),
    }
    speeds = compare_speeds(SpeedRounds(times, {}, 20, 0.05), "best", ["best", "same", "fast"])
    assert speeds is not None and speeds.against == "best" and speeds.rounds == 30
    fast = speeds.arms[2]
    assert fast.low < 2.0 / 1.5 < fast.high and fast.high / fast.low < 1.03
    assert [speeds.faster(arm.arm) for arm in speeds.arms] == [False, False, True]
    assert not replace(speeds, load=0.4).faster("fast"), "not measured quietly"
    assert not replace(speeds, load=None).faster("fast"), "nobody knows"


def test_it_is_the_lower_end_that_counts() -> None:
    arm = ArmSpeed("a", 1.0, 1.4, low=1.19, high=1.6)
    assert not arm.faster and replace(arm, low=1.2).faster


def test_what_others_do_is_told_from_our_own_work(tmp_path: Path) -> None:
    def counters(busy: int, idle: int) -> None:
        (tmp_path / "stat").write_text(f"cpu  {busy} 0 0 {idle} 0 0 0 0 7 7\ncpu0 1 2\n")

    own = [1.0]
    counters(1000, 1000)
    load = OthersLoad(tmp_path / "stat", lambda: own[0])
    counters(1300, 1100)  # 3 of 4 seconds busy
    own[0] = 3.0  # 2 of them by us
    assert load.share() == pytest.approx(0.25)
    assert OthersLoad(tmp_path / "none").share() is None


def test_one_arm_has_nobody_to_be_compared_with() -> None:
    assert compare_speeds(SpeedRounds({"a": (1.0,)}, {}, 20, 0.0), "a", ["a", "b"]) is None


def finished(folder: Path) -> StudySpec:
    """A study whose runs left weights."""
    base = RunSpec.model_validate({"task": "classify", "train": {"epochs": 3}})
    study = StudySpec(base, parse_arms("gru,lstm"), 2)
    run_study(study, folder, workers=2, command=STUB)
    for run in folder.glob("runs/*/*/model"):
        (run / "model.safetensors").touch()
    return study


class Messages(NullReporter):
    """Keeps them."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def message(self, text: str) -> None:
        self.texts.append(text)


@pytest.mark.parametrize(("load", "times"), [(0.1, 1), (0.9, 2)])
def test_speed_is_measured_once_after_all_runs_unless_it_was_loud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load: float, times: int
) -> None:
    asked: list[dict[str, Any]] = []

    def speed(kind: str, request: dict[str, Any], threads: int | None) -> dict[str, Any]:
        asked.append({"kind": kind, **request})
        rounds = {"gru": (2.0,) * 30, "lstm": (1.0,) * 30}
        return SpeedRounds(rounds, request["folders"], 20, load).to_json()

    study = finished(tmp_path / "s")
    monkeypatch.setattr(room, "call_worker", speed)
    first, second = (run_study(study, tmp_path / "s", command=STUB).results for _ in range(2))
    assert first == second
    assert len(asked) == times
    assert asked[0]["kind"] == "speed"
    assert asked[0]["folders"] == {"gru": "runs/gru/seed-0", "lstm": "runs/lstm/seed-0"}
    assert StudyResults.read(tmp_path / "s" / "results.json").speeds == first.speeds
    assert isinstance(first.speeds, StudySpeeds) and first.speeds.arms[1].factor == 2.0
    assert json.loads((tmp_path / "s" / "speed.json").read_text())["load"] == load


def test_a_study_ends_well_where_speed_cannot_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(kind: str, request: dict[str, Any], threads: int | None) -> dict[str, Any]:
        raise TrainingError("the worker process of the study crashed")

    study, reporter = finished(tmp_path / "s"), Messages()
    monkeypatch.setattr(room, "call_worker", crash)
    result = run_study(study, tmp_path / "s", reporter=reporter, command=STUB)
    assert result.results.speeds is None and not result.interrupted
    assert any("their speed was not measured" in text for text in reporter.texts)
