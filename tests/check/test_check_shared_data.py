"""On real data sets the doctor says nothing beyond notes, but for faults that are really there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.check.doctor import diagnose
from tidegate.config.registry import settings_of
from tidegate.config.resolve import resolve

SHARED = Path(__file__).parents[3] / "shared" / "data"

FOUND = {
    "mnist": ("classify", set[str]()),
    "ocr_archiscribe/train.tar.gz": ("transcribe", set()),
    # 1150_010008.png lies on its side.
    "ocr_uw3_500/lines.tar.gz": ("transcribe", {"too-narrow", "rotated"}),
    "ucr_open/ArrowHead": ("signal", set()),
    "ucr_open/JapaneseVowels": ("signal", set()),
    # lying/dataset9.csv is lying/dataset14.csv, and sitting/dataset8.csv lacks a step.
    "arem": ("signal", {"leak", "time-holes"}),
    "indoor_movement/IndoorMovement.zip": ("signal", set()),
    # Sentences that stand in two parts, word for word.
    "conll2000_chunking": ("tag", {"leak"}),
    "ud_english_ewt": ("tag", {"leak"}),
    # 36 of 1,350 posts stand there twice with other tags.
    "weibo_ner": ("tag", {"leak", "contradictory-labels"}),
    "wnut17": ("tag", set()),
    "sentences/mr.tsv": ("document", set()),
    "sentences/subj.tsv": ("document", set()),
    # Questions that stand there twice.
    "sentences/trec.train.tsv": ("document", {"leak"}),
    "tiny_shakespeare": ("language", set()),
    "etth1/ETTh1.csv": ("forecast", set()),
    # Hours without a value.
    "beijing_pm25/pollution.csv": ("forecast", {"bad-rows"}),
    # Two of 152 series have 32 months.
    "aus_retail/aus_retail.csv": ("forecast", {"too-short"}),
    "small_series/airline-passengers.csv": ("forecast", set()),
    "small_series/monthly-sunspots.csv": ("forecast", set()),
    "small_series/daily-total-female-births.csv": ("forecast", set()),
    # Two days are missing.
    "small_series/daily-min-temperatures.csv": ("forecast", {"bad-rows"}),
    # Months whose years are no years.
    "small_series/monthly-shampoo-sales.csv": ("forecast", {"unreadable-data"}),
}


@pytest.mark.parametrize("name", FOUND)
def test_nothing_is_said_of_sound_data(name: str) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    task, codes = FOUND[name]
    found = diagnose(resolve({"task": task, "data": {settings_of(task).data_key: str(path)}}))
    assert found.codes == codes, [one.line for one in found.found if one.finding.severity != "note"]
