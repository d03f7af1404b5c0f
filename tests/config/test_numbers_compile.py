"""From [model] to networks on series and signals: what follows from the data, and what is refused."""

from __future__ import annotations

import pytest

from tidegate.config.compile import compile_model, compile_run, preset_name
from tidegate.config.presets.known import known_presets
from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.config.tables import ModelSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.errors import ConfigError, ShapeError
from tidegate.network.causal import check_recursive, check_streaming
from tidegate.network.cells import CELLS
from tidegate.network.layers import Input, Output
from tidegate.network.vgsl import parse, render

PRESETS = known_presets()


def compiled(task: str, columns: int | None = None, channels: int | None = 3, **model: object) -> str:
    return render(compile_model(ModelSpec(**model), task, 1, columns, channels))  # pyright: ignore[reportArgumentType]


def test_the_defaults_of_both_tasks_compile_before_the_data_are_known():
    assert render(compile_run(resolve({"task": "forecast"}))) == "[1,1,0,1 Gfx128 Do0.1 O0l0]"
    assert render(compile_run(resolve({"task": "signal"}))) == (
        "[1,1,0,1 Cl1,8,128 Bnr Cl1,5,256 Bnr Cl1,3,128 Bnr Ap0,0 O0s0]"
    )


@pytest.mark.parametrize(
    "name", [name for name, preset in PRESETS.items() if {"forecast", "signal"} & {*preset.tasks}]
)
def test_every_preset_compiles_before_the_data_are_known(name: str):
    for task in {"forecast", "signal"} & {*PRESETS[name].tasks}:
        before = compile_run(RunSpec(task=task, model=ModelSpec(preset=name)))
        after = compile_model(ModelSpec(preset=name), task, 1, 48 if task == "forecast" else None, 7)
        assert after.input == Input(1, 48 if task == "forecast" else None, 7)
        assert before.input == Input(1, None, 1)
        assert before.layers[-1] == after.layers[-1]


def test_channels_and_columns_are_those_of_the_data():
    assert compiled("signal", spec="[1,1,0,0 Lbxs9]") == "[1,1,0,3 Lbxs9 O0s0]"
    assert compiled("signal", 20, spec="[1,1,0,0 Fr9]") == "[1,1,20,3 Fr9 O0s0]"
    assert compiled("signal", 20, spec="[1,0,20,3 Fr9 O0s7]") == "[1,1,20,3 Fr9 O0s0]"
    assert compiled("forecast", 96, 1, spec="[1,1,0,0 Gfx9]") == "[1,1,96,1 Gfx9 O0l0]"
    assert compiled("forecast", 96, 1, preset="mlp", width=0.25, dropout=0.0) == "[1,1,96,1 Fr64 Fr64 O0l0]"
    # Without the data, what the string says stands, as in that of a trained model.
    assert compiled("signal", None, None, spec="[1,1,0,6 Lbxs9]") == "[1,1,0,6 Lbxs9 O0s0]"


@pytest.mark.parametrize("block", ["1,2,0,3", "1,1,21,3", "1,1,20,4", "1,48,0,1"])
@pytest.mark.parametrize("task", ["forecast", "signal"])
def test_an_input_block_of_other_data_is_refused(task: str, block: str):
    with pytest.raises(ConfigError, match="does not suit the data") as caught:
        compiled(task, 20, spec=f"[{block} Lfxs9]")
    assert caught.value.got == block and "1,1,20,3" in str(caught.value.expected)


def test_what_depends_on_the_data_is_traced_with_them():
    for text in ("Gn3 Lfxs9", "A3,3 Lfxs9", "(I Lfx3) A3,3 Ap0,0", "([Gn3 Lfxs9] Ap0,0)", "Lfxs9 Fr4"):
        assert compiled("signal", None, None, spec=f"[1,1,0,0 {text}]").startswith("[1,1,0,1 ")
    with pytest.raises(ShapeError, match="2 equal groups"):
        compiled("signal", spec="[1,1,0,0 Gn2 Lfxs9]")
    with pytest.raises(ShapeError, match="fixed size"):
        compiled("signal", spec="[1,1,0,0 Lfx9 Fr4]")
    # What does not depend on them is told at once.
    with pytest.raises(ShapeError, match="one vector a sample"):
        compile_run(RunSpec(task="signal", model=ModelSpec(spec="[1,1,0,0 Lfx9]")))
    with pytest.raises(ShapeError, match="eats the height"):
        compile_run(RunSpec(task="forecast", model=ModelSpec(spec="[1,1,0,0 Mp2,2 Lfx9]")))


