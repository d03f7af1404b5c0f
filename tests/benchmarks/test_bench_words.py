"""The benchmark of words: contenders give the same answers, a wrong one is named, and a run writes what it measured."""

from __future__ import annotations

import importlib
import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path
from types import ModuleType

import pytest
import torch

from tidegate.errors import TrainingError

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("words")


@pytest.fixture
def baselines(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("words_torch")


def tiny_tagger(words: ModuleType):
    return words.TaggerRow(
        tags=4, hidden=6, embedding=5, character_hidden=3, sentences=60, vocabulary=80, batch_size=8, steps=2
    )


def tiny_language(words: ModuleType, cell: str, layers: int):
    return words.LanguageRow(cell, 6, layers, embedding=5, symbols=11, window=7, batch_size=3)


def test_the_corpus_has_its_sizes_and_every_word(words: ModuleType, tmp_path: Path) -> None:
    words.write_corpus(tmp_path / "a.txt", tiny_tagger(words))
    words.write_corpus(tmp_path / "b.txt", tiny_tagger(words))
    text = (tmp_path / "a.txt").read_text()
    assert text == (tmp_path / "b.txt").read_text()
    sentences = text.strip().split("\n\n")
    assert len(sentences) == 60
    counts = Counter(line.split()[0] for line in text.splitlines() if line)
    assert len(counts) == 80
    lengths = [len(sentence.splitlines()) for sentence in sentences]
    assert 18 < sum(lengths) / 60 < 30
    assert max(lengths) <= 78
    assert {line.split()[1] for line in text.splitlines() if line} == {"t0", "t1", "t2", "t3"}


def test_rows_are_measured_and_written(
    words: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [tiny_tagger(words), tiny_language(words, "lstm", 2), tiny_language(words, "rnn", 1)]
    out = tmp_path / "words.json"
    words.main(["--rounds", "2", "--only", "", "--out", str(out)], rows)
    result = json.loads(out.read_text())
    contenders = {name: set(row["median"]) for name, row in result["rows"].items()}
    assert contenders == {
        "bilstm-6-crf, 4 tags: training": {"ours", "torch", "torch_distinct"},
        "bilstm-6-crf, 4 tags: tagging": {"ours", "torch", "torch_distinct", "ours_with_confidence"},
        "language, lstm 2x6: training": {"ours", "torch"},
        "language, rnn 1x6: training": {"ours", "torch"},
    }
    for row in result["rows"].values():
        assert all(len(rounds) == 2 for rounds in row["rounds"].values())
        assert all(speed > 0 for one in row["median"].values() for speed in one.values())
    printed = capsys.readouterr().out
    assert printed.count("Flair 0.15.1, measured separately") == 2
    words.main(["--rounds", "1", "--only", "rnn", "--out", str(out)], rows)
    assert list(json.loads(out.read_text())["rows"]) == ["language, rnn 1x6: training"]


def test_ratios_compare_round_with_round(words: ModuleType) -> None:
    def speeds(*found: float) -> list[dict[str, float]]:
        return [{"tokens_per_second": 2 * one, "tokens_per_processor_second": one} for one in found]

    result = words.summary({"ours": speeds(10, 40, 90), "torch": speeds(5, 10, 90)})
    assert result["median"]["ours"]["tokens_per_processor_second"] == 40
    assert result["ours_over"] == {"torch": 2.0}  # of 2, 4 and 1
    assert result["ours_over_by_the_clock"] == {"torch": 2.0}


@pytest.mark.parametrize(("cell", "layers"), [("lstm", 1), ("gru", 2), ("rnn", 2)])
def test_language_models_agree_and_train(
    words: ModuleType, baselines: ModuleType, cell: str, layers: int
) -> None:
    row = replace(tiny_language(words, cell, layers), embedding=6 if layers == 1 else 5)
    (bench,) = words.language_benches(row, Path())
    assert bench.count(bench.make(0)) == (21, 3)
    first = {name: step(bench.make(0)) for name, step in bench.ways.items()}
    assert set(first) == {"ours", "torch"}
    assert all(0 < loss < 10 for loss in first.values())


def test_the_field_is_brute_force(baselines: ModuleType) -> None:
    torch.manual_seed(0)
    field = baselines.Field(1, 3)
    for parameter in (field.between, field.start, field.end):
        torch.nn.init.normal_(parameter)
    scores, lengths = torch.randn(2, 4, 3), torch.tensor([4, 1])
    tags = torch.tensor([[2, 0, 1, 1], [1, 0, 0, 0]])

    def score(row: int, path: tuple[int, ...]) -> float:
        own = sum(float(scores[row, place, tag]) for place, tag in enumerate(path))
        between = sum(field.between[one, other].item() for one, other in pairwise(path))
        return own + between + field.start[path[0]].item() + field.end[path[-1]].item()

    for row, length in enumerate(lengths.tolist()):
        every = {path: score(row, path) for path in product(range(3), repeat=length)}
        whole = torch.tensor(list(every.values())).logsumexp(0).item()
        right = every[tuple(tags[row, :length].tolist())] - whole
        assert field.log_likelihood(scores, tags, lengths)[row].item() == pytest.approx(right, abs=1e-5)
        assert tuple(field.decode(scores, lengths)[row]) == max(every, key=every.__getitem__)


def test_a_wrong_contender_is_named(baselines: ModuleType) -> None:
    networks = {name: torch.nn.Linear(2, 1) for name in ("ours", "theirs")}
    networks["theirs"].load_state_dict(networks["ours"].state_dict())
    x = torch.ones(1, 2)
    losses = {name: network(x).square().sum() for name, network in networks.items()}
    baselines.check_training("a row", networks, losses)
    losses = {"ours": networks["ours"](x).sum(), "theirs": networks["theirs"](x).sum() + 1e-3}
    with pytest.raises(TrainingError, match=r"losses of theirs[\s\S]*a row"):
        baselines.check_training("a row", networks, losses)
    losses = {"ours": networks["ours"](x).sum(), "theirs": networks["theirs"](x).sum() * float("nan")}
    with pytest.raises(TrainingError, match="losses of theirs"):
        baselines.check_training("a row", networks, losses)
    crooked = networks["theirs"](x).sum()
    losses = {"ours": networks["ours"](x).sum(), "theirs": crooked * 2 - crooked.detach()}
    with pytest.raises(TrainingError, match=r"gradients of theirs[\s\S]*weight"):
        baselines.check_training("a row", networks, losses)
    with pytest.raises(TrainingError, match="paths of theirs"):
        baselines.check_paths("a row", {"ours": [[0, 1], [1]], "theirs": [[0, 1], [0]]})
