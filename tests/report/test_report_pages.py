"""The pages themselves: what stands in them, and that they load nothing and are whole HTML."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_numbers import write_forecast_run, write_numbers_study, write_signal_run, write_values_run
from fake_results import LINES, error_analysis, history, metrics, write_digits_run, write_run
from fake_study import write_collection, write_judged_study, write_study
from fake_words import write_language_run, write_tag_run
from page_checker import EVIL, check

from tidegate.errors import BundleError, DataError
from tidegate.report import kind_of, write_report, write_run_report, write_study_report


def test_a_transcription_run(tmp_path: Path) -> None:
    page = write_run_report(write_run(tmp_path / "uw3"))
    text = check(page).text
    for part in (
        "1.31",
        "character error rate on the test split (50 lines)",
        "rotated by 90°",
        "Learning curves",
    ):
        assert part in text
    for part in (
        "en dash read as hyphen-minus",
        "added space",
        "Worst mistakes",
        "Xeon Platinum 8481C",
        "Lbx128",
        "29–42",
    ):
        assert part in text
    assert "It beats the baseline “most frequent text”" in text
    assert page.read_text().count("<img") == len(LINES) + 4


def test_a_classification_run(tmp_path: Path) -> None:
    text = check(write_run_report(write_digits_run(tmp_path / "mnist"))).text
    assert "99.31" in text and "It beats all 2 baselines" in text and "4 taken for 9" in text


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


def test_all_text_is_escaped(tmp_path: Path) -> None:
    lines = ((EVIL, EVIL, EVIL.upper()), *LINES)
    run = write_run(
        tmp_path / "run",
        error_analysis={
            **error_analysis(lines),
            "confusions": [{"reference": "<", "predicted": "<script>", "count": 1}],
        },
        metrics=metrics(notes=[EVIL], baselines={EVIL: {"cer": 0.5}}),
        environment={EVIL: EVIL},
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


def test_an_image_is_shown_only_if_it_is_one(tmp_path: Path) -> None:
    told = error_analysis()
    for item, image in zip(
        told["samples"], ("//example.org/x.png", "PHN2Zz4=", None, "", "3", "not base64!"), strict=True
    ):
        item["image"] = image
    told["worst"] = []
    assert "<img" not in write_run_report(write_run(tmp_path / "run", error_analysis=told)).read_text()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"metrics": None, "error_analysis": None}, "the run has not finished"),
        ({"metrics": None, "history": None}, "the learning curves"),
        ({"error_analysis": None}, "sample answers"),
        ({"config": None, "environment": None, "split": None}, "the configuration"),
        (
            {"metrics": metrics(test=None, stopped="interrupted", baselines={}, samples={})},
            "on the validation split",
        ),
        ({"metrics": metrics(0.9)}, "It does not beat the baseline"),
        ({"history": history(1)}, "Learning curves"),
        ({"history": []}, "1.31"),
    ],
)
def test_missing_parts_are_named(tmp_path: Path, parts: dict[str, object], said: str) -> None:
    assert said in check(write_run_report(write_run(tmp_path / "run", **parts))).text


def test_figures_that_are_not_finite_are_left_out(tmp_path: Path) -> None:
    rows = history(3)
    rows[1]["train_loss"] = rows[1]["valid"]["cer"] = None
    rows[2]["valid"] = {}
    check(write_run_report(write_run(tmp_path / "run", history=rows, metrics=None)))


def test_a_study_without_results(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("seeds = 3\n")
    assert "no run of this study has finished yet" in check(write_report(tmp_path)).text


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        kind_of(tmp_path / "nowhere")
    with pytest.raises(BundleError, match="neither a run nor a study"):
        write_report(tmp_path)
    run = write_run(tmp_path / "run")
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
    "write",
    [
        *(write_run, write_study, write_judged_study, write_collection, write_tag_run, write_language_run),
        *(write_forecast_run, write_signal_run, write_values_run, write_numbers_study),
    ],
    ids=lambda write: write.__name__,
)
def test_a_browser_draws_it_without_a_word(tmp_path: Path, write: Callable[[Path], Path], width: int) -> None:
    from PIL import Image

    assert CHROMIUM is not None
    page = write_report(write(tmp_path / "x"))
    shot = tmp_path / "shot.png"
    command = (
        f"--user-data-dir={tmp_path / 'profile'}",
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