def test_the_data_may_decide_between_classes_and_values():
    for kind in ("softmax", "linear"):
        architecture = compile_model(ModelSpec(preset="fcn"), "signal", 1, None, 3, kind=kind)
        assert architecture.layers[-1] == Output(0, kind, 0)
        architecture = compile_model(ModelSpec(spec="[1,1,0,0 Ap0,0]"), "signal", 1, None, 3, kind=kind)
        assert architecture.layers[-1] == Output(0, kind, 0)
    compile_model(ModelSpec(spec="[1,1,0,0 Ap0,0 O0l0]"), "signal", 1, None, 3, kind="linear")
    with pytest.raises(ConfigError, match="does not suit the answers") as caught:
        compile_model(ModelSpec(spec="[1,1,0,0 Ap0,0 O0s0]"), "signal", 1, None, 3, kind="linear")
    assert caught.value.got == "O0s0" and "O0l0" in str(caught.value.expected)


def test_output_layers_of_other_tasks_are_refused():
    for task, outputs in (("forecast", ("O0s0", "O1l0", "O1c0")), ("signal", ("O1s0", "O1f0"))):
        for output in outputs:
            with pytest.raises(ConfigError, match=f"does not suit the task {task}"):
                compiled(task, spec=f"[1,1,0,0 Ap0,0 {output}]")


def test_poolings_of_signals():
    assert compiled("signal", preset="lstm", dropout=0.0) == "[1,1,0,3 Lfxs100 O0s0]"
    assert compiled("signal", preset="bilstm", layers=2) == "[1,1,0,3 Lbx100 Dl0.2 Lbx100 Ap0,0 Do0.2 O0s0]"
    for pooling, layers in {
        "last": "Gbxs8",
        "mean": "Gbx8 Ap0,0",
        "max": "Gbx8 Mp0,0",
        "attention": "Gbx8 At8",
    }.items():
        text = compiled("signal", preset="gru", bidirectional=True, hidden=8, pooling=pooling)
        assert text == f"[1,1,0,3 {layers} Do0.2 O0s0]"
    assert preset_name(ModelSpec(pooling="max"), "signal") == "bilstm"
    with pytest.raises(ConfigError, match="no pooling to change"):
        compiled("forecast", preset="gru", pooling="max")
    with pytest.raises(ConfigError, match="fcn has no pooling to change"):
        compiled("signal", preset="fcn", pooling="max")


def test_networks_of_the_papers():
    assert compiled("signal", preset="resnet", width=0.125) == (
        "[1,1,0,3 ([Cl1,8,8 Bnr Cl1,5,8 Bnr Cl1,3,8 Bn] [Cl1,1,8 Bn]) A3,8 Bnr"
        " ([Cl1,8,16 Bnr Cl1,5,16 Bnr Cl1,3,16 Bn] [Cl1,1,16 Bn]) A3,16 Bnr"
        " ([Cl1,8,16 Bnr Cl1,5,16 Bnr Cl1,3,16 Bn] Bn) A3,16 Bnr Ap0,0 O0s0]"
    )
    assert compiled("signal", preset="lstm-fcn") == (
        "[1,1,0,3 ([Cl1,8,128 Bnr Cl1,5,256 Bnr Cl1,3,128 Bnr Ap0,0] [Lfxs64 Do0.8]) O0s0]"
    )
    assert compiled("signal", preset="bigru-fcn", width=0.5, dropout=0.0, batch_norm=False) == (
        "[1,1,0,3 ([Cr1,8,64 Cr1,5,128 Cr1,3,64 Ap0,0] [Gbx64 Ap0,0]) O0s0]"
    )
    assert compiled("signal", preset="deepconv-lstm") == (
        "[1,1,0,3 Cr1,5,64 Cr1,5,64 Cr1,5,64 Cr1,5,64 Lfx128 Dl0.5 Lfxs128 Do0.5 O0s0]"
    )
    assert compiled("signal", preset="crdnn", dropout=0.0).endswith("Mp1,2 Bnr Lbx128 Ap0,0 Fr128 O0s0]")
    assert (
        compiled("forecast", 4, 24, preset="segrnn", cell="lstm") == "[1,1,4,24 Cr1,1,256 Lfx256 Do0.3 O0l0]"
    )
    assert compiled("forecast", 4, 24, preset="segrnn", bidirectional=True, layers=2, hidden=64) == (
        "[1,1,4,24 Cr1,1,64 Gbx64 Dl0.3 Gbx64 Do0.3 O0l0]"
    )


