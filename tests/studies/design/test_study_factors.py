"""Factors: which arms they make, and what these are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.config.compile import compile_run
from tidegate.config.resolve import resolve
from tidegate.errors import ConfigError
from tidegate.network.signature import signature
from tidegate.studies import Arm, StudySpec
from tidegate.studies.design.factors import cross, parse_factor

CELLS = dict(
    map(parse_factor, ["model.cell=rnn,lstm,gru", "model.bidirectional=false,true", "model.conv=none,usual"])
)


def test_the_three_factors_give_the_presets() -> None:
    base = resolve({"task": "signal"})
    study = StudySpec(base, cross((), CELLS))
    assert len(study.arms) == 12
    for run in study.runs:
        found = signature(compile_run(study.run_spec(run)))
        preset = signature(compile_run(resolve({"task": "signal", "model": {"preset": run.arm}})))
        assert found == preset, run.arm


def test_other_keys_are_named_with_their_values() -> None:
    arms = cross((), dict([parse_factor("optimiser.name=sgd,adamw"), parse_factor("model.hidden=32,64")]))
    assert [arm.name for arm in arms] == [
        "name-sgd-hidden-32",
        "name-sgd-hidden-64",
        "name-adamw-hidden-32",
        "name-adamw-hidden-64",
    ]
    assert arms[3].overrides == {"optimiser": {"name": "adamw"}, "model": {"hidden": 64}}


def test_arms_are_crossed_with_factors() -> None:
    arms = cross((Arm("gru", {"model": {"preset": "gru"}}),), dict([parse_factor("model.layers=1,2")]))
    assert [arm.name for arm in arms] == ["gru-layers-1", "gru-layers-2"]
    assert arms[1].overrides == {"model": {"preset": "gru", "layers": 2}}
    assert cross(arms, {}) == arms


def test_convolutions_written_out_are_values() -> None:
    key, values = parse_factor('model.conv=none,"Cr1,3,64 Mp1,2",Cr5')
    assert (key, values) == ("model.conv", ["none", "Cr1,3,64 Mp1,2", "Cr5"])
    assert [arm.name for arm in cross((), {key: values})] == ["conv-none", "conv-Cr1_3_64_Mp1_2", "conv-Cr5"]


@pytest.mark.parametrize("text", ["model.cell", "model.cell=", "=a,b", "model.cell=lstm", ""])
def test_what_is_no_factor(text: str) -> None:
    with pytest.raises(ConfigError, match="not a factor"):
        parse_factor(text)


@given(st.lists(st.text(min_size=1, max_size=60), min_size=2, max_size=4, unique=True))
def test_any_value_gives_a_name_that_can_be_a_folder(values: list[str]) -> None:
    for arm in cross((), {"data.train": values}):
        assert arm.name
