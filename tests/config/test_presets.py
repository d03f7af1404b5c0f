"""Presets: every one, for every task it claims, at many sizes; and what each key of [model] changes."""

from __future__ import annotations

import pytest

from tidegate.config.compile import check_data, compile_model, preset_name
from tidegate.config.presets.known import find_preset, known_presets
from tidegate.config.registry import settings_of, task_names
from tidegate.config.tables import DataSpec, ModelSpec
from tidegate.errors import ConfigError, VgslError
from tidegate.network.cells import CELLS as RECORDS
from tidegate.network.layers import Architecture, BatchNorm, Convolution, Dense, Dropout, Input, Recurrence
from tidegate.network.shape import ImageShape, SequenceShape, VectorShape
from tidegate.network.trace import input_shape, steps, trace, trace_layers
from tidegate.network.vgsl import parse, render

PRESETS = known_presets()

BY_TASK = [(find_preset(preset.name, task), task) for preset in PRESETS.values() for task in preset.tasks]
ONE_ROW = [name for name in task_names() if settings_of(name).network.input != "image"]
CELLS = tuple(f"{way}{cell.word}" for way in ("", "bi") for cell in RECORDS.values())


def compiled(
    task: str = "transcribe", rows: int | None = None, columns: int | None = None, **keys: object
) -> str:
    return render(compile_model(ModelSpec(**keys), task, rows, columns))  # pyright: ignore[reportArgumentType]


def test_the_presets_that_the_field_expects_are_there():
    assert {"mlp", "cnn", "lenet", "alexnet", "vgg11", "vgg13", "vgg16"} <= PRESETS.keys()
    assert {*CELLS, *(f"cnn-{cell}" for cell in CELLS)} <= PRESETS.keys()
    assert {
        "fcn",
        "resnet",
        "lstm-fcn",
        "bilstm-fcn",
        "gru-fcn",
        "deepconv-lstm",
        "crdnn",
        "segrnn",
    } <= PRESETS.keys()
    for task in ("forecast", "signal"):
        assert all(
            task in PRESETS[name].tasks for name in (*CELLS, *(f"cnn-{cell}" for cell in CELLS), "cnn")
        )
    assert all(preset.name == name and preset.summary for name, preset in PRESETS.items())


def start(architecture: Architecture) -> ImageShape:
    return input_shape(architecture.input)


@pytest.mark.parametrize(("preset", "task"), BY_TASK, ids=lambda value: getattr(value, "name", value))
def test_every_preset_fits_every_size(preset, task: str):
    sizes = {
        "classify": [(8, 8), (1, 1), (28, 28), (32, 100), (224, 224)],
        "transcribe": [(8, None), (40, None), (96, None)],
        "forecast": [(1, 1), (1, 4), (1, 96)],
        "signal": [(1, None), (1, 4), (1, 150)],
    }
    for rows, columns in sizes.get(task, [(1, None)]):
        keys: dict[str, float]
        for keys in ({}, {"width": 0.25}, {"dropout": 0.0}, {"rows": 1 if task in ONE_ROW else 20}):
            if not preset.keys >= keys.keys():
                continue
            architecture = compile_model(ModelSpec(preset=preset.name, **keys), task, rows, columns, 3)
            assert parse(render(architecture)) == architecture
            last = trace_layers(
                architecture.layers[: -1 if task == "forecast" else None], start(architecture)
            )[-1][1]
            single = settings_of(task).network.output.dimensions == 0
            expected = VectorShape if single else SequenceShape
            assert isinstance(last, ImageShape | VectorShape if task == "forecast" else expected)
            assert architecture.input == Input(int(keys.get("rows", rows)), architecture.input.columns, 3)


