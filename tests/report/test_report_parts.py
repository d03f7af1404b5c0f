"""The parts of reports: differences, scales, bands, the leaderboard."""

import json
from pathlib import Path
from typing import Any

import pytest
from fake_study import write_study
from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from tidegate.errors import BundleError
from tidegate.report.charts.bands import banded
from tidegate.report.charts.scale import fitting, linear
from tidegate.report.study.leaderboard import leaderboard, read_leaderboard
from tidegate.report.study.summary import Summary, summarise
from tidegate.report.tasks.text_diff import difference
from tidegate.results.study import StudyResults

TEXT = st.text(alphabet="ab <é", max_size=12)


@given(TEXT, TEXT)
def test_differences_keep_both_texts_and_mark_nothing_else(reference: str, answer: str) -> None:
    marked = difference(reference, answer)
    assert marked.reference.striptags().count("␣") <= reference.count(" ")
    plain = str(marked.reference.replace("<del>", "").replace("</del>", "").unescape())
    assert plain.replace("␣", " ") == reference
    if reference == answer:
        assert "<del>" not in marked.reference and "<ins" not in marked.answer
    else:
        assert Levenshtein.distance(reference, answer) > 0
        assert "<del>" in marked.reference or "<ins" in marked.answer


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
@example([5e-324])
def test_scales_hold_every_value_and_tick(values: list[float]) -> None:
    for scale in (linear(values, 10, 300), fitting(values, 10, 300), fitting(values, 300, 10)):
        low, high = sorted((scale.start, scale.end))
        assert all(low - 1e-6 <= scale.place(value) <= high + 1e-6 for value in values)
        assert all(scale.low <= tick <= scale.high for tick in scale.ticks())


def test_errors_span_decades_and_so_does_their_axis() -> None:
    errors = fitting([100, 10, 1], 0, 100)
    assert errors.log and errors.place(10) == pytest.approx(50)
    accuracies = fitting([10, 90, 99], 0, 100, ceiling=100)
    assert (
        accuracies.log
        and accuracies.place(90) - accuracies.place(10) < accuracies.place(99) - accuracies.place(90) + 5
    )
    assert 99 in [round(tick, 6) for tick in accuracies.ticks()]
    assert fitting([100, 100], 0, 100, ceiling=100).place(100) == 50
    assert not fitting([0, 5], 0, 100).log
    assert fitting([3, 5], 0, 100).low == 0 and fitting([3, 5], 0, 100, from_zero=False).low > 2


def test_a_band_is_the_range_of_the_seeds() -> None:
    curve = banded("gru", 0, [[(1, 4.0), (3, 2.0)], [(1, 2.0), (2, 1.0), (3, 0.0)]])
    assert curve.points[0] == (1, 3.0) and curve.points[-1] == (3, 1.0)
    assert curve.band[-1] == (3, 0.0, 2.0)
    assert banded("gru", 0, [[], [(1, 4.0)]]).band == ()


def results(arms: dict[str, list[float]], key: str = "cer", **changes: Any) -> dict[str, Any]:
    return {
        "task": "transcribe",
        "primary": key,
        "lower_is_better": key == "cer",
        "arms": [
            {
                "arm": name,
                "n": len(values),
                "runs": [
                    {
                        "seed": i,
                        "folder": f"runs/{name}/seed-{i}",
                        "status": "done",
                        "test": {key: value},
                        "valid": {key: value},
                        "seconds": 10.0 * (k + 1),
                    }
                    for i, value in enumerate(values)
                ],
                "mean": {"valid": {key: sum(values) / len(values)}},
                "spread": {"test": {key: 0.01}},
            }
            for k, (name, values) in enumerate(arms.items())
        ],
        "baselines": {"most frequent": {key: 0.5}},
        **changes,
    }


def read(told: dict[str, Any]) -> StudyResults:
    return StudyResults.from_json(json.dumps(told), "results.json")


def test_the_leaderboard_ranks_by_mean_and_baselines_stand_in_it() -> None:
    board = leaderboard(read(results({"a": [0.3, 0.4], "b": [0.1, 0.2], "c": [0.8]})))
    assert [row.name for row in board.rows] == ["b", "a", "most frequent", "c"]
    assert [row.beats_baselines for row in board.arms] == [True, True, False]
    assert board.arms[0].spread == 0.01 and board.arms[2].spread is None
    better_high = leaderboard(read(results({"a": [0.6], "b": [0.9]}, key="accuracy")))
    assert [row.name for row in better_high.rows] == ["b", "a", "most frequent"]


def test_a_study_without_test_split_is_ranked_on_validation() -> None:
    told = results({"a": [0.3]})
    told["arms"][0]["runs"][0]["test"] = None
    board = leaderboard(read(told))
    assert board.split == "valid" and board.rows[0].mean == 0.3


def test_the_leaderboard_of_a_folder(tmp_path: Path) -> None:
    board = read_leaderboard(write_study(tmp_path / "s"))
    rnn = board.arms[-1]
    assert (rnn.name, rnn.n, rnn.failed) == ("rnn", 2, 1)
    assert board.arms[0].predict_speed == pytest.approx(130.2)
    (tmp_path / "s" / "results.json").write_text(json.dumps([1]))
    with pytest.raises(BundleError, match="does not hold what it should"):
        read_leaderboard(tmp_path / "s")


def test_a_study_that_is_going_claims_nothing(tmp_path: Path) -> None:
    def told(results: StudyResults) -> Summary:
        results.write(tmp_path / "results.json")
        return summarise(tmp_path)

    assert told(StudyResults(task="tag", arms=())).sentences == ("No arm has a result yet.",)
    two = told(read(results({"slow": [0.1], "quick": [0.2]})))
    assert two.use == "slow" and "nothing is compared yet" in two.sentences[0]
    assert told(read(results({"slow": [0.1]}))).sentences == ("One arm: nothing is compared.",)
