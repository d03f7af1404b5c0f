"""Text from a language model: the same again, by any engine, in any pieces; and what a prompt does."""

from __future__ import annotations

import itertools

import pytest
import torch

from tidegate.config.tasks.language import LanguageSpec
from tidegate.data.text.tokens import Tokens, fit_tokens
from tidegate.data.text.vocabulary import TokenOptions
from tidegate.errors import ConfigError, SymbolError
from tidegate.network.vgsl import parse
from tidegate.ops.generation import generate as generation
from tidegate.ops.generation.generate import Sampling
from tidegate.ops.native_library import library
from tidegate.tasks.language.generate import generate, generation_model
from tidegate.tasks.language.network import LanguageModel

TEXT = "the tide comes in\nthe gate goes up\n春眠不覺曉 處處聞啼鳥\n" * 4
KINDS = ("bytes", "characters", "words", "bpe")
every_kind = pytest.mark.parametrize("kind", KINDS)
MODELS = {
    "rnn": ("Rfx12", {}),
    "gru": ("Gfx12", {}),
    "lstm": ("Lfx12 Dl0.5 Lfx12", {}),
    "projected": ("Lfx9", {}),
    "untied": ("Gfx9", {"tied": False}),
    "adaptive": ("Lfx16", {"adaptive": [5]}),
    "mingru": ("Mgfx12", {"weight_drop": 0}),
    "minlstm": ("Mlfx12 Gfx12", {"weight_drop": 0}),
}
Pair = tuple[LanguageModel, Tokens]


def made(kind: str = "characters", model: str = "lstm") -> Pair:
    torch.manual_seed(0)
    tokens = fit_tokens([TEXT], TokenOptions(kind, size=300 if kind == "bpe" else None))
    body, keys = MODELS[model]
    spec = LanguageSpec.model_validate(
        {"embedding": 12, "weight_drop": 0.5, "embedding_dropout": 0.5, **keys}
    )
    network = LanguageModel(parse(f"[1,1,0,12 {body} O1s0]"), spec, tokens.size)
    for parameter in network.parameters():
        parameter.data.mul_(3)  # Scores that differ, so that the prompt counts.
    return network.eval(), tokens


def text(pair: Pair, prompt: str = "the ", length: int = 60, **keys: object) -> str:
    return "".join(generate(*pair, prompt, length, Sampling(**keys)))  # type: ignore[arg-type]


@every_kind
def test_the_seed_decides(kind: str) -> None:
    pair = made(kind)
    assert text(pair, seed=3) == text(pair, seed=3)
    assert text(pair, seed=3) != text(pair, seed=4)


