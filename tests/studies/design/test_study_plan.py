"""Arms and plans: what text means, and which keys reach which arm."""

from pathlib import Path

import pytest

from tidegate.config.compile import compile_model
from tidegate.config.presets.known import known_presets
from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.errors import ConfigError, VgslError
from tidegate.studies import Arm, StudySpec, parse_arms
from tidegate.studies.callbacks import RunKey
from tidegate.studies.design.folder import read_plan, write_plan
from tidegate.studies.execution import resources
from tidegate.studies.execution.resources import share

PRESETS = known_presets()

CELLS = "cnn,rnn,lstm,gru,birnn,bilstm,bigru,cnn-rnn,cnn-lstm,cnn-gru,cnn-bilstm,cnn-bigru"


def test_the_usual_arms_are_presets_of_both_tasks() -> None:
    arms = parse_arms(CELLS)
    for task in ("classify", "transcribe"):
        study = StudySpec(resolve({"task": task}), arms)
        for run in study.runs:
            spec = study.run_spec(run)
            assert spec.model.preset == run.arm
            compile_model(spec.model, task)


def test_every_preset_is_an_arm() -> None:
    assert [arm.name for arm in parse_arms(",".join(PRESETS))] == list(PRESETS)


def test_names_and_vgsl_strings() -> None:
    arms = parse_arms("both=bigru, [1,28,28,1 Lfys64], 'tiny=[1,28,28,1 Cr3,3,8 Gfys16]'")
    assert [arm.name for arm in arms] == ["both", "vgsl-1", "tiny"]
    assert arms[2].overrides == {"model": {"spec": "[1,28,28,1 Cr3,3,8 Gfys16]"}}


def test_a_wrong_name_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="no arm lsmt") as caught:
        parse_arms("gru,lsmt")
    assert "lstm" in (caught.value.hint or "")
    with pytest.raises(VgslError):
        parse_arms("[1,28,28,1 Qx3]")
    with pytest.raises(ConfigError, match="nothing to compare"):
        parse_arms(" , ")
    with pytest.raises(ConfigError, match="cannot be made"):
        StudySpec(RunSpec(task="classify"), parse_arms("gru,gru"))


def test_sizes_reach_an_arm_and_the_kind_of_network_does_not() -> None:
    base = resolve(
        {
            "task": "classify",
            "model": {"preset": "cnn-bilstm", "cell": "gru", "hidden": 64, "conv": "Cr3,3,8 Mp2,2"},
        }
    )
    study = StudySpec(base, parse_arms("lstm,cnn-gru,cnn,[1,28,28,1 Lfys64]"))
    models = {run.arm: study.run_spec(run).model for run in study.runs}
    assert (models["lstm"].hidden, models["lstm"].cell, models["lstm"].conv) == (64, None, None)
    assert (models["cnn-gru"].hidden, models["cnn-gru"].conv) == (64, "Cr3,3,8 Mp2,2")
    assert models["cnn"].hidden is None
    assert models["vgsl-1"].model_dump(exclude_none=True) == {"spec": "[1,28,28,1 Lfys64]"}
    assert any(note.startswith("arm cnn: ") and "model.hidden" in note for note in study.notes())


def test_an_arm_may_change_any_key() -> None:
    base = resolve({"task": "classify", "model": {"preset": "gru"}})
    study = StudySpec(base, (Arm("wide", {"model": {"hidden": 400}, "train": {"batch_size": 8}}),))
    spec = study.run_spec(RunKey("wide", 0))
    assert (spec.model.preset, spec.model.hidden, spec.train.batch_size) == ("gru", 400, 8)


def test_a_plan_reads_back_the_same(tmp_path: Path) -> None:
    base = resolve(
        {"task": "transcribe", "data": {"train": "lines"}, "train": {"epochs": None, "max_time": 60.0}}
    )
    study = StudySpec(
        base, (*parse_arms("gru,[1,40,0,1 Lbx8]"), Arm("slow", {"train": {"epochs": "none"}})), seeds=3
    )
    write_plan(tmp_path / "study.toml", study)
    assert read_plan(tmp_path / "study.toml") == study
    with pytest.raises(ConfigError, match="cannot unset"):
        write_plan(tmp_path / "study.toml", StudySpec(base, (Arm("a", {"model": {"conv": None}}),)))
    (tmp_path / "study.toml").write_text("seeds = 3\n")
    with pytest.raises(ConfigError, match="no study"):
        read_plan(tmp_path / "study.toml")


def test_the_machine_is_divided_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "cpu_count", lambda: 8)
    monkeypatch.setattr(resources, "_available_megabytes", lambda: 6000.0)
    asked, found = share(20, 1000, workers=3), share(20, cache_megabytes=1000)
    assert (asked.workers, asked.threads) == (found.workers, found.threads) == (3, 2)
    assert share(20, 500, workers=8).threads == 1
    assert (share(2, 0).workers, share(2, 0).threads) == (2, 4)
    assert share(20, 0, threads=4).workers == 2
    assert share(20, 1e9).workers == 1
