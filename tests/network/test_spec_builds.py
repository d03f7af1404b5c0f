"""What compiles is built, and gives the shape that was traced, with and without padding."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tidegate.config.compile import compile_model
from tidegate.config.presets.known import find_preset, known_presets
from tidegate.config.tables import ModelSpec
from tidegate.models.build import build
from tidegate.models.registry import build_layers
from tidegate.network.layers import Architecture
from tidegate.network.shape import VectorShape
from tidegate.network.trace import input_shape, steps, trace, trace_layers
from tidegate.network.vgsl import parse

PRESETS = known_presets()

MANUALS = (Path(__file__).parent / "manuals.txt").read_text(encoding="utf-8").splitlines()
# kraken's network for layout answers for every pixel, which no task here does.
LINES = [text for text in MANUALS if not text.startswith("[1,1200")]
BY_TASK = [
    (find_preset(preset.name, task), task)
    for preset in PRESETS.values()
    for task in preset.tasks
    if task != "forecast"
]
UNUSUAL = [
    "[1,8,20,1 S1(2x0)1,3 Lbx3 Lfys3 O1c0]",
    "[1,8,20,4 S3(2x0)3,1 Fr3 O0s0]",
    "[1,8,20,1 S1(2x4)1,2 Lfys3 Lbx3 O1c0]",
    "[1,8,20,1 S2(0x2)2,3 S1(1x0)1,3 O1c0]",
    "[1,8,0,1 S1(0x1)3,1 Do.1,2 Dl O1c0]",
    "[1,8,0,6 S3(2x3)1,3 S1(1x0)1,3 O1c0]",
    "[1,8,0,1 Cr3,3,4 Ap0,1 Gn2 Bn O1s0]",
    "[1,8,0,1 Cr4,2,4,2,2 Ap0,0 O0s0]",
    "[1,8,0,1 Cr3,3,4,1,1,2,3 Lbx4 Lbys3 Lbxs3 O0l0]",
    "[1,8,6,1 S2(1x0)2,3 Rby3 O1c0]",
    "[1,8,6,1 S2(1x0)2,3 Gby3 Fr3 Bnr O0s0]",
    "[1,8,0,1 Cm3,3,4 Mp0,3 Dl.2 Lrx4 O1c0]",
    "[1,8,0,2 (Cr3,3,4 [Gbx2 I]) A3,4 At3 Mp0,0 O0s0]",
    "[1,1,0,2 ([Cr1,3,4 Mp1,2 (I Lfx3)] [Cl1,5,4,1,1 Ap1,2]) (Lbxs3 [At2 Do0.1]) O0l0]",
    "[1,8,0,2 S1(1x0)1,3 (Lbx3 [Gfx3 I]) A3,3 Bnr O1c0]",
    "[1,8,6,1 (Fr3 [S2(1x0)2,3 Gbys3]) (I Ft4) O0s0]",
]


# Behind the layers of a forecast stands a decoder, which is no layer: tests of the task build them.
@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if "forecast" in preset.tasks])
def test_presets_of_forecasts_are_states_or_vectors(name: str):
    keys = {"width": 0.25} if "width" in find_preset(name, "forecast").keys else {}
    architecture = compile_model(ModelSpec(preset=name, **keys), "forecast", 1, 24, 5)
    shape = input_shape(architecture.input)
    layers = build_layers(architecture.layers[:-1], shape)
    x, lengths = torch.randn(2, 5, 1, 24), None
    with torch.no_grad():
        for layer in layers:
            x, lengths = layer.eval()(x, lengths)
    traced = trace_layers(architecture.layers[:-1], shape)[-1][1]
    expected = (traced.features,) if isinstance(traced, VectorShape) else (traced.channels, 1, 24)
    assert x.shape == (2, *expected)


def check(architecture: Architecture) -> None:
    network = build(architecture, symbols=7).eval()
    source = network.architecture.input
    columns = source.columns or 100
    images = torch.rand(2, source.channels, source.rows or 0, columns)
    lengths = None if source.columns else torch.tensor([columns, columns - 37])
    with torch.no_grad():
        answers, after = network(images, lengths)
    last = trace(network.architecture)[-1][1]
    if isinstance(last, VectorShape):
        assert answers.shape == (2, last.features)
        return
    assert answers.shape == (2, steps(architecture, columns), last.features)
    if lengths is not None:
        assert after.tolist() == [steps(architecture, length) for length in lengths.tolist()]


@pytest.mark.parametrize(("preset", "task"), BY_TASK, ids=lambda value: getattr(value, "name", value))
def test_presets(preset, task: str):
    size = (32, 32, 1) if task == "classify" else (None, None, 1 if task == "transcribe" else 24)
    keys = {"width": 0.25} if "width" in preset.keys else {}
    check(compile_model(ModelSpec(preset=preset.name, **keys), task, *size))


@pytest.mark.parametrize("text", LINES)
def test_networks_of_the_manuals(text: str):
    check(compile_model(ModelSpec(spec=text), "transcribe"))


@pytest.mark.parametrize("text", UNUSUAL)
def test_unusual_networks(text: str):
    check(parse(text))
