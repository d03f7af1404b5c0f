"""Trials: what is suggested, chosen and ended early, and that it hangs on nothing but what was told."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import TrainingError
from tidegate.spec.run import TrainSpec
from tidegate.spec.search import Choices, Range
from tidegate.study.tuning import (
    TrialRecord,
    chosen,
    pruned,
    read_tuning,
    settings_table,
    suggest,
    write_tuning,
)

SPACE = {
    "optimiser.learning_rate": Range(1e-4, 1e-2, log=True),
    "model.dropout": Range(0.0, 0.5),
    "model.layers": Range(1, 3),
    "train.batch_size": Choices((8, 16, 32)),
}


def told(values: list[float]) -> list[TrialRecord]:
    """Trials as a study makes them."""
    records: list[TrialRecord] = []
    for number, value in enumerate(values):
        tried = suggest(SPACE, records, number, 0, lower_is_better=True)
        records.append(TrialRecord(number, tried, value, "done"))
    return records


def test_the_first_trial_is_the_configuration_as_it_stands() -> None:
    assert suggest(SPACE, [], 0, 0, lower_is_better=True) == {}
    assert suggest({}, [], 5, 0, lower_is_better=True) == {}


def test_arms_with_one_space_try_the_same_points_at_first() -> None:
    """Whatever their trials gave so far."""
    good, bad = told([0.1 * n for n in range(9)]), told([0.9 - 0.1 * n for n in range(9)])
    assert [one.settings for one in good] == [one.settings for one in bad]
    assert len({str(one.settings) for one in good}) == 9


def test_later_trials_learn_from_the_arms_own() -> None:
    """The best rate so far is near the lower end: that is where the next ones look."""
    records = told([0.5] * 10)
    near = [
        TrialRecord(
            one.number,
            one.settings,
            abs(one.settings["optimiser.learning_rate"] - 3e-4) if one.settings else 0.5,
            "done",
        )
        for one in records
    ]
    tried = [suggest(SPACE, near, number, 0, lower_is_better=True) for number in range(10, 22)]
    low = sum(one["optimiser.learning_rate"] < 1e-3 for one in tried)
    other = [suggest(SPACE, near, number, 0, lower_is_better=False) for number in range(10, 22)]
    assert low > sum(one["optimiser.learning_rate"] < 1e-3 for one in other)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 14), st.integers(0, 5))
def test_a_suggestion_hangs_on_what_was_told_alone(number: int, seed: int) -> None:
    records = [
        TrialRecord(n, {**dict.fromkeys(()), **values}, 0.1 * n, "done") for n, values in enumerate(POINTS)
    ]
    first, again = (suggest(SPACE, records, number, seed, lower_is_better=True) for _ in range(2))
    assert first == again and set(first) == set(SPACE)
    assert 1e-4 <= first["optimiser.learning_rate"] <= 1e-2 and 0 <= first["model.dropout"] <= 0.5
    assert first["model.layers"] in (1, 2, 3) and first["train.batch_size"] in (8, 16, 32)


POINTS: list[dict[str, Any]] = [
    {
        "optimiser.learning_rate": 1e-3,
        "model.dropout": 0.1 * n,
        "model.layers": 1 + n % 3,
        "train.batch_size": 8,
    }
    for n in range(5)
]


def test_steps_are_kept_to() -> None:
    space = {"train.average": Range(0.0, 0.9, step=0.3)}
    values = {suggest(space, [], number, 0, lower_is_better=True)["train.average"] for number in range(1, 9)}
    assert {round(value, 9) for value in values} <= {0.0, 0.3, 0.6, 0.9} and len(values) > 1


def test_the_best_trial_of_equals_the_first() -> None:
    records = [
        TrialRecord(0, {}, 0.3, "done"),
        TrialRecord(1, {"model.dropout": 0.1}, 0.2, "done"),
        TrialRecord(2, {"model.dropout": 0.2}, 0.2, "done"),
        TrialRecord(3, {"model.dropout": 0.3}, 0.1, "pruned"),
        TrialRecord(4, {"model.dropout": 0.4}, None, "failed"),
    ]
    assert chosen(records, "gru", lower_is_better=True).number == 1
    assert chosen(records, "gru", lower_is_better=False).number == 0
    with pytest.raises(TrainingError, match="no trial of the arm gru") as caught:
        chosen(records[3:], "gru", lower_is_better=True)
    assert "trial 4 failed" in str(caught.value)


def rows(*values: float) -> list[dict[str, Any]]:
    return [{"epoch": n + 1.0, "seconds": n * 2.0, "valid": {"cer": value}} for n, value in enumerate(values)]


def test_a_hopeless_trial_ends() -> None:
    train = TrainSpec(epochs=9)
    others = [rows(*(0.9 - 0.05 * k - 0.05 * n for n in range(9))) for k in range(4)]
    bad, good = rows(0.95, 0.94, 0.93), rows(0.7, 0.6, 0.5)
    assert pruned(bad, others, "cer", train, lower_is_better=True)
    assert not pruned(good, others, "cer", train, lower_is_better=True)
    assert not pruned(bad[:2], others, "cer", train, lower_is_better=True), "before a third of the budget"
    assert not pruned(bad, others[:3], "cer", train, lower_is_better=True), "too few to compare with"
    assert pruned(good, others, "cer", train, lower_is_better=False)
    assert not pruned([], others, "cer", train, lower_is_better=True)
    # What others reached later is no measure of how it does now.
    late = [rows(0.99, 0.98, 0.97, *([0.01] * 6)) for _ in range(4)]
    assert not pruned(bad, late, "cer", train, lower_is_better=True)


def test_places_are_shares_of_the_budget_in_seconds_too() -> None:
    others = [rows(0.5, 0.4, 0.3, 0.2)] * 4
    slow = [{"epoch": 1.0, "seconds": 1.0, "valid": {"cer": 0.9}}]
    assert not pruned(slow, others, "cer", TrainSpec(epochs=None, max_time=6.0), lower_is_better=True)
    later = [{"epoch": 2.0, "seconds": 3.0, "valid": {"cer": 0.9}}]
    assert pruned(later, others, "cer", TrainSpec(epochs=None, max_time=6.0), lower_is_better=True)


def test_the_file_reads_back_the_same(tmp_path: Path) -> None:
    records = {"gru": told([0.1, 0.2, 0.3]), "lstm": [TrialRecord(0, {}, None, "failed")]}
    write_tuning(tmp_path / "tuning.json", records, {"gru": 0, "lstm": None})
    assert read_tuning(tmp_path / "tuning.json") == records
    assert read_tuning(tmp_path / "nothing.json") == {}


def test_dotted_keys_become_tables() -> None:
    assert settings_table({"a.b": 1, "a.c.d": 2, "e": 3}) == {"a": {"b": 1, "c": {"d": 2}}, "e": 3}
