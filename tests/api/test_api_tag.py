"""Asking a trained tagger: texts, lists of words, files of any layout; everything but the tags byte for byte."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tidegate.api import Model, load, train
from tidegate.errors import ConfigError, DataError

PEOPLE, PLACES = ("Anna", "Bert", "Cora"), ("London", "New York", "Rio")


def columns(count: int = 24) -> str:
    blocks: list[str] = []
    for number in range(count):
        place = PLACES[number % 3].split()
        lines = [f"{PEOPLE[number % 2]} NNP B-PER\n", "sees VB O\n", f"{place[0]} NNP B-LOC\n"]
        lines += [f"{word} NNP I-LOC\n" for word in place[1:]] + [f"{number} CD O\n"]
        blocks.append("".join(lines))
    return "\n".join(blocks)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    (folder / "train.txt").write_text(columns(), encoding="utf-8")
    return train(
        task="tag",
        data={"train": str(folder / "train.txt"), "test": str(folder / "train.txt")},
        model={"preset": "bilstm-crf", "hidden": 8, "layers": 1},
        tag={
            "feature_columns": [2],
            "embedding": 10,
            "affix_embedding": 3,
            "character_hidden": 6,
            "n_best": 3,
        },
        train={"epochs": 8, "threads": 1, "average": 0, "batch_size": 4},
        optimiser={"learning_rate": 0.02},
        out=folder / "run",
    ).run


@pytest.fixture(scope="module")
def model(run: Path) -> Model:
    return load(run, threads=1)


def test_sentences_from_python(model: Model) -> None:
    one, other = model.predict(["Bert sees New York 7", ("Anna", "sees", "Rio")])
    assert one.words == ("Bert", "sees", "New", "York", "7")
    assert one.tags == ("B-PER", "O", "B-LOC", "I-LOC", "O")
    assert [(span.label, span.text, span.start, span.end) for span in one.spans] == [
        ("PER", "Bert", 0, 1), ("LOC", "New York", 2, 4),
    ]  # fmt: skip
    assert one.spans[1].confidence == min(one.confidences[2:4])
    assert all(0 <= sure <= 1.001 for sure in (*one.confidences, *other.confidences))
    assert (one.name, other.name) == ("sentence 1", "sentence 2")
    assert len(one.alternatives) == 3 and one.alternatives[0][0] == one.tags
    assert model.predict([]) == []


@pytest.mark.parametrize("sentence", ["", "  \n", [], ["a", ""]])
def test_a_sentence_without_words_is_named(sentence: str | list[str], model: Model) -> None:
    good, bad = model.predict(["Anna sees", sentence])
    assert good.error is None and bad.error == "a sentence without words" and bad.name == "sentence 2"


def test_text_without_the_further_column(model: Model) -> None:
    """The model looks at a column that plain text does not have: it is unknown there."""
    document = model.predict(b"Anna sees London .\nBert left\n")
    assert [one.words for one in document.good] == [("Anna", "sees", "London", "."), ("Bert", "left")]
    assert document.good[0].tags[0] == "B-PER"
    asked = model.predict("Anna sees London .")[0]
    assert asked.tags == document.good[0].tags
    assert asked.confidences == pytest.approx(document.good[0].confidences, abs=1e-5)
    lines = document.text().split("\n")
    assert lines[0] == "Anna\tB-PER" and lines[4] == "" and len(lines) == 9


def test_columns_keep_everything_but_the_tags(model: Model) -> None:
    content = "\ufeff-DOCSTART- -X- O\r\n\r\nAnna  NNP O\r\nsees\tVB O\r\nRio NNP   O \r\n\r\n\r\n"
    document = model.predict(content.encode())
    (sentence,) = document
    assert sentence.tags[0] == "B-PER"
    rows = [
        f"Anna  NNP {sentence.tags[0]}\r\n",
        f"sees\tVB {sentence.tags[1]}\r\n",
        f"Rio NNP   {sentence.tags[2]} \r\n",
    ]
    assert document.text() == "\ufeff-DOCSTART- -X- O\r\n\r\n" + "".join(rows) + "\r\n\r\n"


def test_columns_without_tags_get_them(model: Model) -> None:
    document = model.predict(b"Anna NNP\nsees VB\nRio NNP\n\n")
    assert document.text() == "Anna NNP B-PER\nsees VB O\nRio NNP B-LOC\n\n"
    with_tags = model.predict(b"Anna NNP x\nsees VB x\nRio NNP x\n\n")
    assert with_tags.text() == document.text()


def test_bad_sentences_are_told_and_left_as_they_are(model: Model) -> None:
    content = b"Anna NNP O\nsees VB O\n\nca\xe9 NNP O\n\nBert NNP\n\nCora NNP O\nsees VB O\n"
    document = model.predict(content)
    assert [bad.name for bad in document.bad] == ["stdin:4", "stdin:6"]
    reasons = [str(bad.error) for bad in document.bad]
    assert "UTF-8" in reasons[0] and "3 columns expected, got 2" in reasons[1]
    assert [one.words[0] for one in document.good] == ["Anna", "Cora"]
    text = document.text().encode("utf-8", "surrogateescape")
    assert b"\n\nca\xe9 NNP O\n\nBert NNP\n\nCora NNP " in text


def test_files(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "in.txt.gz"
    path.write_bytes(gzip.compress(columns(2).encode()))
    assert model.predict(path).text() == columns(2)
    none, empty = model.predict([tmp_path / "none.txt", b""])
    assert none.name == str(tmp_path / "none.txt") and "cannot be read" in str(none.error)
    assert empty.name == "stdin" and empty.error


def test_predictions_are_the_same_tags(model: Model, tmp_path: Path) -> None:
    good, bad = tmp_path / "a.txt", tmp_path / "b.txt"
    good.write_text("Anna NNP O\nsees VB O\n\nBert NNP\n\nCora NNP O\n", encoding="utf-8")
    bad.write_text("Bert NNP O\nleft VB O\n\n", encoding="utf-8")
    one, three, two, four = model.predict([good, bad])  # What is bad comes behind the rest of its file.
    assert two.error is not None and two.name == f"{good}:4" and two.answer == ""
    assert (one.name, three.name, four.name) == (f"{good}:1", f"{good}:6", f"{bad}:1")
    assert one.answer.split() == list(model.predict(good)[0].tags)
    assert 0 < one.confidence <= 1.001


def test_evaluate(model: Model, run: Path, tmp_path: Path) -> None:
    scores = model.evaluate(run.parent / "train.txt")
    assert scores.count == 24 and scores.metrics["f1"] > 0.95
    assert "entities" in scores.definition
    (tmp_path / "bad.txt").write_text(columns(3) + "\nBert\n", encoding="utf-8")
    with pytest.raises(DataError, match="1 of 4"):
        model.evaluate(tmp_path / "bad.txt")
    assert model.evaluate(tmp_path / "bad.txt", skip_bad=True).count == 3


def test_another_task_is_refused(model: Model) -> None:
    with pytest.raises(ConfigError, match="no model of the task tag generates text"):
        model.generate("x", 3)


def test_loaded_again_it_says_the_same(model: Model, run: Path) -> None:
    sentences = ["Anna sees New York 3", "Ω"]
    assert load(run / "model", threads=1).predict(sentences) == model.predict(sentences)
