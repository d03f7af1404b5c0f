"""Data with one fault each, of the kinds that people met in public, and what cures them."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

Args = list[str]


@dataclass(frozen=True)
class Fault:
    """One.

    Attributes:
        code: What the doctor calls it.
        thread: Where somebody met it, or its like; empty: nowhere in particular.
        make: Writes the data into an empty folder, and gives the command line.
        says: What the hint says.
        mend: Mends the data as the hint says, and gives the command line.
        flags: Flags that the hint names, in place of ``mend``; none: those that stand in the hint.
    """

    code: str
    thread: str
    make: Callable[[Path], Args]
    says: str
    mend: Callable[[Path], Args] | None = None
    flags: Args = field(default_factory=list[str])


WORDS = [
    "tide",
    "gate",
    "ebb",
    "flow",
    "lock",
    "weir",
    "quay",
    "pier",
    "mole",
    "dyke",
    "moor",
    "mast",
    "keel",
    "hull",
    "sail",
    "rope",
    "knot",
    "bow",
    "stern",
    "port",
    "star",
    "harbour",
    "estuary",
    "lighthouse",
    "breakwater",
    "embankment",
    "navigation",
    "floodgates",
    "waterway",
    "anchorage",
]


def drawn(text: str, height: int = 32) -> Image.Image:
    """A line of text as a picture that is as wide as its text is long."""
    image = Image.new("L", (12 * len(text) + 12, height), 245)
    pen = ImageDraw.Draw(image)
    for place, letter in enumerate(text):
        chance = np.random.default_rng(ord(letter))
        for _ in range(4):
            x, y = chance.integers(0, 9, 2)
            pen.line((6 + 12 * place + x, 6 + y, 6 + 12 * place + 8 - x, height - 6 - y), fill=20, width=2)
    return image


def lines(folder: Path, texts: Sequence[str], images: Sequence[Image.Image] | None = None) -> Args:
    """Images of lines with their texts beside them."""
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts):
        picture = drawn(text) if images is None else images[number]
        picture.save(folder / f"{number:03}.png")
        (folder / f"{number:03}.gt.txt").write_text(text, encoding="utf-8")
    return [str(folder), "--task", "transcribe"]


def sayings(count: int, seed: int = 0) -> list[str]:
    """Texts of one to four words."""
    chance = np.random.default_rng(seed)
    return [" ".join(chance.choice(WORDS, chance.integers(1, 5))) for _ in range(count)]


def shapes(folder: Path, counts: dict[str, int], seed: int = 0) -> Args:
    """Noisy pictures of a bar, a class a folder; the bar's place is the class."""
    chance = np.random.default_rng(seed)
    for place, (name, count) in enumerate(counts.items()):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            picture = chance.integers(0, 90, (20, 20), dtype=np.uint8)
            picture[4 + 3 * (place % 4) : 7 + 3 * (place % 4)] += np.uint8(140)
            Image.fromarray(picture).save(folder / name / f"{number:03}.png")
    return [str(folder), "--task", "classify"]


def tagged(path: Path, count: int, seed: int = 0, tag: Callable[[int], str] = lambda _: "O") -> Path:
    """Sentences of eight words in two columns; each third word is an entity."""
    chance = np.random.default_rng(seed)
    rows: list[str] = []
    for _ in range(count):
        for place, word in enumerate(chance.choice(WORDS, 8)):
            rows.append(f"{word if place % 3 else word.title()}\t{tag(place)}\n")
        rows.append("\n")
    path.write_text("".join(rows), encoding="utf-8")
    return path


def entity(place: int) -> str:
    """B-X at each third word, I-X behind it, O else."""
    return ("B-X", "I-X", "O")[place % 3]


