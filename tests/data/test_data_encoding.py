"""Text in files of other encodings than UTF-8: recognised where that is safe, named where it is not, said in any case."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.api import load, train
from tidegate.data.encoding import decoding, to_utf8
from tidegate.errors import DataError, TidegateError

CHINESE = "李娜 去 了 上海 的 港口\n潮汐 很 高 水 很 深 门 关 了\n我们 今天 在 北京 开会\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"]
)
def test_encodings_of_chinese_are_recognised(encoding: str) -> None:
    text = to_utf8(CHINESE.encode(encoding), "a.txt").decode("utf-8-sig")
    assert text == CHINESE


WESTERN = {
    "cp1252": "Müller,Zürich\nJäger,Köln\nGröße,für\nété,déjà,naïve\nœuvre – “quoted”\n",
    "iso8859-2": "Łódź,Gdańsk\nPříliš žluťoučký kůň\n",
    "cp1251": "Привет, мир\nМосква и Санкт-Петербург\n",
    "iso8859-7": "Καλημέρα κόσμε\n",
}


@pytest.mark.parametrize("encoding", WESTERN)
def test_encodings_of_one_byte_are_not_taken_for_chinese(encoding: str) -> None:
    content = WESTERN[encoding].encode(encoding)
    assert to_utf8(content, "a.txt") == content
    for line in content.splitlines():
        assert to_utf8(line, "a.txt") == line
    with decoding(encoding) as found:
        assert to_utf8(content, "a.txt").decode() == WESTERN[encoding]
        # What is UTF-8 by now stays so.
        assert to_utf8(to_utf8(content, "a.txt"), "a.txt").decode() == WESTERN[encoding]
    assert [str(one) for one in found.findings()] == [f"a.txt: decoded 1 file as {encoding}"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("big5", "潮汐很高，水很深，門關了\n" * 3), ("shift_jis", "潮が高い。門を閉める\n")],
)
def test_other_encodings_of_two_bytes_are_not_taken_for_chinese(encoding: str, text: str) -> None:
    assert to_utf8(text.encode(encoding), "a.txt") == text.encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("euc_kr", "조수가 높고 물이 깊다\n문을 닫았다\n"), ("euc_jp", "これはとてもたかいしおです\n")],
)
def test_two_readings_are_shown_and_the_hint_decides(encoding: str, text: str) -> None:
    with pytest.raises(DataError, match="two encodings") as raised:
        to_utf8(text.encode(encoding), "a.txt")
    assert text[:5] in str(raised.value.got) and f"--set data.encoding={encoding}" in str(raised.value.hint)
    with decoding(encoding):
        assert to_utf8(text.encode(encoding), "a.txt").decode() == text


def test_a_name_that_does_not_fit_is_said() -> None:
    with decoding("ascii"), pytest.raises(DataError, match="not in the encoding that was named"):
        to_utf8(b"caf\xe9", "a.txt")


def test_line_ends_of_cr_and_marks_inside() -> None:
    assert to_utf8(b"a O\rb O\r\rc O\r", "a") == b"a O\nb O\n\nc O\n"
    assert to_utf8(b"a\rb\r\n", "a") == b"a\rb\r\n"
    assert to_utf8("\ufeffa\n\ufeffb\n".encode(), "a") == "\ufeffa\nb\n".encode()


SENTENCES = "".join(
    f"{word}\tB-LOC\nschläft\tO\nnicht\tO\n\n" for word in ("Köln", "Zürich", "Łódź", "Málaga") * 4
)
SMALL = {"model": {"preset": "bilstm-crf", "hidden": 4, "layers": 1}, "train": {"steps": 1, "threads": 1}}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_run_reads_what_is_recognised_and_says_so(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_bytes(SENTENCES.replace("\n", "\r").encode(encoding))
    result = train(task="tag", data={"train": str(path)}, out=tmp_path / "run", **SMALL)
    codes = [note.code for note in result.notes]
    assert ("encoding" in codes) == (encoding == "utf-16")
    answers = load(result.run, threads=1).predict([path])
    assert answers[0].words == ("Köln", "schläft", "nicht") and len(answers) == 16


def test_the_key_of_a_run_holds_for_what_its_model_reads(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_bytes(SENTENCES.replace("Łódź", "Essen").encode("cp1252"))
    data = {"train": str(path)}
    with pytest.raises(TidegateError, match="UTF-8"):
        train(task="tag", data=data, out=tmp_path / "refused", **SMALL)
    result = train(task="tag", data={**data, "encoding": "cp1252"}, out=tmp_path / "run", **SMALL)
    model = load(result.run, threads=1)
    for notes in (result.notes, model.predict([path]).notes, model.evaluate(str(path)).notes):
        assert any(note.code == "encoding" and "cp1252" in note.what for note in notes)
    assert model.predict([path])[0].words == ("Köln", "schläft", "nicht")


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TidegateError, match="no encoding 'latin-99'"):
        train(task="tag", data={"train": "a.txt", "encoding": "latin-99"}, out=tmp_path / "run", **SMALL)
