"""The table [study]: what it may hold, and how mistakes in it are told."""

import pytest

from tidegate.config.study import Design, StudyTable
from tidegate.config.study_table import checked, split_study
from tidegate.config.toml import Table, loads
from tidegate.errors import ConfigError

FILE = """
task = "classify"
[train]
epochs = 3
[study]
arms = ["lstm", "gru"]
factors = { "model.layers" = [1, 2] }
match = "parameters"
size = "none"
tune = 4
seeds = 5
margin = 0.01
[study.search]
"optimiser.learning_rate" = { low = 1e-4, high = 1e-2, log = true }
"""


def test_a_file_is_a_run_and_a_study() -> None:
    run, study = split_study(Table(loads(FILE), "digits.toml"))
    assert run == {"task": "classify", "train": {"epochs": 3}} and run.source == "digits.toml"
    assert (study.arms, study.factors) == (["lstm", "gru"], {"model.layers": [1, 2]})
    assert (study.match, study.size, study.tune, study.seeds, study.margin) == (
        "parameters",
        None,
        4,
        5,
        0.01,
    )
    assert study.search == {"optimiser.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}}
    assert split_study(Table({"task": "classify"}, "a.toml"))[1] == StudyTable()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"seed": 3}, "did you mean seeds"),
        ({"match": "weights"}, "'none', 'parameters' or 'flops'"),
        ({"seeds": "5"}, "valid integer"),
        ({"tune": -1}, "greater than or equal to 0"),
        ({"margin": -0.5}, "greater than or equal to 0"),
        ({"zebra": 1}, "remove it"),
    ],
)
def test_a_mistake_is_told_with_its_place(values: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        checked(StudyTable, values, "a.toml: study")
    assert f"a.toml: study.{next(iter(values))}" in str(caught.value) and told in str(caught.value)


def test_a_study_that_is_no_table() -> None:
    with pytest.raises(ConfigError, match="wrong value"):
        split_study(Table({"study": 3}, "a.toml"))


def test_none_unsets_what_may_be_unset() -> None:
    assert checked(Design, {"size": "none", "margin": "none", "match": "none"}, "x") == Design()
