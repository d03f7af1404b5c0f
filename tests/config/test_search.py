"""What trials may try: the tasks' own spaces, and those that a person declares."""

import pytest

from tidegate.config.presets.known import find_preset, known_presets
from tidegate.config.registry import BUILT_IN
from tidegate.config.resolve import resolve
from tidegate.config.search import Choices, Range, default_space, parse_search, space_for
from tidegate.config.study import Design
from tidegate.errors import ConfigError
from tidegate.studies.design.tuning import settings_table

PRESETS = known_presets()

TASKS = list(BUILT_IN)


@pytest.mark.parametrize("task", TASKS)
def test_every_end_of_a_tasks_space_is_a_configuration(task: str) -> None:
    base = resolve({"task": task})
    space = default_space(base)
    assert "optimiser.learning_rate" in space and len(space) <= 3
    for end in ("low", "high"):
        settings = {key: getattr(one, end) for key, one in space.items()}
        spec = resolve({"task": task, "model": {"preset": "lstm"}}, settings_table(settings))
        assert spec.optimiser.learning_rate == settings["optimiser.learning_rate"]
    rates = space["optimiser.learning_rate"]
    assert isinstance(rates, Range) and rates.low < base.optimiser.learning_rate < rates.high


@pytest.mark.parametrize("name", list(PRESETS))
def test_an_arm_is_not_searched_for_what_it_lacks(name: str) -> None:
    task = PRESETS[name].tasks[0]
    spec = resolve({"task": task, "model": {"preset": name}})
    space, left_out = space_for(Design(), spec)
    assert (
        ("model.dropout" in space)
        == ("dropout" in find_preset(name, task).keys)
        == ("model.dropout" not in left_out)
    )


def test_a_string_has_no_keys_of_a_model() -> None:
    spec = resolve({"task": "signal", "model": {"spec": "[1,1,0,0 Lfxs8 O0s0]"}})
    assert space_for(Design(), spec)[1] == ["model.dropout"]


def test_a_declared_space() -> None:
    design = Design(
        search={
            "optimiser.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
            "train.batch_size": {"choices": [8, 16]},
            "model.layers": {"low": 1, "high": 3},
            "train.average": {"low": 0.0, "high": 0.9, "step": 0.3},
        }
    )
    space = parse_search(design, "tag")
    assert space["train.batch_size"] == Choices((8, 16))
    layers = space["model.layers"]
    assert isinstance(layers, Range) and layers.whole and space["train.average"] == Range(0.0, 0.9, step=0.3)


