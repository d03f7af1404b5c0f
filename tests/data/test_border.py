"""Damaged and lying files end in one error of ours that names them, before memory is taken."""

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tidegate import border
from tidegate.border import gunzip
from tidegate.config.resolve import parse_override
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.images.tables import doctr
from tidegate.data.signals.npz import read as read_npz
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.source import find_place, open_source
from tidegate.errors import ConfigError, DataError, Finding, TidegateError


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test's own files reach."""
    monkeypatch.setattr(border, "ALWAYS", 10_000)


def npz(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


def header(text: str) -> bytes:
    content = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(content).to_bytes(2, "little") + content


def test_a_gzip_bomb_is_refused(small: None) -> None:
    with pytest.raises(DataError, match="unpacks to more than is read"):
        gunzip(gzip.compress(bytes(1_000_000)), "a.csv.gz")


@pytest.mark.parametrize("cut", [1, 9, 15, 30])
def test_a_gzip_file_cut_off_names_itself(cut: int) -> None:
    packed = gzip.compress(bytes(range(256)))
    with pytest.raises(DataError, match=r"a\.csv\.gz"):
        gunzip(packed[:cut], "a.csv.gz")


def test_honest_files_far_over_the_first_limit_are_read(small: None) -> None:
    content = np.random.default_rng(1).integers(0, 4, 50_000, np.uint8).tobytes()
    assert gunzip(gzip.compress(content), "a.gz") == content


def test_a_zip_bomb_is_refused(tmp_path: Path, small: None) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/x.png", bytes(10_000_000))
    with pytest.raises(DataError, match="unpacks to more than is read"):
        _ = open_source(str(tmp_path / "a.zip")).names


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz"])
def test_a_tar_bomb_is_refused(tmp_path: Path, small: None, packing: str) -> None:
    path = tmp_path / f"a.tar.{packing}"
    with tarfile.open(path, f"w:{packing}") as archive:  # pyright: ignore[reportCallIssue, reportArgumentType]
        member = tarfile.TarInfo(".hidden/x.png")
        member.size = 10_000_000
        archive.addfile(member, io.BytesIO(bytes(10_000_000)))
    with pytest.raises(DataError, match="unpacks to more than is read"):
        _ = open_source(str(path)).names


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz"])
@pytest.mark.parametrize("at", [0.2, 0.5, 0.9])
def test_a_damaged_tar_names_itself(tmp_path: Path, packing: str, at: float) -> None:
    path = tmp_path / f"a.tar.{packing}"
    with tarfile.open(path, f"w:{packing}") as archive:  # pyright: ignore[reportCallIssue, reportArgumentType]
        member = tarfile.TarInfo("a/x.png")
        content = np.random.default_rng(1).bytes(3000)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    damaged = bytearray(path.read_bytes())
    damaged[int(at * len(damaged)) :] = b"\xff" * 40
    path.write_bytes(damaged)
    with pytest.raises(DataError, match="the archive cannot be read"):
        _ = open_source(str(path)).names


@pytest.mark.parametrize(
    "x",
    [
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 9), }"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 9), }"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': ((((("),
        header("{'descr': 'zz', 'fortran_order': False, 'shape': (1,), }"),
        header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"),
        header("(" * 3000),
        b"",
        b"\x93NUMPY\x09\x00",
    ],
)
def test_a_lying_npz_names_itself(tmp_path: Path, x: bytes) -> None:
    place = find_place(str(npz(tmp_path / "a.npz", x=x)))
    with pytest.raises(DataError, match=r"a\.npz"):
        read_npz(place, "all", ReadOptions(SignalSpec()))


def test_an_npz_bomb_is_refused(tmp_path: Path, small: None) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((1000, 1000)))
    with pytest.raises(DataError, match="unpacks to more than is read"):
        read_npz(find_place(str(tmp_path / "a.npz")), "all", ReadOptions(SignalSpec()))


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_npz_is_read_as_numpy_reads_it(tmp_path: Path, order: str) -> None:
    x = np.asarray(np.arange(24.0).reshape(2, 4, 3), order=order)  # pyright: ignore[reportArgumentType, reportCallIssue]
    np.savez_compressed(tmp_path / "a.npz", x=x, y=np.array(["é", "b"]))
    records = read_npz(find_place(str(tmp_path / "a.npz")), "all", ReadOptions(SignalSpec())).found
    assert [record.target for record in records] == ["é", "b"]
    assert np.array_equal(records[1].values, x[1])


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 5000])
def test_values_beyond_python_s_limits_are_refused(value: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        parse_override(f"train.epochs={value}")


@pytest.mark.parametrize("content", ['{"a.png": ' + "9" * 5000 + "}", "[" * 100_000])
def test_json_beyond_python_s_limits_names_the_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "labels.json").write_text(content)
    with pytest.raises(DataError, match=r"labels\.json"):
        doctr.read(open_source(str(tmp_path)), "all")


def test_an_error_is_printed_whatever_its_parts_are() -> None:
    error = TidegateError("wrong", got=json.loads("3"))
    assert "got:      3" in str(error)


def test_control_characters_of_data_are_spelled_out() -> None:
    assert "\x1b" not in str(TidegateError("wrong", where="a\x1b[31m.png"))
    assert "\x1b" not in Finding("note", "x", "a\x1b[31m", "b\x9b").line
    assert str(TidegateError("a\nb\tſ")) == "a\nb\tſ"
