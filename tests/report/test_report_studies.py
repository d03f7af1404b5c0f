"""What a study's page and its other forms say: the verdict, its doubts, and the parts of the comparison."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fake_study import write_collection, write_judged_study, write_study
from markupsafe import Markup
from page_checker import EVIL, check

from tidegate.errors import ConfigError
from tidegate.report.export import export
from tidegate.report.study.by_class import class_tables
from tidegate.report.study.by_length import length_chart
from tidegate.report.study.caveats import caveats
from tidegate.report.study.leaderboard import leaderboard
from tidegate.report.study.literature_notes import suitability
from tidegate.report.study.recommendation import decide
from tidegate.report.study.summary import summarise
from tidegate.report.tasks.page import SamplePage
from tidegate.report.tasks.registry import page_of
from tidegate.report.write import write_report
from tidegate.results.samples import Samples
from tidegate.results.study import StudyArm, StudyResults
from tidegate.results.tuning import Tuning


def row(
    arm: str, mean: float, verdict: str, factor: tuple[float, float, float] = (1.5, 1.2, 2.0), **others: Any
) -> dict[str, Any]:
    return {
        "arm": arm,
        "n": 5,
        "mean": {"value": mean},
        "better": 0.5,
        "may_be_best": verdict in ("best", "may be best", "good enough"),
        "verdict": verdict,
        "difference": {
            "points": {"value": mean - 0.94},
            "factor": dict(zip(("value", "low", "high"), factor, strict=True)),
        },
        **others,
    }


def results(*rows: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A study of F1 whose first row is the best."""
    runs = {"status": "done", "valid": {"f1": 0.9}, "seconds": 9.0}
    arms = [
        {
            "arm": one["arm"],
            "n": 5,
            "traits": {"direction": "both" if one["arm"].startswith("bi") else "forward"},
            "runs": [
                {**runs, "seed": seed, "folder": f"runs/{seed}", "test": {"f1": one["mean"]["value"]}}
                for seed in range(5)
            ],
        }
        for one in rows
    ]
    comparison = {
        "split": "test", "metric": "f1", "lower_is_better": False,
        "arms": list(rows), "best": rows[0]["arm"], "seeds": [0, 1, 2, 3, 4], "alpha": 0.0125, "status": "planned",
        "margin": {"value": 0.002, "kind": "absolute", "set": True, "size": 0.002, "factor": 1.03},
        "may_be_best": [one["arm"] for one in rows if one["may_be_best"]],
        "good_enough": [one["arm"] for one in rows if one["verdict"] in ("best", "good enough")],
        "pairs": [], **others.pop("comparison", {}),
    }  # fmt: skip
    told = {
        "primary": "f1",
        "lower_is_better": False,
        "design": {"match": "parameters"},
        "budget": {"epochs": 8},
    }
    return {"task": "tag", **told, "arms": arms, "baselines": {}, "comparison": comparison, **others}


def read(told: dict[str, Any]) -> StudyResults:
    return StudyResults.from_json(json.dumps(told), "results.json")


def caveats_of(told: dict[str, Any]) -> list[str]:
    return caveats(leaderboard(read(told)), read(told))


def sentences(told: dict[str, Any]) -> str:
    decision = decide(leaderboard(read(told)), read(told))
    assert decision is not None
    return " ".join(decision.sentences).replace("\u202f", " ")


def test_one_best_arm() -> None:
    alone = results(row("bilstm", 0.94, "best"), row("rnn", 0.9, "worse", factor=(1.67, 1.4, 2.0)))
    assert sentences(alone) == (
        "Use bilstm: better than every other arm by more than 0.20 points on this split (5 seeds, equal parameters, "
        "8 epochs). Worse than bilstm: rnn (1.67 × (1.40 to 2.00) the error)."
    )
    near = results(row("bilstm", 0.94, "best"), row("rnn", 0.939, "cannot tell"))
    assert "Use bilstm: better than every other arm on this split" in sentences(near)
    assert "rnn is less good, and this study cannot tell whether by more than 0.20 points." in sentences(near)


def test_arms_that_are_good_enough() -> None:
    study = results(row("bilstm", 0.94, "best"), row("gru", 0.9395, "good enough"))
    assert "gru is good enough: within 0.20 points of the best." in sentences(study)
    assert "Where answers must come while the input goes on: gru." in sentences(study)
    study["arms"][1]["traits"]["direction"] = "both"
    assert "input goes on" not in sentences(study)


