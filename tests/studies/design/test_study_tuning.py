"""Trials: what is suggested, chosen and ended early, and that it hangs on nothing but what was told."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from result_cases import validation
from tidegate.config.search import Choices, Range
from tidegate.config.tables import TrainSpec
from tidegate.errors import BundleError, TrainingError
from tidegate.results.history import HistoryLine
from tidegate.results.tuning import ArmTrials, Edge, Repeat, Tie, Trial, Tuning
from tidegate.studies.design.choice import chosen, edges, finalists, tie
from tidegate.studies.design.tuning import pruned, settings_table, suggest

SPACE = {
    "optimiser.learning_rate": Range(1e-4, 1e-2, log=True),
    "model.dropout": Range(0.0, 0.5),
    "model.layers": Range(1, 3),
    "train.batch_size": Choices((8, 16, 32)),
}


def told(values: list[float]) -> list[Trial]:
    """Trials as a study makes them."""
    records: list[Trial] = []
    for number, value in enumerate(values):
        tried = suggest(SPACE, records, number, 0, lower_is_better=True)
        records.append(Trial(number, tried, value, "done"))
    return records


def test_the_first_trial_is_the_configuration_as_it_stands() -> None:
    assert suggest(SPACE, [], 0, 0, lower_is_better=True) == {}
    assert suggest({}, [], 5, 0, lower_is_better=True) == {}


def test_arms_with_one_space_try_the_same_points_at_first() -> None:
    """Whatever their trials gave so far."""
    good, bad = told([0.1 * n for n in range(9)]), told([0.9 - 0.1 * n for n in range(9)])
    assert [one.settings for one in good] == [one.settings for one in bad]
    assert len({str(one.settings) for one in good}) == 9


def on_both_sides(suggested: Callable[[int, int], float], trials: int, seed: int) -> bool:
    """Whether the trials after the first look below and above the middle of a rate's range."""
    rates = [suggested(number, seed) for number in range(1, trials)]
    return min(rates) < 1e-3 < max(rates)


@pytest.mark.parametrize("trials", range(3, 12))
def test_the_search_looks_on_both_sides(trials: int) -> None:
    """However few the trials are, and whatever the seed."""

    def rate(number: int, seed: int) -> float:
        tried = suggest(SPACE, [], number, seed, lower_is_better=True)
        return tried["optimiser.learning_rate"]

    assert all(on_both_sides(rate, trials, seed) for seed in range(40))


def test_a_search_on_one_side_would_be_caught() -> None:
    """Points 1 and 2 of a scrambled Sobol sequence always lie in one half: studies once began there."""

    def rate(number: int, seed: int) -> float:
        place = float(qmc.Sobol(d=4, scramble=True, rng=seed).random(16)[number][0])
        return 1e-4 * 100**place

    assert not any(on_both_sides(rate, 3, seed) for seed in range(40))


def test_later_trials_learn_from_the_arms_own() -> None:
    """The best rate so far is near the lower end: that is where the next ones look."""
    records = told([0.5] * 10)
    near = [
        Trial(
            one.number,
            one.settings,
            abs(one.settings["optimiser.learning_rate"] - 3e-4) if one.settings else 0.5,
            "done",
        )
        for one in records
    ]

    def near_the_end(*, lower_is_better: bool) -> int:
        tried = [
            suggest(SPACE, near, number, seed, lower_is_better=lower_is_better)
            for seed in range(4)
            for number in range(10, 22)
        ]
        return sum(one["optimiser.learning_rate"] < 1e-3 for one in tried)

    assert near_the_end(lower_is_better=True) > near_the_end(lower_is_better=False) + 4


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 14), st.integers(0, 5))
def test_a_suggestion_hangs_on_what_was_told_alone(number: int, seed: int) -> None:
    records = [Trial(n, {**dict.fromkeys(()), **values}, 0.1 * n, "done") for n, values in enumerate(POINTS)]
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


def test_equals_are_told_apart_by_their_loss_then_by_their_number() -> None:
    records = [Trial(n, {"a.b": n}, 0.2, "done", loss=loss) for n, loss in enumerate((0.5, 0.4, 0.4, None))]
    assert [one.number for one in finalists(records, lower_is_better=True)] == [1, 2]
    assert chosen(records, "gru", lower_is_better=True).number == 1
    better = [*records, Trial(4, {"a.b": 4}, 0.19, "done", loss=9.0)]
    assert [one.number for one in finalists(better, lower_is_better=True)] == [4, 1]


