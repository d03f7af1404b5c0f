"""What a study learns of its networks before it trains them: equal sizes, arithmetic, speed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.errors import ConfigError, DataError
from tidegate.network.vgsl import render
from tidegate.studies.design import survey as asked
from tidegate.studies.design.matching import NEAR, solve
from tidegate.studies.design.survey import survey
from tidegate.tasks.registry import task_named

CELLS = ("rnn", "lstm", "gru", "bilstm", "cnn-gru")
SENTENCE = "the DT B-NP\ntide NN I-NP\nturns VBZ B-VP\n"


@pytest.fixture(scope="module")
def tables(line_folder: Path, image_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A small configuration a task."""
    made = tmp_path_factory.mktemp("survey")
    (made / "tag.txt").write_text(f"{SENTENCE}\n" * 8, encoding="utf-8")
    (made / "text.txt").write_text("The tide turns. " * 40, encoding="utf-8")
    days = np.datetime64("2024-01-01") + np.arange(90)
    rows = [f"{day},{np.sin(i / 3):.3f},{i % 7}" for i, day in enumerate(days)]
    (made / "tides.csv").write_text("\n".join(["date,high,low", *rows]), encoding="utf-8")
    random = np.random.default_rng(0)
    values = random.normal(size=(12, 40, 2)).astype(np.float32)
    np.savez(made / "few.npz", x=values, y=np.array(["ebb", "flood", "slack"] * 4))

    def both(name: str) -> dict[str, str]:
        return {"train": str(made / name), "valid": str(made / name)}

    return {
        "transcribe": {"data": {"train": str(line_folder), "rows": 16}},
        "classify": {"data": {"train": str(image_folder)}},
        "tag": {"data": both("tag.txt"), "tag": {"embedding": 6, "characters": "none"}},
        "language": {"data": both("text.txt"), "language": {"window": 8, "embedding": 8}},
        "signal": {"data": both("few.npz")},
        "forecast": {
            "data": {"source": str(made / "tides.csv"), "split": "60/15/15"},
            "forecast": {"lookback": 14, "horizon": 4},
        },
    }


def spec_of(tables: Mapping[str, Any], task: str, **more: Any) -> RunSpec:
    settings = {"train": {"batch_size": 8, "threads": 1, "epochs": 2}}
    return resolve({"task": task, **tables[task]}, settings, more)


def ask(specs: Mapping[str, RunSpec], reference: RunSpec | None = None, **more: Any) -> dict[str, Any]:
    """The answer, which must be JSON as the request is."""
    request = {
        "specs": [{"key": key, "spec": spec.model_dump(mode="json")} for key, spec in specs.items()],
        "match": "none",
        "size": None,
        "reference": None if reference is None else reference.model_dump(mode="json"),
        "seconds": 0.0,
        **more,
    }
    answer = survey(json.loads(json.dumps(request)))
    return json.loads(json.dumps(answer))


def arms_of(tables: Mapping[str, Any], task: str, presets: Sequence[str]) -> dict[str, RunSpec]:
    return {name: spec_of(tables, task, model={"preset": name}) for name in presets}


@pytest.mark.parametrize("task", ["transcribe", "classify", "tag", "language", "signal", "forecast"])
def test_arms_get_as_many_parameters_and_a_run_has_them(task: str, tables: dict[str, Any]):
    specs = arms_of(tables, task, CELLS[:3] if task == "language" else CELLS)
    answer = ask(specs, match="parameters", size=60_000)
    assert answer["target"] == 60_000
    assert [arm["key"] for arm in answer["arms"]] == list(specs)
    for arm in answer["arms"]:
        assert not arm.get("error")
        assert abs(arm["parameters"] / 60_000 - 1) < 0.01
        assert arm["off"] == pytest.approx(arm["parameters"] / 60_000 - 1)
        sized = resolve(specs[arm["key"]].model_dump(), {"model": {"units": arm["units"]}})
        prepared = task_named(task).prepare(sized)
        network = prepared.problem.network()
        assert sum(one.numel() for one in network.parameters()) == arm["parameters"]
        assert render(prepared.problem.architecture) == arm["architecture"]
        assert arm["samples"] == {name: len(split) for name, split in prepared.splits.items()}
        assert arm["steps_per_epoch"] == len(prepared.splits["train"].plan(8, sized.seed, 0))


def test_arms_get_as_many_flops(tables: dict[str, Any]):
    answer = ask(arms_of(tables, "signal", ("rnn", "bigru", "cnn")), match="flops", size=3_000_000)
    assert all(abs(arm["flops"] / 3_000_000 - 1) < 0.01 for arm in answer["arms"])


def test_without_a_size_the_reference_has_it(tables: dict[str, Any]):
    reference = spec_of(tables, "signal", model={"preset": "gru", "hidden": 50})
    alone = ask({"gru": reference})
    answer = ask(arms_of(tables, "signal", ("lstm",)), reference, match="parameters")
    assert answer["target"] == alone["arms"][0]["parameters"]
    assert answer["arms"][0]["parameters"] == pytest.approx(answer["target"], rel=0.01)


