"""A language model: windows are the whole text, one matrix may be two, and what training adds to the loss."""

from __future__ import annotations

import math

import pytest
import torch
from safetensors.torch import load, save
from torch.nn import functional

from tidegate.config.tasks.language import LanguageSpec
from tidegate.errors import ConfigError
from tidegate.network.vgsl import parse
from tidegate.tasks.language.network import AdaptiveDecoder, Decoder, LanguageModel

K = 13
BODIES = ("Rfx8", "Lfx8", "Gfx8", "Lfx8 Dl0.5 Lfx6", "Gfx6 Lfx8 Rfx4", "Mgfx8 Mlfx6")
every_body = pytest.mark.parametrize("body", BODIES)


def model_of(body: str = "Lfx8", symbols: int = K, **keys: object) -> LanguageModel:
    torch.manual_seed(0)
    spec = LanguageSpec.model_validate({"embedding": 8, "input_dropout": 0, **keys})
    return LanguageModel(parse(f"[1,1,0,8 {body} O1s0]"), spec, symbols)


def text(rows: int = 2, length: int = 21) -> tuple[torch.Tensor, torch.Tensor]:
    numbers = torch.randint(K, (rows, length), generator=torch.Generator().manual_seed(1))
    return numbers[:, :-1], numbers[:, 1:]


@every_body
def test_windows_with_carried_states_are_one_long_pass(body: str) -> None:
    model = model_of(body).eval()
    symbols, targets = text()
    with torch.no_grad():
        whole, last = model.losses(symbols, targets, ())
        parts: list[torch.Tensor] = []
        carried: tuple[torch.Tensor, ...] = ()
        for start, end in ((0, 7), (7, 8), (8, 20)):
            losses, carried = model.losses(symbols[:, start:end], targets[:, start:end], carried)
            parts.append(losses)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole)
    for state, expected in zip(carried, last, strict=True):
        torch.testing.assert_close(state, expected)
    mean, _ = model(symbols, targets, ())
    torch.testing.assert_close(mean.detach(), whole.mean())


@every_body
def test_a_symbol_is_predicted_from_those_before_it_only(body: str) -> None:
    model = model_of(body).eval()
    symbols, targets = text()
    changed = symbols.clone()
    changed[:, 11:] = (changed[:, 11:] + 1) % K
    with torch.no_grad():
        before, after = (model.losses(one, targets, ())[0] for one in (symbols, changed))
    torch.testing.assert_close(after[:, :11], before[:, :11])
    assert not torch.allclose(after[:, 11:], before[:, 11:])


@pytest.mark.parametrize("body", ["Lbx8", "Grx8", "Cr1,3,8 Lfx8", "Lfxs8"])
def test_a_network_that_sees_the_answer_is_refused(body: str) -> None:
    with pytest.raises(ConfigError, match="cannot be part of a language model"):
        model_of(body)


def test_tied_weights_are_one_matrix_and_are_saved_once() -> None:
    model = model_of("Lfx8")
    assert isinstance(model.decoder, Decoder) and model.decoder.projection is None
    assert model.decoder.weight is model.embedding.weight
    saved = load(save({name: tensor.contiguous() for name, tensor in model.state_dict().items()}))
    assert sum(tensor.shape == (K, 8) for tensor in saved.values()) == 1
    other = model_of("Lfx8")
    other.embedding.weight.data.zero_()
    other.load_state_dict(saved)
    symbols, targets = text()
    torch.testing.assert_close(other.eval()(symbols, targets, ())[0], model.eval()(symbols, targets, ())[0])
    model.embedding.weight.data.mul_(2)
    torch.testing.assert_close(model.decoder.weight, model.embedding.weight)


def test_gradients_of_both_uses_add_up() -> None:
    tied, apart = model_of("Lfx8"), model_of("Lfx8", tied=False)
    assert isinstance(apart.decoder, Decoder) and apart.decoder.own is not None
    apart.load_state_dict(tied.state_dict() | {"decoder.own": tied.embedding.weight.detach().clone()})
    for model in (tied, apart):
        model(*text(), ())[0].backward()
    assert tied.embedding.weight.grad is not None and apart.embedding.weight.grad is not None
    assert apart.decoder.own.grad is not None
    torch.testing.assert_close(
        tied.embedding.weight.grad, apart.embedding.weight.grad + apart.decoder.own.grad
    )


