"""`make demo` shows what its own design can find, with the noise that it had when its committed result was made."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from tidegate.config.study_table import split_study
from tidegate.config.toml import load
from tidegate.results.study import StudyResults

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow


def test_the_demo_has_the_power_for_what_it_shows() -> None:
    path = ROOT / "benchmarks" / "demo_power.py"
    spec = importlib.util.spec_from_file_location("demo_power", path)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    kept = json.loads((ROOT / "benchmarks" / "results" / "demo.json").read_text("utf-8"))["demo"]
    results = StudyResults.from_json(json.dumps(kept), "demo.json")
    found = script.power(results, 1.0, 200)
    assert min(found.values()) >= 0.8, found
    assert min(script.power(results, 8.0, 100).values()) < 0.8, "the simulation cannot fail"


def test_the_committed_result_is_of_the_demo_as_it_is() -> None:
    base, table = split_study(load(ROOT / "examples" / "digit-lines.toml"))
    kept = json.loads((ROOT / "benchmarks" / "results" / "demo.json").read_text("utf-8"))["demo"]
    assert [arm["arm"] for arm in kept["arms"]] == table.arms
    assert {arm["n"] for arm in kept["arms"]} == {table.seeds}
    assert kept["budget"]["examples"] == base["train"]["examples"]
