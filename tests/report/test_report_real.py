"""What real runs leave: every file fits its type, and the page shows what is in it."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from page_checker import check
from real_runs import Real

from tidegate.api import load as load_model
from tidegate.config.resolve import resolve
from tidegate.config.toml import dump, load
from tidegate.report.run_files import read_analysis, read_run
from tidegate.report.tasks.registry import page_of
from tidegate.results.environment import Environment
from tidegate.results.history import read_history
from tidegate.results.metrics import RunMetrics
from tidegate.results.model import ModelDescription
from tidegate.results.record import Record
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
    same(run / "environment.json", Environment.read(run / "environment.json").to_json())
    analysis = read_analysis(run / "error_analysis.json")
    assert analysis is not None and type(analysis) is page_of(analysis.task).analysis
    same(run / "error_analysis.json", analysis.to_json())
    same(run / "model/model.json", ModelDescription.read(run / "model/model.json").to_json())
    config = run / "config.toml"
    assert dump(resolve(load(config))) == config.read_text("utf-8")
    lines = (run / "history.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        line.to_json() for line in read_history(run / "history.jsonl")
    ]


def filled(record: Record) -> set[str]:
    """The fields that hold something, those of the records within too."""
    found: set[str] = set()
    for field in fields(record):  # pyright: ignore[reportArgumentType] - a Record is a dataclass
        value = getattr(record, field.name)
        if value not in (None, "", (), {}):
            found.add(f"{type(record).__name__}.{field.name}")
        for part in value if isinstance(value, tuple) else (value,):
            found |= filled(part) if isinstance(part, Record) else set()
    return found


def declared(record: type[Record]) -> set[str]:
    """All fields of a type and of the records within."""
    found: set[str] = set()
    for name, kind in get_type_hints(record).items():
        if not name.startswith("__"):
            found.add(f"{record.__name__}.{name}")
            for part in (kind, *get_args(kind)):
                found |= declared(part) if isinstance(part, type) and issubclass(part, Record) else set()
    return found


def test_every_field_is_filled_by_some_run(real: Real) -> None:
    """A field that no writer fills would read as its default, and nobody would miss it."""
    records: list[Record] = []
    for run in map(real, SECTIONS):
        analysis = read_analysis(run / "error_analysis.json")
        assert analysis is not None
        records += [RunMetrics.read(run / "metrics.json"), Samples.read(run / "samples.json"), analysis]
        records += [*read_history(run / "history.jsonl"), Environment.read(run / "environment.json")]
    empty = set[str]().union(*(declared(type(record)) for record in records))
    # The rate is known of sounds; values of texts have a chart of their own as those of signals have.
    assert empty - set[str]().union(*map(filled, records)) == {"Curves.rate", "DocumentAnalysis.scatter"}


@pytest.mark.parametrize("kind", [kind for kind in SECTIONS if kind != "language"])
def test_answers_have_one_shape(real: Real, kind: str) -> None:
    run = real(kind)
    data = resolve(load(run / "config.toml")).data
    answers = load_model(run, threads=1).predict(data.train or data.source)
    told = answers.to_json()
    assert list(told) == ["predictions", "findings"] and told == json.loads(json.dumps(told))
    assert [row["name"] for row in told["predictions"]] == [row.name for row in answers.good] != []
    fields_of = {frozenset(row) for row in told["predictions"]}
    assert len(fields_of) == 1, fields_of


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
    assert "A first look, no verdict" in page.text and "Tags, sentences/s" in " ".join(page.text.split())
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert "runs/gru/seed-0/report.html" in links