def speeds(gru: tuple[float, float, float], load: float = 0.05) -> dict[str, Any]:
    one = {"arm": "bilstm", "milliseconds": 2.0, "factor": 1.0, "low": 1.0, "high": 1.0}
    other = {"arm": "gru", "milliseconds": 1.0, **dict(zip(("factor", "low", "high"), gru, strict=True))}
    return {"against": "bilstm", "rounds": 30, "samples": 20, "load": load, "arms": [one, other]}


def test_an_arm_that_is_good_enough_and_surely_faster() -> None:
    rows = row("bilstm", 0.94, "best"), row("gru", 0.9395, "good enough")
    fast = results(*rows, speeds=speeds((2.0, 1.5, 2.5)))
    assert sentences(fast).startswith(
        "Use gru: within 0.20 points of the best arm, whichever that is, on this split (5 seeds, equal parameters, 8 "
        "epochs), and it answers 2.0 × as fast as bilstm (95 % interval 1.5 to 2.5)."
    )
    assert sentences(results(*rows, speeds=speeds((2.0, 1.1, 2.5)))).startswith("Use bilstm")
    loud = results(*rows, speeds=speeds((2.0, 1.5, 2.5), load=0.6))
    assert sentences(loud).startswith("Use bilstm")
    assert (
        caveats_of(loud)[0]
        .replace("\u202f", " ")
        .startswith("Speed was not measured quietly: other work took 60 %")
    )
    worse = results(rows[0], row("gru", 0.9, "worse"), speeds=speeds((2.0, 1.5, 2.5)))
    assert sentences(worse).startswith("Use bilstm")


def test_what_is_not_decided() -> None:
    study = results(
        row("bilstm", 0.94, "may be best"), row("gru", 0.938, "may be best"),
        comparison={"seeds_needed": [10, 20], "good_enough": [], "too_noisy": True, "half_width": 0.01},
    )  # fmt: skip
    told = sentences(study)
    assert told.startswith("Use bilstm for now: it has the best mean on this split (5 seeds, ")
    assert "gru may be as good or better." in told
    assert "It is too noisy to call any two arms as good within 0.20 points." in told
    assert "10 to 20 seeds in all would probably decide (--until-decided goes on)." in told
    study["comparison"]["seeds_needed"] = None
    assert "More than 20 seeds would be needed" in sentences(study)


@pytest.mark.parametrize(
    ("splits", "place"),
    [("official", "on this split"), ("resampled", "over splits drawn anew"), ("time", "blocks of time")],
)
def test_the_headline_says_what_it_is_about(splits: str, place: str) -> None:
    study = results(row("bilstm", 0.94, "best"), row("rnn", 0.9, "worse"), comparison={"splits": splits})
    assert place in sentences(study).split("(")[0]


def test_a_first_look_has_no_verdict() -> None:
    study = results(
        row("bilstm", 0.94, "cannot tell"), row("rnn", 0.9, "cannot tell"),
        comparison={
            "status": "first look", "seeds": [0, 1, 2],
            "effects": [effect("front", "cnn", "none", (0.019, 0.012, 0.026), "better")],
        },
    )  # fmt: skip
    assert sentences(study) == (
        "A first look, no verdict: bilstm has the best mean on this split (3 seeds, equal parameters, 8 epochs). "
        "Plan five seeds or more (--seeds 5)."
    )


