"""Right to left: display order for the network, reading order for people."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from drawing import line

from tidegate.config.resolve import resolve
from tidegate.data.images.direction import drawn_alike, find_direction, to_display, to_logical
from tidegate.data.images.normal_form import normalise
from tidegate.tasks.contract import Answer
from tidegate.tasks.images.transcribe import TRANSCRIBE, Transcribe

SHALOM = "\u05e9\u05dc\u05d5\u05dd"
OLAM = "\u05e2\u05d5\u05dc\u05dd"
MARHABA = "\u0645\u0631\u062d\u0628\u0627"

CASES = [
    (SHALOM, SHALOM[::-1]),
    (f"{SHALOM} {OLAM}", f"{OLAM[::-1]} {SHALOM[::-1]}"),
    (f"{SHALOM} 123", f"123 {SHALOM[::-1]}"),
    (f"{SHALOM} tide {OLAM}", f"{OLAM[::-1]} tide {SHALOM[::-1]}"),
    (f"({SHALOM}) [{OLAM}]", f"[{OLAM[::-1]}] ({SHALOM[::-1]})"),
    (f"{MARHABA} 3.5", f"3.5 {MARHABA[::-1]}"),
    # A point under a letter stays behind it.
    ("\u05d0\u05b0\u05d1", "\u05d1\u05d0\u05b0"),
]


@pytest.mark.parametrize(("stored", "drawn"), CASES)
def test_display_order_and_back(stored: str, drawn: str):
    assert to_display(stored, "rtl") == drawn
    assert to_logical(drawn, "rtl") == stored
    assert to_display(stored, "visual") == to_logical(stored, "visual") == stored


def test_the_direction_of_the_line_places_its_parts():
    text = f"tide {SHALOM}, {OLAM}"
    assert to_display(text, "ltr").startswith("tide ") and to_display(text, "rtl").endswith(" tide")
    assert to_logical(to_display(text, "ltr"), "ltr") == text


def test_texts_from_left_to_right_are_as_they_were():
    text = "tide (gate) 12 \u00e9\u0416\u6f6e"
    assert to_display(text, "rtl") is text and to_logical(text, "rtl") is text
    assert find_direction([text]) == "ltr"


def test_texts_drawn_alike_are_no_error():
    assert drawn_alike(f"{SHALOM} 12 ab", f"{SHALOM} ab 12", "rtl") == f"{SHALOM} 12 ab"
    assert drawn_alike(f"{SHALOM} 12 ab", f"{SHALOM} ab 13", "rtl") == f"{SHALOM} ab 13"


def test_display_order_is_known_by_letters_that_end_words():
    assert find_direction([SHALOM[::-1], OLAM[::-1]]) == "visual"
    assert find_direction([SHALOM, OLAM, "tide and gate"]) == "ltr"
    assert find_direction([SHALOM, OLAM, "tide"]) == "rtl"


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("\ufef3\ufeee\ufee1", "\u064a\u0648\u0645"),
        ("\ufefb", "\u0644\u0627"),
        ("\ufb2a", "\u05e9\u05c1"),
        (f"\ufeff{SHALOM}\u200f", SHALOM),
        ("ti\u00adde\u200b", "tide"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
    ],
)
def test_one_spelling_for_what_looks_the_same(given: str, normal: str):
    assert normalise(given) == normal


def folder(root: Path, texts: list[str]) -> str:
    for number, text in enumerate(texts):
        line(root, f"{number:02d}", text)
    return str(root)


def prepared(path: str, **data: str):
    return TRANSCRIBE.prepare(
        resolve(
            {"task": "transcribe", "data": {"train": path, **data}, "model": {"preset": "cnn-bilstm"}}, {}
        )
    )


def test_a_model_learns_the_drawn_order_and_answers_in_reading_order(tmp_path: Path):
    ready = prepared(folder(tmp_path, [f"({SHALOM})", OLAM] * 6))
    problem = ready.problem
    assert isinstance(problem, Transcribe) and problem.direction == "rtl"
    assert ready.spec.data.direction == "rtl"
    split = ready.splits["train"]
    index = [split.references[i] for i in range(len(split))].index(f"({SHALOM})")
    numbers = split.batch([index]).targets.tolist()
    assert problem.alphabet.decode(numbers) == f"({SHALOM[::-1]})"
    logits = np.full((1, 2 * len(numbers), len(problem.alphabet) + 1), -9.0, np.float32)
    for step, number in enumerate(numbers):
        logits[0, 2 * step, number] = logits[0, 2 * step + 1, 0] = 9
    import torch

    (answer,) = problem.decode(torch.from_numpy(logits), torch.tensor([2 * len(numbers)]))
    assert answer.text == f"({SHALOM})"
    assert problem.metrics([f"({SHALOM})"], [answer])["cer"] == 0
    again = TRANSCRIBE.restore(json.loads(json.dumps(problem.to_json())), ready.spec)
    assert again == problem
    assert any(found.code == "direction" for found in ready.notes)


def test_stored_display_order_is_learnt_as_it_is_and_named(tmp_path: Path):
    ready = prepared(folder(tmp_path, [SHALOM[::-1], OLAM[::-1]] * 6))
    assert ready.spec.data.direction == "visual"
    (found,) = [found for found in ready.notes if found.code == "display-order"]
    assert found.severity == "warning" and "data.direction = rtl" in found.what
    assert prepared(str(tmp_path), direction="rtl").spec.data.direction == "rtl"


def test_metrics_count_no_order_that_an_image_does_not_show(tmp_path: Path):
    problem = prepared(folder(tmp_path, [f"{SHALOM} 12 ab"] * 12)).problem
    assert isinstance(problem, Transcribe)
    assert problem.metrics([f"{SHALOM} 12 ab"], [Answer(f"{SHALOM} ab 12", 1.0)])["cer"] == 0
