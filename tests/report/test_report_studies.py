"""What a study's page and its other forms say: the verdict, its doubts, and the parts of the comparison."""

import csv
import io
import json
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
from tidegate.report.study.caveats import doubts
from tidegate.report.study.leaderboard import leaderboard
from tidegate.report.study.literature_notes import suitability
from tidegate.report.study.recommendation import decide
from tidegate.report.tasks.page import SamplePage
from tidegate.report.tasks.registry import page_of
from tidegate.report.write import write_report
from tidegate.results.samples import Samples
from tidegate.results.study import StudyArm, StudyResults


def row(arm: str, mean: float, verdict: str, **others: Any) -> dict[str, Any]:
    return {
        "arm": arm,
        "n": 5,
        "mean": {"value": mean},
        "better": 0.5,
        "may_be_best": verdict in ("best", "may be best", "good enough"),
        "verdict": verdict,
        "difference": {"points": {"value": mean - 0.94}},
        **others,
    }


def results(*rows: dict[str, Any], latency: dict[str, float] | None = None, **others: Any) -> dict[str, Any]:
    """A study of F1 whose first row is the best."""
    runs = {"status": "done", "valid": {"f1": 0.9}, "seconds": 9.0}
    arms = [
        {
            "arm": one["arm"],
            "n": 5,
            "traits": {"direction": "both" if one["arm"].startswith("bi") else "forward"},
            "costs": {"latency_p50_ms": (latency or {}).get(one["arm"])},
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


def doubts_of(told: dict[str, Any]) -> list[str]:
    return doubts(leaderboard(read(told)), read(told))


def sentences(told: dict[str, Any]) -> str:
    decision = decide(leaderboard(read(told)), read(told))
    assert decision is not None
    return " ".join(decision.sentences).replace("\u202f", " ")


def test_the_cheaper_of_two_that_are_as_good() -> None:
    told = results(
        row("bilstm", 0.94, "best"), row("gru", 0.9395, "good enough"), latency={"bilstm": 1.6, "gru": 1.0}
    )
    assert sentences(told) == (
        "Use gru: within 0.20 points of the best (5 seeds, equal parameters, 8 epochs), 1.6 × faster to predict than "
        "bilstm, and it can stream."
    )
    slow = results(
        row("bilstm", 0.94, "best"), row("gru", 0.9395, "good enough"), latency={"bilstm": 1.1, "gru": 1.0}
    )
    assert sentences(slow).startswith("Use bilstm: best mean, with gru good enough, within 0.20 points")
    both = results(
        row("lstm", 0.94, "best"), row("bigru", 0.9395, "good enough"), latency={"lstm": 3.0, "bigru": 1.0}
    )
    assert sentences(both).startswith("Use bigru") and "stream" not in sentences(both)


def test_a_winner_and_what_is_undecided() -> None:
    alone = results(row("bilstm", 0.94, "best"), row("rnn", 0.9, "worse"))
    assert "Use bilstm: better than every other arm" in sentences(alone)
    assert "Worse: rnn (by 4.00 points)." in sentences(alone)
    open_ = results(
        row("bilstm", 0.94, "may be best"), row("gru", 0.938, "may be best"), row("rnn", 0.93, "cannot tell"),
        comparison={"seeds_needed": [10, 20], "good_enough": []},
    )  # fmt: skip
    assert "Use bilstm for now: it has the best mean" in sentences(open_)
    assert "cannot tell whether rnn is as good. 10 to 20 seeds probably would." in sentences(open_)
    first = results(
        row("bilstm", 0.94, "cannot tell"), comparison={"status": "first look", "seeds": [0, 1, 2]}
    )
    assert sentences(first).startswith("A first look: bilstm has the best mean")


def effect(
    trait: str,
    level: str,
    against: str,
    ends: tuple[float, float, float] | None,
    verdict: str,
    pairs: int = 1,
) -> dict[str, Any]:
    difference = {"points": dict(zip(("value", "low", "high"), ends, strict=True))} if ends else None
    pair = {"arm": "a", "against": "b", "difference": {"points": {"value": 0.0}}, "verdict": "undecided"}
    return {"trait": trait, "level": level, "against": against, "pairs": [pair] * pairs, "interaction": None,
            "difference": difference, "p": 0.1, "verdict": verdict}  # fmt: skip


def test_effects_in_words() -> None:
    effects = [
        effect("front", "cnn", "none", (0.019, 0.012, 0.026), "better"),
        effect("direction", "both", "forward", (0.0, -0.001, 0.001), "equivalent", pairs=2),
        effect("cell", "gru", "lstm", (0.01, -0.1, 0.1), "undecided"),
        effect("cell", "lstm", "elman", None, "depends", pairs=2),
    ]
    told = sentences(
        results(row("bilstm", 0.94, "best"), row("gru", 0.9, "worse"), comparison={"effects": effects})
    )
    assert (
        "The CNN front end is worth +1.90 points of F1 (95 % interval +1.20 to +2.60; 1 pair of arms)."
        in told
    )
    assert "Reading in both directions makes no difference that matters" in told
    assert "The GRU against the LSTM" not in told and "The LSTM against" not in told


def test_no_comparison_no_decision() -> None:
    told = {**results(row("gru", 0.9, "best")), "comparison": None}
    assert decide(leaderboard(read(told)), read(told)) is None and doubts_of(told) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"baselines": {"crf": {"f1": 0.99}}}, "No network beats the baseline “crf”"),
        (
            {"baselines": {"crf": {"f1": 0.92}}},
            "Not better than the baseline “crf”, which knows no network: rnn.",
        ),
        ({"comparison": {"seeds": [0], "status": "first look"}}, "A first look: 1 seed decide nothing"),
        ({"comparison": {"seeds": [0, 1, 2], "status": "first look"}}, "A first look: 3 seeds"),
        ({"comparison": {"status": "exploratory"}}, "Looked at outside"),
        (
            {"comparison": {"too_noisy": True, "seeds_needed": [10, 20]}},
            "Too noisy to call anything equal; 10 to 20",
        ),
        (
            {
                "comparison": {
                    "sampling": {
                        "samples": 150,
                        "units": 12,
                        "unit": "speaker",
                        "half_width": 0.05,
                        "between": ["a", "b"],
                        "about_these_test_data": True,
                    }
                }
            },
            "The test part has 12 units",
        ),
    ],
)
def test_doubts(changes: dict[str, Any], said: str) -> None:
    told = results(row("bilstm", 0.94, "best"), row("rnn", 0.9, "worse"), **changes)
    assert any(text.startswith(said) for text in doubts_of(told))