def test_the_mean_of_two_seeds_decides_between_the_two_best() -> None:
    lucky, steady = Trial(0, {}, 0.10, "done"), Trial(1, {"a.b": 1}, 0.12, "done")
    after = [
        replace(lucky, repeat=Repeat(0.2, None, "done")),
        replace(steady, repeat=Repeat(0.12, None, "done")),
    ]
    assert chosen([lucky, steady], "gru", lower_is_better=True).number == 0
    assert chosen(after, "gru", lower_is_better=True).number == 1
    half = [after[0], steady]
    assert chosen(half, "gru", lower_is_better=True).number == 0, "not before both have run again"
    failed = [replace(lucky, repeat=Repeat(None, None, "failed")), after[1]]
    assert chosen(failed, "gru", lower_is_better=True).number == 1
    both = [replace(one, repeat=Repeat(None, None, "failed")) for one in (lucky, steady)]
    assert chosen(both, "gru", lower_is_better=True).number == 0


def test_one_setting_is_not_compared_with_itself() -> None:
    same = [Trial(n, {}, 0.1 + n, "done") for n in range(3)]
    assert [one.number for one in finalists(same, lower_is_better=True)] == [0]


def test_a_choice_at_the_edge_is_doubted() -> None:
    space = {"optimiser.learning_rate": Range(1e-4, 1e-2, log=True), "model.dropout": Range(0.0, 0.5)}

    def arm(*rates: float) -> ArmTrials:
        tried = [{}, *({"optimiser.learning_rate": rate, "model.dropout": 0.5} for rate in rates)]
        trials = tuple(Trial(n, one, 0.1, "failed" if n == 1 else "done") for n, one in enumerate(tried))
        return ArmTrials(trials, defaults={"optimiser.learning_rate": 1e-3})

    settings = {"optimiser.learning_rate": 1e-3, "model.dropout": 0.5}
    assert edges(space, arm(2e-4, 5e-3), settings) == ()
    assert edges(space, arm(5e-3, 2e-3), settings) == (Edge("optimiser.learning_rate", 1e-3, "low"),)
    assert edges(space, arm(2e-4, 3e-4), settings) == (Edge("optimiser.learning_rate", 1e-3, "high"),)
    assert edges(space, arm(), settings) == (), "one rate has no edges"


def test_ties_are_counted_against_the_units_of_validation() -> None:
    records = [Trial(n, {}, value, "done") for n, value in enumerate((0.1, 0.2, 0.1, 0.1))]
    assert tie(records, records[0], 67) == Tie(3, 4, 67)
    assert tie(records, records[1], 67) is None


@pytest.mark.parametrize(
    ("rates", "wide"),
    [
        ((1e-4, 1e-3, 1e-2, 0.1), False),
        ((1e-4, 2e-4, 1e-3, 1e-2, 0.05), False),
        ((1e-4, 2e-4, 1e-3, 1e-2, 0.1), True),
        ((1e-4, 1e-4, 1e-3, 1e-2, 0.1), False),
    ],
)
def test_nobody_is_said_not_to_learn_before_five_rates_over_three_decades(
    rates: tuple[float, ...], *, wide: bool
) -> None:
    first, *others = rates
    trials = [Trial(0, {}, 0.9, "done"), Trial(9, {"optimiser.learning_rate": 1e-9}, None, "started")]
    trials += [Trial(n, {"optimiser.learning_rate": rate}, 0.9, "done") for n, rate in enumerate(others, 1)]
    arm = ArmTrials(tuple(trials), defaults={"optimiser.learning_rate": first})
    assert arm.may_be_said_not_to_learn == wide
    assert not ArmTrials(()).may_be_said_not_to_learn


