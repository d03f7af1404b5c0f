"""Every decoder with every cell: shapes, what may influence what, and agreement with slow references."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tidegate.config.tasks.forecast import Decoder, ForecastSpec
from tidegate.errors import ConfigError
from tidegate.network.layers import Architecture, Input
from tidegate.network.vgsl import parse_fragment
from tidegate.tasks.forecast.encoders import StateEncoder
from tidegate.tasks.forecast.network import Forecaster, features_of, seasonal
from tidegate.tasks.forecast.window import Window, WindowShape

SHAPE = WindowShape(
    lookback=12, horizon=5, targets=2, observed=2, known=3, static=1, series=4, masked=True, season=4
)
NETWORKS = ["Rfx8", "Lfx8 Do0.5", "Gfx8", "Lfx6 Dl0.2 Gfx8", "Cr1,3,4 Gfx8"]
DECODERS: list[Decoder] = ["direct", "recursive", "segment", "encoder-decoder"]


def window(shape: WindowShape = SHAPE, batch: int = 3, horizon: int | None = None) -> Window:
    generator = torch.Generator().manual_seed(5)

    def draw(*size: int) -> Tensor:
        return torch.randn(size, generator=generator)

    missing = torch.rand(batch, shape.lookback, shape.targets, generator=generator) < 0.2
    past = draw(batch, shape.lookback, shape.targets).masked_fill(missing, 0)
    steps = shape.lookback + (horizon or shape.horizon)
    return Window(
        past,
        missing if shape.masked else None,
        draw(batch, shape.lookback, shape.observed),
        draw(batch, steps, shape.known),
        draw(batch, shape.static),
        torch.arange(batch) % shape.series,
    )


def forecaster(layers: str, shape: WindowShape = SHAPE, **keys: object) -> Forecaster:
    torch.manual_seed(0)
    spec = ForecastSpec.model_validate({"identity": 3, **keys})
    architecture = Architecture(Input(1, None, features_of(spec, shape)), parse_fragment(layers))
    return Forecaster(architecture, spec, shape).eval()


def shape_for(decoder: Decoder) -> WindowShape:
    return replace(SHAPE, observed=0) if decoder == "recursive" else SHAPE


PAIRS = [
    (decoder, layers)
    for decoder, layers in itertools.product(DECODERS, NETWORKS)
    if decoder != "recursive" or "C" not in layers
]


@pytest.mark.parametrize("channels", ["independent", "joint"])
@pytest.mark.parametrize(("decoder", "layers"), PAIRS)
def test_gives_every_step_and_target(decoder: Decoder, layers: str, channels: str) -> None:
    shape = shape_for(decoder)
    network = forecaster(layers, shape, decoder=decoder, channels=channels)
    assert network(window(shape)).shape == (3, 5, 2, 1)


@pytest.mark.parametrize("decoder", DECODERS)
def test_gives_quantiles(decoder: Decoder) -> None:
    shape = shape_for(decoder)
    network = forecaster("Gfx8", shape, decoder=decoder, loss="quantile", levels=[0.5, 0.9])
    assert network(window(shape)).shape == (3, 5, 2, 5)


@pytest.mark.parametrize("layers", ["Gbx8", "Lbx4 Dl0.1 Rbx6", "Cr1,3,8 Mp1,2 Lbx4"])
@pytest.mark.parametrize("decoder", ["direct", "segment", "encoder-decoder"])
def test_reads_the_window_in_both_directions(decoder: Decoder, layers: str) -> None:
    assert forecaster(layers, decoder=decoder)(window()).shape == (3, 5, 2, 1)


@pytest.mark.parametrize(("decoder", "layers"), PAIRS)
def test_one_target_does_not_see_another_when_independent(decoder: Decoder, layers: str) -> None:
    shape = shape_for(decoder)
    network, one = forecaster(layers, shape, decoder=decoder), window(shape)
    other = replace(one, past=one.past.clone())
    other.past[:, :, 1] += 3
    assert torch.equal(network(one)[:, :, 0], network(other)[:, :, 0])
    assert not torch.allclose(network(one)[:, :, 1], network(other)[:, :, 1])


@pytest.mark.parametrize("decoder", DECODERS)
def test_targets_see_each_other_when_joint(decoder: Decoder) -> None:
    shape = shape_for(decoder)
    network, one = forecaster("Gfx8", shape, decoder=decoder, channels="joint"), window(shape)
    other = replace(one, past=one.past.clone())
    other.past[:, 3, 1] += 3
    assert not torch.allclose(network(one)[:, :, 0], network(other)[:, :, 0])


@pytest.mark.parametrize("decoder", DECODERS)
def test_what_is_known_of_the_future_matters(decoder: Decoder) -> None:
    shape = shape_for(decoder)
    network, one = forecaster("Gfx8", shape, decoder=decoder), window(shape)
    other = replace(one, known=one.known.clone())
    other.known[:, shape.lookback + 2] += 3
    changed = (network(one) - network(other)).abs().amax(dim=(0, 2, 3)) > 1e-6
    assert changed[2]
    if decoder == "recursive":
        assert changed.tolist() == [False, False, True, True, True]
    if decoder == "direct":
        assert changed.tolist() == [False, False, True, False, False]


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("normalise", ["last", "revin"])
def test_a_series_that_lies_higher_is_forecast_higher_by_as_much(decoder: Decoder, normalise: str) -> None:
    shape = replace(shape_for(decoder), masked=False)
    network, one = forecaster("Lfx8", shape, decoder=decoder, normalise=normalise), window(shape)
    raised = replace(one, past=one.past + 10)
    assert torch.allclose(network(raised), network(one) + 10, atol=1e-4)


def test_a_missing_value_may_be_anything() -> None:
    network, one = forecaster("Gfx8"), window()
    assert one.missing is not None
    other = replace(one, past=one.past.masked_fill(one.missing, 99.0))
    assert torch.allclose(network(one), network(other))


def test_the_seasonal_residual_adds_the_last_season() -> None:
    shape = replace(SHAPE, masked=False)
    plain = forecaster("Gfx8", shape, normalise="none")
    corrected = forecaster("Gfx8", shape, normalise="none", residual="seasonal")
    one = window(shape)
    assert torch.allclose(corrected(one) - plain(one), seasonal(one.past, 4, 5)[..., None], atol=1e-6)


def test_recursive_goes_on_beyond_its_horizon() -> None:
    shape = shape_for("recursive")
    network = forecaster("Lfx8", shape, decoder="recursive")
    long = window(shape, horizon=20)
    short = replace(long, known=long.known[:, : shape.lookback + 5])
    assert network(long).shape == (3, 20, 2, 1)
    assert torch.allclose(network(long)[:, :5], network(short), atol=1e-6)


def test_recursive_agrees_with_reading_its_own_answers_from_the_start() -> None:
    shape = replace(SHAPE, observed=0, known=0, masked=False, static=0)
    network = forecaster("Gfx8", shape, decoder="recursive", normalise="none", identity=0)
    one = window(shape)
    whole = network(one)
    past = one.past
    for step in range(5):
        next_one = forecaster(
            "Gfx8", replace(shape, lookback=12 + step), decoder="recursive", normalise="none", identity=0
        )
        next_one.load_state_dict(network.state_dict())
        longer = replace(
            one, past=past, observed=past[:, :, :0], known=past.new_zeros(3, past.shape[1] + 1, 0)
        )
        answer = next_one(longer)[:, 0]
        assert torch.allclose(answer, whole[:, step], atol=1e-5)
        past = torch.cat([past, answer[:, None, :, 0]], dim=1)


@pytest.mark.parametrize("layers", ["Gfx8", "Lfx8 Do0.5 Lfx4", "Rbx3"])
def test_the_fan_of_an_encoder_agrees_with_one_more_step(layers: str) -> None:
    torch.manual_seed(0)
    encoder = StateEncoder(parse_fragment(layers), features=5, steps=7).eval()
    _, states = encoder(torch.randn(3, 7, 5))
    inputs = torch.randn(3, 4, encoder.inside)
    fanned = encoder.broadcast(inputs, states)
    for place in range(4):
        stepped, _ = encoder.run(inputs[:, place : place + 1], states)
        assert torch.allclose(fanned[:, place], stepped[:, 0], atol=1e-6)


@pytest.mark.parametrize("layers", ["Cr1,3,8 Ap0,0", "Cr1,3,8 Fr16"])
@pytest.mark.parametrize("decoder", ["recursive", "segment", "encoder-decoder"])
def test_a_network_without_states_is_refused_where_they_go_on(decoder: Decoder, layers: str) -> None:
    with pytest.raises(ConfigError, match="states of recurrent layers"):
        forecaster(layers, decoder=decoder)


def test_a_layer_behind_the_states_is_refused() -> None:
    with pytest.raises(ConfigError, match="recurrent layers and dropout only") as raised:
        forecaster("Gfx8 Bn", decoder="segment")
    assert "layer 2: Bn" in str(raised.value)


def test_convolutions_are_refused_where_steps_come_one_by_one() -> None:
    with pytest.raises(ConfigError, match="one by one"):
        forecaster("Cr1,3,4 Gfx8", shape_for("recursive"), decoder="recursive")