def test_runs_that_failed_are_a_doubt() -> None:
    told = results(row("bilstm", 0.94, "best"), row("rnn", 0.9, "worse"))
    told["arms"][1]["runs"][0]["status"] = "failed"
    told["arms"][1]["runs"][1]["status"] = "interrupted"
    said = " ".join(doubts_of(told))
    assert "1 of 5 runs of rnn failed and 1 of 5 runs of rnn interrupted" in said


def test_what_lowers_an_error_is_not_written_as_a_gain() -> None:
    one = effect("front", "cnn", "none", (-0.2325, -0.2483, -0.2167), "better")
    told = {**results(row("bilstm", 0.94, "best"), comparison={"effects": [one]}), "primary": "cer"}
    told["lower_is_better"] = True
    for arm in told["arms"]:
        for run in arm["runs"]:
            run["test"] = {"cer": 0.03}
    assert "The CNN front end lowers CER by 23.25 points (95 % interval 21.67 to 24.83;" in sentences(told)
    one |= effect("front", "cnn", "none", (0.2325, 0.2167, 0.2483), "worse")
    assert "The CNN front end raises CER by 23.25 points (95 % interval 21.67 to 24.83;" in sentences(told)


def test_who_must_stream_hears_of_an_arm_that_can() -> None:
    told = results(
        row("bilstm", 0.94, "best"), row("gru", 0.9395, "good enough"), latency={"bilstm": 1.1, "gru": 1.0}
    )
    assert sentences(told).endswith("clearly faster; where answers must come while the input goes on, gru.")
    told["arms"][1]["traits"]["direction"] = "both"
    assert sentences(told).endswith("none of them clearly faster.")


def test_a_budget_that_was_too_short() -> None:
    told = results(row("bilstm", 0.94, "best"), row("rnn", 0.9, "worse"))
    assert doubts_of(told) == []
    for run in told["arms"][1]["runs"][:3]:
        run["improving"] = True
    assert "Still improving when the budget ended: rnn" in doubts_of(told)[0]


def test_the_page(tmp_path: Path) -> None:
    study = write_judged_study(tmp_path / "cells")
    page = check(write_report(study))
    text = " ".join(page.text.replace("\u202f", " ").split())
    for part in (
        "How sure that is", "All pairs", "What each part is worth", "CNN front end instead of no front end",
        "CER by length", "The hardest samples, side by side", "not beaten in both", "What is known of these networks",
        "Schuster and Paliwal 1997", "Settings that were tried", "gru, trial 0 (chosen)",
        "trial 1", "failed", "9 ms", "0.61", "What to doubt",
    ):  # fmt: skip
        assert part in text or part in page.text, part
    # Six arms: those that answered alike stand together, below the answer of the reference.
    names = [attributes for tag, attributes in page.tags if attributes.get("class") == "who"]
    answers = [tag for tag, attributes in page.tags if tag == "dd" and "dir" in attributes]
    assert len(names) % 6 == 0 and len(answers) < len(names)
    order = [
        text.index(part)
        for part in ("Use ", "What to doubt", "How sure that is", "Leaderboard", "What it costs")
    ]
    assert order == sorted(order)
    cells = [
        attributes
        for tag, attributes in page.tags
        if tag == "td" and (attributes.get("class") or "").startswith("pair ")
    ]
    assert len(cells) == 36


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
        one["doubts"] for one in told
    )


def test_markdown_json_and_csv(tmp_path: Path) -> None:
    study = write_judged_study(tmp_path / "cells")
    told = export(study, "markdown")
    assert told.startswith("# cells\n\n- Use ") and "| cnn-bilstm | 1." in told and "Doubts:" in told
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