@pytest.mark.parametrize(("preset", "task"), BY_TASK, ids=lambda value: getattr(value, "name", value))
def test_every_key_that_a_preset_takes_changes_it_and_every_other_is_refused(preset, task: str):
    name = preset.name.removesuffix("-crf")
    values = {
        "cell": "gru"
        if name in ("crdnn", "rnn", "birnn", "cnn-rnn", "cnn-birnn", "rnn-fcn", "birnn-fcn")
        else "elman",
        "bidirectional": not ("bi" in name or name == "crdnn"),
        "layers": 5,
        "hidden": 77,
        "conv": "Cr5,5,11",
        "width": 0.5,
        "rows": 33,
        "dropout": 0.123,
        "batch_norm": name in ("lenet", "alexnet", "deepconv-lstm"),
        "pooling": "attention",
    }

    def compiled_with(**keys: object) -> str:
        model = ModelSpec(preset=preset.name, **keys)  # pyright: ignore[reportArgumentType]
        return render(compile_model(model, task))

    usual = compiled_with()
    for key, value in values.items():
        message = None if key in preset.keys else f"has no {key} to change"
        if task in ONE_ROW and key == "rows":
            message = f"the task {task} has no images, and so no height"
        if message is None and task == "language" and key in ("conv", "bidirectional"):
            message = "cannot be part of a language model"
        if message is not None:
            with pytest.raises(ConfigError, match=message):
                compiled_with(**{key: value})
            continue
        changed = compiled_with(**{key: value})
        # Width and normalisation act on convolutions, of which these have none; LeNet has no dropout; and networks on
        # words and for forecasts have no normalisation that could be left out.
        no_convolutions = name in CELLS and key in ("width", "batch_norm")
        unnormalised = key == "batch_norm" and not value and "Bn" not in usual
        without_effect = no_convolutions or unnormalised or (name, key) == ("lenet", "dropout")
        assert (changed == usual) == without_effect, (key, changed)


def test_transcription_keeps_a_quarter_of_the_columns():
    for preset, task in BY_TASK:
        if task == "transcribe":
            assert steps(compile_model(ModelSpec(preset=preset.name), task), 400) >= 100


def test_classification_without_a_cnn_reads_row_after_row():
    assert compiled("classify", 28, 28, preset="bilstm") == (
        "[1,28,28,1 S2(1x0)2,3 Lby128 Dl0.2 Lbys128 Do0.2 O0s0]"
    )
    network = compile_model(ModelSpec(preset="bilstm"), "classify", 30, 20)
    assert trace(network)[0][1] == SequenceShape(20, 30, "y")


def test_the_short_form_gives_the_same_records_as_a_preset():
    for task in ("classify", "transcribe"):
        assert compiled(task, cell="gru", bidirectional=False) == compiled(task, preset="cnn-gru")
        assert compiled(task, cell="lstm", bidirectional=True) == compiled(task, preset="cnn-bilstm")
    assert compiled(cell="elman", bidirectional=True, conv="none") == compiled(preset="birnn")
    assert compiled(conv="Cr3,3,8 Mp2,2", hidden=5, layers=1, dropout=0.0) == (
        "[1,40,0,1 Cr3,3,8 Mp2,2 S1(1x0)1,3 Lbx5 O1c0]"
    )
    assert preset_name(ModelSpec(), "transcribe") == "cnn-bilstm"
    assert preset_name(ModelSpec(width=0.5), "classify") == "cnn"


def test_width_scales_channels_and_units():
    whole, half = (
        compile_model(ModelSpec(preset="vgg11", width=width), "classify", 32, 32) for width in (None, 0.5)
    )
    pairs = list(zip(whole.layers, half.layers, strict=True))
    assert all(
        b.channels * 2 == a.channels
        for a, b in pairs
        if isinstance(a, Convolution) and isinstance(b, Convolution)
    )
    assert all(b.units * 2 == a.units for a, b in pairs if isinstance(a, Dense) and isinstance(b, Dense))