def table(path: Path, columns: dict[str, Sequence[object]]) -> Path:
    """A table of columns."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def days(count: int) -> list[str]:
    """Dates from 2020 on."""
    return np.datetime_as_string(np.datetime64("2020-01-01") + np.arange(count)).tolist()


def waves(count: int, seed: int = 0) -> np.ndarray:
    """A level with a week and noise."""
    at = np.arange(count)
    return 50 + 3 * np.sin(2 * np.pi * at / 7) + np.random.default_rng(seed).normal(0, 0.5, count)


def series(path: Path, **columns: Sequence[object]) -> Args:
    """Days and columns of numbers."""
    count = len(next(iter(columns.values())))
    table(path, {"ds": days(count), **columns})
    return [str(path), "--task", "forecast", "--horizon", "7"]


def _narrow(folder: Path) -> Args:
    texts = sayings(40)
    images = [drawn(text) for text in texts]
    images[:12] = [image.resize((image.width // 5, image.height)) for image in images[:12]]
    return lines(folder / "d", texts, images)


def _repeats(folder: Path) -> Args:
    """As many steps as characters, and none to part equal neighbours."""
    texts = ["0000000000", *sayings(30)]
    images = [drawn(text) for text in texts]
    # At 40 rows, 36 columns are 9 steps after two poolings, and the ten noughts take 19.
    images[0] = images[0].resize((44, 40))
    return lines(folder / "d", texts, images)


def _single(folder: Path) -> Args:
    return lines(folder / "d", [letter for letter in "abcdefgh" for _ in range(6)])


def _single_as_classes(folder: Path) -> Args:
    for number, letter in enumerate(letter for letter in "abcdefgh" for _ in range(6)):
        (folder / "classes" / letter).mkdir(parents=True, exist_ok=True)
        # Each with another speck, as no two of them are alike.
        picture = drawn(letter)
        picture.putpixel((number % picture.width, number // picture.width), 100)
        picture.save(folder / "classes" / letter / f"{number}.png")
    return [str(folder / "classes"), "--task", "classify"]


def _shuffled(folder: Path) -> Args:
    """Images sorted as 0, 1, 10, 11, …, and texts as 0, 1, 2, …"""
    texts = sayings(80)
    order = sorted(range(80), key=str)
    return lines(folder / "d", texts, [drawn(texts[place]) for place in order])


def _in_order(folder: Path) -> Args:
    return lines(folder / "d", sayings(80))


def _numbers(folder: Path) -> Args:
    texts = sayings(60)
    return lines(folder / "d", [str(number) for number in range(100, 160)], [drawn(text) for text in texts])


def _numbers_right(folder: Path) -> Args:
    return lines(folder / "d", sayings(60))


def _same_text(folder: Path) -> Args:
    return lines(folder / "d", ["###"] * 30, [drawn(text) for text in sayings(30)])


def _same_text_right(folder: Path) -> Args:
    return lines(folder / "d", sayings(30))


def _upper(folder: Path) -> Args:
    lines(folder / "v", [text.upper() for text in sayings(20, seed=1)])
    return [*lines(folder / "d", sayings(60)), "--valid", str(folder / "v")]


def _lower(folder: Path) -> Args:
    lines(folder / "v", sayings(20, seed=1))
    return [str(folder / "d"), "--task", "transcribe", "--valid", str(folder / "v")]


def _many_characters(folder: Path) -> Args:
    chance = np.random.default_rng(0)
    texts = ["".join(map(chr, chance.integers(0x4E00, 0x5E00, 5))) for _ in range(30)]
    return lines(folder / "d", texts)


def _few_characters(folder: Path) -> Args:
    shutil.rmtree(folder / "d")
    chance = np.random.default_rng(0)
    texts = ["".join(map(chr, chance.integers(0x4E00, 0x4E20, 5))) for _ in range(200)]
    return lines(folder / "d", texts)


def _blank(folder: Path) -> Args:
    texts = sayings(40)
    images = [drawn(text) for text in texts]
    images[3] = Image.new("L", images[3].size, 240)
    images[9] = Image.new("L", images[9].size, 255)
    return lines(folder / "d", texts, images)


def _without(*numbers: int) -> Callable[[Path], Args]:
    def mend(folder: Path) -> Args:
        for number in numbers:
            (folder / "d" / f"{number:03}.png").unlink()
            (folder / "d" / f"{number:03}.gt.txt").unlink()
        return [str(folder / "d"), "--task", "transcribe"]

    return mend


def _sideways(folder: Path) -> Args:
    texts = sayings(40)
    images = [drawn(text) for text in texts]
    images[5] = drawn("breakwater embankment").rotate(90, expand=True)
    texts[5] = "breakwater embankment"
    return lines(folder / "d", texts, images)


def _upright(folder: Path) -> Args:
    path = folder / "d" / "005.png"
    Image.open(path).rotate(-90, expand=True).save(path)
    return [str(folder / "d"), "--task", "transcribe"]


def _page(folder: Path) -> Args:
    texts = sayings(40)
    images = [drawn(text) for text in texts]
    images[7] = Image.fromarray(np.tile(np.asarray(drawn("navigation floodgates waterway")), (9, 1)))
    return lines(folder / "d", texts, images)


def _sorted_classes(folder: Path) -> Args:
    return [*shapes(folder / "d", {"a": 30, "b": 30, "c": 6}), "--set", "data.shuffle=false"]


def _one_sided(folder: Path) -> Args:
    return shapes(folder / "d", {"good": 190, "bad": 9})


def _two_sided(folder: Path) -> Args:
    return shapes(folder / "d", {"good": 190, "bad": 120}, seed=1)


def _both(folder: Path) -> Args:
    command = shapes(folder / "d", {"cat": 20, "dog": 20})
    for number in range(4):
        shutil.copy(folder / "d" / "cat" / f"{number:03}.png", folder / "d" / "dog" / f"x{number}.png")
    return command


def _one_each(folder: Path) -> Args:
    for number in range(4):
        (folder / "d" / "dog" / f"x{number}.png").unlink()
    return [str(folder / "d"), "--task", "classify"]


def _spelt_twice(folder: Path) -> Args:
    return shapes(folder / "d", {"cat": 20, "Cat ".strip(): 6, "dog": 20})


def _spelt_once(folder: Path) -> Args:
    for path in (folder / "d" / "Cat").iterdir():
        path.rename(folder / "d" / "cat" / f"x{path.name}")
    (folder / "d" / "Cat").rmdir()
    return [str(folder / "d"), "--task", "classify"]


def _labelled_by_number(folder: Path) -> Args:
    shapes(folder / "d", {"a": 20, "b": 20})
    names = [f"d/{name}/{number:03}.png" for name in "ab" for number in range(20)]
    table(folder / "t.csv", {"path": names, "label": range(40)})
    return [str(folder / "t.csv"), "--task", "classify"]


def _labelled_by_class(folder: Path) -> Args:
    names = [f"d/{name}/{number:03}.png" for name in "ab" for number in range(20)]
    table(folder / "t.csv", {"path": names, "label": [name.split("/")[1] for name in names]})
    return [str(folder / "t.csv"), "--task", "classify"]


def _near_copies(folder: Path) -> Args:
    shapes(folder / "d", {"a": 30, "b": 30})
    shapes(folder / "v", {"a": 10, "b": 10}, seed=5)
    for name in "ab":
        for number in range(6):
            # A brighter copy, in another format, is another file.
            copy = Image.open(folder / "d" / name / f"{number:03}.png")
            copy.save(folder / "v" / name / f"again{number}.jpg", quality=100)
    return [str(folder / "d"), "--task", "classify", "--valid", str(folder / "v")]


def _no_copies(folder: Path) -> Args:
    for path in folder.glob("v/*/again*"):
        path.unlink()
    return [str(folder / "d"), "--task", "classify", "--valid", str(folder / "v")]


def _bare(folder: Path) -> Args:
    tagged(folder / "t.txt", 60, tag=lambda place: "C" if place == 3 else "P" if place == 7 else "O")
    return [str(folder / "t.txt"), "--task", "tag"]


def _with_prefix(folder: Path) -> Args:
    tagged(folder / "t.txt", 60, tag=entity)
    return [str(folder / "t.txt"), "--task", "tag"]


def _untagged_test(folder: Path) -> Args:
    tagged(folder / "t.txt", 60, tag=entity)
    tagged(folder / "x.txt", 20, seed=3)
    return [str(folder / "t.txt"), "--task", "tag", "--test", str(folder / "x.txt")]


def _tagged_test(folder: Path) -> Args:
    tagged(folder / "x.txt", 20, seed=3, tag=entity)
    return [str(folder / "t.txt"), "--task", "tag", "--test", str(folder / "x.txt")]


def _other_labels(folder: Path) -> Args:
    tagged(folder / "t.txt", 60, tag=entity)
    tagged(folder / "x.txt", 20, seed=3, tag=lambda place: entity(place).replace("X", "LOCATION"))
    return [str(folder / "t.txt"), "--task", "tag", "--valid", str(folder / "x.txt")]


def _same_labels(folder: Path) -> Args:
    tagged(folder / "x.txt", 20, seed=3, tag=entity)
    return [str(folder / "t.txt"), "--task", "tag", "--valid", str(folder / "x.txt")]


def _no_blank_lines(folder: Path) -> Args:
    tagged(folder / "t.txt", 300, tag=entity)
    text = (folder / "t.txt").read_text(encoding="utf-8")
    (folder / "t.txt").write_text("".join(f"{part}\n\n" for part in _halves(text)), encoding="utf-8")
    return [str(folder / "t.txt"), "--task", "tag"]


def _halves(text: str) -> list[str]:
    """The same without most blank lines: two sentences."""
    rows = [row for row in text.split("\n") if row]
    return ["\n".join(rows[: len(rows) // 2]), "\n".join(rows[len(rows) // 2 :])]


def _blank_lines(folder: Path) -> Args:
    tagged(folder / "t.txt", 300, tag=entity)
    return [str(folder / "t.txt"), "--task", "tag"]


def _foreign_vectors(folder: Path) -> Args:
    tagged(folder / "t.txt", 60, tag=entity)
    words = ["ebbe", "flut", "hafen", "schleuse"]
    rows = [" ".join([word, *["0.1"] * 100]) for word in words]
    (folder / "v.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return [str(folder / "t.txt"), "--task", "tag", "--set", f"tag.vectors={folder / 'v.txt'}"]


def _own_vectors(folder: Path) -> Args:
    rows = [" ".join([word, *["0.1"] * 100]) for word in WORDS]
    (folder / "v.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return [str(folder / "t.txt"), "--task", "tag", "--set", f"tag.vectors={folder / 'v.txt'}"]


def _rate(folder: Path) -> Args:
    tagged(folder / "t.txt", 300, tag=entity)
    return [str(folder / "t.txt"), "--task", "tag", "--set", "optimiser.learning_rate=0.5"]


def _no_rate(folder: Path) -> Args:
    tagged(folder / "t.txt", 300, tag=entity)
    return [str(folder / "t.txt"), "--task", "tag", "--set", "optimiser.learning_rate=1e-8"]


def _few_steps(folder: Path) -> Args:
    return [*shapes(folder / "d", {"a": 40, "b": 40}), "--set", "train.batch_size=512"]


def _slow_start(folder: Path) -> Args:
    return [*shapes(folder / "d", {"a": 400, "b": 400}), "--set", "schedule.warmup=0.95"]


def _short(folder: Path) -> Args:
    return [*series(folder / "s.csv", y=waves(30))[:-1], "14"]


def _sentinels(folder: Path) -> Args:
    values = waves(200)
    values[[20, 50, 51, 120]] = -999
    return series(folder / "s.csv", y=values)


def _no_sentinels(folder: Path) -> Args:
    values = [f"{value}" for value in waves(200)]
    for place in (20, 50, 51, 120):
        values[place] = ""
    return [*series(folder / "s.csv", y=values), "--fill", "linear"]


def _thousandfold(folder: Path) -> Args:
    values = waves(200)
    values[100:130] *= 1000
    return series(folder / "s.csv", y=values)


def _one_unit(folder: Path) -> Args:
    return series(folder / "s.csv", y=waves(200))


def _copied_target(folder: Path) -> Args:
    values = waves(200)
    command = series(folder / "s.csv", y=values, sold=values * 2 + 1)
    return [*command, "--set", "forecast.target=y", "--set", 'forecast.known=["sold"]']


def _uncopied(folder: Path) -> Args:
    command = [str(folder / "s.csv"), "--task", "forecast", "--horizon", "7"]
    return [*command, "--set", "forecast.target=y"]


def _later_target(folder: Path) -> Args:
    values = np.random.default_rng(1).normal(50, 5, 204)
    command = series(folder / "s.csv", y=values[:200], ahead=values[3:203])
    return [*command, "--set", "forecast.target=y", "--set", 'forecast.observed=["ahead"]']


def _still(folder: Path) -> Args:
    return series(folder / "s.csv", y=[4.5] * 200)


def _gaps(folder: Path) -> Args:
    values = [f"{value}" for value in waves(200)]
    values[33] = ""
    return series(folder / "s.csv", y=values)


def _sorted_values(folder: Path) -> Args:
    values = np.sort(np.random.default_rng(0).exponential(10, 200))
    table(folder / "s.csv", {"y": values})
    return [str(folder / "s.csv"), "--task", "forecast", "--horizon", "7", "--set", "forecast.frequency=rows"]


def _with_time(folder: Path) -> Args:
    values = np.random.default_rng(0).exponential(10, 200)
    series(folder / "s.csv", y=values)
    return [str(folder / "s.csv"), "--task", "forecast", "--horizon", "7", "--set", "forecast.time=ds"]


def _other_unit(folder: Path) -> Args:
    chance = np.random.default_rng(0)
    x = chance.normal(0, 1, (60, 50, 2)).astype(np.float32)
    y = np.arange(60) % 2
    np.savez(folder / "s.npz", x_train=x[:40], y_train=y[:40], x_test=x[40:] * 1000, y_test=y[40:])
    return [str(folder / "s.npz"), "--task", "signal"]


def _same_unit(folder: Path) -> Args:
    chance = np.random.default_rng(0)
    x = chance.normal(0, 1, (60, 50, 2)).astype(np.float32)
    y = np.arange(60) % 2
    np.savez(folder / "s.npz", x_train=x[:40], y_train=y[:40], x_test=x[40:], y_test=y[40:])
    return [str(folder / "s.npz"), "--task", "signal"]


def _told(folder: Path, hold: Callable[[str, str], str]) -> Args:
    rows = sayings(80)
    labels = ["harbour" if number % 2 else "estuary" for number in range(80)]
    texts = [
        hold(label, text.replace("harbour", "").replace("estuary", ""))
        for label, text in zip(labels, rows, strict=True)
    ]
    table(folder / "t.csv", {"text": texts, "label": labels})
    return [str(folder / "t.csv"), "--task", "document"]


def _another_language(folder: Path) -> Args:
    (folder / "t.txt").write_text("\n".join(sayings(400)), encoding="utf-8")
    (folder / "v.txt").write_text("прилив и отлив у причала\n" * 30, encoding="utf-8")
    return [str(folder / "t.txt"), "--task", "language", "--valid", str(folder / "v.txt")]


def _one_language(folder: Path) -> Args:
    (folder / "v.txt").write_text("\n".join(sayings(30, seed=9)), encoding="utf-8")
    return [str(folder / "t.txt"), "--task", "language", "--valid", str(folder / "v.txt")]


FAULTS = {
    "lines too narrow for CTC": Fault("too-narrow", "thu-spmi/CAT#22", _narrow, "--set data.rows="),
    "no step between equal characters": Fault("too-narrow", "tensorflow#3064", _repeats, "--set data.rows="),
    "single characters as lines": Fault(
        "one-character-texts", "Calamari-OCR/calamari#10", _single, "--task classify", _single_as_classes
    ),
    "texts of other images": Fault(
        "texts-of-other-images", "meijieru/crnn.pytorch#92", _shuffled, "10 before 9", _in_order
    ),
    "file numbers as texts": Fault(
        "counting-texts", "MaybeShewill-CV/CRNN_Tensorflow#219", _numbers, "which column", _numbers_right
    ),
    "all texts the same": Fault("constant-label", "", _same_text, "holds the texts", _same_text_right),
    "another alphabet in validation": Fault(
        "unknown-characters",
        "PaddlePaddle/PaddleOCR#6164",
        _upper,
        "write them as the training texts do",
        _lower,
    ),
    "a large alphabet and few lines": Fault(
        "rare-characters", "PaddlePaddle/PaddleOCR#2439", _many_characters, "add lines", _few_characters
    ),
    "blank images": Fault("blank-image", "", _blank, "remove them", _without(3, 9)),
    "lines on their side": Fault("rotated", "", _sideways, "turn them", _upright),
    "a page among lines": Fault(
        "page-among-lines", "PaddlePaddle/PaddleOCR#8542", _page, "cut them into lines", _without(7)
    ),
    "sorted by class, the end held out": Fault(
        "unknown-class", "keras-team/keras#8346", _sorted_classes, "--set data.shuffle=true"
    ),
    "one class nearly always": Fault(
        "imbalance", "keras-team/keras#1869", _one_sided, "add samples of the other classes", _two_sided
    ),
    "one picture, two classes": Fault("contradictory-labels", "", _both, "correct the answers", _one_each),
    "one class in two spellings": Fault(
        "similar-classes", "", _spelt_twice, "give each class one spelling", _spelt_once
    ),
    "numbers as classes": Fault(
        "label-per-sample",
        "",
        _labelled_by_number,
        "name the column",
        _labelled_by_class,
    ),
    "copies in validation": Fault(
        "near-leak", "Calamari-OCR/calamari#185", _near_copies, "leave the copies out", _no_copies
    ),
    "marks without B and I": Fault("bare-labels", "jiesutd/NCRFpp#145", _bare, "B-PER I-PER", _with_prefix),
    "a test without entities": Fault(
        "no-entities", "jiesutd/NCRFpp#82", _untagged_test, "tag it", _tagged_test
    ),
    "other labels in validation": Fault(
        "unknown-tags", "flairNLP/flair#3439", _other_labels, "use the same labels", _same_labels
    ),
    "no blank lines": Fault(
        "long-sentence",
        "jiesutd/NCRFpp#100",
        _no_blank_lines,
        "put a blank line behind each sentence",
        _blank_lines,
    ),
    "vectors of another language": Fault(
        "low-coverage", "jiesutd/NCRFpp#145", _foreign_vectors, "of the language", _own_vectors
    ),
    "a rate that explodes": Fault(
        "high-learning-rate", "jiesutd/NCRFpp#148", _rate, "--set optimiser.learning_rate=0.001"
    ),
    "a rate that moves nothing": Fault(
        "low-learning-rate", "PaddlePaddle/PaddleOCR#5646", _no_rate, "--set optimiser.learning_rate="
    ),
    "a batch for all": Fault(
        "large-batch", "PaddlePaddle/PaddleOCR#8042", _few_steps, "--set train.batch_size="
    ),
    "warming up to the end": Fault(
        "long-warmup", "PaddlePaddle/PaddleOCR#5646", _slow_start, "--set schedule.warmup=0.1"
    ),
    "a series too short": Fault("too-short", "unit8co/darts#1849", _short, "--split rest/"),
    "-999 for no value": Fault(
        "sentinel", "Nixtla/neuralforecast#824", _sentinels, "leave these cells empty", _no_sentinels
    ),
    "a month in another unit": Fault(
        "unit-slip", "pandas-dev/pandas#59299", _thousandfold, "bring all values to one unit", _one_unit
    ),
    "the target as a covariate": Fault(
        "foreseeing-covariate", "sktime/sktime#5438", _copied_target, "out of forecast.known", _uncopied
    ),
    "the target of tomorrow as a covariate": Fault(
        "foreseeing-covariate",
        "fchollet/deep-learning-with-python-notebooks#136",
        _later_target,
        "out of forecast.observed",
        _uncopied,
    ),
    "a series that never moves": Fault(
        "constant-label", "unit8co/darts#3054", _still, "which columns", _one_unit
    ),
    "a missing value": Fault("bad-rows", "Nixtla/neuralforecast#186", _gaps, "", flags=["--fill", "linear"]),
    "rows sorted by value": Fault(
        "sorted-rows", "keras-team/keras#6422", _sorted_values, "sort the rows by time", _with_time
    ),
    "a test in another unit": Fault("unit-slip", "", _other_unit, "one unit", _same_unit),
    "the label in the text": Fault(
        "label-in-text",
        "DataTalksClub/machine-learning-zoomcamp#712",
        lambda folder: _told(folder, lambda label, text: f"{label} {text}"),
        "take the label out",
        lambda folder: _told(folder, lambda label, text: f"{text} {label[0]}"),
    ),
    "validation in another language": Fault(
        "unknown-tokens", "karpathy/char-rnn#14", _another_language, "one language", _one_language
    ),
}
