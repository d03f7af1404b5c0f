"""The task ``language``: states carried through the whole text, every symbol counted once, figures in three units."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import tidegate.tasks.language.split as text_stream
from tidegate.config.resolve import resolve
from tidegate.errors import ConfigError, DataError, EmptyDataError
from tidegate.tasks.contract import Prepared
from tidegate.tasks.evaluation import evaluate
from tidegate.tasks.language.baselines import kneser_ney, unigram
from tidegate.tasks.language.metrics import language_metrics
from tidegate.tasks.language.network import LanguageModel, symbol_losses
from tidegate.tasks.language.problem import Language
from tidegate.tasks.language.split import TextStream
from tidegate.tasks.language.task import LANGUAGE, language_baselines

TEXT = "the tide comes in and the gate goes up\nthe tide goes out and the gate comes down\n春眠不覺曉\n" * 12
KINDS = ("bytes", "characters", "words", "bpe")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("text") / "tide.txt"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


def prepared(text: str, *, model: dict[str, Any] | None = None, **language: Any) -> Prepared:
    usual = {"embedding": 8, "window": 10, "input_dropout": 0, **language}
    network = {"preset": "lstm", "hidden": 10, "layers": 1, "dropout": 0}
    return LANGUAGE.prepare(
        resolve({"task": "language", "data": {"train": text}, "model": model or network, "language": usual})
    )


def network_of(task: Prepared) -> LanguageModel:
    torch.manual_seed(0)
    network = task.problem.network()
    assert isinstance(network, LanguageModel)
    return network


def problem_of(task: Prepared) -> Language:
    assert isinstance(task.problem, Language)
    return task.problem


def stream_of(task: Prepared, name: str = "valid") -> TextStream:
    split = task.splits[name]
    assert isinstance(split, TextStream)
    return split


def by_hand(network: LanguageModel, stream: TextStream) -> list[float]:
    """One symbol at a time."""
    losses: list[float] = []
    carried: tuple[torch.Tensor, ...] = ()
    numbers = stream.numbers
    with torch.no_grad():
        for place in range(len(numbers) - 1):
            symbol, target = numbers[None, place : place + 1], numbers[None, place + 1 : place + 2]
            one, carried = network.losses(symbol, target, carried)
            losses.append(float(one))
    return losses


@pytest.mark.parametrize("preset", ["rnn", "lstm", "gru"])
def test_evaluation_carries_states_and_counts_all_but_the_first(preset: str, text: str) -> None:
    task = prepared(text, model={"preset": preset, "hidden": 7, "layers": 2})
    network, stream = network_of(task).eval(), stream_of(task)
    expected = by_hand(network, stream)
    assert len(expected) == len(stream) == len(stream.numbers) - 1
    metrics = evaluate(network, task.problem, stream).metrics
    assert metrics["nats_per_symbol"] == metrics["loss"] == pytest.approx(np.mean(expected), rel=1e-5)
    assert metrics["perplexity"] == pytest.approx(math.exp(metrics["loss"]))
    assert metrics["bits_per_symbol"] == pytest.approx(metrics["loss"] / math.log(2))


def test_windows_of_evaluation_change_nothing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    task = prepared(text)
    network, stream = network_of(task).eval(), stream_of(task)
    whole = evaluate(network, task.problem, stream).metrics["loss"]
    monkeypatch.setattr(text_stream, "READ_AT_ONCE", 7)
    assert evaluate(network, task.problem, stream).metrics["loss"] == pytest.approx(whole, rel=1e-6)


def test_several_streams_agree_with_one(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_stream, "WARM_UP", 40)
    monkeypatch.setattr(text_stream, "READ_AT_ONCE", 16)
    task = prepared(text)
    network = network_of(task).eval()
    numbers = stream_of(task, "train").numbers.numpy()
    one, four = (TextStream(numbers, 8, streams=streams) for streams in (1, 4))
    with torch.no_grad():
        parts = list(symbol_losses(network, four))
    assert sum(part.numel() for part in parts) == len(one) and any(len(part) == 4 for part in parts)
    whole, together = (evaluate(network, task.problem, split).metrics["loss"] for split in (one, four))
    assert together == pytest.approx(whole, abs=2e-3)


def test_training_carries_states_from_window_to_window(text: str) -> None:
    task = prepared(text, reset=0)
    network, problem, stream = network_of(task).train(), problem_of(task), stream_of(task, "train")
    plan = stream.plan(4, 0, 0)
    windows = [stream.batch(entry) for entry in plan]
    carried: tuple[torch.Tensor, ...] = ()
    losses: list[float] = []
    for window in windows:
        loss, carried = problem.learn(network, window, carried)
        assert not any(state.requires_grad for state in carried)
        losses.append(float(loss.detach()) * window.samples)
    symbols, targets = (
        torch.cat([getattr(one, name) for one in windows], dim=1) for name in ("symbols", "targets")
    )
    whole, _ = network(symbols, targets, ())
    assert sum(losses) / symbols.numel() == pytest.approx(float(whole.detach()), rel=1e-5)


def test_states_of_other_rows_are_not_taken_on(text: str) -> None:
    task = prepared(text, reset=0)
    network, problem, stream = network_of(task), problem_of(task), stream_of(task, "train")
    _, carried = problem.learn(network, stream.batch(stream.plan(4, 0, 0)[0]), ())
    window = stream.batch(stream.plan(2, 0, 0)[0])
    fresh, after = (problem.learn(network, window, states)[0] for states in ((), carried))
    assert torch.equal(fresh.detach(), after.detach())


def test_reset_starts_some_rows_from_zeros(text: str) -> None:
    always, never = prepared(text, reset=0.999), prepared(text, reset=0)
    network, stream = network_of(always), stream_of(always, "train")
    window = stream.batch(stream.plan(4, 0, 0)[1])
    states = tuple(torch.ones(1, len(window.symbols), 10) for _ in range(2))
    torch.manual_seed(0)
    fresh, kept, reset = (
        float(problem.learn(network, window, carried)[0].detach())
        for problem, carried in ((never.problem, ()), (never.problem, states), (always.problem, states))
    )
    assert reset == pytest.approx(fresh) and kept != pytest.approx(fresh)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_token_learns(kind: str, text: str) -> None:
    task = prepared(text, tokens=kind, **({"vocabulary": 290} if kind == "bpe" else {}))
    network, stream = network_of(task), stream_of(task, "train")
    optimiser = torch.optim.Adam(network.parameters(), lr=0.02)
    losses: list[float] = []
    for epoch in range(3):
        carried: tuple[torch.Tensor, ...] = ()
        for entry in stream.plan(4, 0, epoch):
            loss, carried = task.problem.learn(network, stream.batch(entry), carried)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]
    assert task.problem.definition.startswith("token = ")
    again = LANGUAGE.restore(task.problem.to_json(), task.spec)
    assert again.tokens.definition == task.problem.definition
    assert again.tokens.encode("the tide").tolist() == problem_of(task).tokens.encode("the tide").tolist()


def test_rivals_in_the_table(text: str) -> None:
    task = prepared(text)
    train, valid = (stream_of(task, name) for name in ("train", "valid"))
    baselines = task.baselines().metrics
    known, asked, symbols = train.numbers.numpy(), valid.numbers.numpy(), task.problem.symbols
    assert set(baselines) == {"unigram", "6-gram"}
    assert baselines["unigram"]["nats_per_symbol"] == pytest.approx(unigram(known, asked, symbols))
    assert baselines["6-gram"]["nats_per_symbol"] == pytest.approx(kneser_ney(known, asked, symbols, 6))
    assert set(language_baselines(train, valid, symbols, 2).metrics) == {"unigram", "2-gram"}
    assert "3-gram" in prepared(text, tokens="words").baselines().metrics


def test_one_number_in_three_units() -> None:
    assert language_metrics(0.0)["perplexity"] == 1
    assert language_metrics(1e4)["perplexity"] == math.inf
    metrics = language_metrics(2.5)
    assert metrics["perplexity"] == pytest.approx(2 ** metrics["bits_per_symbol"])


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ({"preset": "bilstm"}, "bidirectional network cannot be a language model"),
        ({"preset": "cnn"}, "convolutions cannot be a language model"),
        ({"preset": "cnn-lstm"}, "convolutions cannot be a language model"),
        ({"preset": "lstm", "bidirectional": True}, "bidirectional layer cannot be part"),
        ({"spec": "[1,1,0,8 Lbx8 O1s0]"}, "bidirectional layer cannot be part"),
    ],
)
def test_networks_that_read_ahead_are_refused(model: dict[str, Any], said: str, text: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        prepared(text, model=model)
    assert "would be in its input" in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"adaptive": [4, 2]}, "clusters of the adaptive softmax"),
        ({"adaptive": [9999]}, "clusters of the adaptive softmax"),
        ({"adaptive": [4], "tokens": "bytes"}, "order of their frequency"),
        ({"adaptive": [4], "tied": True}, "cannot be tied"),
        ({"tokens": "bytes", "vocabulary": 90}, "always 256"),
    ],
)
def test_softmaxes_and_symbols_that_cannot_be(keys: dict[str, Any], said: str, text: str) -> None:
    with pytest.raises(ConfigError, match=said):
        prepared(text, **keys)


def test_texts_that_cannot_be_used(text: str, tmp_path: Path) -> None:
    for content, error, said in ((b"", EmptyDataError, "empty"), (b"caf\xe9\n" * 9, DataError, "UTF-8")):
        (tmp_path / "bad.txt").write_bytes(content)
        with pytest.raises(error, match=said) as caught:
            prepared(str(tmp_path / "bad.txt"))
        assert "bad.txt" in str(caught.value)
    problem = problem_of(prepared(text))
    (tmp_path / "new.txt").write_text("tide Ω", encoding="utf-8")
    split, notes = problem.open_split(str(tmp_path / "new.txt"), skip_bad=False)
    assert len(split) == 5 and "'Ω' (1)" in str(notes[0])
    with pytest.raises(ConfigError, match="nothing to predict"):
        problem.predict(problem.network(), "a")
