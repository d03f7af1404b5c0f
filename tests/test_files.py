"""Files are written whole or not at all, on full disks too."""

from __future__ import annotations

import errno
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tidegate import files
from tidegate.errors import BundleError, OutputError


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def fail_with(number: int):
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    return refuse


def test_writers_replace_and_leave_nothing_else(tmp_path: Path):
    files.write_text(tmp_path / "a.txt", "one\n")
    files.write_text(tmp_path / "a.txt", "ſwo\r\n")
    files.write_bytes(tmp_path / "b", b"\x00\xff" * 100_000)
    files.write_json(tmp_path / "c.json", {"ä": [1.5, math.nan, (math.inf,)], 1: None})
    assert (tmp_path / "a.txt").read_bytes() == "ſwo\r\n".encode()
    assert (tmp_path / "b").read_bytes() == b"\x00\xff" * 100_000
    assert json.loads((tmp_path / "c.json").read_bytes()) == {"ä": [1.5, None, [None]], "1": None}
    assert files.read_json(tmp_path / "c.json") == {"ä": [1.5, None, [None]], "1": None}
    assert sorted(contents(tmp_path)) == ["a.txt", "b", "c.json"]


@pytest.mark.parametrize("call", ["write", "fsync"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_keeps_the_old_file_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
):
    path = tmp_path / "metrics.json"
    files.write_text(path, "old")
    files.append_line(tmp_path / "history.jsonl", '{"a": 1}')
    before = contents(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail_with(number))
        writers = (
            lambda: files.write_text(path, "new"),
            lambda: files.write_json(path, {"new": 1}),
            lambda: files.append_line(tmp_path / "history.jsonl", "new"),
        )
        for write in writers:
            with pytest.raises(OutputError) as caught:
                write()
            assert caught.value.where and caught.value.where.startswith(str(tmp_path))
            assert caught.value.hint and "free some space" in caught.value.hint
    assert contents(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_real_limit_on_the_size_of_files(tmp_path: Path):
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from tidegate.errors import OutputError\n"
        "from tidegate.files import append_line, write_bytes\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "folder = Path(sys.argv[1])\n"
        "for write in (lambda: write_bytes(folder / 'a', b'n' * 5000), lambda: append_line(folder / 'b', 'n' * 5000)):\n"
        "    try:\n"
        "        write()\n"
        "    except OutputError:\n"
        "        continue\n"
        "    sys.exit('written')\n"
    )
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").write_bytes(b"old\n")
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=200)
    assert contents(tmp_path) == {"a": b"old", "b": b"old\n"}


def test_a_place_that_cannot_be_written_to_says_so(tmp_path: Path):
    with pytest.raises(OutputError, match="cannot write") as caught:
        files.write_text(tmp_path / "missing" / "a", "x")
    assert caught.value.hint == "the folder does not exist: make it first"
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError) as caught:
        files.write_text(tmp_path / "folder", "x")
    assert caught.value.where == str(tmp_path / "folder")
    assert list(contents_of_folders(tmp_path)) == ["folder"]


def contents_of_folders(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_error_of_the_caller_passes_and_keeps_the_old_file(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), files.replacing(path) as temporary:
        temporary.write_bytes(b"half")
        raise KeyError("mine")
    assert contents(tmp_path) == {"a": b"old"}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files.whole_lines(path)]


def test_a_line_that_a_killed_process_left_is_not_read_and_is_removed(tmp_path: Path):
    path = tmp_path / "history.jsonl"
    files.append_json_line(path, {"epoch": 1, "text": "a\u2028b", "loss": math.nan})
    with path.open("ab") as file:
        file.write(b'{"epoch": 2, "te\xc5')
    whole = {"epoch": 1, "text": "a\u2028b", "loss": None}
    assert lines(path) == [whole]
    files.append_json_line(path, {"epoch": 2, "long": "x" * 10_000})
    assert lines(path) == [whole, {"epoch": 2, "long": "x" * 10_000}]
    with path.open("ab") as file:
        file.write(b"y" * 9_000)
    files.append_json_line(path, {"epoch": 3})
    assert [line["epoch"] for line in lines(path)] == [1, 2, 3]


def test_a_file_of_lines_is_no_object(tmp_path: Path):
    path = tmp_path / "history.jsonl"
    path.write_text('{"a": 1}\n{"c": 1}\n')
    with pytest.raises(BundleError, match="cannot be read"):
        files.whole_lines(tmp_path / "missing")
    with pytest.raises(BundleError):
        files.read_json(path)


def test_a_line_is_one_line(tmp_path: Path):
    with pytest.raises(ValueError, match="one line"):
        files.append_line(tmp_path / "a", "x\ny")
