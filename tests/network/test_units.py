"""Sizes of layers one by one: read off, put in place, and what hangs on them moved along."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.config.compile import compile_model, compile_run
from tidegate.config.presets.known import known_presets
from tidegate.config.resolve import resolve
from tidegate.config.tables import ModelSpec
from tidegate.errors import ConfigError
from tidegate.network.channel_constraints import retied
from tidegate.network.layers import Architecture, Layer, Parallel, Recurrence
from tidegate.network.trace import trace
from tidegate.network.units import sizable, with_units
from tidegate.network.vgsl import parse, render

PRESETS = known_presets()

BY_TASK = [(preset, task) for preset in PRESETS.values() for task in preset.tasks]
RESIDUAL = "[1,1,0,8 ([Cl1,8,64 Bnr Cl1,3,48 Bn] [Cl1,1,48 Bn]) A3,48 Bnr Ap0,0 O0s3]"


def compiled(task: str, **keys: object) -> Architecture:
    rows, columns = (32, 32) if task == "classify" else (32, None) if task == "transcribe" else (1, None)
    columns = 24 if task == "forecast" else columns
    return compile_model(ModelSpec(**keys), task, rows, columns, 3)  # pyright: ignore[reportArgumentType]


def recurrences(layers: tuple[Layer, ...]) -> list[Recurrence]:
    found: list[Recurrence] = []
    for layer in layers:
        if isinstance(layer, Parallel):
            found += [inner for branch in layer.branches for inner in recurrences(branch)]
        elif isinstance(layer, Recurrence):
            found.append(layer)
    return found


@pytest.mark.parametrize(("preset", "task"), BY_TASK, ids=lambda value: getattr(value, "name", value))
def test_every_preset_takes_sizes_of_its_own_and_other_ones(preset, task: str):
    usual = compiled(task, preset=preset.name)
    units = sizable(usual)
    recurrent = recurrences(usual.layers)
    assert units or preset.name == "crf"
    assert not recurrent or units == tuple(layer.hidden for layer in recurrent)
    assert with_units(usual, units) == usual
    doubled = [2 * unit for unit in units]
    if not units:
        return
    other = compiled(task, preset=preset.name, units=doubled)
    assert sizable(other) == tuple(doubled)
    assert parse(render(other)) == other
    assert other.layers[-1] == usual.layers[-1]


@given(st.lists(st.integers(1, 300), min_size=3, max_size=3))
def test_what_is_put_in_is_read_off(units: list[int]):
    mixed = parse("[1,1,0,4 ([Cr1,3,8 Ap0,0] [Lfx16 Gbxs32]) Fr10 O0s3]")
    three = parse("[1,28,28,1 Cr3,3,8 Mp2,2 Fr10 Ft5 O0s3]")
    assert sizable(with_units(mixed, units[:2])) == tuple(units[:2])
    assert sizable(with_units(three, units)) == tuple(units)


def test_convolutions_of_a_recurrent_network_stay():
    text = "[1,48,0,1 Cr3,3,32 Mp2,2 S1(1x0)1,3 Lbx97 Do0.2 Gfx96 O1c0]"
    assert render(with_units(parse(text.replace("97", "5").replace("96", "6")), [97, 96])) == text


def test_units_stand_on_top_of_a_string_of_a_preset_and_of_other_keys():
    string = compile_model(ModelSpec(spec="[1,1,0,0 Gfx8 O1s0]", units=[9]), "language", 1, channels=4)
    assert render(string) == "[1,1,0,4 Gfx9 O1s0]"
    keys = {"preset": "gru", "layers": 2, "hidden": 7, "dropout": 0.0, "units": [5, 6]}
    assert render(compiled("tag", **keys)) == "[1,1,0,3 Gfx5 Gfx6 O1s0]"
    spec = resolve({"task": "language", "model": {"preset": "lstm", "units": [30, 20]}})
    assert sizable(compile_run(spec)) == (30, 20)


def test_other_keys_beside_a_string_are_still_refused():
    with pytest.raises(ConfigError, match="says everything"):
        compile_model(ModelSpec(spec="[1,1,0,0 Gfx8 O1s0]", hidden=9), "language", 1, channels=4)


@pytest.mark.parametrize("units", [[], [5], [5, 6, 7]])
def test_a_wrong_count_names_the_layers(units: list[int]):
    with pytest.raises(ConfigError, match=r"2 numbers.*Lbx100 Gfx80"):
        with_units(parse("[1,48,0,1 Cr3,3,32 S1(1x0)1,3 Lbx100 Gfx80 O1c0]"), units)


def test_a_network_without_layers_to_size_says_so():
    with pytest.raises(ConfigError, match="no layer"):
        with_units(parse("[1,1,0,4 Dl0.1 O1f0]"), [3])


@pytest.mark.parametrize("unit", [0, -3])
def test_a_layer_has_at_least_one_unit(unit: int):
    with pytest.raises(ConfigError, match=r"model\.units"):
        resolve({"task": "language", "model": {"preset": "gru", "units": [unit, 8]}})


def test_a_residual_addition_follows_its_branches():
    changed = with_units(parse(RESIDUAL), [30, 20, 20])
    assert render(changed) == RESIDUAL.replace("Cl1,8,64", "Cl1,8,30").replace("48", "20")
    assert str(trace(changed, replace(changed.input, columns=9))[1][1]).startswith("20×")


def test_branches_that_are_added_must_stay_of_one_size():
    with pytest.raises(ConfigError, match=r"A3,48: the sizes 20, 21 are added"):
        with_units(parse(RESIDUAL), [30, 20, 21])


def test_what_comes_in_cannot_be_added_to_another_size():
    shortcut = "[1,1,0,16 ([Cr1,3,8 Cl1,3,16] I) A3,16 Ap0,0 O0s3]"
    assert sizable(with_units(parse(shortcut), [99, 16])) == (99, 16)
    with pytest.raises(ConfigError, match="32, 16 are added"):
        # Twice as many would fit by their number alone, and add nothing of what came in.
        with_units(parse(shortcut), [8, 32])


def test_a_shortcut_takes_the_size_of_the_block_before_it():
    text = "[1,1,0,4 Cl1,3,8 (Cr1,3,8 Bn) A3,8 (Cr1,3,8 I) A3,8 Ap0,0 O0s3]"
    assert render(with_units(parse(text), [5, 5, 5])) == text.replace("8", "5")
    with pytest.raises(ConfigError, match="are added"):
        with_units(parse(text), [5, 5, 6])


def test_chunks_of_one_layer_stay_as_many_as_they_were():
    text = "[1,1,0,4 Cr1,3,12 A3,4 Ap0,0 O0s3]"
    assert "A3,5" in render(with_units(parse(text), [15]))
    with pytest.raises(ConfigError, match="3 chunks"):
        with_units(parse(text), [16])


def test_groups_must_divide_the_new_size():
    text = "[1,1,0,4 Cr1,3,16 Gn8 Ap0,0 O0s3]"
    assert sizable(with_units(parse(text), [24])) == (24,)
    with pytest.raises(ConfigError, match=r"Gn8: 20 channels are put into 8 groups"):
        with_units(parse(text), [20])


def test_an_addition_of_unknown_size_is_not_guessed():
    # Rows go into the channels, and how many there are the layers alone do not tell.
    text = "[1,8,0,1 Cr3,3,4 S1(1x0)1,3 A3,16 Cr1,1,8 O1c0]"
    with pytest.raises(ConfigError, match="do not tell"):
        with_units(parse(text), [6, 8])
    assert sizable(with_units(parse(text), [4, 9])) == (4, 9)


def test_layers_that_do_not_change_are_left_alone():
    layers = parse("[1,1,0,6 A3,3 Cr1,3,8 ([Cr1,1,5] [Cr1,1,6]) O0s3]").layers
    assert retied(layers, layers) == layers


def test_both_directions_count_for_what_is_added():
    text = "[1,1,0,4 Lfx8 ([Gbx4] I) A3,8 O1s3]"
    assert render(with_units(parse(text), [6, 3])) == "[1,1,0,4 Lfx6 (Gbx3 I) A3,6 O1s3]"
