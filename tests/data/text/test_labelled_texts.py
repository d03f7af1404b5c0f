"""Texts from tables, JSON lines and folders: what is read, what is refused, and that nothing is guessed twice."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.inputs import read_unlabelled, texts_of_lines
from tidegate.data.text.labelled.reader import columns_known, own_parts, read_labelled
from tidegate.data.text.labelled.targets import classes_of, kind_of, rare_classes, unknown_labels
from tidegate.data.text.labelled.text import Text
from tidegate.data.text.labelled.words import how_written, tokens_of
from tidegate.errors import ConfigError, DataError, EmptyDataError

LABELLED = TextColumns()


def file(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_table_with_bad_rows(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", 'id,review,sentiment\n1,"good, really",pos\n2,,neg\n3,bad,\n4,bad,neg\n')
    found = read_labelled(path, "train", LABELLED)
    assert [(one.text, one.labels) for one in found.texts] == [("good, really", ("pos",)), ("bad", ("neg",))]
    assert [(one.code, one.where) for one in found.bad] == [
        ("empty-text", f"{path}, line 3"),
        ("no-label", f"{path}, line 4"),
    ]
    assert not found.several


def test_columns_by_name_by_key_and_by_being_the_other_one(tmp_path: Path) -> None:
    path = file(tmp_path, "a.tsv", "Body\tStars\nebb\t1\n")
    assert read_labelled(path, "train", LABELLED).texts[0].labels == ("1",)
    path = file(tmp_path, "b.tsv", "first\tsecond\tthird\nebb\tlow\tx\n")
    with pytest.raises(DataError, match="text") as caught:
        read_labelled(path, "train", LABELLED)
    assert "first, second, third" in str(caught.value)
    with pytest.raises(DataError, match="label"):
        read_labelled(path, "train", TextColumns(text="first"))
    with pytest.raises(DataError, match="there is no fourth"):
        read_labelled(path, "train", TextColumns(text="first", label="fourth"))
    assert read_labelled(path, "train", TextColumns("first", "second")).texts[0].labels == ("low",)


def test_several_labels_in_a_cell_and_in_json(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", "text,label\nebb,sea|low\nflow,\nstill,sea|sea\n")
    found = read_labelled(path, "train", TextColumns(separator="|"))
    assert [one.labels for one in found.texts] == [("sea", "low"), (), ("sea",)] and found.several
    rows = [{"text": "ebb", "label": ["sea", 2]}, {"text": "flow", "label": []}, {"text": 3, "label": []}]
    path = file(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows) + "no json\n[1]\n")
    found = read_labelled(path, "train", LABELLED)
    assert [one.labels for one in found.texts] == [("sea", "2"), ()] and found.several
    assert [one.code for one in found.bad] == ["no-text", "no-json", "no-json"]


def test_a_folder_for_each_class_and_parts(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for label in ("neg", "pos"):
            file(tmp_path, f"{part}/{label}/1.txt", f"{part} {label}")
    file(tmp_path, "readme.txt", "about")
    (tmp_path / "train/pos/2.txt").write_bytes(b"caf\xe9")
    assert own_parts(str(tmp_path)) == ("train", "test")
    found = read_labelled(str(tmp_path), "train", LABELLED)
    assert [(one.text, one.labels) for one in found.texts] == [
        ("train neg", ("neg",)),
        ("train pos", ("pos",)),
    ]
    assert [one.code for one in found.bad] == ["no-utf8"]
    assert len(read_labelled(str(tmp_path), "all", LABELLED).texts) == 4
    assert columns_known(str(tmp_path)) is None


def test_a_folder_with_a_file_for_each_part(tmp_path: Path) -> None:
    for part in ("train", "dev", "test"):
        file(tmp_path, f"news.{part}.csv", f"text,label\n{part},a\n")
    assert own_parts(str(tmp_path)) == ("train", "valid", "test")
    assert [one.text for one in read_labelled(str(tmp_path), "valid", LABELLED).texts] == ["dev"]
    assert columns_known(str(tmp_path)) == ["text", "label"]


def test_where_there_are_no_texts(tmp_path: Path) -> None:
    with pytest.raises(EmptyDataError, match="no texts found"):
        read_labelled(file(tmp_path, "a.md", "text"), "train", LABELLED)


def test_plain_lines_and_tables_to_predict(tmp_path: Path) -> None:
    assert [one.text for one in texts_of_lines("a", b"ebb\r\n\nflow\n").texts] == ["ebb", "flow"]
    assert [one.code for one in texts_of_lines("a", b"caf\xe9\n").bad] == ["no-utf8"]
    found = read_unlabelled(Path(file(tmp_path, "a.csv", "text\nebb\n")), LABELLED)
    assert found.texts[0].labels is None
    frame = pd.DataFrame({"text": ["ebb"], "label": ["low"]})
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    assert read_unlabelled(tmp_path / "a.jsonl", LABELLED).texts[0].text == "ebb"
    with pytest.raises(DataError, match="cannot be read"):
        read_unlabelled(tmp_path / "none.txt", LABELLED)


def texts(*answers: str) -> list[Text]:
    return [Text(f"a:{number}", "x", (answer,)) for number, answer in enumerate(answers)]


def test_what_texts_are_answered_with() -> None:
    assert kind_of(texts("1", "2"), "auto", several=False) == "class"
    assert kind_of(texts("1", "2.5"), "auto", several=False) == "value"
    assert kind_of(texts("1", "v2.5"), "auto", several=False) == "class"
    assert kind_of(texts("1", "2.5"), "class", several=False) == "class"
    assert kind_of(texts("1"), "auto", several=True) == "labels"
    with pytest.raises(DataError, match="no number"):
        kind_of(texts("1", "two"), "value", several=False)
    with pytest.raises(ConfigError, match="several labels"):
        kind_of([Text("a", "x", ("p", "q"))], "class", several=True)


def test_classes_are_sorted_and_rare_and_unknown_ones_are_told() -> None:
    assert classes_of(texts("b", "10", "9"), "a") == ("9", "10", "b")
    with pytest.raises(DataError, match="same class"):
        classes_of(texts("b", "b"), "a")
    assert "a (1)" in str(rare_classes(texts("a", *"bbbbb"), ["a", "b"])[0])
    assert rare_classes(texts(*"bbbbb"), ["b"]) == []
    assert "fog (2)" in str(unknown_labels(texts("fog", "sea", "fog"), ["sea"], "test")[0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("don't stop -- ever!", ["don't", "stop", "-", "-", "ever", "!"]),
        ("it 's n't", ["it", "'s", "n't"]),
        ("Ünder_score a.b 3,5", ["Ünder_score", "a.b", "3", ",", "5"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert tokens_of(text, "words") == tuple(words)


def test_characters_and_the_longest() -> None:
    assert tokens_of("ab  c", "characters") == ("a", "b", " ", "c")
    assert tokens_of("a b c", "words", 2) == ("a", "b")
    assert tokens_of(" ", "words") == ()
    assert how_written(["潮退了 ok"]) == "characters" and how_written(["the tide", "潮"]) == "words"
