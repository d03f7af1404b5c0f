"""Sentences from paths to parts: folders, splits, what is bad in them, and the real data sets where they are."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tidegate.config.tables import DataSpec
from tidegate.data.parts import part_of
from tidegate.data.source import open_source
from tidegate.data.words.columns import looks_like_positions
from tidegate.data.words.files import own_parts, read_documents, sentence_files
from tidegate.data.words.reader import sentence_reader
from tidegate.data.words.scheme_detection import find_scheme
from tidegate.data.words.scheme_rules import scheme_problems
from tidegate.data.words.splits import make_sentence_splits
from tidegate.errors import BadFilesError, ConfigError, DataError, EmptyDataError, SplitError

SHARED = Path(__file__).parents[4] / "shared" / "data"
READ = sentence_reader()


class KeptSpec(DataSpec):
    """A data table whose held-out parts are the last ones."""

    shuffle: bool = False


def sentences(start: int, stop: int) -> str:
    return "".join(f"w{number} X\nend Y\n\n" for number in range(start, stop))


def numbers(part) -> list[int]:
    return [int(one.words[0][1:]) for one in part]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.txt").write_text(sentences(0, 20))
    (tmp_path / "dev.txt").write_text(sentences(100, 103))
    (tmp_path / "test.txt").write_text(sentences(200, 204))
    (tmp_path / "README.txt").write_text("no sentences\n")
    return tmp_path


def test_paths_named_by_the_user(folder: Path):
    data = DataSpec(
        **{part: str(folder / f"{part}.txt") for part in ("train", "test")}, valid=f"{folder}/dev.txt"
    )
    splits, record = make_sentence_splits(data, READ, 0)
    assert (numbers(splits.valid), numbers(splits.test or [])) == ([100, 101, 102], [200, 201, 202, 203])
    assert record.counts == {"train": 20, "valid": 3, "test": 4, "bad": 0, "unused": 0}
    assert (record.how, record.seed, record.valid, record.notes) == (
        "paths named by the user",
        None,
        None,
        [],
    )


def test_a_folder_brings_its_parts(folder: Path):
    splits, record = make_sentence_splits(DataSpec(train=str(folder)), READ, 0)
    assert record.counts == {"train": 20, "valid": 3, "test": 4, "bad": 0, "unused": 0}
    assert splits.train[0].name == "train.txt:1"
    (folder / "more.conll").write_text(sentences(7, 8))
    _, record = make_sentence_splits(DataSpec(train=str(folder)), READ, 0)
    assert [*map(str, record.notes)] == [f"{folder}: more.conll is in no part, by its name"]
    only = DataSpec(train=str(folder / "train.txt"), valid=str(folder), test=str(folder))
    assert make_sentence_splits(only, READ, 0)[1].counts["test"] == 4


def test_a_folder_without_parts_is_read_whole(tmp_path: Path):
    (tmp_path / "below").mkdir()
    (tmp_path / "b.conll").write_text(sentences(5, 10))
    (tmp_path / "a.iob").write_text(sentences(0, 5))
    (tmp_path / "below" / "c.tsv.gz").write_bytes(gzip.compress(sentences(10, 12).encode()))
    (tmp_path / "picture.png").write_bytes(b"")
    documents = read_documents(str(tmp_path), "train", READ)
    assert [one.name for one in documents] == ["a.iob", "b.conll", "below/c.tsv.gz"]
    splits, _ = make_sentence_splits(KeptSpec(source=str(tmp_path), split="8/2/2"), READ, 0)
    assert [numbers(part or []) for part in (splits.train, splits.valid, splits.test)] == [
        list(range(8)),
        [8, 9],
        [10, 11],
    ]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("eng.train", "train"),
        ("eng.testa", "valid"),
        ("eng.testb", "test"),
        ("weiboNER_2nd_conll.dev", "valid"),
        ("wnut17train.conll", "train"),
        ("emerging.test.annotated", "test"),
        ("val.txt", "valid"),
        ("device.txt", None),
        ("latest.conll", None),
        ("dev/train.txt", "train"),
        ("validation/1.conll", "valid"),
    ],
)
def test_parts_by_name(name: str, part: str | None):
    assert part_of(name) == part


def test_conllu_files_stand_alone(tmp_path: Path):
    for name in ("x-train.conllu", "x-dev.conllu.gz", "x-train.txt", "LICENSE.txt"):
        (tmp_path / name).write_text("")
    source = open_source(str(tmp_path))
    assert sentence_files(source) == ["x-dev.conllu.gz", "x-train.conllu"]
    assert own_parts(source) == ("train", "valid")
    assert own_parts(open_source(str(tmp_path / "x-train.txt"))) == ()


def test_a_tenth_is_held_out_by_the_seed(folder: Path):
    data = DataSpec(train=str(folder / "train.txt"))
    splits, record = make_sentence_splits(data, READ, 3)
    assert sorted([*numbers(splits.train), *numbers(splits.valid)]) == list(range(20))
    assert (len(splits.valid), record.seed) == (2, 3)
    assert record.valid == [one.name for one in splits.valid]
    assert numbers(make_sentence_splits(data, READ, 3)[0].valid) == numbers(splits.valid)
    chosen = {tuple(numbers(make_sentence_splits(data, READ, seed)[0].valid)) for seed in range(6)}
    assert len(chosen) > 1
    fixed = DataSpec(train=data.train, split_seed=3)
    assert numbers(make_sentence_splits(fixed, READ, 9)[0].valid) == numbers(splits.valid)


def test_the_last_ones_are_held_out_in_order(folder: Path):
    splits, record = make_sentence_splits(KeptSpec(train=str(folder / "train.txt")), READ, 3)
    assert (numbers(splits.train), numbers(splits.valid)) == (list(range(18)), [18, 19])
    assert record.how.endswith("held out for validation, the last ones of the data")
    assert (record.seed, record.valid) == (None, ["train.txt:55", "train.txt:58"])
    data = KeptSpec(train=str(folder / "train.txt"), split="10/4")
    splits, record = make_sentence_splits(data, READ, 0)
    assert (numbers(splits.train), numbers(splits.valid)) == (list(range(10)), [16, 17, 18, 19])
    assert record.counts["unused"] == 6
    assert [*map(str, record.notes)] == ["6 of 20 sentences are in no part of the split 10/4"]


def test_one_source_split_by_fractions(folder: Path):
    splits, record = make_sentence_splits(DataSpec(source=str(folder), split="0.5/0.25/0.25"), READ, 0)
    parts = [numbers(part or []) for part in (splits.train, splits.valid, splits.test)]
    assert [len(part) for part in parts] == [13, 7, 7]
    assert sorted(number for part in parts for number in part) == [
        *range(20),
        100,
        101,
        102,
        200,
        201,
        202,
        203,
    ]
    assert (len(record.valid or []), len(record.test or [])) == (7, 7)


def test_bad_lines_of_all_parts_come_at_once(folder: Path):
    (folder / "train.txt").write_text(sentences(0, 5) + "broken\n\n" + sentences(5, 6))
    (folder / "test.txt").write_text(sentences(0, 1) + "too many here\n")
    with pytest.raises(BadFilesError) as caught:
        make_sentence_splits(DataSpec(train=str(folder)), READ, 0)
    assert [one.where for one in caught.value.findings] == ["train.txt:16", "test.txt:4"]
    assert caught.value.what == "2 of 12 samples cannot be used"
    splits, record = make_sentence_splits(DataSpec(train=str(folder), skip_bad=True), READ, 0)
    assert (len(splits.train), record.counts["bad"]) == (6, 2)
    assert "left out 2 of 12 samples" in str(record.notes)


def test_sentences_of_two_parts_are_told(folder: Path):
    (folder / "test.txt").write_text(sentences(3, 5) + sentences(300, 301))
    _, record = make_sentence_splits(DataSpec(train=str(folder)), READ, 0)
    assert [*map(str, record.notes)] == [
        "2 of 3 sentences of test are in train too, word for word: "
        "test.txt:1 = train.txt:10, test.txt:4 = train.txt:13"
    ]


def test_what_cannot_be_split(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    train = str(folder / "train.txt")
    for data, error in (
        (DataSpec(), ConfigError),
        (DataSpec(source=train), ConfigError),
        (DataSpec(source=train, train=train, split="1/1"), ConfigError),
        (DataSpec(train=train, split="5/5/5"), ConfigError),
        (DataSpec(train=train, split="30/5"), SplitError),
        (DataSpec(train=f"{train}@{folder}/dev.txt"), ConfigError),
        (DataSpec(train="digits"), EmptyDataError),
        (DataSpec(train=str(folder / "none")), DataError),
        (DataSpec(train=str(tmp_path_factory.mktemp("empty"))), EmptyDataError),
    ):
        with pytest.raises(error):
            make_sentence_splits(data, READ, 0)
    (folder / "one.txt").write_text(sentences(0, 1))
    with pytest.raises(SplitError, match="too few"):
        make_sentence_splits(DataSpec(train=str(folder / "one.txt")), READ, 0)
    (folder / "broken.txt").write_text(sentences(0, 1) + "a\n\nb c d\n")
    with pytest.raises(BadFilesError):
        make_sentence_splits(DataSpec(train=str(folder / "broken.txt")), READ, 0)
    with pytest.raises(DataError, match="sentences without tags"):
        make_sentence_splits(DataSpec(train=train), sentence_reader(tag=None), 0)


@pytest.mark.parametrize(
    ("name", "features", "counts", "scheme"),
    [
        ("conll2000_chunking", (2,), {"train": (8936, 211_727), "test": (2012, 47_377)}, "iob2"),
        ("wnut17", (), {"train": (3394, 62_730), "valid": (1009, 15_733), "test": (1287, 23_394)}, "iob2"),
        ("weibo_ner", (), {"train": (1350, 73_778), "valid": (270, 14_509), "test": (270, 14_842)}, "iob2"),
        (
            "ud_english_ewt",
            ("xpos", "lemma"),
            {"train": (12_544, 204_577), "valid": (2001, 25_147), "test": (2077, 25_094)},
            "none",
        ),
    ],
)
def test_real_data(
    name: str, features: tuple[str | int, ...], counts: dict[str, tuple[int, int]], scheme: str
):
    """Every count is the published one, nothing is bad, and every file comes back byte for byte."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    reader = sentence_reader(features=features, position=name == "weibo_ner")
    for role, expected in counts.items():
        documents = read_documents(str(path), role, reader)  # type: ignore[arg-type]
        (document,) = documents
        assert document.bad == []
        assert (len(document.sentences), sum(map(len, document.sentences))) == expected
        content = (path / document.name).read_bytes()
        content = gzip.decompress(content) if document.name.endswith(".gz") else content
        assert document.render([one.tags for one in document.sentences]).encode() == content
        assert find_scheme(document.sentences).name == scheme
        assert len(scheme_problems(document.sentences, find_scheme(document.sentences))) <= 10
        if name == "weibo_ner":
            assert looks_like_positions(sentence_reader()(document.name, content).sentences)