def effect(
    trait: str, level: str, against: str, ends: tuple[float, float, float] | None, verdict: str,
    pairs: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:  # fmt: skip
    """An effect by its factor of the error."""
    return {
        "trait": trait, "level": level, "against": against,
        "pairs": pairs or [pair("a", "b", (1.0, 0.9, 1.1), "undecided")],
        "interaction": None, "difference": ends and factor_of(ends), "p": 0.1, "verdict": verdict,
    }  # fmt: skip


def factor_of(ends: tuple[float, float, float]) -> dict[str, Any]:
    return {"points": {"value": 0.01}, "factor": dict(zip(("value", "low", "high"), ends, strict=True))}


def pair(arm: str, against: str, ends: tuple[float, float, float], verdict: str) -> dict[str, Any]:
    return {"arm": arm, "against": against, "difference": factor_of(ends), "verdict": verdict}


def test_effects_in_words() -> None:
    apart = [
        pair("cnn-lstm", "lstm", (0.25, 0.2, 0.5), "better"),
        pair("cnn-gru", "gru", (1.05, 1.02, 1.08), "worse"),
        pair("cnn-rnn", "rnn", (1.0, 0.5, 2.0), "undecided"),
    ]
    effects = [
        effect("front", "cnn", "none", (0.5, 0.4, 0.625), "better"),
        effect("direction", "both", "forward", (1.0, 0.99, 1.01), "equivalent", apart[:2]),
        effect("cell", "gru", "lstm", (0.9, 0.5, 1.1), "undecided"),
        effect("cell", "lstm", "elman", None, "depends", apart),
        effect("cell", "gru", "elman", (1.5, 1.25, 2.0), "worse", apart[:2]),
    ]
    told = sentences(
        results(row("bilstm", 0.94, "best"), row("gru", 0.9, "worse"), comparison={"effects": effects})
    )
    assert "The CNN front end divides 1 − F1 by 2.00 (95 % interval 1.60 to 2.50), in a instead of b." in told
    assert "Reading in both directions makes no difference that matters, in 2 pairs of arms." in told
    assert "The GRU against the LSTM" not in told
    assert (
        "The LSTM against the vanilla RNN is not worth the same everywhere: it divides 1 − F1 by 4.00 (95 % interval "
        "2.00 to 5.00) in cnn-lstm instead of lstm and raises 1 − F1 by 5 % (95 % interval 2 to 8) in cnn-gru instead of "
        "gru; of 1 other pair nothing is decided."
    ) in told
    assert "The GRU against the vanilla RNN multiplies 1 − F1 by 1.50 (95 % interval 1.25 to 2.00)" in told


def test_no_comparison_no_decision() -> None:
    told = {**results(row("gru", 0.9, "best")), "comparison": None}
    assert decide(leaderboard(read(told)), read(told)) is None and caveats_of(told) == []


def against_crf(*verdicts: str) -> dict[str, Any]:
    rows = [
        {"arm": arm, "baseline": "crf", "difference": factor_of((1, 1, 1)), "p": 0.1, "verdict": verdict}
        for arm, verdict in zip(("bilstm", "rnn"), verdicts, strict=True)
    ]
    return {"baselines": {"crf": {"f1": 0.92}}, "comparison": {"baselines": rows}}


SPEAKERS = {
    "samples": 150, "units": 12, "unit": "speaker", "half_width": 0.05, "between": ["bilstm", "rnn"],
    "about_these_test_data": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "caveat"),
    [
        (
            against_crf("does not beat", "does not beat"),
            "The baseline “crf”, which knows no network, beats every arm",
        ),
        (
            against_crf("cannot tell", "does not beat"),
            "rnn is beaten by the baseline “crf”, which knows no network; bilstm is not shown to beat the baseline",
        ),
        ({"comparison": {"seeds": [0], "status": "first look"}}, "One seed: chance alone"),
        ({"comparison": {"status": "exploratory"}}, "Seeds were added outside the planned looks"),
        ({"comparison": {"sampling": SPEAKERS}}, "The test part has 12 speakers: too few"),
        (
            {
                "comparison": {
                    "sampling": {**SPEAKERS, "units": 50, "about_these_test_data": False},
                    "half_width": 0.06,
                    "may_be_best": ["bilstm", "rnn"],
                }
            },
            "The test part (50 speakers) is what limits this study",
        ),
    ],
)
def test_caveats(changes: dict[str, Any], caveat: str) -> None:
    told = results(row("bilstm", 0.94, "best"), row("rnn", 0.9, "worse"), **changes)
    assert any(text.startswith(caveat) for text in caveats_of(told)), caveats_of(told)
    assert caveats_of(results(row("bilstm", 0.94, "best"), row("rnn", 0.9, "worse"))) == []


def test_baselines_that_are_beaten(tmp_path: Path) -> None:
    study = results(row("bilstm", 0.94, "best"), row("rnn", 0.93, "worse"), **against_crf("beats", "beats"))
    (tmp_path / "results.json").write_text(json.dumps(study))
    (tmp_path / "study.toml").write_text("")
    summary = summarise(tmp_path)
    assert summary.sentences[-1].startswith("Every arm beats the best baseline, “crf”, which reaches 92.00")
    assert summary.use == "bilstm" and not summary.unbeaten and summary.caveats == ()


