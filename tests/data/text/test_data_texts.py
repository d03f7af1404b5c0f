"""Text files: what is read, what is refused, and how text is split in order."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.config.tables import DataSpec
from tidegate.data.division.divide import cut_points
from tidegate.data.images.normal_form import TextError
from tidegate.data.text.documents import Text, decode_text, find_texts, read_texts
from tidegate.data.text.splits import make_text_splits
from tidegate.errors import BadFilesError, ConfigError, DataError, EmptyDataError, SplitError

SHARED = Path(__file__).parents[4] / "shared" / "data"


def write(folder: Path, **contents: str | bytes) -> str:
    """Files ``a__b_txt`` → ``a/b.txt``."""
    for key, content in contents.items():
        path = folder / ".".join(key.replace("__", "/").rsplit("_", 1))
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(folder)


def joined(texts: list[Text] | None) -> str:
    return "".join(one.text for one in texts or [])


@pytest.mark.parametrize(
    ("content", "text", "changed"),
    [
        (b"a\nb", "a\nb", 0),
        (b"a\r\nb\r\n", "a\nb\n", 2),
        (b"a\rb\r\nc", "a\nb\nc", 2),
        ("\ufeffé".encode(), "é", 0),
        ("秦川\u2028雄".encode(), "秦川\u2028雄", 0),
    ],
)
def test_decode_text(content: bytes, text: str, changed: int):
    assert decode_text(content) == (text, changed)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b" \n\t\r\n", "holds nothing but white space"),
        (b"ab\ncd\n\xffe", r"is not UTF-8 \(byte 0xff at position 6, line 3\)"),
        (b"\xef\xbb\xbfab\n\xe9", r"is not UTF-8 \(byte 0xe9 at position 6, line 2\)"),
        (b"abc\xe7\xa7", r"is not UTF-8 \(byte 0xe7 at position 3, line 1\)"),
        (b"a\0\nbc", r"is no plain text \(NUL at position 1, line 1\)"),
    ],
)
def test_decode_text_refuses(content: bytes, reason: str):
    with pytest.raises(TextError, match=reason):
        decode_text(content)


def test_folder_is_read_in_order(tmp_path: Path):
    path = write(
        tmp_path, b_txt="two", a_txt="one\r\n", sub__c_TXT="three", x_png=b"\x89", README_txt="about"
    )
    (tmp_path / "d.txt.gz").write_bytes(gzip.compress(b"four"))
    files = find_texts(path)
    listing = read_texts(files)
    assert listing.texts == [
        Text("a.txt", "one\n"),
        Text("b.txt", "two"),
        Text("d.txt.gz", "four"),
        Text("sub/c.TXT", "three"),
    ]
    assert [*map(str, listing.notes)] == ["a.txt: 1 line ends of CR LF or CR were read as LF"]
    assert [*map(str, files.notes)] == [f"{path}: left out README.txt, as it tells of the data"]


def test_single_files_and_archives(tmp_path: Path):
    write(tmp_path / "in", README_txt="all there is")
    assert read_texts(find_texts(str(tmp_path / "in"))).texts == [Text("README.txt", "all there is")]
    (tmp_path / "poems.tsv.gz").write_bytes(gzip.compress("帝京\t秦川".encode()))
    assert joined(read_texts(find_texts(str(tmp_path / "poems.tsv.gz"))).texts) == "帝京\t秦川"
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "in", "in")
    assert joined(read_texts(find_texts(str(tmp_path / "a.tar.gz"))).texts) == "all there is"


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (
            ["ptb.test.txt", "ptb.train.txt", "ptb.valid.txt"],
            ("ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"),
        ),
        (
            ["wiki.test.tokens", "wiki.train.tokens", "wiki.valid.tokens"],
            ("wiki.train.tokens", "wiki.valid.tokens", "wiki.test.tokens"),
        ),
        (
            ["test/train.txt", "train/the-test.txt", "val/a.txt"],
            ("train/the-test.txt", "val/a.txt", "test/train.txt"),
        ),
        (["TRAIN.TXT", "Dev.txt"], ("TRAIN.TXT", "Dev.txt")),
        (["the-test.txt", "training-day.txt.bak", "b.txt"], ()),
        (["training-a.txt", "b.txt"], ()),
        (["train-test.txt", "b.txt"], ()),
        (["train.txt", "valid-train.txt", "test.txt"], ("train.txt", "test.txt")),
        (["latest.txt", "trained.txt", "devil.txt"], ()),
    ],
)
def test_own_parts(tmp_path: Path, names: list[str], parts: tuple[str, ...]):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a", encoding="utf-8")
    found = find_texts(str(tmp_path)).parts
    assert tuple(name for part in found.values() for name in part) == parts


def test_own_parts_are_taken(tmp_path: Path):
    path = write(tmp_path, p_train_txt="aaaa", p_valid_txt="bb", p_test_txt="c", p_more_txt="left out")
    for data in (DataSpec(source=path), DataSpec(train=path)):
        splits, record = make_text_splits(data)
        assert [joined(part) for part in (splits.train, splits.valid, splits.test)] == ["aaaa", "bb", "c"]
        assert record.counts == {"train": 4, "valid": 2, "test": 1, "bad": 0, "unused": 0}
        assert [*map(str, record.notes)] == [f"{path}: left out p_more.txt, as its name says no part"]
    splits, _ = make_text_splits(DataSpec(source=path, split="0.5/0.5"))
    assert (joined(splits.train), joined(splits.valid), splits.test) == ("aaa", "abbc", None)
    with pytest.raises(EmptyDataError, match="no valid part"):
        find_texts(write(tmp_path / "two", train_txt="a", test_txt="b")).of("valid")


def test_last_tenth_of_train_validates(tmp_path: Path):
    path = write(tmp_path, train_txt="0123456789" * 2, test_txt="x")
    splits, record = make_text_splits(DataSpec(train=path))
    assert (joined(splits.valid), joined(splits.test)) == ("89", "x")
    assert record.how == f"{path} split 0.9/0.1 in order"
    splits, record = make_text_splits(DataSpec(train=path, split="10/4"))
    assert (joined(splits.train), joined(splits.valid)) == ("0123456789", "0123")
    assert [*map(str, record.notes)] == ["the last 6 of 21 characters are in no part"]


def test_paths_named_by_the_user(tmp_path: Path):
    path = write(tmp_path, a_txt="abc", b_txt="abc", c_txt="d")
    splits, record = make_text_splits(
        DataSpec(train=f"{path}/a.txt", valid=f"{path}/b.txt", test=f"{path}/c.txt")
    )
    assert (joined(splits.train), joined(splits.valid), joined(splits.test)) == ("abc", "abc", "d")
    assert [*map(str, record.notes)] == [
        "1 of 1 documents of valid is in train too, word for word: b.txt = a.txt"
    ]


@settings(deadline=None)
@given(
    st.lists(st.text("ab秦\n", min_size=1, max_size=9), min_size=1, max_size=5),
    st.integers(1, 5),
    st.integers(1, 5),
)
def test_cuts_lose_nothing(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], train: int, valid: int
):
    folder = tmp_path_factory.mktemp("texts")
    kept = [f"{number}{text}" for number, text in enumerate(texts)]
    for number, text in enumerate(kept):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8", newline="")
    whole = "".join(kept)
    if train + valid > len(whole):
        with pytest.raises(SplitError, match="more samples than there are"):
            cut_points(f"{train}/{valid}", len(whole))
        return
    splits, record = make_text_splits(DataSpec(source=str(folder), split=f"{train}/{valid}"))
    assert joined(splits.train) == whole[:train]
    assert joined(splits.valid) == whole[train : train + valid]
    assert record.counts["unused"] == len(whole) - train - valid


@pytest.mark.parametrize(
    ("split", "length", "ends"),
    [
        ("0.9/0.1", 1_115_394, [1_003_854, 1_115_394]),
        ("0.9/0.05/0.05", 1_115_394, [1_003_854, 1_059_624, 1_115_394]),
        ("0.29/0.71", 100, [29, 100]),
        ("0.8/0.1", 10, [8, 9]),
        (".5/.5/0.0", 4, [2, 4, 4]),
        ("6/2/2", 10, [6, 8, 10]),
        (" 6 / 4 ", 10, [6, 10]),
    ],
)
def test_cut_points(split: str, length: int, ends: list[int]):
    assert cut_points(split, length) == ends


@pytest.mark.parametrize(
    "split", ["0.9", "0.9/0.2", "a/b", "0.01/0.99", "0.5/0.01", "20/1", "1/0", "1/2/3/4"]
)
def test_cut_points_refuse(split: str):
    with pytest.raises(SplitError):
        cut_points(split, 10)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (DataSpec(), "no training data"),
        (DataSpec(source="a", train="b"), "stands alone"),
        (DataSpec(train="a", valid="b", split="0.9/0.1"), "data.valid is given"),
        (DataSpec(train="a", format="line-folder"), "no format 'line-folder' for plain text"),
    ],
)
def test_contradictions(data: DataSpec, words: str):
    with pytest.raises(ConfigError, match=words):
        make_text_splits(data)


def test_splits_that_cannot_be_made(tmp_path: Path):
    path = write(tmp_path, a_txt="abcdefghij")
    with pytest.raises(ConfigError, match=r"needs data\.split"):
        make_text_splits(DataSpec(source=path))
    with pytest.raises(ConfigError, match="has two parts"):
        make_text_splits(DataSpec(train=path, split="0.8/0.1/0.1"))
    with pytest.raises(SplitError, match="would be empty"):
        make_text_splits(DataSpec(train=write(tmp_path / "short", a_txt="a")))


def test_bad_files_are_all_listed(tmp_path: Path):
    path = write(tmp_path, a_txt=b"\xff", b_txt="", c_txt="abcdefghij" * 2, d_gz=b"", e_txt=b"a\0b")
    (tmp_path / "f.txt.gz").write_bytes(gzip.compress(b"whole")[:-4])
    with pytest.raises(BadFilesError) as caught:
        make_text_splits(DataSpec(train=path))
    assert [one.where for one in caught.value.findings] == ["a.txt", "b.txt", "e.txt", "f.txt.gz"]
    assert "cannot be read" in caught.value.findings[-1].what
    # Even where the split could not be made of what is left.
    with pytest.raises(BadFilesError, match="4 of 5"):
        make_text_splits(DataSpec(source=path, split="30/1"))
    splits, record = make_text_splits(DataSpec(train=path, skip_bad=True))
    assert joined(splits.train + splits.valid) == "abcdefghij" * 2
    assert record.counts["bad"] == 4
    assert "left out 4 of 5 samples" in str(record.notes[0])


def test_nothing_to_read(tmp_path: Path):
    with pytest.raises(EmptyDataError, match="the file is empty"):
        make_text_splits(DataSpec(train=write(tmp_path, a_txt="") + "/a.txt"))
    with pytest.raises(DataError, match="not UTF-8") as caught:
        make_text_splits(DataSpec(train=write(tmp_path, b_txt=b"\xe9") + "/b.txt", skip_bad=True))
    assert caught.value.where == str(tmp_path / "b.txt")
    with pytest.raises(EmptyDataError, match="no text found") as caught:
        find_texts(write(tmp_path / "pictures", a_png=b"x"))
    assert caught.value.got == "a.png"
    with pytest.raises(EmptyDataError, match="no text found"):
        find_texts("digits")
    with pytest.raises(DataError, match="no such file"):
        find_texts(str(tmp_path / "none"))


def test_tiny_shakespeare_is_split_as_elsewhere():
    """The 90/10 split that published figures use: the first int(0.9·n) characters train."""
    folder = SHARED / "tiny_shakespeare"
    if not folder.exists():
        pytest.skip("tiny_shakespeare is not here")
    text = (folder / "input.txt").read_text(encoding="utf-8")
    splits, record = make_text_splits(DataSpec(source=str(folder), split="0.9/0.1"))
    assert joined(splits.train) == text[: int(0.9 * len(text))]
    assert joined(splits.valid) == text[int(0.9 * len(text)) :]
    assert record.counts["train"] == 1_003_854
