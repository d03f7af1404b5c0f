"""Real data, where a checkout has it beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tidegate.config.registry import BUILT_IN
from tidegate.config.tables import DataSpec
from tidegate.data.catalogue import DATASETS
from tidegate.data.format import formats_of
from tidegate.data.images.decode import Geometry
from tidegate.data.images.formats import CLASSES, LINES
from tidegate.data.images.image_set import ImageSet, suspicious
from tidegate.data.images.listing import read_listing
from tidegate.data.images.splits import make_splits
from tidegate.data.source import open_source

SHARED = Path(__file__).parents[3] / "shared" / "data"


def needs(name: str) -> Path:
    if not (SHARED / name).exists():
        pytest.skip(f"{name} is not here")
    return SHARED / name


def test_uw3_lines():
    """All 500 lines are read, dark on light is told, and the one rotated line is found, with no false alarm."""
    folder = needs("ocr_uw3_500")
    listing = read_listing(LINES, str(folder / "lines.tar.gz"))
    assert (len(listing.samples), listing.bad) == (500, [])
    images = ImageSet(listing.samples, Geometry(rows=40), 10**8)
    assert images.check() == []
    assert [*map(str, suspicious(images))] == [
        "1150_010008.png: it looks rotated by 90° (35×916 pixels for 60 characters)"
    ]
    assert sum(np.median(images.image(index)) > 0 for index in range(500)) <= 1  # the rotated line


def test_uw3_fold():
    folder = needs("ocr_uw3_500")
    parts = {
        part: f"{folder / 'lines.tar.gz'}@{folder}/fold.{part}.txt" for part in ("train", "valid", "test")
    }
    splits, record = make_splits(DataSpec(**parts), LINES, 0)
    assert record.counts == {"train": 400, "valid": 50, "test": 50, "bad": 0, "unused": 0}
    assert [found.code for found in record.notes if found.code != "read-as"] == []
    assert splits.test is not None


@pytest.mark.slow
def test_archiscribe_lines():
    folder = needs("ocr_archiscribe")
    for name, count in (("train", 3828), ("test", 427)):
        listing = read_listing(LINES, str(folder / f"{name}.tar.gz"))
        images = ImageSet(listing.samples, Geometry(rows=40), 10**9)
        assert (len(images), listing.bad, images.check(), suspicious(images)) == (count, [], [], [])
        assert max(np.median(images.image(index)) for index in range(count)) == 0


def test_mnist():
    path = str(needs("mnist"))
    assert len(read_listing(CLASSES, path).samples) == 60_000
    test = read_listing(CLASSES, path, "test").samples
    images = ImageSet(test[:500], Geometry(28, 28), 10**8)
    assert images.check() == []
    for index, sample in enumerate(images.samples):
        if sample.pixels.max() == 255:
            np.testing.assert_array_equal(images.image(index)[0], sample.pixels)


@pytest.mark.parametrize(
    ("name", "folder", "format_name"),
    [
        ("conll2000", "conll2000_chunking", "columns"),
        ("wnut17", "wnut17", "columns"),
        ("weibo-ner", "weibo_ner", "columns"),
        ("ud-english-ewt", "ud_english_ewt", "conllu"),
        ("tiny-shakespeare", "tiny_shakespeare", "text"),
    ],
)
def test_words_and_text_are_what_the_catalogue_says(name: str, folder: str, format_name: str):
    path = needs(folder)
    for file in DATASETS[name].files:
        content = (path / file.name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)
    assert DATASETS[name].format == format_name
    source = open_source(str(path))
    found = [one.name for task in BUILT_IN for one in formats_of(task) or () if one.looks_like(source)]
    assert found[0] == format_name
