"""Every layer of the registry, and whole networks: shapes as traced, and padding that changes nothing."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tidegate.config.presets.known import find_preset, known_presets
from tidegate.config.presets.preset import PresetContext
from tidegate.config.registry import settings_of
from tidegate.config.tables import InitialiseSpec, ModelSpec
from tidegate.models.build import build
from tidegate.models.network import Network
from tidegate.models.registry import build_layer, build_layers
from tidegate.network.cells import CELLS
from tidegate.network.layers import LAYERS, Architecture, Output
from tidegate.network.shape import ImageShape, SequenceShape, Shape, VectorShape
from tidegate.network.trace import input_shape
from tidegate.network.vgsl import parse, parse_fragment
from tidegate.nn.attention_pooling import AttentionPooling
from tidegate.nn.initialise import initialise
from tidegate.nn.layer import Layer
from tidegate.nn.normalisation import BatchNorm

PRESETS = known_presets()
SIGNAL = settings_of("signal")

IMAGE = ImageShape(channels=4, rows=6, columns=None)
ROW = ImageShape(channels=4, rows=1, columns=None)
FIXED = ImageShape(channels=4, rows=6, columns=16)
SEQUENCE = SequenceShape(features=5, time=None)
STEPS = SequenceShape(features=5, time=16)

LETTERS = [cell.letter for cell in CELLS.values()]
CASES: list[tuple[str, Shape]] = [
    *((f"C{letter}3,3,8", IMAGE) for letter in "srtlm"),
    *((token, IMAGE) for token in ("Cr3,3,8,2,2", "Cl2,4,3,1,3,2,1", "Cr1,5,8,3,2")),
    *(
        (token, IMAGE)
        for token in ("Mp2,2", "Mp3,2,2,1", "Ap2,3", "Mp0,0", "Ap0,0", "Ap0,2", "Mp2,0", "Ap1,0")
    ),
    *((token, shape) for token in ("Bn", "Bnr", "Bnt", "Bns", "Bnm") for shape in (IMAGE, SEQUENCE)),
    *(
        (token, shape)
        for token, shape in (("Gn1", IMAGE), ("Gn2", IMAGE), ("Gn5", SEQUENCE), ("Gn1", SEQUENCE))
    ),
    *((token, shape) for token in ("Do0.5", "Dl0.5", "Do0.5,2") for shape in (IMAGE, SEQUENCE)),
    *((token, IMAGE) for token in ("S1(1x0)1,3", "S1(2x0)1,3", "S3(2x0)1,3", "S3(0x2)3,1")),
    *((token, FIXED) for token in ("S2(1x0)2,3", "S2(4x0)2,3", "S1(0x2)1,2", "S2(4x0)1,2")),
    *(
        (f"{cell}{way}{axis}{s}3", IMAGE)
        for cell in LETTERS
        for way in "frb"
        for axis in "xy"
        for s in ("", "s")
    ),
    *((f"{cell}{way}x{s}3", SEQUENCE) for cell in LETTERS for way in "frb" for s in ("", "s")),
    ("Ft7", FIXED),
    ("Fr7", STEPS),
    *((token, shape) for token in ("O1s9", "O1l9", "O1c9") for shape in (SEQUENCE, ROW)),
    ("O0s9", VectorShape(5)),
    ("Fr7", VectorShape(5)),
    ("Bnr", VectorShape(5)),
    *((token, ROW) for token in ("Ap0,0", "Mp0,0", "Mp1,2", "Cr1,8,3")),
    *((token, shape) for token in ("At3", "At6") for shape in (IMAGE, ROW, SEQUENCE)),
    *((token, shape) for token in ("A3,1", "A3,2", "A3,4") for shape in (IMAGE, ROW)),
    *((token, shape) for token in ("A3,1", "A3,5") for shape in (SEQUENCE, VectorShape(5))),
    *((token, IMAGE) for token in ("(I I)", "([Cr3,3,8 Mp2,2] [Mp2,2 Bnr])", "([Lbx3 Dl0.5] Gry4 I)")),
    ("([Cl3,3,4 Bnr Cl3,3,4 Bn] I)", IMAGE),
    *((token, ROW) for token in ("([Cr1,3,8 Ap0,0] Lbxs3 [Lfx4 At3] Mp0,0)", "(Lbx3 [S1(1x0)1,3 Gfx4] I)")),
    ("([S1(1x0)1,3 Lfxs3] Ap0,0)", ROW),
    *((token, SEQUENCE) for token in ("(Lbxs3 [Gfx4 At3])", "(I [Bn ([Lfx3 Do0.5] I)])")),
    ("(Fr7 [Bnr I])", VectorShape(5)),
    ("([Ft3 Fr5] Fr4)", FIXED),
]


def record_of(token: str):
    return parse(f"[1,1,0,1 {token}]").layers[0] if token.startswith("O") else parse_fragment(token)[0]


def layer_of(token: str, shape: Shape) -> Layer:
    torch.manual_seed(0)
    record = record_of(token)
    layer = build_layer(record, shape).eval()
    for part in layer.modules():
        if isinstance(part, AttentionPooling):
            torch.nn.init.normal_(part.context)  # It starts at zero, where all steps count the same.
    return layer


def samples(shape: Shape, columns: list[int]) -> list[Tensor]:
    """One true input a number of columns, without padding."""
    random = torch.Generator().manual_seed(3)

    def draw(*size: int) -> Tensor:
        return torch.randn(size, generator=random)

    if isinstance(shape, VectorShape):
        return [draw(1, shape.features) for _ in columns]
    if isinstance(shape, SequenceShape):
        return [draw(1, n, shape.features) for n in columns]
    assert shape.rows is not None
    return [draw(1, shape.channels, shape.rows, n) for n in columns]


def padded(parts: list[Tensor], size: int, garbage: float) -> Tensor:
    """Side by side in one batch, with large noise beyond each end."""
    if parts[0].dim() == 2:
        return torch.cat(parts)
    axis = 3 if parts[0].dim() == 4 else 1
    whole = list(parts[0].shape)
    whole[0], whole[axis] = len(parts), size
    x = torch.randn(whole, generator=torch.Generator().manual_seed(4)) * garbage
    for sample, part in zip(x, parts, strict=True):
        sample.narrow(axis - 1, 0, part.shape[axis]).copy_(part[0])
    return x


def true_part(x: Tensor, number: int, lengths: Tensor | None) -> Tensor:
    one = x[number : number + 1]
    if lengths is None or x.dim() == 2:
        return one
    length = int(lengths[number])
    return one[..., :length] if x.dim() == 4 else one[:, :length]


def loss_of(y: Tensor, number: int) -> Tensor:
    random = torch.Generator().manual_seed(100 + number)
    return (y * torch.randn(y.shape, generator=random)).sum()


def grads_of(module: nn.Module, loss: Tensor, x: list[Tensor]) -> list[Tensor]:
    wanted = [*module.parameters(), *x]
    return list(torch.autograd.grad(loss, wanted, allow_unused=True, materialize_grads=True))


def assert_close(one: Tensor, other: Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def assert_padding_changes_nothing(
    module: nn.Module, parts: list[Tensor], columns: list[int], size: int
) -> None:
    """Alone, and together with garbage beyond each end: results, and gradients of weights and inputs."""
    alone = [part.clone().requires_grad_() for part in parts]
    results = [module(part, None)[0] for part in alone]
    total = torch.stack([loss_of(y, i) for i, y in enumerate(results)]).sum()
    together = padded(parts, size, garbage=30.0).requires_grad_()
    y, lengths = module(together, torch.tensor(columns))
    assert torch.isfinite(y).all()
    ours = [true_part(y, i, lengths) for i in range(len(parts))]
    for mine, wanted in zip(ours, results, strict=True):
        assert_close(mine, wanted)
    loss = torch.stack([loss_of(mine, i) for i, mine in enumerate(ours)]).sum()
    *weights, inputs = grads_of(module, loss, [together])
    wanted_grads = grads_of(module, total, alone)
    for mine, wanted in zip(weights, wanted_grads, strict=False):
        assert_close(mine, wanted)
    of_inputs = padded(wanted_grads[len(weights) :], size, garbage=0.0)
    assert_close(inputs, of_inputs)


def test_every_kind_of_layer_is_a_case():
    assert {type(record_of(token)) for token, _ in CASES} == set(LAYERS)


@pytest.mark.parametrize(("token", "shape"), CASES, ids=str)
def test_shapes_are_as_traced(token: str, shape: Shape):
    layer = layer_of(token, shape)
    (x,) = samples(shape, [16])
    y, lengths = layer(x, None)
    after = record_of(token).out_shape(shape)
    assert lengths is None
    sizes = {
        ImageShape: lambda s: (s.channels, s.rows, s.columns),
        SequenceShape: lambda s: (s.time, s.features),
        VectorShape: lambda s: (s.features,),
    }[type(after)](after)
    assert len(sizes) == y.dim() - 1
    assert all(size is None or size == got for size, got in zip(sizes, y.shape[1:], strict=True))


@pytest.mark.parametrize(("token", "shape"), CASES, ids=str)
def test_padding_changes_nothing_for_a_layer(token: str, shape: Shape):
    columns = [16, 7, 11, 8]
    parts = samples(shape, columns)
    if shape in (FIXED, STEPS):
        # Every sample has the size of the layer: one that is shorter is one that ends in zeros.
        parts = [padded([part], 16, garbage=0.0) for part in parts]
        layer = layer_of(token, shape)
        together = torch.cat(parts)
        for i, n in enumerate(columns):
            axis = 3 if together.dim() == 4 else 1
            together.narrow(axis, n, 16 - n)[i] = 30.0
        y, _ = layer(together, torch.tensor(columns))
        assert_close(y, torch.cat([layer(part, None)[0] for part in parts]))
        return
    assert_padding_changes_nothing(layer_of(token, shape), parts, columns, size=19)


@pytest.mark.parametrize(("token", "shape"), [case for case in CASES if case[0].startswith("Bn")], ids=str)
def test_batch_norm_in_training_is_blind_to_padding(token: str, shape: Shape):
    columns = [16, 7, 11, 8]
    results = []
    for size, garbage in ((16, 0.0), (23, 50.0)):
        layer = layer_of(token, shape).train()
        x = padded(samples(shape, columns), size, garbage).requires_grad_()
        y, lengths = layer(x, torch.tensor(columns))
        ours = [true_part(y, i, lengths) for i in range(4)]
        loss = torch.stack([loss_of(one, i) for i, one in enumerate(ours)]).sum()
        *weights, of_x = grads_of(layer, loss, [x])
        assert isinstance(layer, BatchNorm)
        of_x = [true_part(of_x, i, lengths) for i in range(4)]
        results.append([*ours, *weights, *of_x, layer.running_mean, layer.running_var])
    for one, other in zip(*results, strict=True):
        assert_close(one, other)


NETWORKS = {
    "kraken": "[1,48,0,1 Cr3,3,8 Do0.1,2 Mp2,2 Cr3,3,16 Mp2,2 S1(1x0)1,3 Lbx10 Do0.1 Lbx10 O1c0]",
    "tesseract": "[1,36,0,1 Ct3,3,16 Mp3,3 Lfys12 Lfx24 Lrx24 Lfx16 O1c0]",
    "moved activations": "[1,20,0,1 Cl3,3,8 Bnr Mp2,2 Ct5,5,8,1,2 Mp2,3 Bns Mp2,1 Gn2 S1(1x0)1,3 Gbx9 O1c0]",
    "mixed": "[1,16,0,1 Cs4,2,6 Ap2,2 Rbx5 Gry6 Mp4,1,2,1 Rfys7 Dl0.2 Gbxs8 O0s0]",
    "pooled to one": "[1,16,0,1 Cr3,3,6,2,2 Bnr Ap0,0 O0s0]",
    "residual": "[1,1,0,1 ([Cl1,8,6 Bnr Cl1,5,6 Bn] [Cl1,1,6 Bn]) A3,6 Bnr ([Cl1,3,6 Bn] I) A3,6 Bnr Ap0,0 O0s0]",
    "side by side": "[1,1,0,1 ([Cl1,8,6 Bnr Mp1,2 Cr1,3,5 Mp1,2 Ap0,0] [Lfxs5 Do0.8] [Gbx4 At6]) O0s0]",
    "blocks in blocks": "[1,16,0,1 (Cr3,3,4 [(I Cr5,5,3) Bn]) Mp2,2 S1(1x0)1,3 (Lfx5 ([Lrx4 Lfx3] I)) O1c0]",
}


@pytest.mark.parametrize("name", NETWORKS)
def test_padding_changes_nothing_for_a_network(name: str):
    network = build(parse(NETWORKS[name]), symbols=7)
    initialise(network, InitialiseSpec(), torch.Generator().manual_seed(0))
    rows = network.architecture.input.rows
    columns = [60, 33, 47, 25]
    parts = samples(ImageShape(1, rows, None), columns)
    assert_padding_changes_nothing(network.eval(), parts, columns, size=66)


PRESET_CASES = [(name, task) for name, preset in PRESETS.items() for task in preset.tasks]


def network_of(architecture: Architecture, task: str) -> Network:
    """As the task builds it; a forecast's layers end before the output, where its decoder stands."""
    if task != "forecast":
        return build(architecture, symbols=10)
    layers = build_layers(architecture.layers[:-1], input_shape(architecture.input))
    return Network(architecture, layers)