def test_batch_norm_moves_the_activation_behind_it_and_back():
    with_norm = compile_model(ModelSpec(preset="alexnet", batch_norm=True), "classify", 32, 32)
    for layer, following in zip(with_norm.layers, with_norm.layers[1:], strict=False):
        if isinstance(layer, Convolution):
            assert layer.activation == "linear" and following == BatchNorm("relu")
    without = compile_model(ModelSpec(preset="vgg13", batch_norm=False), "classify", 32, 32)
    assert not any(isinstance(layer, BatchNorm) for layer in without.layers)
    assert all(layer.activation == "relu" for layer in without.layers if isinstance(layer, Convolution))


def test_dropout_stands_between_recurrent_layers_and_before_the_output():
    layers = compile_model(ModelSpec(preset="lstm", layers=3, dropout=0.1), "transcribe").layers
    kinds = [type(layer) for layer in layers if isinstance(layer, Recurrence | Dropout)]
    assert kinds == [Recurrence, Dropout] * 3


def test_the_output_is_added_or_checked():
    assert compiled(spec="[1,48,0,1 S1(1x0)1,3 Lbx9]").endswith("Lbx9 O1c0]")
    assert compiled("classify", spec="[1,8,8,1 Fr9]").endswith("Fr9 O0s0]")
    assert compiled("classify", spec="[1,8,8,1 Fr9 O0l0]").endswith("Fr9 O0l0]")
    assert compiled(spec="[1,48,0,1 S1(1x0)1,3 Lbx9 O1c103]").endswith("Lbx9 O1c0]")
    with pytest.raises(ConfigError, match="does not suit the task classify"):
        compiled("classify", spec="[1,48,0,1 S1(1x0)1,3 Lbx9 O1c0]")
    with pytest.raises(ConfigError, match="does not suit the task transcribe"):
        compiled(spec="[1,48,0,1 S1(1x0)1,3 Lbx9 O1s0]")


def test_sizes_that_a_string_leaves_open_are_filled_in():
    assert compiled(spec="[1,0,0,1 Lfys8]").startswith("[1,40,0,1 ")
    assert compiled(rows=32, spec="[1,0,0,1 Lfys8]").startswith("[1,32,0,1 ")
    assert compiled("classify", 20, 30, spec="[1,0,0,3 Fr8]").startswith("[1,20,30,3 ")
    assert compiled("classify", 20, 30, spec="[1,9,9,1 Fr8]").startswith("[1,9,9,1 ")
    assert compile_model(ModelSpec(spec="[1,0,0,1 Fr8]"), "classify").input.rows is None


def test_strips_of_pixels_are_the_fold_that_the_manual_says_they_are():
    assert compiled(spec="[1,1,0,48 Lbx100 O1c103]") == compiled(spec="[1,48,0,1 S1(1x48)1,3 Lbx100 O1c103]")


def test_another_height_than_the_datas_keeps_their_aspect():
    assert compile_model(ModelSpec(preset="mlp", rows=10), "classify", 20, 40).input == Input(10, 20, 1)


def test_what_cannot_be_compiled_says_why():
    with pytest.raises(ConfigError, match="other keys of") as caught:
        compiled(spec="[1,8,8,1 Lbx9]", cell="gru")
    assert "cell = 'gru'" in str(caught.value)
    with pytest.raises(ConfigError) as caught:
        compiled("classify", preset="lent")
    assert caught.value.hint == "did you mean lenet?"
    with pytest.raises(ConfigError, match="does not do the task transcribe") as caught:
        compiled(preset="lenet")
    assert "cnn-bilstm" in str(caught.value) and "vgg11" not in str(caught.value)
    with pytest.raises(ConfigError, match="no task trancribe") as caught:
        compiled("trancribe")
    assert caught.value.hint == "did you mean transcribe?"
    with pytest.raises(VgslError):
        compiled(conv="Cr3,3")


def test_data_that_contradict_the_network_are_refused():
    network = compile_model(ModelSpec(spec="[1,48,0,1 S1(1x0)1,3 Lbx9]"), "transcribe")
    check_data(DataSpec(rows=48, columns=500), network)
    with pytest.raises(ConfigError, match="do not agree on rows"):
        check_data(DataSpec(rows=40), network)
