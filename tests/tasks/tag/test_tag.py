"""The task ``tag``: every network learns and answers in the scheme of its data; losses count words alike."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from tide_words import columns, learn, network_of, prepared, problem_of, sentences, written
from tidegate.config.presets.known import known_presets
from tidegate.config.resolve import resolve
from tidegate.config.tasks.tag import TagSpec
from tidegate.data.words.scheme_rules import problems
from tidegate.data.words.schemes import Scheme
from tidegate.network.cells import CELLS
from tidegate.ops.crf.layer import crf_log_likelihood
from tidegate.tasks.contract import Prepared
from tidegate.tasks.evaluation import evaluate
from tidegate.tasks.tag.answers import tagged
from tidegate.tasks.tag.network import Tagger
from tidegate.tasks.tag.split import SentenceSplit
from tidegate.tasks.tag.task import TAG

PRESETS = known_presets()

TAG_PRESETS = [name for name, preset in PRESETS.items() if "tag" in preset.tasks]
SCHEMES = {
    "iob1": Scheme("iob1"),
    "iob2": Scheme("iob2"),
    "bioes": Scheme("bioes"),
    "BMES": Scheme("bioes", "M", "E", "S"),
    "BILOU": Scheme("bioes", "I", "L", "U"),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return written(tmp_path_factory.mktemp("tides"))


@pytest.fixture(scope="module")
def learnt(data: dict[str, str]) -> tuple[Prepared, Tagger]:
    task = prepared(data, feature_columns=[2])
    network = network_of(task)
    losses = learn(task, network, 30)
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])
    return task, network


def split_of(task: Prepared, name: str = "valid") -> SentenceSplit:
    split = task.splits[name]
    assert isinstance(split, SentenceSplit)
    return split


@pytest.mark.parametrize("preset", TAG_PRESETS)
def test_every_preset_learns_and_answers(preset: str, data: dict[str, str]) -> None:
    assert {"rnn", "lstm", "gru", "birnn", "bilstm", "bigru", "cnn", "crf"} <= {
        name.removesuffix("-crf").removeprefix("cnn-") for name in TAG_PRESETS
    }
    keys = {} if preset == "crf" else {"width": 0.1} if preset.startswith("cnn") else {}
    task = prepared(data, model={"preset": preset, **keys}, characters="cnn")
    network = network_of(task)
    losses = learn(task, network, 8)
    assert losses[-1] < losses[0]
    result = evaluate(network, task.problem, task.splits["valid"])
    assert set(result.metrics) == {"loss", "f1", "precision", "recall", "accuracy"}
    for sentence, answer in zip(split_of(task).sentences, tagged(result.answers), strict=True):
        assert len(answer.tags) == len(answer.sure) == len(sentence)
        assert all(0 <= one <= 1.001 for one in answer.sure)
        assert problems(answer.tags, Scheme("iob2")) == []
    assert (network.field is not None) == preset.endswith("crf")


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_one_key(cell: str, data: dict[str, str]) -> None:
    task = prepared(data, model={"cell": cell, "hidden": 5, "layers": 1})
    layers = [layer for layer in task.problem.architecture.layers if hasattr(layer, "cell")]
    assert [layer.cell for layer in layers] == [cell]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "learnt_scheme"),
    [*((name, "bioes") for name in SCHEMES), ("iob1", "same"), ("BMES", "same"), ("BILOU", "iob2")],
)
def test_answers_come_in_the_scheme_of_the_file(name: str, learnt_scheme: str, tmp_path: Path) -> None:
    scheme = SCHEMES[name]
    task = prepared(written(tmp_path, scheme), learnt_scheme=learnt_scheme)
    problem = problem_of(task)
    assert problem.scheme == scheme
    assert problem.learnt.name == (scheme.name if learnt_scheme == "same" else learnt_scheme)
    network = network_of(task)
    learn(task, network, 25)
    result = evaluate(network, problem, task.splits["train"])
    assert result.metrics["f1"] > 0.9  # Fails if tags came back in another scheme.
    for answer in tagged(result.answers):
        assert problems(answer.tags, scheme) == []
    again = TAG.restore(problem.to_json(), problem.spec)
    assert (again.scheme, again.learnt, again.vocabulary) == (
        problem.scheme,
        problem.learnt,
        problem.vocabulary,
    )


@pytest.mark.parametrize("preset", ["bilstm", "bilstm-crf"])
def test_the_loss_is_per_word_of_a_mean_sentence(preset: str, data: dict[str, str]) -> None:
    task = prepared(data, model={"preset": preset, "hidden": 8, "layers": 1})
    problem, network, split = problem_of(task), network_of(task).eval(), split_of(task)
    total = 0.0
    with torch.no_grad():
        for index in range(len(split)):
            batch = split.batch([index])
            scores, n = network(batch.tokens), int(batch.tokens.lengths[0])
            if network.field is None:
                total += float(functional.cross_entropy(scores[0, :n], batch.tags[0, :n], reduction="sum"))
            else:
                transitions = network.field.transitions()
                total -= float(
                    crf_log_likelihood(scores, batch.tags, batch.tokens.lengths, transitions).sum()
                )
        every = split.batch(list(range(len(split))))
        scores = network(every.tokens)
        outside = torch.arange(scores.shape[1]) >= every.tokens.lengths[:, None]
        expected = total / sum(split.sizes())
        for garbage in (0.0, 1e4):
            loss = problem.loss(network, scores.masked_fill(outside[:, :, None], garbage), every)
            assert float(loss) == pytest.approx(expected, rel=1e-5)
    assert evaluate(network, problem, split).metrics["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("preset", ["bilstm", "bilstm-crf"])
def test_words_weigh_the_same_in_all_batches(
    preset: str, data: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch's loss is its sum over words by what a batch of mean sentences would have, not by its own words."""
    task = prepared(data, model={"preset": preset, "hidden": 8, "layers": 1})
    problem, network, split = problem_of(task), network_of(task).eval(), split_of(task)
    sizes = split.sizes()
    order = sorted(range(len(split)), key=lambda index: sizes[index])
    assert sizes[order[0]] < sizes[order[-1]]
    for indices in ([order[0]], [order[-1]], [order[0], order[-1]], order[:5]):
        batch = split.batch(indices)
        alike = torch.zeros(len(indices), batch.tokens.words.shape[1], problem.symbols)
        total = sum(sizes[index] for index in indices) * math.log(problem.symbols)
        if network.field is not None:
            transitions = network.field.transitions()
            likelihood = crf_log_likelihood(alike, batch.tags, batch.tokens.lengths, transitions)
            total = -float(likelihood.detach().sum())
        expected = total / (len(indices) * sum(sizes) / len(sizes))
        assert float(problem.loss(network, alike, batch).detach()) == pytest.approx(expected, rel=1e-5)
    whole = evaluate(network, problem, split).metrics["loss"]
    monkeypatch.setattr("tidegate.tasks.tag.problem.EVALUATION_BATCH", 3)
    assert evaluate(network, problem, split).metrics["loss"] == pytest.approx(whole, rel=1e-5)


