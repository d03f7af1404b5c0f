"""Studies that add seeds until it is decided, with a stub in place of training."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tidegate.config.run import RunSpec
from tidegate.config.study import Design
from tidegate.results.comparison import Comparison
from tidegate.results.study import StudyResults
from tidegate.studies import StudySpec, parse_arms, run_study
from tidegate.studies import study as room
from tidegate.studies.callbacks import NullReporter, RunKey
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.design.stopping import closed_arms, is_decided

STUB = (sys.executable, str(Path(__file__).parents[1] / "cases" / "stub_worker.py"))


def plan(arms: str = "gru,lstm", seeds: int = 1, **design: Any) -> StudySpec:
    base = RunSpec.model_validate({"task": "classify", "train": {"epochs": 3}})
    return StudySpec(base, parse_arms(arms), seeds, Design(**design))


class Begun(NullReporter):
    """Notes which runs began, and which were added."""

    def __init__(self) -> None:
        self.runs: list[RunKey] = []
        self.further: list[RunKey] = []
        self.messages: list[str] = []

    def run_started(self, run: RunKey, resumed: bool) -> None:
        self.runs.append(run)

    def extended(self, runs: Any) -> None:
        self.further += runs

    def message(self, text: str) -> None:
        self.messages.append(text)


def _never(comparison: Comparison | None) -> bool:
    return False


def counts(results: StudyResults) -> dict[str, int]:
    return {arm.arm: arm.n for arm in results.arms}


def test_it_ends_at_the_first_look_that_decides(tmp_path: Path) -> None:
    study = plan(until_decided=True, margin=0.001)
    assert (study.seeds, study.looks) == (3, (3, 5, 10, 20)), "three seeds are the first look"
    results = run_study(study, tmp_path / "s", workers=2, command=STUB).results
    # In the stub gru is better by 0.02 on every split.
    assert counts(results) == {"gru": 5, "lstm": 5}
    assert (results.design.looked, results.design.stopped) == ((3, 5), {})
    assert results.comparison and results.comparison.status == "planned" and is_decided(results.comparison)
    assert not any("have not ended" in note for note in results.notes)


def test_arms_that_are_worse_get_no_more_seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "is_decided", _never)
    reporter = Begun()
    study = plan(until_decided=True, max_seeds=7, margin=0.001)
    results = run_study(study, tmp_path / "s", workers=2, reporter=reporter, command=STUB).results
    assert counts(results) == {"gru": 7, "lstm": 5} and results.design.stopped == {"lstm": 5}
    assert (results.design.looks, results.design.looked) == ((3, 5, 7), (3, 5, 7))
    assert len(reporter.further) == 6 and len(reporter.runs) == 12
    assert "no more seeds for lstm: found worse at 5" in reporter.messages
    assert not any("have not ended" in note for note in results.notes)
    again = Begun()
    kept = StudyFolder(tmp_path / "s").open()
    assert kept is not None
    results = run_study(kept, tmp_path / "s", workers=2, reporter=again, command=STUB).results
    assert again.runs == [] and counts(results) == {"gru": 7, "lstm": 5}


def test_seeds_outside_the_plan_make_it_exploratory_for_good(tmp_path: Path) -> None:
    study = plan(seeds=5, margin=0.001)
    first = run_study(study, tmp_path / "s", workers=2, command=STUB).results
    second = run_study(replace(study, seeds=7), tmp_path / "s", workers=2, command=STUB).results
    third = run_study(replace(study, seeds=10), tmp_path / "s", workers=2, command=STUB).results
    compared = [each.comparison for each in (first, second, third)]
    assert [each.status for each in compared if each] == ["planned", "exploratory", "exploratory"]
    assert third.design.looked == (5, 7, 10) and third.design.looks == (3, 5, 10, 20)


def test_seeds_at_the_next_look_stay_planned(tmp_path: Path) -> None:
    study = plan(seeds=3)
    run_study(study, tmp_path / "s", workers=2, command=STUB)
    results = run_study(replace(study, seeds=5), tmp_path / "s", workers=2, command=STUB).results
    assert results.comparison and results.comparison.status == "planned"


def test_a_study_that_was_there_may_go_on_until_it_is_decided(tmp_path: Path) -> None:
    run_study(plan(seeds=3, margin=0.001), tmp_path / "s", workers=2, command=STUB)
    study = plan(seeds=3, margin=0.001, until_decided=True)
    results = run_study(study, tmp_path / "s", workers=2, command=STUB).results
    assert counts(results) == {"gru": 5, "lstm": 5}


def test_a_first_look_closes_nobody(tmp_path: Path) -> None:
    results = run_study(plan(seeds=3, margin=0.0001), tmp_path / "s", workers=2, command=STUB).results
    assert results.comparison and closed_arms(results.comparison) == () and not is_decided(results.comparison)