@pytest.mark.parametrize(
    ("key", "told", "said"),
    [
        ("optimiser.learning_rat", {"low": 1, "high": 2}, "did you mean optimiser.learning_rate"),
        ("data.train", {"choices": ["a", "b"]}, "what is learnt from"),
        ("seed", {"low": 1, "high": 2}, "what is learnt from"),
        ("model.dropout", {"low": 0.5, "high": 0.1}, "low < high"),
        ("model.dropout", {"low": 0.0, "high": 0.1, "log": True}, "above 0"),
        ("model.dropout", {"low": 0.1, "high": 0.2, "log": True, "step": 0.1}, "no step"),
        ("model.dropout", {"low": 0.1}, "no range and no choice"),
        ("model.dropout", {"low": "a", "high": "b"}, "no range and no choice"),
        ("model.dropout", {"low": 0.1, "high": 0.2, "steps": 3}, "no range and no choice"),
        ("model.dropout", {"choices": [0.1]}, "no range and no choice"),
        ("model.dropout", {"low": 0.1, "high": float("inf")}, "no range and no choice"),
        ("model.dropout", {"low": False, "high": True}, "no range and no choice"),
    ],
)
def test_what_cannot_be_searched(key: str, told: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_search(Design(search={key: told}), "tag")
    assert key in str(caught.value) and said in str(caught.value)


def test_sizes_that_are_solved_are_not_searched() -> None:
    hidden = {"model.hidden": {"low": 10, "high": 100}}
    assert parse_search(Design(search=hidden), "tag")
    with pytest.raises(ConfigError, match="sizes are not searched"):
        parse_search(Design(search=hidden, match="parameters"), "tag")


def test_whole_ends_of_a_fraction_are_no_whole_numbers() -> None:
    """{ low = 0, high = 1 } of a dropout means all between, not the two ends alone."""
    dropout = parse_search(Design(search={"model.dropout": {"low": 0, "high": 1}}), "tag")["model.dropout"]
    assert isinstance(dropout, Range) and not dropout.whole and (dropout.low, dropout.high) == (0.0, 1.0)
    size = parse_search(Design(search={"train.batch_size": {"low": 8, "high": 32, "step": 8}}), "tag")
    assert size["train.batch_size"] == Range(8, 32, step=8)


@pytest.mark.parametrize(
    ("key", "told", "said"),
    [
        ("model.dropout", {"low": 0.1, "high": 1.5}, "less than or equal to 1"),
        ("model.dropout", {"low": 0, "high": 2}, "less than or equal to 1"),
        ("train.batch_size", {"low": 1.0, "high": 8.0}, "integer"),
        ("train.batch_size", {"choices": [8, "many"]}, "'many'"),
        ("optimiser.name", {"choices": ["adamw", "adamx"]}, "adamx"),
        ("optimiser.name", {"low": 1, "high": 2}, "'sgd'"),
        ("model.batch_norm", {"low": 0, "high": 1}, "boolean"),
        ("train.batch_size", {"low": 8, "high": 32, "step": 2.5}, "whole for whole numbers"),
        ("model.dropout", {"low": 0.1, "high": 0.2, "step": 0.3}, "a step within the range"),
        ("model.dropout", {"low": 0.1, "high": 0.2, "step": 0.0}, "a step within the range"),
        ("model.units", {"choices": [[10], [20]]}, "no range and no choice"),
        ("train.batch_size", {"choices": [8, 8]}, "no range and no choice"),
        ("model.preset", {"choices": ["lstm", "gru"]}, "networks are arms"),
        ("train.epochs", {"low": 1, "high": 9}, "the same for all"),
        ("train.max_time", {"low": 1.0, "high": 9.0}, "the same for all"),
        ("train.validation_only", {"choices": [True, False]}, "the same for all"),
    ],
)
def test_what_a_key_does_not_take_is_told_before_any_trial(
    key: str, told: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_search(Design(search={key: told}), "tag")
    assert caught.value.where == f"study.search: {key}" and said in str(caught.value)


def test_none_is_a_choice_where_a_key_may_be_unset() -> None:
    memory = parse_search(Design(search={"initialise.memory": {"choices": ["none", 100]}}), "tag")
    assert memory == {"initialise.memory": Choices(("none", 100))}


def test_an_arm_is_searched_for_keys_of_its_task_and_network_alone() -> None:
    search = {
        "tag.input_dropout": {"low": 0.0, "high": 0.5},
        "model.pooling": {"choices": ["mean", "max"]},
        "model.width": {"choices": [0.5, 1.0]},
        "schedule.warmup": {"low": 0.0, "high": 0.3},
    }
    expected = {
        ("tag", "bilstm"): ["model.pooling"],
        ("signal", "gru"): ["tag.input_dropout"],
        ("signal", "fcn"): ["tag.input_dropout", "model.pooling"],
        ("classify", "cnn"): ["tag.input_dropout", "model.pooling"],
        # The FCN, as without a preset; trials must not make another network of it.
        ("signal", None): ["tag.input_dropout", "model.pooling"],
    }
    for (task, preset), keys in expected.items():
        spec = resolve({"task": task, "model": {"preset": preset} if preset else {}})
        space, left_out = space_for(Design(search=search), spec)
        assert left_out == keys and list(space) == [key for key in search if key not in keys]
    assert space_for(Design(), resolve({"task": "signal"}))[1] == ["model.dropout"]
