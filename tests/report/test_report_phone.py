"""In a real browser: a page of studies is no wider than a phone, and prints whole."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_study import write_collection, write_judged_study

from tidegate.report.write import write_report

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--allow-file-access-from-files",
)  # fmt: skip
# A window has a least width that is above a phone's; a frame has not.
FRAME = """<!doctype html><iframe id=f src="page.html" style="border:0;width:360px;height:3000px"></iframe><p id=o></p>
<script>f.onload = () => { o.textContent = f.contentDocument.documentElement.scrollWidth + " wide" }</script>"""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


def browse(folder: Path, *command: str) -> str:
    assert CHROMIUM is not None
    profile = f"--user-data-dir={folder / 'profile'}"
    done = subprocess.run(
        [CHROMIUM, *FLAGS, profile, *command], capture_output=True, text=True, timeout=200, check=True
    )
    return done.stdout


def width_in_a_frame(folder: Path, html: str) -> int:
    (folder / "page.html").write_text(html, encoding="utf-8")
    (folder / "frame.html").write_text(FRAME, encoding="utf-8")
    told = browse(folder, "--virtual-time-budget=5000", "--dump-dom", (folder / "frame.html").as_uri())
    found = re.search(r"(\d+) wide</p>", told)
    assert found, told[-500:]
    return int(found[1])


@pytest.mark.parametrize("write", [write_judged_study, write_collection], ids=lambda write: write.__name__)
def test_no_wider_than_a_phone(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    html = write_report(write(tmp_path / "x")).read_text(encoding="utf-8")
    assert width_in_a_frame(tmp_path, html) == 360


def test_what_is_too_wide_would_be_seen(tmp_path: Path) -> None:
    assert width_in_a_frame(tmp_path, '<!doctype html><p style="width:500px">wide</p>') > 360


def test_it_prints(tmp_path: Path) -> None:
    page = write_report(write_judged_study(tmp_path / "x"))
    out = tmp_path / "page.pdf"
    browse(tmp_path, f"--print-to-pdf={out}", "--no-pdf-header-footer", page.as_uri())
    printed = out.read_bytes()
    assert printed.startswith(b"%PDF") and 3 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 40