@pytest.mark.parametrize(("name", "task"), PRESET_CASES, ids=str)
def test_presets_build_and_run(name: str, task: str):
    """Built, counted as summed up, run on a padded batch, and blind to the padding."""
    from tidegate.models.network import parameters
    from tidegate.models.summary import summarise

    lines, one_row = task == "transcribe", settings_of(task).network.input != "image"
    whole = task == "classify" or (task, name) in (("forecast", "mlp"), ("forecast", "cnn"))
    rows, channels = (1, 24) if one_row else (32, 1)
    context = PresetContext(rows, 32 if whole else None, channels)
    preset = find_preset(name, task)
    keys = {"hidden": 8} if "hidden" in preset.keys else {}
    keys |= {"width": 0.125} if "width" in preset.keys else {}
    architecture = preset.build(ModelSpec(**keys), context, settings_of(task).network.output)
    network = network_of(architecture, task).eval()
    if task != "forecast":
        assert sum(row.parameters for row in summarise(architecture, 10, 64)) == parameters(network)
    assert isinstance(network.architecture.layers[-1], Output)
    columns = [32, 32] if whole else [96, 64]
    parts = samples(ImageShape(channels, rows, None), columns)
    y, lengths = network(padded(parts, columns[0], garbage=30.0), torch.tensor(columns))
    assert task == "forecast" or y.shape[-1] == (11 if lines else 10)
    assert (lengths is None) == (
        whole or (task != "forecast" and settings_of(task).network.output.dimensions == 0)
    )
    with torch.no_grad():
        for i, part in enumerate(parts):
            assert_close(true_part(y, i, lengths), network(part)[0])


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize(
    "name", [name for name, preset in SIGNAL.presets.items() if "pooling" in preset.keys]
)
def test_poolings_of_signals_are_blind_to_padding(name: str, pooling: str):
    preset = find_preset(name, "signal")
    keys = {"width": 0.125} if "width" in preset.keys else {}
    model = ModelSpec(hidden=6, pooling=pooling, **keys)  # pyright: ignore[reportArgumentType]
    network = build(preset.build(model, PresetContext(1, None, 3), SIGNAL.network.output), symbols=4)
    for part in network.modules():
        if isinstance(part, AttentionPooling):
            torch.nn.init.normal_(part.context)
    columns = [21, 7, 13, 4]
    parts = samples(ImageShape(3, 1, None), columns)
    assert_padding_changes_nothing(network.eval(), parts, columns, size=23)
