"""The same small data of each task in memory and in files, and data that cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from signal_cases import signals
from tide_series import SIZES, long
from tide_texts import SMALL as SMALL_TEXTS
from tide_texts import rows as texts
from tide_words import SMALL as SMALL_WORDS
from tide_words import sentences

Tables = dict[str, Any]


@dataclass(frozen=True)
class MemoryCase:
    """One task.

    Attributes:
        given: Data in memory.
        other: The same but for one value.
        write: Leaves the same in files, and gives the path.
        probe: Something to predict for.
        tables: A small network and a short training.
        forms: Other ways to hold the same samples.
        broken: Data that cannot be used, and what the error says of each.
    """

    given: Any
    other: Any
    write: Callable[[Path], Path]
    probe: Any
    tables: Tables
    forms: dict[str, Any] = field(default_factory=dict[str, Any])
    broken: dict[str, tuple[Any, str]] = field(default_factory=dict[str, tuple[Any, str]])


def _pictures(count: int, seed: int, columns: int = 16) -> list[np.ndarray]:
    """A bright bar at the top or the bottom of noise."""
    chance = np.random.default_rng(seed)
    made = [chance.integers(0, 60, (16, columns), dtype=np.uint8) for _ in range(count)]
    for number, picture in enumerate(made):
        picture[slice(2, 5) if number % 2 else slice(10, 13)] = 220
    return made


def _classify() -> MemoryCase:
    pictures = _pictures(24, 0)
    names = ["top" if number % 2 else "bottom" for number in range(24)]

    def write(folder: Path) -> Path:
        for number, picture in enumerate(pictures):
            Image.fromarray(picture).save(folder / f"{number:02}.png")
        lines = [f"{number:02}.png,{name}" for number, name in enumerate(names)]
        (folder / "table.csv").write_text("\n".join(["path,label", *lines]), encoding="utf-8")
        return folder / "table.csv"

    whole = np.stack(pictures)
    changed = whole.copy()
    changed[3, 0, 0] ^= 1
    return MemoryCase(
        (whole, names),
        (changed, names),
        write,
        pictures[0],
        {"model": {"spec": "[1,16,16,1 Cr3,3,4 Mp4,4 Do0.2 Fr8 O0s0]"}},
        forms={
            "a list": (pictures, names),
            "a channel": (whole[..., None], np.array(names)),
            "floats": (whole / 255, names),
            "pictures": ([Image.fromarray(one) for one in pictures], names),
            "pairs": list(zip(pictures, names, strict=True)),
            "a frame": pd.DataFrame({"image": pictures, "class": names}),
        },
        broken={
            "y too short": ((whole, names[:-1]), "not as many labels as images"),
            "no image": (([], []), "there are no images"),
            "y missing": (whole, "takes no such data"),
            "rows of numbers": ((whole.reshape(24, -1), names), "takes no such data"),
            "X of another shape": (([one[0] for one in pictures], names), "array of another shape"),
            "values that are none": ((whole * 300.0, names), "values that are no pixels"),
            "complex": ((whole.astype(complex), names), "values that are no pixels"),
            "floats as classes": ((whole, np.arange(24) / 2), "a label that is no class"),
            "a label missing": ((whole, [None, *names[1:]]), "has no label"),
            "no such file": ((["a.png"] * 24, names), "no such file"),
            "a frame without labels": (pd.DataFrame({"path": names}), "no columns of images and answers"),
            "a dict of columns": ({"X": whole, "y": names}, "a key that names none"),
        },
    )


def _transcribe() -> MemoryCase:
    pictures = [one[:, : 40 + 4 * (number % 5)] for number, one in enumerate(_pictures(24, 1, 60))]
    lines = ["ab"[: 1 + number % 2] + "cd" * (number % 3) for number in range(24)]

    def write(folder: Path) -> Path:
        for number, picture in enumerate(pictures):
            Image.fromarray(picture).save(folder / f"{number:02}.png")
            (folder / f"{number:02}.gt.txt").write_text(lines[number], encoding="utf-8")
        return folder

    return MemoryCase(
        [(Image.fromarray(one), text) for one, text in zip(pictures, lines, strict=True)],
        [(Image.fromarray(one), text + "a") for one, text in zip(pictures, lines, strict=True)],
        write,
        Image.fromarray(pictures[0]),
        {"model": {"spec": "[1,16,0,1 Cr3,3,4 Mp2,2 S1(1x0)1,3 Gbx8 Do0.2 O1c0]"}},
        forms={
            "two lists": (pictures, lines),
            "a frame": pd.DataFrame({"image": pictures, "text": lines}),
        },
        broken={
            "texts too short": ((pictures, lines[:-1]), "not as many texts as images"),
            "nothing": ([], "there are no images"),
            "no texts": (pictures, "no pair of one of the images"),
            "numbers as texts": ((pictures, list(range(24))), "an answer that is no text"),
            "a text missing": ((pictures, [None, *lines[1:]]), "has no label"),
            "a frame without texts": (pd.DataFrame({"image": pictures}), "no columns of images and answers"),
        },
    )


def _tag() -> MemoryCase:
    rows = sentences(24)
    pairs = [([word for word, _, _ in one], [tag for _, _, tag in one]) for one in rows]

    def write(folder: Path) -> Path:
        blocks = ["".join(f"{word} {tag}\n" for word, _, tag in one) for one in rows]
        (folder / "train.txt").write_text("\n".join(blocks), encoding="utf-8")
        return folder / "train.txt"

    words, tags = pairs[0]
    return MemoryCase(
        pairs,
        [(words[::-1], tags), *pairs[1:]],
        write,
        words,
        {"model": {"preset": "bilstm-crf", "hidden": 8, "layers": 1}, "tag": SMALL_WORDS},
        forms={
            "two lists": tuple(zip(*pairs, strict=True)),
            "tuples": [tuple(map(tuple, one)) for one in pairs],
        },
        broken={
            "too few tags": ([(words, tags[:-1]), *pairs], "words and"),
            "nothing": ([], "there are no sentences"),
            "no tags": ([words, words], "no pair of one of the sentences"),
            "numbers as tags": ([(words, list(range(len(words))))], "among its tags int 0"),
            "a text": ([("two words", "O O")], "has no list of words"),
            "no words": ([([], []), *pairs], "has no words"),
            "a dict": ({"words": [words], "tags": [tags]}, "a key that names none"),
        },
    )


def _document() -> MemoryCase:
    rows = texts(40)

    def write(folder: Path) -> Path:
        lines = [f"{text},{label}" for text, label in rows]
        (folder / "train.csv").write_text("\n".join(["text,label", *lines]), encoding="utf-8")
        return folder / "train.csv"

    every, labels = [text for text, _ in rows], [label for _, label in rows]
    return MemoryCase(
        rows,
        [("Fog.", "low"), *rows[1:]],
        write,
        every[0],
        {"model": {"preset": "gru", "hidden": 8}, "document": SMALL_TEXTS},
        forms={
            "two lists": (every, labels),
            "arrays": (np.array(every), np.array(labels)),
            "a frame": pd.DataFrame({"id": range(40), "text": every, "label": labels}),
        },
        broken={
            "labels too short": ((every, labels[:-1]), "not as many labels as texts"),
            "nothing": (([], []), "there are no texts"),
            "no labels": (every, "no pair of one of the texts"),
            "a label missing": ((every, [None, *labels[1:]]), "the label is missing"),
            "no text": ((["", *every[1:]], labels), "the text is empty"),
            "numbers as texts": ((list(range(40)), labels), "it is no text but int 0"),
            "a frame without texts": (pd.DataFrame({"a": every, "b": labels}), "which column holds the text"),
            "labels that are none": ((every, [object()] * 40), "no digest"),
        },
    )


def _language() -> MemoryCase:
    text = "the tide comes in and the gate goes up\nthe tide goes out\n" * 12

    def write(folder: Path) -> Path:
        (folder / "tide.txt").write_text(text, encoding="utf-8")
        return folder / "tide.txt"

    return MemoryCase(
        text,
        text.replace("gate", "date", 1),
        write,
        None,
        {
            "model": {"preset": "lstm", "hidden": 8, "layers": 1, "dropout": 0},
            "language": {"embedding": 8, "window": 10},
        },
        forms={"a list": [text]},
        broken={
            "nothing": ([], "there are no texts"),
            "an empty text": ([" \n"], "holds nothing but white space"),
            "numbers": ([1, 2], "is no text but int 1"),
            "a short text": ("the tide", "stands in a list"),
            "bytes": (b"tide", "takes no such data"),
            "a zero": (["tide\0gate"], "is no plain text"),
            "half a character": (["tide \ud800 gate"], "is no Unicode text"),
        },
    )


def _forecast() -> MemoryCase:
    frame = long().drop(columns=["moon", "wind", "coast"])
    changed = frame.assign(y=frame["y"].where(frame.index != 70, 1.0))

    def write(folder: Path) -> Path:
        frame.to_csv(folder / "tides.csv", index=False)
        return folder / "tides.csv"

    ebb = frame[frame["unique_id"] == "ebb"]
    dates = pd.to_datetime(ebb["ds"])
    return MemoryCase(
        frame,
        changed,
        write,
        frame,
        {"model": {"preset": "gru", "hidden": 4}, "forecast": SIZES},
        forms={
            "times": frame.assign(ds=pd.to_datetime(frame["ds"])),
            "out of order": frame.sort_values("ds", kind="stable"),
            "an index": frame.assign(ds=pd.to_datetime(frame["ds"])).set_index("ds"),
            "series": [
                pd.Series(one["y"].to_numpy(), pd.DatetimeIndex(dates), name=str(name))
                for name, one in frame.groupby("unique_id")
            ],
        },
        broken={
            "nothing": (frame[:0], "the table has no rows"),
            "no time": (frame.drop(columns="ds"), "no column of time"),
            "no numbers": (frame.assign(y="high"), "no number"),
            "a time twice": (pd.concat([frame, frame[:1]]), "stands twice"),
            "a gap": (frame.drop(index=5), "a row is missing"),
            "a hole": (frame.assign(y=frame["y"].where(frame.index != 5)), "y is missing"),
            "a hole in an array": (np.array([*range(60), np.nan, *range(60)]), "is missing"),
            "three axes": (np.zeros((3, 4, 5)), "takes no such data"),
            "words": (["high", "low"], "takes no such data"),
            "two tables": ({"train": frame, "valid": frame}, "come in one table"),
        },
    )


def _signal() -> MemoryCase:
    some = signals(36)
    x, y = [one.values for one in some], [one.target for one in some]
    table = pd.concat(
        [
            pd.DataFrame(
                {"id": number, "time": range(len(one)), "a": one[:, 0], "b": one[:, 1], "label": label}
            )
            for number, (one, label) in enumerate(zip(x, y, strict=True))
        ],
        ignore_index=True,
    )

    def write(folder: Path) -> Path:
        lengths = [len(one) for one in x]
        np.savez(folder / "tides.npz", values=np.concatenate(x), lengths=lengths, y=np.array(y))
        return folder / "tides.npz"

    holes = [one.copy() for one in x]
    holes[2][4, 1] = np.nan
    return MemoryCase(
        (x, y),
        ([x[1], x[0], *x[2:]], y),
        write,
        x[0],
        {"model": {"spec": "[1,1,0,0 Gbxs8 Do0.2 O0s0]"}},
        forms={
            "pairs": list(zip(x, y, strict=True)),
            "frames": ([pd.DataFrame(one, columns=["a", "b"]) for one in x], y),
            "a table": table,
            "a table out of order": table.iloc[np.argsort(-table["time"], kind="stable")].sort_values(
                "id", kind="stable"
            ),
        },
        broken={
            "y too short": ((x, y[:-1]), "not as many answers as sequences"),
            "nothing": (([], []), "there are no sequences"),
            "y missing": (np.zeros((9, 5)), "takes no such data"),
            "a hole": ((holes, y), "has no value"),
            "a label missing": ((x, [None, *y[1:]]), "has no label"),
            "words": ((["high"] * 36, y), "is no sequence of numbers"),
            "three axes": (([np.zeros((2, 2, 2))] * 36, y), "(T,) or (T, C) was expected"),
            "other channels": (([*x[:-1], x[0][:, :1]], y), "has 1 channels"),
            "floats as classes": ((x, np.arange(36.0) % 3), "classes or values"),
            "a table without names": (table.drop(columns="id"), "sequence"),
            "a label that varies": (table.assign(label=table["time"].astype(str)), "label varies"),
        },
    )


CASES: dict[str, Callable[[], MemoryCase]] = {
    "classify": _classify,
    "transcribe": _transcribe,
    "tag": _tag,
    "document": _document,
    "language": _language,
    "forecast": _forecast,
    "signal": _signal,
}
