"""What ``tag`` reads: formats, columns, vectors, what breaks, and the baselines in the table."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from tide_words import PEOPLE, columns, learn, network_of, prepared, problem_of, sentences, written
from tidegate.config.tasks.tag import TagSpec
from tidegate.data.words.schemes import Scheme
from tidegate.data.words.sentence import Sentence
from tidegate.errors import BadFilesError, ConfigError, DataError, EmptyDataError
from tidegate.tasks.evaluation import evaluate
from tidegate.tasks.tag.baselines import most_frequent, tag_baselines
from tidegate.tasks.tag.metrics import tag_metrics
from tidegate.tasks.tag.reading import TagReading, columns_of
from tidegate.tasks.tag.task import TAG


@pytest.fixture
def data(tmp_path: Path) -> dict[str, str]:
    return written(tmp_path)


def file(folder: Path, content: str | bytes, name: str = "new.txt") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def test_parts_of_speech_are_chosen_by_accuracy(tmp_path: Path) -> None:
    lines = columns(sentences(20)).replace("\n\n", "\n \n")
    words = "\n".join(" ".join(line.split()[:2]) for line in lines.split("\n"))
    task = prepared({"train": file(tmp_path, words)}, model={"preset": "lstm", "hidden": 5, "layers": 1})
    assert task.primary == "accuracy" and problem_of(task).scheme.name == "none"
    assert problem_of(task).vocabulary.tags == ("CD", "NNP", "VB") and problem_of(task).definition == ""
    metrics = evaluate(network_of(task), task.problem, task.splits["valid"]).metrics
    assert set(metrics) == {"loss", "accuracy"}
    assert (TAG.primary, prepared(written(tmp_path)).primary) == ("f1", None)


def test_conllu(tmp_path: Path) -> None:
    row = "{}\t{}\t_\t{}\tX\t_\t0\troot\t_\t_\n"
    tree = "# text = The tide\n1-2\tThetide\t_\t_\t_\t_\t_\t_\t_\t_\n" + row.format(1, "The", "DET")
    tree += row.format(2, "tide", "NOUN") + "2.1\tgone\t_\tVERB\t_\t_\t_\t_\t_\t_\n\n"
    train = file(tmp_path, tree * 20, "x-train.conllu")
    task = prepared({"train": train}, model={"preset": "lstm", "hidden": 4}, feature_columns=["xpos"])
    problem = problem_of(task)
    assert problem.vocabulary.tags == ("DET", "NOUN") and problem.vocabulary.words.columns == (("X",),)
    blank = tree.replace("DET", "_").replace("NOUN", "_")
    document = problem.reading.read_input("b.conllu", blank.encode())
    assert [one.words for one in document.sentences] == [("The", "tide")]
    assert document.render([["DET", "NOUN"]]) == tree


def test_characters_with_positions(tmp_path: Path) -> None:
    block = "科0\tB-ORG\n技1\tI-ORG\n很0\tO\n好0\tO\n\n"
    task = prepared({"train": file(tmp_path, block * 20)}, model={"preset": "lstm-crf", "hidden": 4})
    problem = problem_of(task)
    assert (
        problem.reading.positions and problem.reading.single and task.spec.settings(TagSpec).positions is True
    )
    assert any("positions" in str(note) for note in task.notes)
    assert problem.vocabulary.words.columns == (("0", "1"),) and "科" in problem.vocabulary.words.characters
    document = problem.reading.read_input("stdin", "科技很好\n".encode())
    assert [one.words for one in document.sentences] == [("科", "技", "很", "好")]
    answers = evaluate(
        network_of(task), problem, problem.untagged(document.sentences), labelled=False
    ).answers
    assert len(answers[0].text.split()) == 4
    as_it_stands = prepared({"train": file(tmp_path, block * 20)}, positions=False)
    assert "科0" in problem_of(as_it_stands).vocabulary.words.words


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (b"a b\nc d\n\n", 2), (b"a\tb c\nd\te\n", 2), (b"The tide is out .\nIt is.\n", None), (b"one line\n", None),
        (b"word\nword\n", 1), (b"-DOCSTART- -X-\n\na b c\nd e f\n", 3), (b"# a b = c d\na b\nc d\n\n", 2),
        (b"", None), (b"\n\n", None),
    ],
)  # fmt: skip
def test_columns_and_plain_text_are_told_apart(content: bytes, columns: int | None) -> None:
    assert columns_of(content) == columns


def test_a_file_without_tags_has_a_column_less(data: dict[str, str]) -> None:
    reading = problem_of(prepared(data, feature_columns=[2])).reading
    with_tags = reading.read_input("a", b"Anna NNP O\nsees VB O\n\n").sentences[0]
    without = reading.read_input("a", b"Anna NNP\nsees VB\n\n").sentences[0]
    assert (with_tags.words, with_tags.features) == (without.words, without.features)
    assert with_tags.tags == ("O", "O") and without.tags == ()
    with pytest.raises(DataError, match="no column 2 to read features from"):
        reading.read_input("a", b"Anna\nsees\n\n")
    assert TagReading.from_values(reading.to_json(), "reading") == reading


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("Anna O\nsees\nLondon O\n\nx O\n", BadFilesError, "new.txt:2: 2 columns expected, got 1: 'sees'"),
        (b"caf\xe9 O\nbar O\n\nx O\n", BadFilesError, "new.txt:1: is not UTF-8 (byte 0xe9 at position 3"),
        ("", EmptyDataError, "the file is empty"),
        ("\n \n\n", EmptyDataError, "the file is empty"),
        ("-DOCSTART- O\n\n", EmptyDataError, "no words"),
        ("a B-X\nb I-X\n\nc I-X\nd O\n\ne E-X\nf S-X\n", DataError, "mix several schemes"),
    ],
)
def test_what_cannot_be_read_says_where_and_what(
    content: str | bytes, error: type[DataError], said: str, tmp_path: Path
) -> None:
    with pytest.raises(error) as caught:
        prepared({"train": file(tmp_path, content), "valid": file(tmp_path, "a O\nb O\n", "v.txt")})
    assert said in str(caught.value) and "new.txt" in str(caught.value)


def test_bad_sentences_are_left_out_where_it_is_asked_for(data: dict[str, str], tmp_path: Path) -> None:
    file(tmp_path, "Anna NNP\n\n" + Path(data["train"]).read_text(encoding="utf-8"), "train.txt")
    task = prepared({**data, "skip_bad": True})
    assert len(task.splits["train"]) == 40 and "train.txt:1: 3 columns expected, got 2" in str(task.notes[0])


def test_an_i_without_its_b_is_noted_and_read_as_conlleval_does(data: dict[str, str], tmp_path: Path) -> None:
    file(
        tmp_path, "Rio NNP I-LOC\nis VB O\n\n" + Path(data["train"]).read_text(encoding="utf-8"), "train.txt"
    )
    task = prepared({**data}, scheme="iob2")
    (note,) = [str(one) for one in task.notes if "breaks" in str(one)]
    assert note.startswith("train: 1 tag breaks the scheme iob2, and are read as conlleval does")
    assert f"{Path(data['train']).name}:1: I-LOC without a B-LOC before it" in note
    split = task.splits["train"]
    first = split.batch([0])
    assert [problem_of(task).vocabulary.tags[number] for number in first.tags[0].tolist()] == ["S-LOC", "O"]


def test_no_such_layout(data: dict[str, str]) -> None:
    for keys in ({"word_column": "lemma"}, {"tag_column": 9}, {"feature_columns": [7]}, {"word_column": 0}):
        with pytest.raises((ConfigError, DataError)):
            prepared(data, **keys)
    with pytest.raises(ConfigError, match="no format"):
        prepared({**data, "format": "idx"})


@pytest.mark.parametrize("trained", [True, False])
def test_vectors_are_read_and_move_only_where_that_is_asked_for(
    trained: bool, data: dict[str, str], tmp_path: Path
) -> None:
    lines = "".join(f"{word.lower()} {number} 1 2\n" for number, word in enumerate((*PEOPLE, "neap")))
    path = file(tmp_path, lines, "v.vec")
    task = prepared(data, vectors=path, embedding=3, train_vectors=trained)
    assert any(
        "vectors of 3 numbers for 4 of" in str(note) and "in lower case" in str(note) for note in task.notes
    )
    network, vocabulary = network_of(task), problem_of(task).vocabulary
    assert network.features.words is not None
    weight = network.features.words.weight
    rows = [vocabulary.words.word_numbers[word.lower()] for word in PEOPLE]
    given = torch.tensor([[number, 1.0, 2.0] for number in range(4)])
    torch.testing.assert_close(weight.detach()[rows], given)
    learn(task, network, 3)
    assert torch.equal(weight.detach()[rows], given) != trained
    with pytest.raises(ConfigError, match="another size") as caught:
        prepared(data, vectors=path, embedding=5)
    assert "set tag.embedding = 3" in str(caught.value)


def test_a_header_is_no_word_and_a_ragged_line_is_named(data: dict[str, str], tmp_path: Path) -> None:
    headed = file(tmp_path, "2 3\nanna 1 2 3\nbert 4 5 6\n", "h.vec")
    assert not any(
        "bad" in str(note) or "left out" in str(note)
        for note in prepared(data, vectors=headed, embedding=3).notes
    )
    ragged = file(tmp_path, "anna 1 2 3\nbert 4 5\ncora 1 2 3\n", "r.vec")
    with pytest.raises(DataError, match="1 of 3 lines") as caught:
        prepared(data, vectors=ragged, embedding=3)
    assert "r.vec:2: 3 numbers expected, got 2: 'bert 4 5'" in str(caught.value)
    with pytest.raises(DataError, match="cannot be read"):
        prepared(data, vectors=str(tmp_path / "none.vec"), embedding=3)


def test_rivals() -> None:
    train = [Sentence("a", ("a", "b", "a", "c"), ("X", "Y", "Z", "X")), Sentence("b", ("a", "d"), ("X", "Y"))]
    test = [Sentence("c", ("b", "a", "new"), ("Y", "X", "Y"))]
    assert most_frequent(train, test) == [["Y", "X", "Y"]]
    baselines = tag_baselines(train, test, Scheme("none")).metrics
    assert baselines["most frequent tag"] == tag_metrics([test[0].tags], [("Y", "X", "Y")], Scheme("none"))
    assert ("CRF on features" in baselines) == (find_spec("sklearn_crfsuite") is not None)


@pytest.mark.skipif(find_spec("sklearn_crfsuite") is None, reason="sklearn-crfsuite is not installed")
def test_the_crf_on_features_learns(data: dict[str, str]) -> None:
    assert prepared(data).baselines().metrics["CRF on features"]["f1"] > 0.95


def test_running_text_of_a_model_of_characters(tmp_path: Path) -> None:
    """A few longer words in training change nothing, nor that lines without spaces look like one word each."""
    lines = "\n".join("潮0 O\n汐1 B-X\n來0 O\n" for _ in range(60)) + "\n\U0001f30a\U0001f30a0 O\n\n"
    task = prepared(
        {"train": file(tmp_path, lines, "c.conll")}, model={"preset": "lstm", "hidden": 4, "layers": 1}
    )
    reading = problem_of(task).reading
    assert reading.single and reading.positions
    for text in ("潮汐來\n", "潮汐來\n汐來潮\n"):
        document = reading.read_input("new", text.encode())
        assert [one.words for one in document.sentences] == [tuple(line) for line in text.split()]
    assert reading.read_input("new", "潮0\n汐1\n\n來0\n".encode()).sentences[0].words == ("潮", "汐")
