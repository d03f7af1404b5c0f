"""Reports of runs over text: taggers and language models."""

from pathlib import Path
from typing import Any

import pytest
from page_checker import EVIL, HOSTILE, check, words_on
from real_runs import Real, alone, altered, study_of

from tidegate.errors import BundleError
from tidegate.report import write_run_report, write_study_report
from tidegate.report.text.metrics import measure
from tidegate.report.text.numbers import short
from tidegate.results.analysis.language import LanguageAnalysis
from tidegate.results.analysis.tag import TagAnalysis
from tidegate.results.metrics import RunMetrics

BASELINES = {"most frequent tag": {"f1": 0.6213}, "CRF on features": {"f1": 0.8311}}
SENTENCES = (
    (
        "Mr. Rennie left Ipswich for the Tidal Harbour Company .",
        "B-PER I-PER O B-LOC O O B-ORG I-ORG I-ORG O",
        "B-PER I-PER O B-LOC O O B-LOC I-LOC B-ORG O",
    ),
    ("The gate is shut .", "O O O O O", "O O O O O"),
    ("Hollis & Co. wrote to London", "B-ORG I-ORG I-ORG O O B-LOC", "B-PER O O O O O"),
    ("张伟 在 上 海 工作", "B-PER O B-LOC I-LOC O", "B-PER O B-LOC I-LOC O"),
    ("البوابة في لندن", "O O B-LOC", "O O B-LOC"),
)


def sentence(words: str, reference: str, predicted: str) -> dict[str, Any]:
    """A sentence of error_analysis.json."""
    right, given = reference.split(), predicted.split()
    same = [a == b for a, b in zip(right, given, strict=True)]
    told = {"name": words[:9], "words": words.split(), "reference": right, "predicted": given}
    sure = [0.97 if equal else 0.41 for equal in same]
    return {**told, "sure": sure, "wrong": same.count(False), "length": len(same)}


def answers(*told: tuple[str, str, str]) -> dict[str, Any]:
    """Sentences as an error analysis holds them."""
    samples = [sentence(*one) for one in told]
    return {"samples": samples, "worst": [sample for sample in samples if sample["wrong"]]}


def test_a_tagging_run(real: Real) -> None:
    run = real("tag")
    metrics, analysis = RunMetrics.read(run / "metrics.json"), TagAnalysis.read(run / "error_analysis.json")
    text = words_on(run / "report.html")
    assert metrics.test is not None
    reached = measure("f1").text(metrics.test["f1"]).replace("\u202f", " ")
    assert f"{reached} entity F1 on the test split (40 sentences) f1 = exact matches of whole entit" in text
    speed = short(metrics.samples_per_second.predict).replace("\u202f", " ")
    assert f"tags, sentences/s {speed}" in text and f"Tagging speed {speed} sentences/s" in text
    assert "FLOPs of a sentence of 7 words, forward" in text
    for item in analysis.samples:
        wrong = (
            f"{item.wrong} of {item.length} words wrong"
            if item.wrong
            else f"all of {item.length} words right"
        )
        assert f"{wrong} · mean confidence" in text
    label = analysis.labels[0]
    shares = " ".join(f"{100 * share:.2f} %" for share in (label.precision, label.recall, label.f1))
    assert f"Label Count Precision Recall F1 {label.label} {label.count} {shares}" in text


def test_what_is_right_is_grouped_and_what_is_wrong_has_beside_it_what_is_right(
    real: Real, tmp_path: Path
) -> None:
    pairs = (("B-ORG", "B-LOC"), ("O", "B-PER"), ("I-ORG", "O"), ("I-ORG", "B-ORG"))
    confusions = [{"reference": is_, "predicted": said, "count": 3} for is_, said in pairs]
    told = {**answers(*SENTENCES), "confusions": confusions}
    report = write_run_report(altered(real("tag"), tmp_path / "run", error_analysis=told))
    html, text = report.read_text(), words_on(report)
    assert "Mr. Rennie PER left Ipswich LOC for the ✗ Tidal Harbour LOC 41 %" in text.replace("Company", "")
    assert "right: Tidal Harbour Company ORG ." in text
    assert "✗ Hollis PER 41 % & Co. right: Hollis & Co. ORG wrote" in text
    assert "✗ London right: LOC" in text
    assert "3 of 10 words wrong · mean confidence 80 %, lowest 41 % at “Company”" in text
    assert "all of 5 words right" in text
    for part in ("ORG taken for LOC", "outside, tagged PER", "ORG missed", "ORG begins or ends elsewhere"):
        assert part in text
    # Scripts that write without spaces, and from right to left.
    assert ">上海\u00a0<small>LOC</small></span>工作</div>" in html
    assert '<div class="sentence" dir="auto">البوابة في ' in html