def test_smoothed_labels_and_how_sure_a_sentence_is(data: dict[str, str]) -> None:
    task = prepared(data, model={"preset": "bilstm", "hidden": 8, "layers": 1})
    network, split = network_of(task).eval(), split_of(task)
    smoothing = task.spec.train.model_copy(update={"label_smoothing": 0.2})
    problem = replace(problem_of(task), spec=task.spec.model_copy(update={"train": smoothing}))
    batch = split.batch([0, 1])
    scores = torch.randn(2, batch.tokens.words.shape[1], problem.symbols)
    total = 0.0
    for row, count in enumerate(batch.tokens.lengths.tolist()):
        for place in range(count):
            log_p = scores[row, place].log_softmax(0)
            wanted = torch.full((problem.symbols,), 0.2 / problem.symbols)
            wanted[batch.tags[row, place]] += 0.8
            total -= float(wanted @ log_p)
    sizes = split.sizes()
    expected = total / (2 * sum(sizes) / len(sizes))
    assert float(problem.loss(network, scores, batch)) == pytest.approx(expected, rel=1e-5)
    for answer, row, count in zip(
        tagged(problem.decode(network, scores, batch)), scores, batch.tokens.lengths.tolist(), strict=True
    ):
        largest = row[:count].softmax(1).max(1).values
        assert answer.sure == pytest.approx(largest.tolist(), rel=1e-5)
        assert answer.confidence == pytest.approx(float(largest.mean()), rel=1e-5)


