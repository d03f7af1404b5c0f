"""What real runs leave: every file fits its type, and the page shows what is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from page_checker import check
from real_runs import Real

from tidegate.report.run_files import read_analysis, read_run
from tidegate.report.tasks.registry import page_of
from tidegate.results.history import read_history
from tidegate.results.metrics import RunMetrics
from tidegate.results.samples import Samples
from tidegate.results.study import StudyResults

SECTIONS = {
    "classify": ["samples", "confusions"],
    "transcribe": ["samples", "worst", "confusions", "lengths"],
    "tag": ["samples", "worst", "confusions", "labels"],
    "language": ["written", "passage", "costly"],
    "document": ["samples", "confusions", "labels", "lengths"],
    "forecast": ["forecasts", "steps", "intervals", "series"],
    "signal": ["samples", "confusions", "lengths"],
    "values": ["estimates", "samples", "worst", "lengths"],
}


def same(path: Path, told: dict[str, object]) -> None:
    """A file holds the fields of its type, and no others: none is filled in, none is passed over."""
    assert json.loads(path.read_text("utf-8")) == json.loads(json.dumps(told)), path.name


@pytest.mark.parametrize("kind", SECTIONS)
def test_every_file_holds_what_its_type_says(real: Real, kind: str) -> None:
    run = real(kind)
    same(run / "metrics.json", RunMetrics.read(run / "metrics.json").to_json())
    same(run / "samples.json", Samples.read(run / "samples.json").to_json())
    analysis = read_analysis(run / "error_analysis.json")
    assert analysis is not None and type(analysis) is page_of(analysis.task).analysis
    same(run / "error_analysis.json", analysis.to_json())
    lines = (run / "history.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        line.to_json() for line in read_history(run / "history.jsonl")
    ]


@pytest.mark.parametrize("kind", SECTIONS)
def test_the_page_of_a_run(real: Real, kind: str) -> None:
    run = real(kind)
    files = read_run(run)
    assert files.metrics is not None and files.missing == ()
    page = check(run / "report.html", most=3_000_000)
    text = page.text.replace("\u202f", " ")
    assert f"<small>{files.task}</small>" in (run / "report.html").read_text("utf-8")
    ids = [attributes["id"] for tag, attributes in page.tags if tag == "section"]
    assert set(SECTIONS[kind]) <= set(ids), ids
    assert [one for one in ids if one in SECTIONS[kind]] == SECTIONS[kind]
    links = [at["href"] for tag, at in page.tags if tag == "a" and (at.get("href") or "").startswith("#")]
    assert {f"#{anchor}" for anchor in SECTIONS[kind]} <= set(links)
    words = page_of(files.task).wording(files.error_analysis)
    assert f"{words.reading} speed" in text and files.network in text
    for name in files.metrics.baselines:
        assert f"Baseline: {name}" in text
    for note in files.metrics.notes:
        assert note in text


@pytest.mark.slow
def test_the_page_of_a_study(real: Real) -> None:
    study = real("study")
    results = StudyResults.read(study / "results.json")
    same(study / "results.json", results.to_json())
    assert results.comparison is not None and [arm.n for arm in results.arms] == [2, 2]
    page = check(study / "report.html", most=3_000_000)
    for part in (
        "How sure that is",
        "Leaderboard",
        "What it costs",
        "The same samples, side by side",
        "Class by class",
    ):
        assert part in page.text
    assert "Two seeds decide nothing" in page.text and "Tags, sentences/s" in " ".join(page.text.split())
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert "runs/gru/seed-0/report.html" in links
