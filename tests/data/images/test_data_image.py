"""Decoding: every kind of file to the same pixels, and a reason for what cannot be decoded."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from drawing import paper, png, save
from PIL import Image

from tidegate.data.images.decode import Geometry, decode
from tidegate.data.images.image_set import ImageSet, suspicious
from tidegate.data.images.ink import ink_table, tones
from tidegate.data.images.sample import Sample
from tidegate.errors import ConfigError, DataError

SAME = Geometry(rows=20)


def sample(image: Image.Image | bytes, kind: str = "PNG", **options: object) -> Sample:
    if isinstance(image, Image.Image):
        stream = io.BytesIO()
        image.save(stream, kind, **options)
        image = stream.getvalue()
    return Sample("x.png", "text", data=image)


def expected() -> np.ndarray:
    return np.where(paper() < 128, 255, 0)[None].astype(np.uint8)


def palette() -> Image.Image:
    image = Image.fromarray((paper() < 128).astype(np.uint8), "L").convert("P")
    image.putpalette([200, 200, 200, 10, 10, 10])
    return image


def see_through() -> Image.Image:
    """Black everywhere; only the transparency tells ink from paper."""
    image = Image.new("LA", (60, 20), (0, 0))
    image.putalpha(Image.fromarray(np.where(paper() < 128, 255, 0).astype(np.uint8)))
    return image


KINDS = {
    "grey": lambda: sample(Image.fromarray(paper())),
    "1 bit": lambda: sample(Image.fromarray(paper()).convert("1", dither=Image.Dither.NONE)),
    "16 bit": lambda: sample(Image.fromarray(paper().astype(np.uint16) * 257)),
    "16 bit, dim": lambda: sample(Image.fromarray(paper().astype(np.uint16) * 16), "TIFF"),
    "32 bit": lambda: sample(Image.fromarray(paper().astype(np.int32) * 257), "TIFF"),
    "float": lambda: sample(Image.fromarray(paper().astype(np.float32) / 255), "TIFF"),
    "palette": lambda: sample(palette()),
    "palette, see-through": lambda: sample(palette(), transparency=0),
    "colour": lambda: sample(Image.fromarray(paper()).convert("RGB")),
    "CMYK": lambda: sample(Image.fromarray(paper()).convert("CMYK"), "TIFF"),
    "see-through": lambda: sample(see_through()),
    "RGBA": lambda: sample(see_through().convert("RGBA")),
    "JPEG": lambda: sample(Image.fromarray(paper()), "JPEG", quality=100),
    "WebP": lambda: sample(Image.fromarray(paper()).convert("RGB"), "WEBP", lossless=True),
    "GIF": lambda: sample(Image.fromarray(paper()), "GIF"),
    "pixels": lambda: Sample("x", "text", pixels=paper()),
    "light ink": lambda: Sample("x", "text", pixels=255 - paper()),
    "faded": lambda: Sample("x", "text", pixels=(paper() // 3 + 90).astype(np.uint8)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_image_gives_the_same_ink(kind: str):
    pixels = decode(KINDS[kind](), SAME)
    assert pixels.shape == (1, 20, 60)
    assert pixels.dtype == np.uint8
    np.testing.assert_allclose(pixels, expected(), atol=6 if kind == "JPEG" else 2)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation: int):
    upright = Image.fromarray(paper())
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright.transpose(turn) if turn is not None else upright
    np.testing.assert_array_equal(decode(sample(stored, exif=exif), SAME), expected())


def test_ink_settings():
    dark, light = Sample("d", "", pixels=paper()), Sample("l", "", pixels=255 - paper())
    np.testing.assert_array_equal(decode(dark, Geometry(20, ink="dark")), expected())
    np.testing.assert_array_equal(decode(light, Geometry(20, ink="light")), expected())
    assert not decode(dark, Geometry(20, ink="light")).any()
    np.testing.assert_array_equal(decode(dark, Geometry(20, ink="none"))[0], paper())


def test_colour_keeps_its_values_under_auto():
    values = np.random.default_rng(0).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    pixels = decode(Sample("x", "", pixels=values), Geometry(6, 8, channels=3))
    np.testing.assert_array_equal(pixels, values.transpose(2, 0, 1))
    assert decode(Sample("x", "", pixels=paper()), Geometry(20, channels=3)).shape == (3, 20, 60)


def test_blank_paper_has_no_ink():
    chance = np.random.default_rng(0)
    blank = (245 + chance.integers(-3, 4, (20, 60))).astype(np.uint8)
    assert decode(Sample("x", "", pixels=blank), SAME).max() < 10


@pytest.mark.parametrize("ink", ["auto", "dark", "light"])
def test_ink_table_matches_its_slow_twin(ink: str):
    chance = np.random.default_rng(1)
    for _ in range(30):
        values = chance.integers(0, 256, chance.integers(1, 40))
        table = ink_table(tones(np.bincount(values, minlength=256).tolist()), ink)
        ordered = sorted(values.tolist())
        median = ordered[(len(ordered) + 1) // 2 - 1]
        dark = ink == "dark" or (ink == "auto" and median > (ordered[0] + ordered[-1]) / 2)
        reach = abs((ordered[0] if dark else ordered[-1]) - median)
        for value in range(256):
            away = median - value if dark else value - median
            slow = min(255, max(0, away * (255 / reach if reach >= 16 else 1)))
            assert abs(int(table[value]) - slow) <= 0.5001


def test_scaling_keeps_the_aspect_of_lines():
    assert decode(Sample("x", "", pixels=paper(20, 61)), Geometry(rows=48)).shape == (1, 48, 146)
    assert decode(Sample("x", "", pixels=paper(90, 3)), Geometry(rows=12)).shape == (1, 12, 1)
    assert decode(Sample("x", "", pixels=paper()), Geometry(28, 28)).shape == (1, 28, 28)


def test_a_thin_stroke_survives_shrinking():
    values = np.full((200, 600), 255, np.uint8)
    values[:, 301] = 0
    assert decode(Sample("x", "", pixels=values), Geometry(rows=20)).max() >= 12


def test_fixed_columns_for_lines():
    geometry = Geometry(rows=20, columns=100, keep_aspect=True)
    padded = decode(Sample("x", "", pixels=paper()), geometry)
    np.testing.assert_array_equal(padded[:, :, :60], expected())
    assert padded.shape == (1, 20, 100)
    assert not padded[:, :, 60:].any()
    assert decode(Sample("x", "", pixels=paper(20, 300)), geometry).shape == (1, 20, 100)


def test_trim():
    values = np.full((40, 100), 255, np.uint8)
    values[10:30, 50:70] = 0
    pixels = decode(Sample("x", "", pixels=values), Geometry(rows=24, trim=True))
    assert pixels.shape == (1, 24, 24)
    assert (pixels[0, 2:22, 2:22] == 255).all()
    blank = np.full((40, 100), 255, np.uint8)
    assert decode(Sample("x", "", pixels=blank), Geometry(rows=40, trim=True)).shape == (1, 40, 100)
    with pytest.raises(ConfigError, match="what is ink"):
        Geometry(rows=20, ink="none", trim=True)


def bomb() -> bytes:
    """A PNG of a few bytes that claims 60000 × 60000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