def test_the_best_trial_of_equals_the_first() -> None:
    records = [
        Trial(0, {}, 0.3, "done"),
        Trial(1, {"model.dropout": 0.1}, 0.2, "done"),
        Trial(2, {"model.dropout": 0.2}, 0.2, "done"),
        Trial(3, {"model.dropout": 0.3}, 0.1, "pruned"),
        Trial(4, {"model.dropout": 0.4}, None, "failed"),
    ]
    assert chosen(records, "gru", lower_is_better=True).number == 1
    assert chosen(records, "gru", lower_is_better=False).number == 0
    with pytest.raises(TrainingError, match="no trial of the arm gru") as caught:
        chosen(records[3:], "gru", lower_is_better=True)
    assert "trial 4 failed" in str(caught.value)


def rows(*values: float) -> list[HistoryLine]:
    return [
        validation(epoch=n + 1.0, seconds=n * 2.0, valid={"cer": value}) for n, value in enumerate(values)
    ]


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
    slow = [validation(epoch=1.0, seconds=1.0, valid={"cer": 0.9})]
    assert not pruned(slow, others, "cer", TrainSpec(epochs=None, max_time=6.0), lower_is_better=True)
    later = [validation(epoch=2.0, seconds=3.0, valid={"cer": 0.9})]
    assert pruned(later, others, "cer", TrainSpec(epochs=None, max_time=6.0), lower_is_better=True)


def test_the_file_reads_back_the_same(tmp_path: Path) -> None:
    arms = {
        "gru": ArmTrials(tuple(told([0.1, 0.2, 0.3])), 0),
        "lstm": ArmTrials((Trial(0, {}, None, "failed"),)),
    }
    Tuning(arms).write(tmp_path / "tuning.json")
    assert Tuning.read(tmp_path / "tuning.json") == Tuning(arms)
    assert Tuning.find(tmp_path / "nothing.json") is None


def test_dotted_keys_become_tables() -> None:
    assert settings_table({"a.b": 1, "a.c.d": 2, "e": 3}) == {"a": {"b": 1, "c": {"d": 2}}, "e": 3}


@pytest.mark.parametrize(
    "one",
    [
        Range(0.0, 1.0, step=0.35),
        Range(0.12345678, 0.9, step=0.1),
        Range(0.1234567, 0.1234568),
        Range(0.99991, 0.99999),
        Range(1e-5, 1.00004e-5, log=True),
        Range(1, 10, step=4),
        Range(2, 300, log=True),
    ],
)
def test_whatever_is_tried_is_in_the_range_and_can_be_told_again(one: Range) -> None:
    """Rounded ends and steps that do not divide their range are where it could fail."""
    records: list[Trial] = []
    for number in range(16):
        tried = suggest({"a.b": one}, records, number, 0, lower_is_better=True)
        records.append(Trial(number, tried, 1.0 / (number + 1), "done"))
        for value in tried.values():
            assert one.low <= value <= one.high and isinstance(value, int) == one.whole
            if one.step is not None:
                assert (value - one.low) / one.step == pytest.approx(round((value - one.low) / one.step))


def test_steps_and_whole_numbers_have_equal_shares() -> None:
    """Ends are as probable as what is between them."""
    for one in (Range(1, 4), Range(0.0, 0.6, step=0.2)):
        values = [
            suggest({"a": one}, [], n, seed, lower_is_better=True)["a"]
            for seed in range(40)
            for n in range(1, 9)
        ]
        assert all(60 <= values.count(value) <= 100 for value in set(values)) and len(set(values)) == 4


def test_failures_tell_where_not_to_look() -> None:
    """All rates above 0.003 failed: fewer of the later trials go there than if nothing were known of them."""
    space = {"optimiser.learning_rate": Range(1e-4, 1e-2, log=True)}
    rates = [suggest(space, [], number, 3, lower_is_better=True) for number in range(1, 10)]

    def high(status: Any) -> int:
        told = [
            Trial(n, tried, None, status)
            if tried["optimiser.learning_rate"] > 3e-3
            else Trial(n, tried, 0.5, "done")
            for n, tried in enumerate(rates, start=1)
        ]
        later = [suggest(space, told, number, 3, lower_is_better=True) for number in range(10, 30)]
        return sum(one["optimiser.learning_rate"] > 3e-3 for one in later)

    assert high("failed") == high("pruned") < high("started")


def test_optuna_is_silent() -> None:
    optuna.logging.set_verbosity(optuna.logging.INFO)
    suggest(SPACE, [], 10, 0, lower_is_better=True)
    assert optuna.logging.get_verbosity() == optuna.logging.ERROR


