"""What a folder or table of images holds: nothing is passed over in silence, names are found as people write them."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from drawing import line, paper, save
from PIL import Image

from tidegate.config.tables import DataSpec
from tidegate.data.images.formats import CLASSES, LINES
from tidegate.data.images.listing import Listing, read_listing
from tidegate.data.images.splits import make_splits
from tidegate.data.source import is_image

NFC, NFD = (unicodedata.normalize(form, "Zürich") for form in ("NFC", "NFD"))


def codes(listing: Listing) -> list[str]:
    return [found.code for found in listing.notes]


@pytest.mark.parametrize("suffix", [".jfif", ".jpe", ".jp2", ".avif", ".TGA", ".pnm", ".dib"])
def test_all_that_pillow_reads_is_read(tmp_path: Path, suffix: str):
    image = Image.fromarray(np.stack([paper()] * 3, axis=-1))
    (tmp_path / "cat").mkdir()
    (tmp_path / "dog").mkdir()
    image.save(tmp_path / "cat" / f"a{suffix}")
    image.save(tmp_path / "dog" / "b.png")
    assert len(read_listing(CLASSES, str(tmp_path)).samples) == 2


def test_what_pillow_only_names_is_no_image():
    assert not any(is_image(f"a{suffix}") for suffix in (".pdf", ".eps", ".mpg", ".h5", ".txt", ".md", ""))


def test_files_of_other_kinds_are_counted(tmp_path: Path):
    for name in ("cat/a", "dog/b"):
        save(tmp_path / f"{name}.png")
    for name in ("cat/c.heic", "dog/d.heic", "e.pdf", "README.md"):
        (tmp_path / name).write_bytes(b"x")
    (found,) = [found for found in read_listing(CLASSES, str(tmp_path)).notes if found.code == "passed-over"]
    assert "3 files: 2 .heic, 1 .pdf" in found.what


def test_a_text_beside_a_file_that_cannot_be_read_says_so(tmp_path: Path):
    line(tmp_path, "a")
    (tmp_path / "b.heic").write_bytes(b"x")
    (tmp_path / "b.gt.txt").write_text("text")
    listing = read_listing(LINES, str(tmp_path))
    (found,) = [found for found in listing.notes if found.code == "no-image"]
    assert "b.heic" in found.what
    assert "passed-over" in codes(listing)


@pytest.mark.parametrize("split", ["0.6/0.2/0.2", "14/4/4"])
def test_pictures_of_one_line_stay_together(tmp_path: Path, split: str):
    for number in range(12):
        line(tmp_path, f"{number:02d}", f"text {number}")
        for variant in (".bin.png", ".nrm.png", ".jpg"):
            save(tmp_path / f"{number:02d}{variant}")
    splits, record = make_splits(DataSpec(source=str(tmp_path), split=split), LINES, seed=1)
    parts = [splits.train, splits.valid, splits.test or []]
    stems = [{sample.name.split(".")[0] for sample in part} for part in parts]
    assert all(stems) and sum(map(len, stems)) == len(set.union(*stems))
    assert "variants" in [found.code for found in record.notes]


@pytest.mark.parametrize(("image", "text"), [(NFC, NFD), (NFD, NFC)])
def test_names_are_compared_in_one_unicode_form(tmp_path: Path, image: str, text: str):
    save(tmp_path / "folder" / f"{image}.png")
    (tmp_path / "folder" / f"{text}.gt.txt").write_text("x")
    assert len(read_listing(LINES, str(tmp_path / "folder")).samples) == 1
    save(tmp_path / "table" / f"{image}.png")
    (tmp_path / "table" / "labels.tsv").write_text(f"{text}.png\tx\n")
    listing = read_listing(LINES, str(tmp_path / "table" / "labels.tsv"))
    assert len(listing.samples) == 1 and codes(listing).count("image-paths") == 1
    (tmp_path / "list.txt").write_text(f"{text}\n")
    assert len(read_listing(LINES, f"{tmp_path / 'folder'}@{tmp_path / 'list.txt'}").samples) == 1


def test_classes_are_compared_in_one_unicode_form(tmp_path: Path):
    for number, form in enumerate((NFC, NFD)):
        save(tmp_path / "folder" / form / f"{number}.png")
        save(tmp_path / f"{number}.png")
    table = tmp_path / "t.csv"
    table.write_text(f"path,label\n0.png,{NFC}\n1.png,{NFD} \n")
    for path in (tmp_path / "folder", table):
        assert {sample.target for sample in read_listing(CLASSES, str(path)).samples} == {NFC}


LINE_TABLES = {
    "windows.tsv": "sub\\0.png\ttide\nsub\\1.png\tgate\n",
    "windows.csv": "image,text\n.\\sub\\0.png,tide\nsub/1.png,gate\n",
    "paddle.txt": "train/sub/0.png\ttide\ntrain/sub/1.png\tgate\n",
    "easyocr.csv": "filename,words\nsub/0.png,tide\nsub/1.png,gate\n",
    "trocr.jsonl": '{"file_name": "sub/0.png", "text": "tide"}\n{"file_name": "sub/1.png", "text": "gate"}\n',
    "labelstudio.csv": "image,id,transcription,annotator\n"
    "/data/upload/1/abc-0.png,1,tide,2\n/data/upload/1/abc-1.png,2,gate,2\n",
    "labelstudio-min.json": json.dumps(
        [
            {"id": 1, "image": "/data/upload/1/1f0c2ab3-0.png", "transcription": "tide"},
            {"id": 2, "image": "/data/local-files/?d=sub/1.png", "transcription": "gate"},
        ]
    ),
    "labelstudio.json": json.dumps(
        [
            {
                "data": {"ocr": f"sub/{number}.png"},
                "annotations": [{"result": [{"type": "textarea", "value": {"text": [text]}}]}],
            }
            for number, text in enumerate(("tide", "gate"))
        ]
    ),
}


@pytest.mark.parametrize("name", LINE_TABLES)
def test_tables_of_lines_as_other_programs_write_them(tmp_path: Path, name: str):
    for number in range(2):
        save(tmp_path / "sub" / f"{number}.png")
        save(tmp_path / f"{number}.png")
    (tmp_path / name).write_text(LINE_TABLES[name], encoding="utf-8-sig" if name.endswith("tsv") else "utf-8")
    listing = read_listing(LINES, str(tmp_path / name))
    assert not listing.bad
    assert [sample.target for sample in listing.samples] == ["tide", "gate"]
    assert all(sample.path and sample.path.is_file() for sample in listing.samples)


def test_a_data_root_above_the_table_is_found(tmp_path: Path):
    save(tmp_path / "data" / "train" / "0.png")
    (tmp_path / "data" / "labels").mkdir()
    table = tmp_path / "data" / "labels" / "train.txt"
    table.write_text("train/0.png\ttide\n")
    (sample,) = read_listing(LINES, str(table)).samples
    assert sample.path == tmp_path / "data" / "train" / "0.png"


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("file_name,label", "im/{}.png,{}"),
        ("id,label", "im/{},{}"),
        ("path\tlabel", "im/{}.png\t{}"),
        ("image;category", "im\\{}.png;{}"),
    ],
)
def test_tables_of_classes_as_other_programs_write_them(tmp_path: Path, head: str, cells: str):
    for number in range(2):
        save(tmp_path / "im" / f"{number}.png")
    rows = [cells.format(number, label) for number, label in enumerate(("box", "ring"))]
    (tmp_path / "t.csv").write_text("\n".join([head, *rows]))
    listing = read_listing(CLASSES, str(tmp_path / "t.csv"))
    assert [sample.target for sample in listing.samples] == ["box", "ring"] and not listing.bad


def test_columns_that_are_not_used_are_named(tmp_path: Path):
    save(tmp_path / "a.png")
    (tmp_path / "t.csv").write_text("path,width,label\na.png,30,cat\n")
    (found,) = [
        found for found in read_listing(CLASSES, str(tmp_path / "t.csv")).notes if found.code == "columns"
    ]
    assert "not used: width" in found.what


@pytest.mark.parametrize(
    "content", ["{}\n", "[1]\n", "nonsense\n", '{"file_name": 3, "text": {}}\n', "[" * 5000]
)
@pytest.mark.parametrize("name", ["t.jsonl", "t.json"])
def test_json_of_another_shape_is_refused_with_the_place(tmp_path: Path, name: str, content: str):
    from tidegate.errors import DataError

    (tmp_path / name).write_text(content)
    try:
        assert read_listing(LINES, str(tmp_path / name)).bad
    except DataError as error:
        assert name in error.where


def test_what_was_read_is_told_first(tmp_path: Path):
    for number in range(4):
        save(tmp_path / "ab"[number % 2] / f"{number}.png")
    first = read_listing(CLASSES, str(tmp_path)).notes[0]
    assert first.line == f"read {tmp_path}: image-folder, 4 images, 2 classes"


def test_contradictions_duplicates_and_classes_alike_are_named(tmp_path: Path):
    other = 255 - paper()
    for name, values in (("Cat/1", paper()), ("cat/1", paper()), ("dog/1", other), ("dog/2", other)):
        save(tmp_path / f"{name}.png", values)
    _, record = make_splits(DataSpec(train=str(tmp_path)), CLASSES, seed=0)
    found = {note.code: note for note in record.notes}
    assert "Cat/1.png 'Cat' = cat/1.png 'cat'" in found["contradictory-labels"].what
    assert "dog/1.png = dog/2.png" in found["duplicates"].what
    assert "'Cat', 'cat'" in found["similar-classes"].what
    assert found["similar-classes"].severity == found["contradictory-labels"].severity == "warning"


def test_characters_that_nobody_sees_are_named_by_code_point(tmp_path: Path):
    line(tmp_path, "a", "ti\u00adde\u200b")
    line(tmp_path, "b", "\ufeffgate")
    (tmp_path / "t.tsv").write_text("a.png\tti\u00adde\u200b\n", encoding="utf-8")
    for path in (tmp_path, tmp_path / "t.tsv"):
        listing = read_listing(LINES, str(path))
        (found,) = [note for note in listing.notes if note.code == "invisible-characters"]
        assert "U+00AD SOFT HYPHEN (1)" in found.what and "U+200B" in found.what and "FEFF" not in found.what
        assert "tide" in [sample.target for sample in listing.samples]


def test_init_says_why_nothing_can_be_used(tmp_path: Path):
    from tidegate.errors import BadFilesError
    from tidegate.tasks.images.transcribe import TRANSCRIBE

    (tmp_path / "t.tsv").write_text("missing.png\ttide\n")
    with pytest.raises(BadFilesError, match="no such file"):
        TRANSCRIBE.describe(None, str(tmp_path / "t.tsv"))  # pyright: ignore[reportArgumentType]


def test_folders_to_answer_for_say_what_is_passed_over(tmp_path: Path):
    import io

    from tidegate.tasks.images.inputs import file_portions, input_notes
    from tidegate.tasks.prediction.inputs import paths_of

    save(tmp_path / "a.jp2")
    for name in ("b.pdf", "c.heic"):
        (tmp_path / name).write_bytes(b"x")
    (portion,) = file_portions([tmp_path])
    assert [found.code for found in input_notes(portion)] == ["read-as", "passed-over", "pdf"]
    assert tmp_path / "a.jp2" in portion
    wanted = [Path("a.png"), Path("é.png")]
    for content in (
        "\ufeffa.png\r\né.png\r\n".encode(),
        "a.png\né.png\n".encode("utf-16"),
        "a.png\né.png".encode(),
    ):
        assert list(paths_of(["-"], io.BytesIO(content))) == wanted
