"""From tables to a RunSpec, and back to TOML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tidegate.config.keys import keys_of
from tidegate.config.nearest import did_you_mean, nearest
from tidegate.config.presets.known import known_presets
from tidegate.config.registry import BUILT_IN, register, settings_of, unregister
from tidegate.config.resolve import merge, parse_override, resolve
from tidegate.config.run import RunSpec
from tidegate.config.task import TaskSettings
from tidegate.config.tasks.signal import SignalSpec
from tidegate.config.tasks.tag import TagSpec
from tidegate.config.toml import dump, dump_commented, load, loads
from tidegate.errors import ConfigError

PRESETS = known_presets()

quiet = settings(deadline=None, derandomize=True, database=None, max_examples=100)


def wrong(*tables) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        resolve(*tables)
    return caught.value


def test_later_tables_win_over_earlier_ones_and_over_the_tasks_defaults():
    spec = resolve(
        {"task": "transcribe", "train": {"epochs": 3, "batch_size": 5}}, {"train": {"epochs": 7}}, {"seed": 4}
    )
    assert (spec.train.epochs, spec.train.batch_size, spec.seed) == (7, 5, 4)
    usual = resolve({"task": "transcribe"})
    assert usual.train.epochs == settings_of("transcribe").defaults["train"]["epochs"]


@pytest.mark.parametrize("task", list(BUILT_IN))
def test_the_defaults_of_every_task_are_good(task: str):
    assert resolve({"task": task}).task == task


def test_none_unsets_a_key():
    assert resolve({"task": "classify", "train": {"epochs": None, "max_time": 60}}).train.epochs is None
    assert resolve({"task": "classify"}, parse_override("train.epochs=none")).train.epochs is None
    assert resolve({"task": "classify", "model": {"conv": "none"}}).model.conv == "none"
    assert resolve({"task": "classify", "data": {"train": Path("a") / "b"}}).data.train == str(Path("a/b"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("train.epochs=3", 3),
        ("train.epochs = 3", 3),
        ("optimiser.learning_rate=1e-3", 1e-3),
        ("data.skip_bad=true", True),
        ("model.preset=cnn-lstm", "cnn-lstm"),
        ('model.preset="cnn lstm"', "cnn lstm"),
        ("model.spec=[1,48,0,1 Lbx9 O1c0]", "[1,48,0,1 Lbx9 O1c0]"),
        ("data.train=a=b", "a=b"),
        ("data.train=", ""),
        ("data.train=1\nseed=3", "1\nseed=3"),
    ],
)
def test_overrides_are_typed(text: str, value: object):
    (table,) = parse_override(text).values()
    assert list(table.values()) == [value]


@pytest.mark.parametrize("text", ["", "train.epochs", "=3", "train..epochs=3", ".=3"])
def test_what_is_no_override_says_so(text: str):
    with pytest.raises(ConfigError, match="does not set a key"):
        parse_override(text)


def test_an_unknown_key_names_its_place_the_nearest_and_the_accepted_ones(tmp_path: Path):
    path = tmp_path / "run.toml"
    path.write_text('task = "classify"\n[train]\nepoch = 3\n')
    error = wrong(load(path))
    assert error.what == "unknown key"
    assert error.where == f"{path}: train.epoch"
    assert error.got == "epoch = 3"
    assert error.hint == "did you mean epochs?"
    assert error.expected and "batch_size" in error.expected


@pytest.mark.parametrize(
    ("table", "guess"),
    [
        ({"trian": {"epochs": 3}}, "train"),
        ({"epochs": 3}, "train.epochs"),
        ({"train": {"learning_rate": 3}}, "optimiser.learning_rate"),
        ({"optimiser": {"lr": 3}}, "optimiser.learning_rate"),
        ({"optimizer": {"name": "sgd"}}, "optimiser"),
        ({"model": {"bidirectionnal": True}}, "bidirectional"),
    ],
)
def test_the_nearest_key_is_guessed_at_any_depth(table: dict, guess: str):
    assert wrong({"task": "classify", **table}).hint == f"did you mean {guess}?"


def test_several_mistakes_are_told_at_once():
    error = wrong({"task": "classify", "train": {"epoch": 3}}, parse_override("optimiser.lr=1"))
    assert error.what.startswith("2 keys")
    assert error.got and "train.epoch" in error.got and "--set optimiser.lr=1" in error.got


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("train.epochs=abc", 'a valid integer, or "none"'),
        ("train.epochs=0", "greater than or equal to 1"),
        ("train.batch_size=true", "a valid integer"),
        ("train.batch_size=2.5", "a valid integer"),
        ("model.cell=LSTM", "'elman', 'lstm', 'gru', 'mingru' or 'minlstm'"),
        ("model.dropout=2", "less than or equal to 1"),
        ("schedule.name=one_cycle", "'one-cycle'"),
        ("data.skip_bad=1", "a valid boolean"),
        ("train=3", "a table, [train]"),
    ],
)
def test_a_wrong_value_says_what_was_expected_and_what_came(override: str, expected: str):
    error = wrong({"task": "classify"}, parse_override(override))
    assert error.what == "wrong value"
    assert error.where == f"--set {override}"
    assert error.expected and expected in error.expected
    assert error.got and error.hint


def test_the_task_must_be_known():
    assert "classify, transcribe" in str(wrong({}))
    assert wrong({"task": "clasify"}).hint == "did you mean classify?"
    assert "classify, transcribe" in str(wrong({"task": 3}))


def test_a_misspelt_preset_and_a_spec_with_other_keys_are_refused_before_any_data_are_read():
    assert wrong({"task": "classify", "model": {"preset": "lent"}}).hint == "did you mean lenet?"
    assert wrong({"task": "classify", "model": {"spec": "[1,8,8,1]", "cell": "gru"}}).where == "model.spec"


def test_a_file_that_is_no_toml_gives_the_line(tmp_path: Path):
    path = tmp_path / "run.toml"
    path.write_text("seed = 1\n\npreset = lenet\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.where == f"{path}, line 3"
    assert caught.value.got and "preset = lenet" in caught.value.got
    path.write_text("[train\n")
    with pytest.raises(ConfigError, match="no TOML"):
        load(path)
    path.write_bytes(b"seed = \xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "missing.toml")


def test_a_dump_is_complete_and_reads_back(tmp_path: Path):
    spec = resolve(
        {"task": "classify", "train": {"epochs": None, "max_time": 5.5}, "data": {"train": 'a "b" ſ\\c'}}
    )
    for text in (dump(spec), dump_commented(spec)):
        (tmp_path / "config.toml").write_text(text, encoding="utf-8")
        assert resolve(load(tmp_path / "config.toml")) == spec
        lines = [line.lstrip("# ") for line in text.split("\n")]
        for path in keys_of(settings_of("classify")).paths():
            assert any(line.startswith(f"{path[-1]} =") for line in lines), path


@pytest.mark.parametrize("task", list(BUILT_IN))
def test_a_dump_has_the_table_of_its_task_and_of_no_other(task: str):
    for text in (dump(resolve({"task": task})), dump_commented(resolve({"task": task}))):
        assert {*BUILT_IN} & {*loads(text)} == {task}


@pytest.fixture
def sums() -> Iterator[None]:
    register(TaskSettings("sums", "points → their sums"))
    yield
    unregister("sums")


@pytest.mark.usefixtures("sums")
def test_params_read_back(tmp_path: Path):
    params = {"steps": 600, "wide": True, "rate": 0.5, "name": 'a "b"', "with space": 1}
    spec = resolve({"task": "sums", "params": params}, parse_override("params.depth=3"))
    assert spec.params == {**params, "depth": 3}
    for text in (dump(spec), dump_commented(spec)):
        (tmp_path / "config.toml").write_text(text, encoding="utf-8")
        read = resolve(load(tmp_path / "config.toml"))
        assert read == spec
        assert [type(value) for value in read.params.values()] == [
            type(value) for value in spec.params.values()
        ]
    assert RunSpec.model_validate(spec.model_dump(mode="json")) == spec
    error = wrong({"task": "sums", "params": {"sizes": [1, 2]}})
    assert (error.where, error.got) == ("params.sizes", "sizes = [1, 2]")
    assert error.expected == "true, false, a number or a text"
    error = wrong({"task": "sums"}, parse_override("params=3"))
    assert (error.where, error.expected) == ("--set params=3", "a table, [params]")
    assert wrong({"task": "sums", "sums": {"depth": 3}}).hint == "write [params]"


def test_a_table_of_another_task_is_told_with_its_task(tmp_path: Path):
    path = tmp_path / "run.toml"
    path.write_text('task = "signal"\n[signal]\nwindow = 9\n[train]\nepoch = 3\n')
    error = wrong(load(path), {"task": "tag"})
    assert error.what.startswith("2 keys")
    assert "[signal] belongs to the task signal, and this is a run of tag" in str(error)
    assert f"{path}: train.epoch: unknown key" in str(error)
    error = wrong({"task": "tag"}, parse_override("forecast.horizon=9"))
    assert (
        error.where == "--set forecast.horizon=9" and error.hint == 'leave it out, or say task = "forecast"'
    )
    assert wrong({"task": "tag", "params": {"depth": 3}}).hint == "write [tag]"


def test_a_mistake_in_the_table_of_the_task_has_its_place():
    error = wrong({"task": "tag"}, parse_override("tag.case=-1"))
    assert (error.where, error.got) == ("--set tag.case=-1", "case = -1")
    assert wrong({"task": "tag", "tag": {"cas": 1}}).hint == "did you mean case?"
    assert wrong({"task": "tag", "tag": 3}).expected == "a table, [tag]"
    with pytest.raises(ValidationError, match="case"):
        RunSpec.model_validate({"task": "tag", "tag": {"case": -1}})
    with pytest.raises(ValidationError, match="signal"):
        RunSpec.model_validate({"task": "tag", "signal": {}})


def test_code_asks_for_the_table_of_a_task_by_its_class():
    spec = resolve({"task": "tag", "tag": {"case": 4}})
    assert spec.settings(TagSpec).case == 4 and spec.with_settings(case=5).settings(TagSpec).case == 5
    with pytest.raises(TypeError, match="SignalSpec"):
        spec.settings(SignalSpec)


def test_a_commented_dump_explains_every_key():
    text = dump_commented(resolve({"task": "classify"}))
    assert text.count("# passes over the training data") == 1
    for path in keys_of(settings_of("classify")).paths():
        field = keys_of(settings_of("classify")).field(path)
        assert field.description is None or f"# {field.description}" in text


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_reads_back(name: str):
    spec = resolve({"task": PRESETS[name].tasks[0], "model": {"preset": name}})
    assert resolve(loads(dump(spec))) == spec


open_int = st.none() | st.integers(1, 10**6)
fraction = st.floats(0, 1)
text = st.none() | st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=9)
data = {"train": text, "rows": open_int, "channels": st.sampled_from([None, 1, 3])}
model = {
    "conv": text,
    "hidden": open_int,
    "dropout": st.none() | fraction,
    "bidirectional": st.none() | st.booleans(),
}
sections = {
    "seed": st.integers(0, 2**40),
    "data": st.fixed_dictionaries({}, optional=data),
    "model": st.fixed_dictionaries({}, optional=model),
    "train": st.fixed_dictionaries(
        {}, optional={"epochs": open_int, "max_time": st.none() | st.floats(1e-9, 1e9)}
    ),
    "augment": st.fixed_dictionaries({}, optional={"shift": fraction, "flip": st.booleans()}),
}
tables = st.fixed_dictionaries({"task": st.sampled_from(list(BUILT_IN))}, optional=sections)


@quiet
@given(tables)
def test_every_specification_reads_back(table: dict):
    spec = resolve(table)
    assert resolve(loads(dump(spec))) == spec
    assert resolve(loads(dump_commented(spec))) == spec
    assert resolve(spec.model_dump()) == spec


def test_merge_leaves_its_arguments_alone():
    below = {"train": {"epochs": 3}}
    assert merge(below, {"train": {"threads": 1}}) == {"train": {"epochs": 3, "threads": 1}}
    assert below == {"train": {"epochs": 3}}


def test_guesses():
    assert nearest("BATCHSIZE", ["batch_size", "epochs"]) == "batch_size"
    assert nearest("qqq", ["batch_size", "epochs"]) is None
    assert did_you_mean("qqq", ["a", "b"]) == "use one of: a, b"


@pytest.mark.parametrize(
    ("table", "meant"),
    [
        ({"data": {"data": "x.csv"}}, "data.source"),
        ({"data": {"path": "x.csv"}}, "data.train or data.source"),
        ({"data": {"val": "x.csv"}}, "data.valid"),
        ({"data": {"groups": "who"}}, "data.group"),
        ({"signal": {"group": "who"}}, "data.group"),
        ({"group": "who"}, "data.group"),
        ({"train": {"max_epochs": 3}}, "train.epochs"),
        ({"optimizer": {"name": "sgd"}}, "optimiser"),
    ],
)
def test_keys_of_other_tools_are_answered_with_ours(table: dict[str, object], meant: str) -> None:
    with pytest.raises(ConfigError) as raised:
        resolve({"task": "signal", **table})
    assert raised.value.hint == f"did you mean {meant}?"
