"""Small data sets drawn on the spot: no test needs a download."""

from __future__ import annotations

import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import settings
from PIL import Image, ImageDraw, ImageFont

torch.set_num_threads(1)

# A suite that runs in the background of a shell has inherited that Ctrl-C is ignored, and so would what its tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run, so that a change is to blame for what fails. Who looks for more takes
# make test PYTEST_FLAGS='--hypothesis-profile search': others each time, and many.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile("repeatable")

WORDS = ("tide", "gate", "date", "edit", "aged", "die", "tag", "age", "get", "tie")


def draw_line(text: str, path: Path, rows: int = 20) -> None:
    """Write dark text on a light ground."""
    font = ImageFont.load_default(size=rows * 0.7)
    width = int(font.getlength(text)) + 10
    picture = Image.new("L", (width, rows), 255)
    ImageDraw.Draw(picture).text((5, rows * 0.05), text, fill=0, font=font)
    picture.save(path)


@pytest.fixture(scope="session")
def line_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 lines of one or two short words, as x.png + x.gt.txt."""
    folder = tmp_path_factory.mktemp("lines")
    chance = np.random.default_rng(0)
    for i in range(48):
        text = " ".join(chance.choice(WORDS, size=1 + i % 2))
        draw_line(text, folder / f"{i:02}.png")
        (folder / f"{i:02}.gt.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def image_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty 16×16 pictures of each of three classes: a bar, a box, a slope, at random places."""
    folder = tmp_path_factory.mktemp("shapes")
    chance = np.random.default_rng(0)
    for name in ("bar", "box", "slope"):
        (folder / name).mkdir()
        for i in range(20):
            x, y = (int(v) for v in chance.integers(1, 6, size=2))
            picture = Image.new("L", (16, 16), 0)
            pen = ImageDraw.Draw(picture)
            if name == "bar":
                pen.line((x, y, x + 8, y), fill=255, width=2)
            elif name == "box":
                pen.rectangle((x, y, x + 7, y + 7), outline=255)
            else:
                pen.line((x, y, x + 8, y + 8), fill=255, width=2)
            picture.save(folder / name / f"{i}.png")
    return folder