def test_what_a_search_leaves_open() -> None:
    trials = {
        "edges": [{"key": "optimiser.learning_rate", "value": 0.001, "side": "low"}],
        "tied": {"trials": 3, "among": 5, "units": 67},
        "improving": True,
        "trials": [],
    }
    tuning = Tuning.from_json(json.dumps({"arms": {"rnn": trials, "gru": {"trials": []}}}), "tuning.json")
    study = read(results(row("bilstm", 0.94, "best"), row("rnn", 0.9, "worse")))
    edge, ties, short = caveats(leaderboard(study), study, tuning)
    assert "rnn (optimiser.learning_rate = 0.001, the smallest tried)" in edge and "gru" not in edge
    assert "validation part, which has 67 samples" in ties and "rnn (3 of 5 trials)" in ties
    assert "still improved" in short and "rnn" in short


def test_runs_that_failed_are_a_doubt() -> None:
    told = results(row("bilstm", 0.94, "best"), row("rnn", 0.9, "worse"))
    told["arms"][1]["runs"][0]["status"] = "failed"
    told["arms"][1]["runs"][1]["status"] = "interrupted"
    said = " ".join(caveats_of(told))
    assert "1 of 5 runs of rnn failed and 1 of 5 runs of rnn interrupted" in said


def test_nats_are_told_as_differences() -> None:
    one = effect("front", "cnn", "none", (0.9, 0.8, 0.95), "better")
    one["difference"]["points"] = {"value": -0.12, "low": -0.2, "high": -0.05}
    study = results(row("bilstm", 1.5, "best"), row("rnn", 1.9, "worse"), comparison={"effects": [one]})
    study |= {"primary": "nats_per_symbol", "lower_is_better": True}
    for arm in study["arms"]:
        for run in arm["runs"]:
            run["test"] = {"nats_per_symbol": arm["n"] * 0.3}
    assert (
        "The CNN front end lowers nats/symbol by 0.12 (95 % interval 0.05 to 0.2), in a instead"
        in sentences(study)
    )
    assert "rnn (by 0.96)" in sentences(study)


def test_a_budget_that_was_too_short() -> None:
    told = results(row("bilstm", 0.94, "best"), row("rnn", 0.9, "worse"))
    assert caveats_of(told) == []
    for run in told["arms"][1]["runs"][:3]:
        run["improving"] = True
    assert "Still improving when the budget ended: rnn" in caveats_of(told)[0]


def test_the_page(tmp_path: Path) -> None:
    study = write_judged_study(tmp_path / "cells")
    page = check(write_report(study))
    text = " ".join(page.text.replace("\u202f", " ").split())
    for part in (
        "How sure that is", "Appendix: all pairs", "What each part is worth", "CNN front end instead of no front end",
        "CER by length", "The hardest samples, side by side", "not beaten in both", "What is known of these networks",
        "Schuster and Paliwal 1997", "Settings that were tried", "gru, trial 0 (chosen)",
        "trial 1", "failed", "9 ms", "0.61", "Caveats", "Methods, for a paper", "We trained 6 networks",
    ):  # fmt: skip
        assert part in text or part in page.text, part
    # Six arms: those that answered alike stand together, below the answer of the reference.
    names = [attributes for tag, attributes in page.tags if attributes.get("class") == "who"]
    answers = [tag for tag, attributes in page.tags if tag == "dd" and "dir" in attributes]
    assert len(names) % 6 == 0 and len(answers) < len(names)
    order = [
        text.index(part) for part in ("Use ", "Caveats", "How sure that is", "Leaderboard", "What it costs")
    ]
    assert order == sorted(order)
    cells = [
        attributes
        for tag, attributes in page.tags
        if tag == "td" and (attributes.get("class") or "").startswith("pair ")
    ]
    assert len(cells) == 36