def test_without_matching_each_is_as_it_is(tables: dict[str, Any]):
    answer = ask({"gru": spec_of(tables, "signal", model={"preset": "gru", "hidden": 21})})
    arm = answer["arms"][0]
    assert answer["target"] is None
    assert arm["units"] is None
    assert "Gfxs21" in arm["architecture"]
    assert arm["flops"] > 0


def test_a_network_whose_other_layers_are_larger_is_told_with_numbers(tables: dict[str, Any]):
    answer = ask(arms_of(tables, "signal", ("cnn-lstm", "lstm")), match="parameters", size=5000)
    large, small = answer["arms"]
    assert "5,000" in large["error"]
    assert "with one unit a layer" in large["error"]
    assert small["parameters"] == pytest.approx(5000, rel=0.02)


def test_a_network_without_layers_to_size_does_not_stop_the_others(tables: dict[str, Any]):
    answer = ask(arms_of(tables, "tag", ("crf", "gru-crf")), match="parameters", size=5000)
    assert "wider or narrower" in answer["arms"][0]["error"]
    assert answer["arms"][1]["parameters"] == pytest.approx(5000, rel=0.02)


def test_residual_networks_stay_residual(tables: dict[str, Any]):
    arm = ask(arms_of(tables, "signal", ("resnet",)), match="parameters", size=60_000)["arms"][0]
    assert not arm.get("error")
    assert abs(arm["off"]) < 0.01
    ends = [arm["units"][place] for place in (2, 3)]
    assert ends[0] == ends[1]
    assert f"A3,{ends[0]} " in arm["architecture"]


def test_whole_units_that_come_no_nearer_say_how_far_off(tables: dict[str, Any]):
    arm = ask(arms_of(tables, "signal", ("lstm",)), match="parameters", size=101)["arms"][0]
    assert abs(arm["off"]) > 0.01
    assert arm["off"] == pytest.approx(arm["parameters"] / 101 - 1)


def test_a_preset_that_the_task_does_not_have_is_told(tables: dict[str, Any]):
    answer = ask({"vgg": spec_of(tables, "signal", model={"preset": "vgg11"})})
    assert "vgg11 does not do the task signal" in answer["arms"][0]["error"]


def test_data_that_are_not_there_are_an_error_of_the_whole(tables: dict[str, Any], tmp_path: Path):
    spec = resolve({"task": "signal", "data": {"train": str(tmp_path / "none.npz")}})
    with pytest.raises(DataError):
        ask({"gru": spec})


def test_speed_is_measured(tables: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    answer = ask(arms_of(tables, "signal", ("rnn", "gru")), seconds=0.6)
    for arm in answer["arms"]:
        assert arm["train_speed"] > 1
        assert arm["valid_seconds"] > 0
    assert not list(tmp_path.iterdir())
    assert torch.get_num_threads() == 1


def test_data_are_read_once_for_networks_of_one_kind(tables: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    read: list[str | None] = []

    def counting(name: str) -> Any:
        task = task_named(name)

        def prepare(spec: RunSpec) -> Any:
            read.append(spec.model.preset)
            return task.prepare(spec)

        return SimpleNamespace(prepare=prepare, shares_data=task.shares_data)

    monkeypatch.setattr(asked, "task_named", counting)
    faster = {"gru fast": spec_of(tables, "tag", model={"preset": "gru"}, optimiser={"learning_rate": 0.1})}
    ask({**arms_of(tables, "tag", CELLS), **faster})
    assert len(read) == 1
    # Another height of the image is other data.
    rows = {
        str(rows): spec_of(tables, "classify", model={"preset": "cnn", "rows": rows}) for rows in (16, 20)
    }
    ask(rows)
    assert len(read) == 3


@given(st.lists(st.integers(1, 200), min_size=1, max_size=4), st.integers(2_000, 3_000_000))
def test_no_layer_could_be_moved_nearer(units: list[int], target: int):
    def count(sizes: Sequence[int]) -> int:
        return sum((before + 2) * after * 3 for before, after in zip([9, *sizes], sizes, strict=False)) + 50

    found = solve(units, target, count)
    assert found.count == count(found.units)
    if abs(found.off(target)) > NEAR:
        for place in range(len(units)):
            for step in (-1, 1):
                near = [unit + step * (i == place) for i, unit in enumerate(found.units)]
                assert min(near) < 1 or abs(count(near) - target) >= abs(found.count - target)


def test_layers_that_are_tied_move_together():
    def count(sizes: Sequence[int]) -> int:
        if sizes[0] != sizes[1]:
            raise ConfigError("they are added")
        return sizes[0] * 1000 + sizes[2]

    found = solve([10, 10, 50], 21_150, count)
    assert found.units[:2] == (21, 21)
    assert abs(found.off(21_150)) <= NEAR