BROKEN = {
    "empty": (b"", "0 bytes"),
    "text": (b"this is no image", "no image that can be read"),
    "truncated": (
        png(np.random.default_rng(0).integers(0, 255, (99, 99)).astype(np.uint8))[:3000],
        "damaged",
    ),
    "bomb": (bomb(), "pixels"),
    "large": (sample(Image.new("1", (30000, 3200)), "TIFF", compression="group4").data, "pixels"),
    "wide": (png(np.zeros((1, 3000), np.uint8)), "columns at height 20"),
    "float": (sample(Image.fromarray(np.full((4, 4), 1e9, np.float32)), "TIFF").data, "8-bit or 16-bit"),
    "nan": (sample(Image.fromarray(np.full((4, 4), np.nan, np.float32)), "TIFF").data, "8-bit or 16-bit"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_images_have_a_reason(kind: str):
    content, reason = BROKEN[kind]
    with pytest.raises(DataError, match=reason) as caught:
        decode(sample(content), SAME)
    assert caught.value.where == "x.png"


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damage_anywhere_is_a_data_error_or_an_image():
    """No byte of a damaged file may raise anything but DataError."""
    chance = np.random.default_rng(0)
    for kind in ("PNG", "TIFF", "JPEG", "GIF", "BMP"):
        whole = bytearray(sample(Image.fromarray(paper()), kind).data)
        for _ in range(60):
            damaged = bytearray(whole)
            for place in chance.integers(0, len(whole), 3):
                damaged[place] = chance.integers(0, 256)
            try:
                decode(sample(bytes(damaged[: chance.integers(1, len(whole) + 1)])), SAME)
            except DataError as error:
                assert error.what


def test_missing_and_empty():
    with pytest.raises(DataError, match="cannot be opened: No such file"):
        decode(Sample("gone", "", path=Path("gone.png")), SAME)
    with pytest.raises(DataError, match="no pixels"):
        decode(Sample("x", "", pixels=np.zeros((0, 5), np.uint8)), SAME)


def image_set(tmp_path: Path, cache_bytes: int) -> ImageSet:
    samples = [Sample(f"{n}", "", path=save(tmp_path / f"{n}.png", paper(20, 40 + n))) for n in range(8)]
    (tmp_path / "3.png").write_bytes(b"")
    (tmp_path / "5.png").write_bytes(b"x")
    return ImageSet(samples, SAME, cache_bytes)


@pytest.mark.parametrize("cache_bytes", [0, 2500, 10**6])
def test_image_set(tmp_path: Path, cache_bytes: int):
    images = image_set(tmp_path, cache_bytes)
    bad = images.check()
    assert [(one.where, one.what) for one in bad] == [
        ("3", "the image file is empty (0 bytes)"),
        ("5", "the file is no image that can be read"),
    ]
    assert images.lengths().tolist() == [40, 41, 42, 0, 44, 0, 46, 47]
    assert images.original_sizes()[3:5] == [(0, 0), (20, 44)]
    good = images.usable()
    assert [one.name for one in good.samples] == list("012467")
    for index, pixels in enumerate(good.images(range(6))):
        np.testing.assert_array_equal(pixels, decode(good.samples[index], SAME))
        np.testing.assert_array_equal(pixels, good.image(index))
        assert good.columns(index) == pixels.shape[2]
    with pytest.raises(DataError, match="0 bytes"):
        images.image(3)


def test_the_cache_stays_within_its_budget_and_serves(tmp_path: Path):
    images = image_set(tmp_path, 2500)
    images.check()
    for path in tmp_path.glob("*.png"):
        path.unlink()
    kept = [index for index in range(8) if index not in (3, 5) and _can(images, index)]
    assert kept == [0, 1, 2]  # 800 + 820 + 840 bytes


def _can(images: ImageSet, index: int) -> bool:
    try:
        images.image(index)
    except DataError:
        return False
    return True


def test_only_keeps_decoded_images(tmp_path: Path):
    images = image_set(tmp_path, 10**6)
    images.check()
    some = images.only([images.samples[6], images.samples[0]])
    for path in tmp_path.glob("*.png"):
        path.unlink()
    assert [some.columns(0), some.image(1).shape[2]] == [46, 40]


def test_suspicious_lines():
    def tall(text: str, rows: int, columns: int) -> Sample:
        return Sample(text, text, pixels=np.zeros((rows, columns), np.uint8))

    lines = [tall("rotated", 90, 40), tall("abc", 90, 40), tall("square", 50, 50), tall("narrow", 80, 40)]
    notes = suspicious(ImageSet(lines, SAME, 0))
    assert [*map(str, notes)] == ["rotated: it looks rotated by 90° (40×90 pixels for 7 characters)"]
