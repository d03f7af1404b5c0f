"""The pages themselves: what stands in them, and that they load nothing and are whole HTML."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_study import write_collection, write_judged_study, write_study
from page_checker import EVIL, check
from real_runs import Real, altered, study_of

from tidegate.errors import BundleError, DataError
from tidegate.report import kind_of, write_report, write_run_report, write_study_report
from tidegate.report.run_files import read_run
from tidegate.report.text.metrics import measure
from tidegate.results.analysis.samples import SampleAnalysis
from tidegate.results.history import read_history

LINES = (
    ("The moon draws the tide through", "The moon draws the tide throngh"),
    ("Table 3: mean flow (m³/s), 1871–1874", "Table 3: mean flow (m3/s), 1871-1874"),
    ("in each basin the level was read", "in each basin the level was read"),
    ("fillet & flange, 2½ in. by 18 in.", "fillet & fiange, 2½ in. by 18 in"),
    (EVIL, EVIL.upper()),
)


def lines(**changes: Any) -> dict[str, Any]:
    """Lines of printed text as an error analysis holds them."""
    samples = [
        {"name": f"{i}.png", "reference": is_, "predicted": read, "error": float(is_ != read), **changes}
        for i, (is_, read) in enumerate(LINES)
    ]
    return {"samples": samples, "worst": [sample for sample in samples if sample["error"]]}


def test_a_transcription_run(real: Real, tmp_path: Path) -> None:
    pairs = (("–", "-"), ("", " "))
    confusions = [{"reference": is_, "predicted": read, "count": 3} for is_, read in pairs]
    run = altered(real("transcribe"), tmp_path / "uw3", error_analysis={"confusions": confusions})
    files = read_run(run)
    assert files.metrics is not None and files.environment is not None
    assert isinstance(files.error_analysis, SampleAnalysis)
    page = write_run_report(run)
    text = check(page).text
    reached = measure("cer").text(files.metrics.valid["cer"])
    group = files.error_analysis.errors_by_length[-1]
    for part in (reached, "character error rate on the validation split (5 lines)", "byte for byte",
                 "Learning curves", "en dash read as hyphen-minus", "added space", "Worst mistakes",
                 files.environment.cpu, files.network, group.length):  # fmt: skip
        assert part in text
    assert "It does not beat the baseline “same text”" in text
    shown = len(files.error_analysis.samples) + len(files.error_analysis.worst)
    assert page.read_text().count("<img") == shown > 5


def test_a_classification_run(real: Real, tmp_path: Path) -> None:
    pairs = [{"reference": "4", "predicted": "9", "count": 6}]
    run = altered(real("classify"), tmp_path / "mnist", error_analysis={"confusions": pairs})
    text = check(write_run_report(run)).text
    assert "100.00" in text and "It beats all 2 baselines" in text and "4 taken for 9" in text


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_study(tmp_path: Path, seeds: int) -> None:
    study = write_study(tmp_path / "cells", seeds=seeds)
    write_run_report(study / "runs" / "gru" / "seed-0")
    page = write_study_report(study)
    text = check(page).text
    for part in ("cnn-bilstm", "Leaderboard", "most frequent text", "1 min 28", "1.25"):
        assert part in text.replace("\u202f", " ")
    assert ("±" in text) == (seeds > 1)
    assert ("the loss is not finite" in text) == (seeds > 2)
    assert 'href="runs/gru/seed-0/report.html"' in page.read_text()


def test_all_text_is_escaped(real: Real, tmp_path: Path) -> None:
    confusions = [{"reference": "<", "predicted": "<script>", "count": 1}]
    run = altered(
        real("transcribe"),
        tmp_path / "run",
        error_analysis={**lines(), "confusions": confusions},
        metrics={"notes": [EVIL], "baselines": {EVIL: {"cer": 0.5}}},
        environment={"cpu": EVIL},
        split={"how": EVIL},
        network=EVIL,
        config=EVIL,
    )
    text = check(write_run_report(run)).text
    assert "<script>" in text and "{{ 7 * 7 }}" in text
    study = write_study(tmp_path / "study")
    results = json.loads((study / "results.json").read_text())
    results["notes"], results["arms"][5]["runs"][2]["error"], results["arms"][0]["arm"] = [EVIL], EVIL, EVIL
    (study / "results.json").write_text(json.dumps(results))
    (study / "study.toml").write_text(EVIL)
    check(write_study_report(study))


@pytest.mark.parametrize("image", ["//example.org/x.png", "PHN2Zz4=", None, "", "3", "not base64!"])
def test_an_image_is_shown_only_if_it_is_one(real: Real, tmp_path: Path, image: str | None) -> None:
    run = altered(real("transcribe"), tmp_path / "run", error_analysis=lines(image=image))
    assert "<img" not in write_run_report(run).read_text()


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"metrics": None, "error_analysis": None}, "the run has not finished"),
        ({"metrics": None, "history": None}, "the learning curves"),
        ({"error_analysis": None}, "sample answers"),
        ({"config": None, "environment": None, "split": None}, "the configuration"),
        (
            {"metrics": {"test": None, "stopped": "interrupted", "baselines": {}, "samples": {}}},
            "on the validation split",
        ),
        ({"metrics": {"test": {"cer": 0.0131}}}, "It beats all 2 baselines"),
        ({"history": []}, "not beat the baseline"),
    ],
)
def test_missing_parts_are_named(real: Real, tmp_path: Path, parts: dict[str, Any], sentence: str) -> None:
    run = altered(real("transcribe"), tmp_path / "run", **parts)
    assert sentence in check(write_run_report(run)).text


@pytest.mark.parametrize("validations", [1, 2, 200])
def test_few_and_many_validations(real: Real, tmp_path: Path, validations: int) -> None:
    rows = [line.to_json() for line in read_history(real("transcribe") / "history.jsonl")]
    rows = (rows * validations)[:validations]
    page = check(write_run_report(altered(real("transcribe"), tmp_path / "run", history=rows)))
    assert "Learning curves" in page.text and [tag for tag, _ in page.tags].count("tr") < 120


def test_figures_that_are_not_finite_are_left_out(real: Real, tmp_path: Path) -> None:
    rows = [line.to_json() for line in read_history(real("transcribe") / "history.jsonl")] * 2
    rows[1] |= {"train_loss": None, "valid": {"loss": 1.0, "cer": None}}
    rows[2] = {**rows[2], "valid": {}}
    check(write_run_report(altered(real("transcribe"), tmp_path / "run", history=rows, metrics=None)))


def test_a_study_without_results(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("seeds = 3\n")
    assert "no run of this study has finished yet" in check(write_report(tmp_path)).text


def test_other_folders_are_refused(real: Real, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        kind_of(tmp_path / "nowhere")
    with pytest.raises(BundleError, match="neither a run nor a study"):
        write_report(tmp_path)
    run = altered(real("transcribe"), tmp_path / "run")
    with pytest.raises(BundleError, match="holds a run, not a study"):
        write_study_report(run)
    (run / "metrics.json").write_text("{")
    with pytest.raises(BundleError, match="does not hold what it should") as caught:
        write_run_report(run)
    assert "metrics.json" in str(caught.value)


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr", "--v=0",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "kind", ["transcribe", "tag", "language", "forecast", "signal", "values", "document"]
)
def test_a_browser_draws_a_run_without_a_word(real: Real, tmp_path: Path, kind: str, width: int) -> None:
    drawn(real(kind) / "report.html", tmp_path, width)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("write", [write_study, write_judged_study, write_collection])
def test_a_browser_draws_a_study_without_a_word(
    tmp_path: Path, write: Callable[[Path], Path], width: int
) -> None:
    drawn(write_report(write(tmp_path / "x")), tmp_path, width)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_draws_a_study_of_forecasts_without_a_word(real: Real, tmp_path: Path, width: int) -> None:
    study = study_of(real("forecast"), tmp_path / "x", {"segrnn": {}, "bilstm": {}})
    drawn(write_report(study), tmp_path, width)


def drawn(page: Path, folder: Path, width: int) -> None:
    """Let a browser draw a page, and look at its console and at the picture."""
    from PIL import Image

    assert CHROMIUM is not None
    shot = folder / "shot.png"
    command = (
        f"--user-data-dir={folder / 'profile'}",
        f"--screenshot={shot}",
        f"--window-size={width},2000",
        page.as_uri(),
    )
    done = subprocess.run(
        [CHROMIUM, *FLAGS, *command], capture_output=True, text=True, timeout=200, check=True
    )
    assert "CONSOLE" not in done.stderr
    with Image.open(shot) as picture:
        assert picture.width == width
        assert len(picture.convert("RGB").getcolors(2**24) or ()) > 50
