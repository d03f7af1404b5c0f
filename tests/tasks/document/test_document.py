"""Texts to classes, labels and values: what is learnt, answered, kept and shown."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch

from cases.tide_texts import network_of, prepared, problem_of, rows, written
from tidegate.config.presets.known import known_presets
from tidegate.data.text.labelled.text import Text
from tidegate.data.words.sentence import Sentence
from tidegate.errors import ConfigError, DataError
from tidegate.results.analysis.samples import Confusion
from tidegate.tasks.document.baselines import best_of
from tidegate.tasks.document.important_words import word_weights
from tidegate.tasks.document.metrics import best_threshold, indicators, label_metrics
from tidegate.tasks.document.split import DocumentSplit
from tidegate.tasks.document.task import DOCUMENT
from tidegate.tasks.evaluation import evaluate

PRESETS = [name for name, preset in known_presets().items() if "document" in preset.tasks]


def test_there_are_presets_of_every_cell_and_direction() -> None:
    assert {"cnn", "rnn", "lstm", "gru", "bilstm", "bigru", "cnn-lstm", "cnn-bigru"} <= set(PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_company_changes_no_answer(tmp_path: Path, preset: str) -> None:
    task = prepared(written(tmp_path, 12), model={"preset": preset, "width": 0.1, "dropout": 0.5})
    check_alone(task)


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_every_pooling(tmp_path: Path, pooling: str) -> None:
    check_alone(prepared(written(tmp_path, 12), model={"preset": "bigru", "hidden": 5, "pooling": pooling}))


def check_alone(task: Any) -> None:
    network, split = network_of(task, 2), task.splits["train"]
    with torch.no_grad():
        together = network(split.batch(range(len(split))).tokens)
        for index in range(len(split)):
            torch.testing.assert_close(network(split.batch([index]).tokens)[0], together[index])


def test_it_learns_classes_and_comes_back_from_json(tmp_path: Path) -> None:
    task = prepared(written(tmp_path))
    network, problem, split = network_of(task, 40), problem_of(task), task.splits["test"]
    result = evaluate(network, problem, split)
    assert result.metrics["accuracy"] == result.metrics["macro_f1"] == 1.0
    again = DOCUMENT.restore(json.loads(json.dumps(problem.to_json())), task.spec)
    loaded = again.network()
    loaded.load_state_dict(network.state_dict())
    assert evaluate(loaded, again, split).answers == result.answers
    assert sum(result.answers[0].probabilities) == pytest.approx(1.0)  # pyright: ignore[reportAttributeAccessIssue]
    baselines = task.baselines().metrics
    assert baselines["tf-idf logistic regression"]["accuracy"] == 1.0 > baselines["majority"]["accuracy"]


def test_the_loss_of_classes_is_the_mean_cross_entropy(tmp_path: Path) -> None:
    task = prepared(written(tmp_path, 8))
    network, split = network_of(task), task.splits["train"]
    batch = split.batch([0, 1, 2])
    loss, carried = task.problem.learn(network, batch, ())
    likely = network(batch.tokens).log_softmax(dim=1)
    expected = -torch.stack([likely[row, int(one)] for row, one in enumerate(batch.targets[:, 0])]).mean()
    torch.testing.assert_close(loss, expected)
    assert carried == ()


def test_values_are_scaled_and_told_in_their_unit(tmp_path: Path) -> None:
    task = prepared(written(tmp_path, answers={"high": "12.5", "low": "2.5"}))
    problem = problem_of(task)
    assert problem.answers.kind == "value" and task.primary == "rmse" and task.lower_is_better
    assert (problem.answers.mean, problem.answers.deviation) == (7.5, 5.0)
    assert any("values" in note for note in map(str, task.notes))
    result = evaluate(network_of(task, 120), problem, task.splits["test"])
    assert result.metrics["rmse"] < 1.5
    baselines = task.baselines().metrics
    assert baselines["tf-idf ridge regression"]["rmse"] < baselines["mean"]["rmse"] == pytest.approx(5.0)
    as_classes = prepared(written(tmp_path, answers={"high": "12.5", "low": "2.5"}), target="class")
    assert problem_of(as_classes).answers.classes == ("2.5", "12.5")


def test_several_labels_and_their_threshold(tmp_path: Path) -> None:
    task = prepared(written(tmp_path, answers={"high": "water|high", "low": "water"}), separator="|")
    problem, network = problem_of(task), network_of(task, 40)
    assert problem.answers.classes == ("high", "water") and task.primary == "micro_f1"
    batch = task.splits["train"].batch([0, 1])
    assert batch.targets.tolist() == [[1, 1], [0, 1]]
    scores = network(batch.tokens)
    expected = torch.nn.functional.binary_cross_entropy(scores.sigmoid(), batch.targets.to(scores.dtype))
    torch.testing.assert_close(problem.loss(scores, batch), expected)
    assert task.finish is not None
    chosen = task.finish(network)
    result = evaluate(network, chosen, task.splits["test"])
    assert result.metrics["micro_f1"] == result.metrics["subset_accuracy"] == 1.0
    baselines = task.baselines().metrics
    assert baselines["tf-idf logistic regression"]["micro_f1"] == 1.0 > baselines["majority"]["micro_f1"]
    fixed = prepared(
        written(tmp_path, answers={"high": "water|high", "low": "water"}), separator="|", threshold=0.2
    )
    assert problem_of(fixed).answers.threshold == 0.2 and fixed.finish is None


def test_metrics_of_labels_count_those_that_are_not_known() -> None:
    metrics = label_metrics([["a"], ["b", "new"], []], [["a"], ["b"], []], ["a", "b"])
    assert metrics == {"micro_f1": 0.8, "macro_f1": pytest.approx(2 / 3), "subset_accuracy": 2 / 3}
    true = indicators([["a"], ["b"]], ["a", "b"])
    assert true.tolist() == [[1, 0], [0, 1]]
    assert best_threshold(true, true * 1.0) == 0.5
    assert best_of((1.0, 2.0), float, lambda _: 0.0) == 1.0


def test_characters_where_there_are_no_spaces(tmp_path: Path) -> None:
    for name in ("train", "valid", "test"):
        text = "text,label\n" + "潮水涨了,high\n海水退了,low\n" * 8
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    data = {name: str(tmp_path / f"{name}.csv") for name in ("train", "valid", "test")}
    task = prepared(data)
    assert problem_of(task).cutting.cut == "characters" and "涨" in problem_of(task).vocabulary.words
    assert any("document.tokens" in note for note in map(str, task.notes))
    assert evaluate(network_of(task, 40), task.problem, task.splits["test"]).metrics["accuracy"] == 1.0
    assert problem_of(prepared(data, tokens="words")).cutting.cut == "words"


def test_long_texts_are_cut_and_it_is_said(tmp_path: Path) -> None:
    task = prepared(written(tmp_path, 20), longest=4)
    assert max(task.splits["train"].sizes()) == 4
    assert any("document.longest" in note for note in map(str, task.notes))


def test_labels_of_the_test_that_training_never_had(tmp_path: Path) -> None:
    data = written(tmp_path, 20)
    Path(data["test"]).write_text(
        "text,label\nthe water is ebb,slack\nthe water is flow,high\n", encoding="utf-8"
    )
    task = prepared(data)
    assert any("slack (1)" in note for note in map(str, task.notes))
    network = network_of(task, 40)
    result = evaluate(network, task.problem, task.splits["test"])
    assert result.metrics["accuracy"] <= 0.5
    analysis, _ = task.problem.error_analysis(network, task.splits["test"], result.answers)
    assert analysis.classes == ("high", "low", "slack")
    split, notes = problem_of(task).open_split(data["test"], skip_bad=False)
    assert split.references == ["slack", "high"] and "slack" in str(notes[0])


def test_values_to_compare_with_must_be_numbers(tmp_path: Path) -> None:
    data = written(tmp_path, 20, {"high": "1.5", "low": "0.5"})
    Path(data["test"]).write_text("text,label\nebb,high\n", encoding="utf-8")
    problem = problem_of(prepared({**data, "test": data["valid"]}))
    with pytest.raises(DataError, match="no number"):
        problem.open_split(data["test"], skip_bad=False)


def test_the_words_that_matter_are_those_that_tell(tmp_path: Path) -> None:
    task = prepared(written(tmp_path))
    network, split = network_of(task, 60), task.splits["test"]
    answers = evaluate(network, task.problem, split).answers
    analysis, kept = task.problem.error_analysis(network, split, answers)
    assert len(analysis.samples) == 12 and analysis.worst == ()
    best = Counter(
        sample.words[max(range(len(sample.weights)), key=sample.weights.__getitem__)]
        for sample in analysis.samples
    )
    assert sum(best[word] for word in ("flow", "full", "rising", "ebb", "empty", "falling")) >= 6
    assert {row.label: row.f1 for row in analysis.labels} == {"high": 1.0, "low": 1.0}
    assert sum(kept.numerator) / sum(kept.denominator) == 1.0 and kept.metric == "accuracy"
    assert word_weights(Sentence("a", ("one",)), lambda _: [1.0]) == []


def test_the_worst_are_the_most_confident_mistakes(tmp_path: Path) -> None:
    task = prepared(written(tmp_path))
    network, problem = network_of(task, 40), problem_of(task)
    made = rows(20, 3)
    made[:5] = [(text, "low") for text, _ in made[:5]]
    split = problem.split_of([Text(str(number), text, (label,)) for number, (text, label) in enumerate(made)])
    analysis, _ = problem.error_analysis(network, split, evaluate(network, problem, split).answers)
    wrong = [sample.confidence or 0.0 for sample in analysis.worst]
    assert len(wrong) == 3 and wrong == sorted(wrong, reverse=True)
    assert analysis.confusions == (Confusion("low", "high", 3),)


def test_every_text_comes_once_an_epoch(tmp_path: Path) -> None:
    split = prepared(written(tmp_path, 30)).splits["train"]
    assert isinstance(split, DocumentSplit)
    for plan in (split.plan(8, 0, 0), split.plan(8, 0, 1), split.plan_in_order(8)):
        assert Counter(index for batch in plan for index in batch) == Counter(range(30))


def test_what_does_not_suit_is_refused(tmp_path: Path) -> None:
    data = written(tmp_path, 12)
    with pytest.raises(ConfigError, match="output layer"):
        prepared(data, model={"spec": "[1,1,0,0 Gbx4 O1s0]"})
    with pytest.raises(ConfigError, match="nothing of a word"):
        prepared(data, embedding=0)
    assert prepared(data, model={"spec": "[1,1,0,0 Gbxs4]"}).problem.symbols == 2
