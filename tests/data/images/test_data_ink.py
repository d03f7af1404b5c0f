"""Ink and paper: stray pixels, what lies around a cut-out, drawings in the alpha channel, blank images, deep ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawing import save
from PIL import Image

from tidegate.data.images.decode import Geometry, decode, decode_sized
from tidegate.data.images.ground import without_ground
from tidegate.data.images.image_set import ImageSet, blank_images
from tidegate.data.images.load import load_splits
from tidegate.data.images.sample import Sample
from tidegate.data.splitting import Splits
from tidegate.errors import DataError

ROWS, COLUMNS = 40, 200
PLAIN = Geometry(rows=ROWS)


def strokes() -> np.ndarray:
    """Where the ink of a line is: bars, with gaps between words."""
    ink = np.zeros((ROWS, COLUMNS), bool)
    for left in (*range(10, 60, 6), *range(80, 130, 6), *range(150, 190, 6)):
        ink[12:28, left : left + 2] = True
    return ink


def drawn(ink: int, paper: int) -> np.ndarray:
    return np.where(strokes(), ink, paper).astype(np.uint8)


def with_pixel(values: np.ndarray, value: int, at: tuple[int, int] = (3, 70), size: int = 1) -> np.ndarray:
    values = values.copy()
    values[at[0] : at[0] + size, at[1] : at[1] + size] = value
    return values


def ink_of(values: np.ndarray) -> np.ndarray:
    return decode(Sample("x", "text", pixels=values), PLAIN)[0]


@pytest.mark.parametrize(
    ("ink", "paper", "stray"),
    [(20, 120, 255), (250, 140, 0), (200, 240, 0), (235, 200, 0), (30, 70, 255), (180, 110, 0)],
)
@pytest.mark.parametrize("size", [1, 2, 4])
def test_stray_pixels_decide_nothing(ink: int, paper: int, stray: int, size: int):
    read = ink_of(with_pixel(drawn(ink, paper), stray, size=size))
    away = np.ones_like(strokes())
    away[3 : 3 + size, 70 : 70 + size] = False
    assert (read[strokes()] >= 250).all()
    assert (read[~strokes() & away] <= 5).all()


def test_pepper_and_salt_decide_nothing():
    chance = np.random.default_rng(0)
    values = drawn(20, 120)
    values[chance.random(values.shape) < 0.003] = 255
    assert (ink_of(values)[strokes()] >= 250).mean() > 0.98


def test_a_lone_full_stop_on_a_noisy_line_stays_ink():
    values = (235 + np.random.default_rng(0).integers(-6, 7, (40, 600))).astype(np.uint8)
    values[25:29, 300:304] = 20
    read = ink_of(values)
    assert (read[25:29, 300:304] >= 250).all()
    assert read[:, :200].max() < 40


def test_trim_minds_no_single_pixel():
    trim = Geometry(rows=ROWS, trim=True)
    clean = decode(Sample("x", "t", pixels=drawn(20, 230)), trim)
    stray = decode(Sample("x", "t", pixels=with_pixel(drawn(20, 230), 20, at=(1, 198))), trim)
    assert clean.shape == stray.shape
    wider = decode(Sample("x", "t", pixels=with_pixel(drawn(20, 230), 20, at=(20, 196), size=2)), trim)
    assert wider.shape != clean.shape


def corners(values: np.ndarray, fill: int) -> np.ndarray:
    """The corners that turning a scan leaves."""
    rows, columns = np.mgrid[: values.shape[0], : values.shape[1]]
    values = values.copy()
    values[(rows < 9 - columns * 0.2) | (rows > 30 + (199 - columns) * 0.2)] = fill
    return values


def masked(values: np.ndarray, fill: int) -> np.ndarray:
    """A cut-out in a larger picture."""
    around = np.full((90, 240), fill, np.uint8)
    around[20:60, 20:220] = values
    return around


@pytest.mark.parametrize("lay", [corners, masked])
@pytest.mark.parametrize(
    ("ink", "paper", "fill"), [(20, 230, 0), (20, 120, 0), (40, 110, 255), (240, 90, 255)]
)
def test_ground_around_a_line_is_no_ink(lay, ink: int, paper: int, fill: int):
    values = lay(drawn(ink, paper), fill)
    read = decode(Sample("x", "t", pixels=values), Geometry(rows=len(values)))[0]
    inked = lay(np.where(strokes(), 255, 0).astype(np.uint8), 0)
    assert ((read >= 128) == (inked >= 128)).mean() > 0.985


@pytest.mark.parametrize("ink", [0, 255])
def test_drawings_and_letters_at_the_border_are_no_ground(ink: int):
    values = drawn(ink, 255 - ink)
    values[:, :3] = ink
    picture = Image.fromarray(values)
    assert without_ground(picture) is picture
    block = np.full((30, 120), 255 - ink, np.uint8)
    block[5:25, 5:115] = ink
    assert without_ground(filled := Image.fromarray(block)) is filled


def alpha(colour: tuple[int, int, int], opaque: np.ndarray) -> np.ndarray:
    values = np.zeros((*opaque.shape, 4), np.uint8)
    values[..., :3] = colour
    values[..., 3] = np.where(opaque, 255, 0)
    return values


@pytest.mark.parametrize(
    "colour", [(255, 255, 255), (250, 250, 250), (240, 240, 200), (0, 0, 0), (10, 40, 200)]
)
def test_drawings_in_the_alpha_channel_are_read(colour: tuple[int, int, int]):
    read = ink_of(alpha(colour, strokes()))
    assert (read[strokes()] >= 250).all() and (read[~strokes()] == 0).all()


@pytest.mark.parametrize(("ink", "paper"), [(20, 230), (20, 110), (240, 60)])
def test_cut_outs_on_nothing_have_their_paper_around(ink: int, paper: int):
    around = np.zeros((80, 240, 4), np.uint8)
    around[20:60, 20:220, :3] = drawn(ink, paper)[..., None]
    around[20:60, 20:220, 3] = 255
    read = decode(Sample("x", "t", pixels=around), Geometry(rows=80))[0]
    assert (read[20:60, 20:220][strokes()] >= 250).all()
    assert read[:20].max() == 0 and read[:, :20].max() == 0


@pytest.mark.parametrize(
    "values",
    [
        np.full((20, 60), 255, np.uint8),
        np.full((20, 60), 0, np.uint8),
        np.zeros((20, 60, 4), np.uint8),
        with_pixel(np.full((40, 90), 240, np.uint8), 0),
    ],
    ids=["white", "black", "transparent", "one speck"],
)
def test_blank_images_are_named(values: np.ndarray):
    images = ImageSet([Sample("a.png", "x", pixels=values)], PLAIN, 10**6)
    (found,) = blank_images(images, "lines")
    assert found.code == "blank-image" and found.severity == "warning" and "a.png" in found.what
    assert not blank_images(ImageSet([Sample("b.png", "x", pixels=drawn(20, 230))], PLAIN, 10**6), "lines")


def test_photographs_of_one_colour_are_blank():
    photo = Geometry(rows=8, columns=8, channels=3, ink="none")
    red = np.full((8, 8, 3), (255, 0, 0), np.uint8)
    assert decode_sized(Sample("x", "x", pixels=red), photo).blank
    red[0, 0] = 0
    assert not decode_sized(Sample("x", "x", pixels=red), photo).blank


def test_deep_images_share_one_white(tmp_path: Path):
    for name, brightest in (("a", 60000), ("b", 3000), ("c", 200)):
        values = np.zeros((8, 8), np.uint16)
        values[2:4] = brightest
        save(tmp_path / f"{name}.tif", values)
    samples = [Sample(f"{n}.tif", "x", path=tmp_path / f"{n}.tif") for n in "abc"]
    photo = Geometry(rows=8, columns=8, ink="none")
    loaded = load_splits(Splits(samples[:2], samples[2:], None), photo, cache_bytes=10**6)
    assert loaded.geometry.top == 65535
    assert [int(loaded.train.image(i).max()) for i in (0, 1)] == [233, 12]
    assert loaded.valid.image(0).max() == 1
    assert "pixel-range" in [found.code for found in loaded.notes]


def test_an_image_brighter_than_all_of_training_is_refused():
    deep = Sample("x.tif", "x", pixels=np.full((8, 8), 60000, np.uint16))
    with pytest.raises(DataError, match="white was 4095"):
        decode(deep, Geometry(rows=8, columns=8, ink="none", top=4095.0))
