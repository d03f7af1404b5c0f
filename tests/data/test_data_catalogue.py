"""The catalogue, from homes on this disk and one that does not answer."""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tidegate.config.registry import BUILT_IN
from tidegate.data import catalogue
from tidegate.data.catalogue import DATASETS, Dataset, RemoteFile, download, get
from tidegate.data.format import formats_of
from tidegate.errors import ConfigError, DataError, OutputError


def home(folder: Path, **contents: bytes) -> Dataset:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    files = tuple(
        RemoteFile(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in contents.items()
    )
    return Dataset("toy", "classify", "a toy", "CC0", "https://example.org", (folder.as_uri() + "/",), files)


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", DATASETS)
def test_every_entry_is_complete(name: str):
    one = DATASETS[name]
    known = {found.name for task in BUILT_IN for found in formats_of(task) or ()}
    assert (one.name, one.format in known, bool(one.summary and one.licence)) == (name, True, True)
    assert one.page.startswith("http")
    assert bool(one.files and one.homes) != bool(one.by_hand)
    assert all(home.endswith("/") for home in one.homes)
    for file in one.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.size > 0


def test_download_and_do_not_repeat(tmp_path: Path):
    toy = home(tmp_path / "home", a=b"1" * 300_000, b=b"2")
    calls: list[tuple[str, int, int]] = []
    folder = download(toy, tmp_path / "data" / "toy", progress=lambda *call: calls.append(call))
    assert listed(folder) == ["a", "b"]
    assert (folder / "a").read_bytes() == b"1" * 300_000
    assert calls[0] == ("a", 262_144, 300_000)
    assert calls[1] == ("a", 300_000, 300_000)
    (tmp_path / "home" / "a").unlink()
    (folder / "b").unlink()
    download(toy, folder)
    assert listed(folder) == ["a", "b"]


def test_a_damaged_file_is_replaced(tmp_path: Path):
    toy = home(tmp_path / "home", a=b"right")
    folder = download(toy, tmp_path / "data")
    (folder / "a").write_bytes(b"wrong")
    download(toy, folder)
    assert (folder / "a").read_bytes() == b"right"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"wrong", "wrong checksum"), (b"rig", "broke off after 3 of 5 bytes"), (None, "no connection")],
)
def test_failures_leave_nothing_half_written(tmp_path: Path, content: bytes | None, message: str):
    toy = home(tmp_path / "home", first=b"1", a=b"right")
    if content is None:
        (tmp_path / "home" / "a").unlink()
    else:
        (tmp_path / "home" / "a").write_bytes(content)
    with pytest.raises(DataError, match="a cannot be downloaded") as caught:
        download(toy, tmp_path / "data")
    assert message in str(caught.value)
    assert listed(tmp_path / "data") == ["first"]
    second = home(tmp_path / "other", first=b"1", a=b"right")
    download(replace(toy, homes=toy.homes + second.homes), tmp_path / "data")
    assert (tmp_path / "data" / "a").read_bytes() == b"right"


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/gone":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"rig")
        if self.path == "/silent":
            self.server.stop.wait(5)  # type: ignore[attr-defined]

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.mark.parametrize(
    ("name", "message"), [("gone", "404"), ("short", "broke off"), ("silent", "broke off")]
)
def test_servers_that_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str):
    monkeypatch.setattr(catalogue, "PATIENCE", 0.2)
    monkeypatch.setenv("no_proxy", "*")
    server = HTTPServer(("127.0.0.1", 0), _Server)
    server.stop = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        files = (RemoteFile(name, 5, hashlib.sha256(b"right").hexdigest()),)
        toy = Dataset("toy", "classify", "", "", "", (f"http://127.0.0.1:{server.server_port}/",), files)
        with pytest.raises(DataError) as caught:
            download(toy, tmp_path / "data")
        assert message in str(caught.value)
        assert listed(tmp_path / "data") == []
    finally:
        server.stop.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
        server.server_close()


def test_by_hand_unknown_and_no_folder(tmp_path: Path):
    with pytest.raises(DataError, match=r"--train uw3-500\.tgz"):
        get("uw3-500", tmp_path)
    with pytest.raises(ConfigError, match="did you mean mnist"):
        get("mnits", tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="the folder cannot be made"):
        get("mnist", tmp_path / "file" / "data")