def median_pruner(own: list[float], others: list[list[float]], *, lower_is_better: bool) -> bool:
    """What Optuna's rule says after the last value of a trial: nine epochs, one value an epoch."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(
        direction="minimize" if lower_is_better else "maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=3, n_min_trials=4),
    )
    for values in others:
        steps = dict(enumerate(values, start=1))
        study.add_trial(optuna.trial.create_trial(value=values[-1], intermediate_values=steps))
    trial = study.ask()
    for step, value in enumerate(own, start=1):
        trial.report(value, step)
    return trial.should_prune()


# Eighths, so that medians are exact in both.
CURVE = st.lists(st.integers(0, 8).map(lambda n: n / 8), min_size=9, max_size=9)


@settings(max_examples=60, deadline=None)
@given(CURVE, st.integers(1, 9), st.lists(CURVE, max_size=7), st.booleans())
def test_at_equal_places_it_is_the_rule_of_optuna_on_the_best_so_far(
    own: list[float], length: int, others: list[list[float]], lower_is_better: bool
) -> None:
    best = min if lower_is_better else max
    so_far = [[best(curve[: n + 1]) for n in range(9)] for curve in others]
    expected = median_pruner(own[:length], so_far, lower_is_better=lower_is_better)
    known = [rows(*curve) for curve in others]
    said = pruned(rows(*own[:length]), known, "cer", TrainSpec(epochs=9), lower_is_better=lower_is_better)
    assert said == expected


def test_optunas_own_rule_forgets_what_others_had_reached() -> None:
    """Why it is not used: others that were at 0.1 and fell back to 0.9 would let a trial at 0.5 go on."""
    others = [[0.1, 0.1, 0.9] + [0.9] * 6] * 4
    own = [0.5, 0.5, 0.5]
    assert not median_pruner(own, others, lower_is_better=True)
    known = [rows(*curve) for curve in others]
    assert pruned(rows(*own), known, "cer", TrainSpec(epochs=9), lower_is_better=True)


@pytest.mark.parametrize("budget", [{"steps": 90}, {"examples": 720, "batch_size": 8}])
def test_places_are_shares_of_steps_and_examples_too(budget: dict[str, int]) -> None:
    def steps(*values: float) -> list[HistoryLine]:
        return [validation(step=10 * n, valid={"cer": value}) for n, value in enumerate(values, start=1)]

    train, others = TrainSpec(epochs=None, **budget), [steps(*[0.5] * 9)] * 4
    assert not pruned(steps(0.9, 0.9), others, "cer", train, lower_is_better=True)
    assert pruned(steps(0.9, 0.9, 0.9), others, "cer", train, lower_is_better=True)


def test_validations_without_a_number_do_not_count() -> None:
    others = [rows(*[0.5] * 9)] * 4
    silent = [validation(epoch=4.0, valid={"cer": None}), validation(epoch=5.0)]
    assert not pruned(silent, others, "cer", TrainSpec(epochs=9), lower_is_better=True)
    assert not pruned(
        rows(*[0.9] * 5), [*others[:3], silent], "cer", TrainSpec(epochs=9), lower_is_better=True
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"arms": {"gru": 3}}',
        '{"arms": {"gru": {}}}',
        '{"arms": {"gru": {"trials": [{"number": 0}]}}}',
        "[]",
        "{",
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "tuning.json").write_text(text)
    with pytest.raises(BundleError) as caught:
        Tuning.read(tmp_path / "tuning.json")
    assert "tuning.json" in str(caught.value)


def test_trials_go_on_from_the_file_as_they_would_have(tmp_path: Path) -> None:
    records = told([0.3, 0.1, 0.2, 0.5, 0.4, 0.3, 0.6, 0.2, 0.1, 0.3, 0.7, 0.05])
    Tuning({"gru": ArmTrials(tuple(records), 11)}).write(tmp_path / "tuning.json")
    assert json.loads((tmp_path / "tuning.json").read_text())["arms"]["gru"]["chosen"] == 11
    read = Tuning.read(tmp_path / "tuning.json").arms["gru"].trials
    for number in range(12, 15):
        after = suggest(SPACE, read, number, 0, lower_is_better=True)
        assert after == suggest(SPACE, records, number, 0, lower_is_better=True)