def test_parts_of_speech(real: Real, tmp_path: Path) -> None:
    told = answers(("The gates shut", "DET NOUN VERB", "DET NOUN NOUN"))
    metrics = {"primary": "accuracy", "test": {"accuracy": 0.95}, "definition": "", "baselines": {}}
    text = words_on(
        write_run_report(altered(real("tag"), tmp_path / "run", metrics=metrics, error_analysis=told))
    )
    assert "95.00 % accuracy on the test split (40 sentences) No baseline was measured" in text
    assert "The DET gates NOUN ✗ shut NOUN 41 % right: VERB" in text


@pytest.mark.parametrize(
    ("f1", "verdict"),
    [
        (0.8412, "It beats all 2 baselines; the best is “CRF on features”, which reaches 83.11 %."),
        (
            0.7,
            "It does not beat the baseline “CRF on features”, which reaches 83.11 %. It does beat “most frequent tag”.",
        ),
    ],
)
def test_a_tagger_beside_its_baselines(real: Real, tmp_path: Path, f1: float, verdict: str) -> None:
    run = altered(
        real("tag"), tmp_path / "run", metrics={"test": {"f1": f1}, "baselines": BASELINES, "notes": []}
    )
    assert verdict in words_on(write_run_report(run))


def test_a_language_run(real: Real) -> None:
    run = real("language")
    metrics = RunMetrics.read(run / "metrics.json")
    analysis = LanguageAnalysis.read(run / "error_analysis.json")
    html, text = (run / "report.html").read_text(), words_on(run / "report.html")
    nats = metrics.valid["nats_per_symbol"]
    assert f"{nats:.3f} nats per symbol on the validation split (233 symbols) token = character" in text
    assert f"Bits/symbol {metrics.valid['bits_per_symbol']:.3f}" in text and "reads, symbols/s" in text
    assert f"Perplexity {metrics.valid['perplexity']:.3f}" in text
    assert "FLOPs of 10 symbols, forward" in text and "2 105 train" in text
    # White space is what it was; the prompt is set apart.
    for written in analysis.written:
        assert f"Temperature {written.temperature:g}" in text
        assert f"{written.prompt}</span>" in html and f" Written: </bdi>{written.text}" in html
    assert "↵\n</span>" in html
    costly = {item.text: item for item in analysis.costly}
    for symbol, name in (("\n", "↵ line break"), (" ", "␣ space"), ("e", "e")):
        item = costly[symbol]
        assert item.nats is not None and item.share is not None
        assert f"{name} {item.count} {item.nats:.2f} {100 * item.share:.2g} %" in text


def test_a_language_that_is_no_english(real: Real, tmp_path: Path) -> None:
    told = {
        "passage": [{"text": "，", "nats": 9.0}, {"text": "月", "nats": 0.1}],
        "costly": [{"text": "，", "count": 40, "nats": 1.25, "share": 0.04}],
        "written": [{"prompt": "床前\n", "temperature": 0.8, "text": "  明月光\n\t\n"}],
    }
    report = write_run_report(altered(real("language"), tmp_path / "poems", error_analysis=told))
    html = report.read_text()
    assert "  明月光\n\t\n</div>" in html and "床前\n</span>" in html
    assert 'class="n5" title="fullwidth comma: 9.00 nats, expected with 0.012' in html
    assert "， fullwidth comma 40 1.25 4 %" in words_on(report)