def test_company_changes_no_answer(learnt: tuple[Prepared, Tagger]) -> None:
    task, network = learnt
    problem, split = problem_of(task), split_of(task)
    together = tagged(evaluate(network, problem, split).answers)
    for index in (0, 3, 7):
        (alone,) = tagged(
            evaluate(network, problem, problem.untagged([split.sentences[index]]), labelled=False).answers
        )
        assert alone.tags == together[index].tags
        assert alone.sure == pytest.approx(together[index].sure, abs=1e-5)


def test_words_that_training_never_had(learnt: tuple[Prepared, Tagger], tmp_path: Path) -> None:
    task, network = learnt
    path = tmp_path / "new.txt"
    path.write_text("Zoë NNP B-PER\n" + "x" * 300 + " ?? O\n\U0001f30a\u0301 NNP B-SEA\n", encoding="utf-8")
    split, notes = problem_of(task).open_split(str(path), skip_bad=False)
    assert [*map(str, notes)] == [
        f"{path}: tags that training never had, so that the model cannot give them: B-SEA (1)"
    ]
    assert evaluate(network, task.problem, split).metrics["recall"] <= 0.5


def test_several_best_sequences(learnt: tuple[Prepared, Tagger]) -> None:
    task, network = learnt
    problem, batch = problem_of(task), split_of(task).batch([0, 1, 2])
    with torch.no_grad():
        answers = problem.decode(network, network(batch.tokens), batch, best=3)
    for answer in answers:
        paths = [tags for tags, _ in answer.alternatives]
        scores = [score for _, score in answer.alternatives]
        assert paths[0] == answer.tags and len(set(paths)) == len(paths) == 3
        assert scores == sorted(scores, reverse=True) and scores[0] <= 1e-4


@pytest.mark.parametrize("length", [2_000, pytest.param(50_000, marks=pytest.mark.slow)])
def test_a_very_long_sentence(length: int, data: dict[str, str], tmp_path: Path) -> None:
    rows = [row for sentence in sentences(length // 4, 2) for row in sentence][:length]
    (tmp_path / "long.txt").write_text(columns([rows, *sentences(3)]), encoding="utf-8")
    task = prepared({**data, "train": str(tmp_path / "long.txt")})
    network, split = network_of(task), split_of(task, "train")
    (index,) = split.plan(16, 0, 0)[-1]
    loss, _ = task.problem.learn(network.train(), split.batch([index]), ())
    loss.backward()
    assert torch.isfinite(loss.detach())
    answers = evaluate(
        network, task.problem, problem_of(task).untagged(split.sentences[:1]), labelled=False
    ).answers
    assert len(tagged(answers)[0].tags) == length


def test_double_precision_stays_double(data: dict[str, str]) -> None:
    task = prepared(data)
    network = network_of(task).double()
    loss, _ = task.problem.learn(network, split_of(task).batch([0, 1]), ())
    assert loss.dtype == torch.float64


def test_a_specification_is_checked_before_the_data_are_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing of a word"):
        nothing = {"embedding": 0, "characters": "none", "case": 0, "affixes": 0, "direct": False}
        prepared({"train": str(tmp_path / "nowhere")}, **nothing)
    assert resolve({"task": "tag"}).settings(TagSpec).learnt_scheme == "bioes"