@pytest.mark.skipif(library() is None, reason="no native library")
@pytest.mark.parametrize("model", MODELS)
def test_engines_write_the_same(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = made("characters", model)
    natively = [text(pair, seed=seed, temperature=0.8) for seed in range(3)]
    monkeypatch.setenv("TIDEGATE_ENGINE", "reference")
    assert [text(pair, seed=seed, temperature=0.8) for seed in range(3)] == natively


@pytest.mark.parametrize("model", [name for name in MODELS if name != "adaptive"])
def test_the_plain_tensors_are_the_network(model: str) -> None:
    network, tokens = made("characters", model)
    plain = generation_model(network)
    assert plain is not None
    numbers = tokens.encode("the tide").tolist()
    with torch.no_grad():
        hidden = network.hidden(torch.tensor([numbers]), ())
        expected = network.decoder.scores(hidden.outputs[0, -1])
    state = generation.warm(plain, numbers[:-1])
    scores = torch.from_numpy(generation.next_scores(plain, state, numbers[-1]))
    torch.testing.assert_close(scores, expected, rtol=1e-3, atol=1e-3)


def test_the_adaptive_softmax_draws_what_its_scores_say() -> None:
    network, tokens = made("characters", "adaptive")
    assert generation_model(network) is None
    numbers = tokens.encode("the ").tolist()
    written: list[int] = []
    with torch.no_grad():
        for _ in range(12):
            scores = network.decoder.scores(
                network.hidden(torch.tensor([numbers + written]), ()).outputs[0, -1]
            )
            scores[list(tokens.unwritten)] = -torch.inf
            written.append(int(scores.argmax()))
    assert text((network, tokens), length=12, temperature=0) == tokens.decode(written)


def test_pieces_do_not_depend_on_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = made()
    whole = text(pair, length=200, seed=1)
    for most in (1, 3, 500):
        monkeypatch.setattr(generation, "MOST_SYMBOLS", most)
        assert text(pair, length=200, seed=1) == whole
    assert text(pair, length=77, seed=1) == whole[:77]


def test_it_is_written_as_it_is_drawn() -> None:
    pair = made()
    endless = generate(*pair, "the ", 1 << 40, Sampling(seed=1))
    some = "".join(itertools.islice(endless, 30))
    assert len(some) >= 30 and text(pair, length=len(some), seed=1) == some


@pytest.mark.parametrize("model", MODELS)
def test_the_likeliest_symbol(model: str) -> None:
    pair = made("characters", model)
    assert (
        text(pair, top_k=1, seed=1)
        == text(pair, temperature=0, seed=2)
        == text(pair, temperature=0, top_p=0.5)
    )
    assert text(pair, top_k=1) != text(pair)


@every_kind
def test_the_prompt_warms_the_states(kind: str) -> None:
    pair = made(kind)
    texts = {text(pair, prompt, seed=1) for prompt in ("the tide\n", "the gate\n")}
    assert len(texts) == 2  # Both end alike: only the states can tell.
    assert "the tide" not in text(pair, "the tide", length=2, seed=5)


@every_kind
def test_chinese_prompts(kind: str) -> None:
    prompt = "春眠不覺曉\n" if kind == "words" else "春眠"
    assert text(made(kind), prompt, seed=1) != text(made(kind), "the gate\n", seed=1)


@every_kind
def test_symbols_that_stand_for_others_are_never_written(kind: str) -> None:
    network, tokens = made(kind)
    bias = network.decoder.bias
    assert isinstance(bias, torch.nn.Parameter)
    for number in tokens.unwritten:
        bias.data[number] = 1e4
    for sampling in ({"temperature": 0}, {"seed": 1}):
        written = text((network, tokens), length=80, **sampling)
        assert "<unk>" not in written and (kind != "characters" or "\ufffd" not in written)


@every_kind
def test_no_prompt_and_no_length(kind: str) -> None:
    pair = made(kind)
    assert text(pair, "", 40, seed=1) == text(pair, "", 40, seed=1) != ""
    assert text(pair, "", 0) == text(pair, "the", 0) == ""
    # As after a line's end.
    assert text(pair, "", 40, seed=1).strip() == text(pair, "\n", 40, seed=1).strip()


def test_words_stand_apart_and_none_before_the_first() -> None:
    pair = made("words")
    assert text(pair, "the", 1, temperature=0)[0] in " \n"
    written = text(pair, "", 50, seed=2)
    assert not written.startswith(" ") and "  " not in written and " \n" not in written


def test_unknown_symbols_are_refused_before_anything_is_written() -> None:
    pair = made()
    with pytest.raises(SymbolError, match="training never saw") as caught:
        generate(*pair, "tide ΩQ!", 5, Sampling())
    assert "'!', 'Q', 'Ω'" in str(caught.value) and pair[1].definition in str(caught.value)
    with pytest.raises(SymbolError):
        generate(*made("words"), "the ebb", 5, Sampling())
    assert text(made("bytes"), "Ω!", 5)  # Bytes know all.


def test_what_cannot_be_asked_for() -> None:
    pair = made()
    with pytest.raises(ConfigError, match="length cannot be negative"):
        generate(*pair, "the", -1, Sampling())
    with pytest.raises(ConfigError):
        generate(*pair, "the", 1, Sampling(never=tuple(range(pair[1].size))))