def test_segrnn_brings_its_decoder():
    forecast = resolve({"task": "forecast", "model": {"preset": "segrnn"}}).settings(ForecastSpec)
    assert (forecast.decoder, forecast.normalise, forecast.loss) == ("segment", "last", "mae")


@pytest.mark.parametrize(
    ("layers", "where", "reason"),
    [
        ("Gbx9", "layer 1: Gbx9", "a bidirectional layer"),
        ("Gfx9 Lrx9", "layer 2: Lrx9", "a layer in reverse"),
        ("Cr1,3,9 Gfx9", "layer 1: Cr1,3,9", "a convolution over several steps"),
        ("Cr1,1,9,1,2 Gfx9", "layer 1: Cr1,1,9,1,2", "a convolution over several steps"),
        ("Gfx9 Mp1,2", "layer 2: Mp1,2", "a pooling of several steps"),
        ("Gn1 Gfx9", "layer 1: Gn1", "group normalisation"),
        ("(I [Gfx9 Gbx9])", "layer 1, branch 2, layer 2: Gbx9", "a bidirectional layer"),
        ("S3(1x0)2,3", "layer 1: S3(1x0)2,3", "a reshape"),
        ("Gfy9", "layer 1: Gfy9", "a layer along y"),
    ],
)
def test_layers_that_need_later_steps_are_refused_with_their_place(layers: str, where: str, reason: str):
    for check, tail in ((check_recursive, "O0l0"), (check_streaming, "Ap0,0 O0s0")):
        with pytest.raises(ConfigError) as caught:
            check(parse(f"[1,1,0,4 {layers} {tail}]"))
        assert caught.value.where == where
        assert reason in caught.value.what and caught.value.hint


def test_forward_networks_go_on():
    for layers in ("Cr1,1,8 Bnr Gfx9 Dl0.1 Lfx9", "(Gfx4 I) A3,4 Rfx9 Do0.1"):
        check_recursive(parse(f"[1,1,0,4 {layers} O0l0]"))
        for pool in ("Ap0,0", "Mp1,0", "At4 Gn1", "Lfxs5", "(Ap0,0 [Gfx3 At2] Lfxs2) Fr6 Bnr"):
            check_streaming(parse(f"[1,1,0,4 {layers} {pool} Fr3 Do0.5 O0s0]"))
    for layers in ("Gfxs9", "Ap0,0", "Gfx4 At4", "Fr4"):
        with pytest.raises(ConfigError, match="one vector of all steps"):
            check_recursive(parse(f"[1,1,0,4 {layers} O0l0]"))
    with pytest.raises(ConfigError, match="one vector of all steps"):
        check_streaming(parse("[1,1,20,4 Gfx4 Fr4 O0s0]"))


def test_presets_that_stream():
    streaming = []
    for name, preset in PRESETS.items():
        if "signal" in preset.tasks:
            try:
                check_streaming(compile_model(ModelSpec(preset=name), "signal", 1, None, 2))
            except ConfigError:
                continue
            streaming.append(name)
    assert streaming == [cell.word for cell in CELLS.values()]