def test_words_lose_the_space_behind_them(real: Real, tmp_path: Path) -> None:
    costly = [{"text": "the ", "count": 1, "nats": 1.0, "share": 0.5}]
    for definition, shown in (("token = word (…)", "the"), ("token = byte pair encoding (…)", "the␣")):
        told = {"costly": costly, "definition": definition}
        run = altered(real("language"), tmp_path / shown, error_analysis=told)
        assert f"<bdi>{shown}</bdi>" in write_run_report(run).read_text()


def test_a_study_of_taggers(real: Real, tmp_path: Path) -> None:
    run = altered(real("tag"), tmp_path / "run", error_analysis=answers(*SENTENCES))
    arms = {arm: {"test": {"f1": f1}, "baselines": BASELINES} for arm, f1 in (("crf", 0.84), ("lstm", 0.76))}
    text = words_on(write_study_report(study_of(run, tmp_path / "cells", arms)))
    assert "crf has the best mean of what has ended so far" in text and "samples/s" not in text
    assert "on the test split (40 sentences)" in text and "Tags, sentences/s" in text
    assert "F1 against tagging time" in text and "most frequent tag baseline 62.13 %" in text
    assert text.count("right: Tidal Harbour Company ORG") == 2


def test_a_study_of_languages(real: Real, tmp_path: Path) -> None:
    study = study_of(real("language"), tmp_path / "cells", {"gru": {}, "lstm": {}})
    report = write_study_report(study)
    text = words_on(report)
    assert "Reads, symbols/s" in text and "What they write" in text and "samples/s" not in text
    written = LanguageAnalysis.read(real("language") / "error_analysis.json").written[1].text
    assert report.read_text().count(written) == 2
    path = study / "runs" / "lstm" / "seed-0" / "metrics.json"
    path.write_text(path.read_text().replace("token = character", "token = byte"))
    text = check(write_study_report(study)).text
    assert "Figures of these runs cannot be compared: token = character" in text


def test_hostile_words(real: Real, tmp_path: Path) -> None:
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
        "samples": [item],
        "worst": [item],
        "confusions": [{"reference": word, "predicted": EVIL, "count": 1} for word in HOSTILE],
        "labels": [{"label": word, "count": 1, "precision": 0, "recall": 0, "f1": 0} for word in HOSTILE],
    }
    checker = check(write_run_report(altered(real("tag"), tmp_path / "run", error_analysis=told)))
    text = checker.text
    assert "<script>alert(1)" in text and "a␀b␇␛[31m" in text
    assert "⟨U+202E⟩turned⟨U+2066⟩" in text and "\u202e" not in text
    assert "… (5000 characters)" in text and "x" * 100 not in text
    assert "first 9 of 50000 words" in text
    assert not any("onerror" in attributes for _, attributes in checker.tags)


def test_hostile_language(real: Real, tmp_path: Path) -> None:
    told = {
        "definition": EVIL,
        "written": [{"prompt": word, "temperature": 1, "text": word} for word in HOSTILE],
        "passage": [{"text": word, "nats": 99.0} for word in HOSTILE],
        "costly": [{"text": word, "count": 1, "nats": 0.5, "share": 0.1} for word in HOSTILE],
    }
    run = altered(real("language"), tmp_path / "run", error_analysis=told, metrics={"notes": ["a\x00b"]})
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
    report = write_run_report(alone(tmp_path / "run", told))
    assert f"<small>{told['task']}</small>" in report.read_text()
    check(report)


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
    run = alone(tmp_path / "run", told)
    with pytest.raises(BundleError) as caught:
        write_run_report(run)
    assert caught.value.where == f"{run / 'error_analysis.json'}: {field}"


def test_figures_that_are_not_finite(real: Real, tmp_path: Path) -> None:
    told = {"test": {"loss": None, "nats_per_symbol": 800.0, "perplexity": None}}
    told["baselines"] = {"unigram": {"nats_per_symbol": None}}
    text = words_on(write_run_report(altered(real("language"), tmp_path / "run", metrics=told)))
    assert "800 nats per symbol" in text and "No baseline was measured" in text