def test_a_projection_stands_where_sizes_differ() -> None:
    model = model_of("Lfx6")
    assert isinstance(model.decoder, Decoder) and model.decoder.projection is not None
    hidden = torch.randn(3, 6)
    expected = hidden @ model.decoder.projection.weight.t() @ model.embedding.weight.t() + model.decoder.bias
    torch.testing.assert_close(model.decoder.scores(hidden), expected)
    assert model_of("Lfx6", tied=False).decoder.scores(hidden).shape == (3, K)


def test_the_adaptive_softmax_by_hand() -> None:
    torch.manual_seed(2)
    decoder = AdaptiveDecoder(16, 6, [2, 4])
    hidden = torch.randn(5, 16)
    head = functional.log_softmax(decoder.softmax.head(hidden), dim=1)  # two symbols, two clusters
    clusters = [functional.log_softmax(tail(hidden), dim=1) for tail in decoder.softmax.tail]
    parts = [head[:, :2], *(head[:, 2 + n : 3 + n] + cluster for n, cluster in enumerate(clusters))]
    expected = torch.cat(parts, dim=1)
    torch.testing.assert_close(decoder.scores(hidden), expected)
    torch.testing.assert_close(expected.exp().sum(dim=1), torch.ones(5))
    targets = torch.tensor([0, 1, 2, 3, 5])
    torch.testing.assert_close(decoder(hidden, targets), -expected[torch.arange(5), targets])


@pytest.mark.parametrize("key", ["activation_penalty", "change_penalty"])
def test_penalties_belong_to_training_alone(key: str) -> None:
    plain, punished = model_of(), model_of(**{key: 2.0})
    symbols, targets = text()
    losses = {
        (name, mode): float(model.train(mode)(symbols, targets, ())[0].detach())
        for name, model in (("plain", plain), ("punished", punished))
        for mode in (True, False)
    }
    y = plain.hidden(symbols, ()).raw.detach()
    square = y.square().mean() if key == "activation_penalty" else (y[:, 1:] - y[:, :-1]).square().mean()
    assert losses["punished", False] == losses["plain", False] == pytest.approx(losses["plain", True])
    assert losses["punished", True] - losses["plain", True] == pytest.approx(2 * float(square), rel=1e-4)
    window = (symbols[:, :1], targets[:, :1], ())  # Within one step nothing changes.
    assert math.isfinite(float(punished.train()(*window)[0].detach()))


def test_weight_drop_reaches_every_recurrent_layer_and_evaluation_none() -> None:
    model = model_of("Lfx8 Gfx8", weight_drop=0.5)
    assert [layer.weight_drop for layer in model.recurrent] == [0.5, 0.5]
    symbols, targets = text()
    first, second = (float(model.train()(symbols, targets, ())[0].detach()) for _ in range(2))
    assert first != second
    plain = model_of("Lfx8 Gfx8")
    expected = plain.eval()(symbols, targets, ())[0]
    torch.testing.assert_close(model.eval()(symbols, targets, ())[0], expected)


def test_embedding_dropout_hides_symbols_in_training_only() -> None:
    model = model_of(embedding_dropout=0.5)
    plain, (symbols, targets) = model_of(), text()
    torch.testing.assert_close(model.eval()(symbols, targets, ())[0], plain.eval()(symbols, targets, ())[0])
    assert float(model.train()(symbols, targets, ())[0].detach()) != pytest.approx(
        float(plain.train()(symbols, targets, ())[0].detach())
    )


def test_a_cell_without_a_recurrent_matrix_has_nothing_to_drop() -> None:
    with pytest.raises(ConfigError, match="minGRU have no recurrent matrix"):
        model_of("Mgfx8", weight_drop=0.5)