def test_speeds_measured_after_all_runs_stand_in_place_of_those_of_runs(tmp_path: Path) -> None:
    study = write_judged_study(tmp_path / "cells")
    assert "Alone, median" in check(write_report(study)).text
    told = json.loads((study / "results.json").read_text())
    arms = [
        {"arm": arm["arm"], "milliseconds": 7.77, "factor": 1.5, "low": 1.25, "high": 1.75}
        for arm in told["arms"]
    ]
    best = told["comparison"]["best"]
    told["speeds"] = {"against": best, "rounds": 31, "samples": 20, "load": 0.1, "arms": arms}
    (study / "results.json").write_text(json.dumps(told))
    text = check(write_report(study)).text
    assert f"Times {best}’s speed" in text and "1.50 (1.25 to 1.75)" in text and "31 rounds of 20" in text
    assert "7.77" in text and "Alone, median" not in text and "9\u202fms" not in text


def test_an_older_study_still_has_a_page(tmp_path: Path) -> None:
    text = check(write_report(write_study(tmp_path / "cells"))).text
    assert "Leaderboard" in text and "How sure that is" not in text


def test_what_comes_from_outside_is_escaped(tmp_path: Path) -> None:
    study = write_judged_study(tmp_path / "cells", seeds=2)
    told = (study / "results.json").read_text().replace('"rnn"', json.dumps(EVIL))
    (study / "results.json").write_text(told)
    (study / "tuning.json").write_text(json.dumps({"arms": {EVIL: {"trials": []}}}))
    check(write_report(study))


def test_a_large_study_stays_small(tmp_path: Path) -> None:
    assert write_report(write_judged_study(tmp_path / "cells", seeds=12)).stat().st_size < 6_000_000


def test_several_data_sets(tmp_path: Path) -> None:
    page = check(write_report(write_collection(tmp_path / "all")))
    assert "No winner: no arm is shown to be better than every other one over 3 data sets" in page.text
    assert "cnn-bilstm against cnn-bigru" in page.text
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert "lines-1/report.html" in links
    assert "## lines-2" in export(tmp_path / "all", "markdown")
    assert export(tmp_path / "all", "csv").startswith("study,arm,seed,status")
    told = json.loads(export(tmp_path / "all", "json"))["studies"]
    assert [one["verdict"]["use"] for one in told] == ["cnn-bilstm"] * 3 and all(
        one["caveats"] for one in told
    )


def test_markdown_json_and_csv(tmp_path: Path) -> None:
    study = write_judged_study(tmp_path / "cells")
    told = export(study, "markdown")
    assert told.startswith("# cells\n\n- Use ") and "| cnn-bilstm | 1." in told and "Caveats:" in told
    whole = json.loads(export(study, "json"))
    assert whole["kind"] == "study" and whole["verdict"]["use"] == whole["comparison"]["best"]
    rows = list(csv.DictReader(io.StringIO(export(study, "csv"))))
    assert len(rows) == 30 and {"arm", "seed", "test_cer", "latency_p50_ms", "parameters"} <= set(rows[0])
    assert [one["status"] for one in rows].count("failed") == 1
    run = study / "runs" / "gru" / "seed-0"
    assert "| test |" in export(run, "markdown") and json.loads(export(run, "json"))["kind"] == "run"
    assert len(export(run, "csv").splitlines()) == 2
    with pytest.raises(ConfigError, match="no such format"):
        export(study, "latex")


def test_lengths_need_samples_of_several() -> None:
    board = leaderboard(read(results(row("gru", 0.94, "best"))))
    same = Samples(metric="f1", of=2, numerator=(1, 1), denominator=(1, 1))
    assert length_chart(board, {"gru": [same]}, "Words") == Markup("")


def test_classes_need_two_arms() -> None:
    assert class_tables(leaderboard(read(results(row("gru", 0.94, "best")))), {}, SamplePage()) == []


@pytest.mark.parametrize(
    "task", ["classify", "transcribe", "tag", "language", "forecast", "signal", "adding"]
)
def test_every_note_has_its_source(task: str) -> None:
    kinds = [
        StudyArm(arm="x", runs=(), n=0, traits={"cell": cell, "direction": direction, "network": network})
        for cell in ("elman", "lstm", "gru")
        for direction in ("forward", "both")
        for network in ("rnn", "cnn-rnn", "cnn")
    ]
    notes = suitability(kinds, page_of(task))
    assert len({note.about for note in notes}) == 7
    assert all(note.text.endswith(".") and any(c.isdigit() for c in note.source) for note in notes)
    assert suitability([], page_of(task)) == []
