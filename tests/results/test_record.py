"""Results read back as they were written, and what does not fit is named."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import pytest

from result_cases import run_metrics, validation
from tidegate.errors import BundleError
from tidegate.results.analysis.samples import SampleAnalysis
from tidegate.results.metrics import Costs, Latency, RunMetrics
from tidegate.results.record import Record


def test_what_is_written_reads_back_the_same(tmp_path: Path) -> None:
    metrics = run_metrics(
        test={"accuracy": 1, "loss": None}, costs=Costs(Latency(0.5, 1.0, 3), None, 10), notes=("a", "b")
    )
    metrics.write(tmp_path / "metrics.json")
    assert RunMetrics.read(tmp_path / "metrics.json") == metrics
    assert RunMetrics.find(tmp_path / "nothing.json") is None


def test_numbers_that_are_not_finite_are_missing(tmp_path: Path) -> None:
    run_metrics(valid={"loss": math.nan, "cer": math.inf}).write(tmp_path / "metrics.json")
    assert RunMetrics.read(tmp_path / "metrics.json").valid == {"loss": None, "cer": None}


def test_fields_with_defaults_may_be_missing() -> None:
    told = run_metrics().to_json()
    for key in ("test", "flops", "costs", "definition", "baselines", "notes"):
        del told[key]
    assert RunMetrics.from_json(json.dumps(told), "metrics.json") == run_metrics()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"steps": None}, "steps"),
        ({"steps": 1.5}, "steps"),
        ({"task": 3}, "task"),
        ({"lower_is_better": 0}, "lower_is_better"),
        ({"colour": "red"}, "colour"),
        ({"best": {"epoch": 1.0}}, "best.step"),
        ({"valid": {"cer": "low"}}, "valid.cer"),
        ({"costs": {"latency_ms": {"p50": 1.0, "p95": 2.0}}}, "costs.latency_ms.samples"),
        ({"notes": ["a", 1]}, "notes.1"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(BundleError) as caught:
        RunMetrics.from_json(json.dumps({**run_metrics().to_json(), **change}), "run/metrics.json")
    assert caught.value.where == f"run/metrics.json: {field}" and caught.value.hint


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"task": "\xff'])
def test_what_is_no_object_is_an_error(text: str) -> None:
    with pytest.raises(BundleError) as caught:
        SampleAnalysis.from_json(text.encode("latin-1"), "error_analysis.json")
    assert str(caught.value.where).startswith("error_analysis.json")


def test_a_line_that_does_not_fit_is_numbered(tmp_path: Path) -> None:
    from tidegate.results.history import read_history

    path = tmp_path / "history.jsonl"
    assert read_history(path) == []
    validation(epoch=1.0).append(path)
    validation(epoch=2.0).append(path)
    assert [line.epoch for line in read_history(path)] == [1.0, 2.0]
    path.write_text(path.read_text() + '{"epoch": 3.0}\n')
    with pytest.raises(BundleError) as caught:
        read_history(path)
    assert caught.value.where == f"{path}, line 3: step"


def test_a_task_may_extend_what_there_is() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Own(SampleAnalysis):
        """Samples, and how high the tide was."""

        height: float

    assert Own.from_json('{"task": "tide", "split": "test", "height": 2}', "x").height == 2.0
    assert issubclass(Own, Record)
