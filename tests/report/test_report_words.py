"""Reports of runs over text: taggers and language models."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fake_words import (
    language_analysis,
    language_metrics,
    sentence,
    tag_analysis,
    tag_metrics,
    write_language_run,
    write_tag_run,
    write_words_study,
)
from page_checker import EVIL, check

from tidegate.errors import BundleError
from tidegate.report import write_run_report, write_study_report

TURN = "\u202eturned\u2066"
HOSTILE = (EVIL, "a\x00b\x07\x1b[31m", TURN, "x" * 5000, "", "\r\n", "<td>", "]]>", "&lt;")


def page(report: Path) -> str:
    """Text of a report, a space for every element and every kind of space."""
    check(report)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", report.read_text())))


def test_a_tagging_run(tmp_path: Path) -> None:
    text = page(write_run_report(write_tag_run(tmp_path / "names")))
    assert "entity F1 on the test split (120 sentences) f1 = exact matches of whole entities" in text
    assert "It beats all 2 baselines; the best is “CRF on features”, which reaches 83.11 %." in text
    assert "tags, sentences/s 1.89 k" in text and "Tagging speed" in text
    assert "FLOPs of a sentence of 23 words, forward" in text
    # What is right is grouped; what is wrong stands with what would have been right.
    assert "Mr. Rennie PER left Ipswich LOC for the ✗ Tidal Harbour LOC 41 %" in text.replace("Company", "")
    assert "right: Tidal Harbour Company ORG ." in text
    assert "✗ Hollis PER 41 % & Co. right: Hollis & Co. ORG wrote" in text
    assert "✗ London right: LOC" in text
    assert "3 of 10 words wrong · mean confidence 80 %, lowest 41 % at “Company”" in text
    assert "all of 5 words right" in text
    for part in ("ORG taken for LOC", "outside, tagged PER", "ORG missed", "ORG begins or ends elsewhere"):
        assert part in text
    assert "Label Count Precision Recall F1 PER 41 91.20 % 88.60 % 89.88 %" in text


def test_scripts_that_write_without_spaces_and_from_right_to_left(tmp_path: Path) -> None:
    html = write_run_report(write_tag_run(tmp_path / "run")).read_text()
    assert ">上海\u00a0<small>LOC</small></span>工作</div>" in html
    assert '<div class="sentence" dir="auto">البوابة في ' in html


def test_parts_of_speech(tmp_path: Path) -> None:
    samples = [sentence("The gates shut", "DET NOUN VERB", "DET NOUN NOUN")]
    figures = {"loss": 0.2, "accuracy": 0.95}
    told = tag_metrics(primary="accuracy", valid=figures, test=figures, definition="", baselines={})
    run = write_tag_run(
        tmp_path / "run", metrics=told, error_analysis={**tag_analysis(), "samples": samples, "worst": []}
    )
    text = page(write_run_report(run))
    assert "95.00 % accuracy on the test split (120 sentences) No baseline was measured" in text.replace(
        "– ", ""
    )
    assert "The DET gates NOUN ✗ shut NOUN 41 % right: VERB" in text


def test_a_tagger_beside_its_baselines(tmp_path: Path) -> None:
    text = page(write_run_report(write_tag_run(tmp_path / "run", metrics=tag_metrics(0.7))))
    assert "It does not beat the baseline “CRF on features”, which reaches 83.11 %." in text
    assert "It does beat “most frequent tag”." in text


def test_a_language_run(tmp_path: Path) -> None:
    run = write_language_run(tmp_path / "poems")
    report = write_run_report(run)
    html, text = report.read_text(), page(report)
    assert "1.467 nats per symbol on the test split (55 770 symbols) token = character" in text
    assert "It beats all 2 baselines; the best is “6-gram”, which reaches 1.562." in text
    assert "Bits/symbol 2.117" in text and "Perplexity 4.337" in text and "reads, symbols/s 117 k" in text
    assert "FLOPs of 64 symbols, forward" in text and "1 003 853 train" in text
    # White space is what it was; the prompt is set apart.
    assert "  明月光\n\t0.8\n</div>" in html and "床前\n</span>" in html
    assert [f"Temperature {one}" in text for one in ("0.5", "0.8", "1")] == [True] * 3
    assert 'class="n5" title="，: 9.00 nats, expected with 0.012' in html.replace("fullwidth comma", "，")
    assert "↵\n</span>" in html
    assert "↵ line break 120 2.25 20 %" in text and "␣ space 90 1.50 10 %" in text
    assert "， fullwidth comma 40" in text and "月 12 4.12 3 %" in text


def test_words_lose_the_space_behind_them(tmp_path: Path) -> None:
    costly = [{"text": "the ", "count": 1, "nats": 1.0, "share": 0.5}]
    for definition, shown in (("token = word (…)", "the"), ("token = byte pair encoding (…)", "the␣")):
        run = write_language_run(
            tmp_path / shown,
            error_analysis={**language_analysis(), "costly": costly, "definition": definition},
        )
        assert f"<bdi>{shown}</bdi>" in write_run_report(run).read_text()


@pytest.mark.parametrize("task", ["tag", "language"])
def test_a_study(tmp_path: Path, task: str) -> None:
    study = write_words_study(tmp_path / "cells", task)
    text = page(write_study_report(study))
    assert "bilstm-crf" in text and "Every seed of bilstm-crf is better" in text
    if task == "tag":
        assert "on the test split (120 sentences)" in text and "Tags, sentences/s" in text
        assert "F1 against tagging time" in text and "most frequent tag baseline 62.13 %" in text
        assert text.count("right: Tidal Harbour Company ORG") == 2
    else:
        assert "Reads, symbols/s" in text and "What they write" in text and text.count("明月光 0.8") == 2
    assert "samples/s" not in text


def test_arms_that_count_different_tokens_are_not_compared(tmp_path: Path) -> None:
    study = write_words_study(tmp_path / "s", "language")
    folder = study / "runs" / "lstm" / "seed-0" / "metrics.json"
    folder.write_text(folder.read_text().replace("token = character", "token = byte"))
    text = check(write_study_report(study)).text
    assert "Figures of these runs cannot be compared: token = character" in text


def test_hostile_words(tmp_path: Path) -> None:
    item = {
        "name": EVIL,
        "words": list(HOSTILE),
        "reference": [f"B-{EVIL}"] * len(HOSTILE),
        "predicted": [f"B-{word}" for word in HOSTILE],
        "sure": [0.1] * len(HOSTILE),
        "wrong": 9,
        "length": 50_000,
    }
    told = {
        "task": "tag",
        "samples": [item],
        "worst": [item],
        "confusions": [{"reference": word, "predicted": EVIL, "count": 1} for word in HOSTILE],
        "labels": [{"label": word, "count": 1, "precision": 0, "recall": 0, "f1": 0} for word in HOSTILE],
    }
    checker = check(write_run_report(write_tag_run(tmp_path / "run", error_analysis=told)))
    text = checker.text
    assert "<script>alert(1)" in text and "a␀b␇␛[31m" in text
    assert "⟨U+202E⟩turned⟨U+2066⟩" in text and "\u202e" not in text
    assert "… (5000 characters)" in text and "x" * 100 not in text
    assert "first 9 of 50000 words" in text
    assert not any("onerror" in attributes for _, attributes in checker.tags)


def test_hostile_language(tmp_path: Path) -> None:
    told = {
        "task": "language",
        "definition": EVIL,
        "written": [{"prompt": word, "temperature": 1, "text": word} for word in HOSTILE],
        "passage": [{"text": word, "nats": 99.0} for word in HOSTILE],
        "costly": [{"text": word, "count": 1, "nats": 0.5, "share": 0.1} for word in HOSTILE],
    }
    run = write_language_run(
        tmp_path / "run", error_analysis=told, metrics=language_metrics(notes=["a\x00b"])
    )
    text = check(write_run_report(run)).text
    assert "<script>alert(1)" in text and "a␀b" in text and "\x00" not in text and "\u202e" not in text
    assert "x" * 4999 in text  # What a model has written is shown whole.
    assert "expected with" in text


@pytest.mark.parametrize(
    "told",
    [
        {"task": "tag"},
        {"task": "tag", "samples": [], "worst": [], "confusions": [], "labels": []},
        {"task": "tag", "samples": [sentence("a", "O", "I-X") | {"sure": [None]}]},
        {"task": "language", "written": [], "passage": [], "costly": []},
        {"task": "language", "passage": [{"text": "a", "nats": None}, {"text": "b", "nats": 1e9}]},
        {"task": "language", "costly": [{"text": "a", "count": 0, "nats": None, "share": None}]},
        {"task": "adding", "samples": [{"name": "1 + 1", "reference": "2", "predicted": "3"}]},
    ],
)
def test_an_analysis_alone_has_a_page(tmp_path: Path, told: dict[str, Any]) -> None:
    run = write_tag_run(tmp_path / "run", error_analysis=told, metrics=None, config=None)
    assert f"<small>{told['task']}</small>" in write_run_report(run).read_text()
    check(run / "report.html")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"task": "tag", "samples": [{}]}, "samples.0.name"),
        ({"task": "tag", "samples": [sentence("a", "O", "O") | {"words": None}]}, "samples.0.words"),
        ({"task": "language", "passage": [{"text": "a", "nats": "much"}]}, "passage.0.nats"),
        ({"task": "language", "labels": []}, "labels"),
    ],
)
def test_a_field_that_is_wrong_is_named(tmp_path: Path, told: dict[str, Any], field: str) -> None:
    run = write_tag_run(tmp_path / "run", error_analysis=told)
    with pytest.raises(BundleError) as caught:
        write_run_report(run)
    assert caught.value.where == f"{run / 'error_analysis.json'}: {field}"


def test_figures_that_are_not_finite(tmp_path: Path) -> None:
    told = language_metrics(
        test={"loss": None, "nats_per_symbol": 800.0, "perplexity": None},
        baselines={"unigram": {"nats_per_symbol": None}},
    )
    text = page(write_run_report(write_language_run(tmp_path / "run", metrics=told)))
    assert "800 nats per symbol" in text and "No baseline was measured" in text
