"""Settings that are looked for: suggested by Optuna, judged on validation, the same number of trials for every arm."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from tidegate.errors import TrainingError
from tidegate.report.read import read_json
from tidegate.spec.files import write_json
from tidegate.spec.run import TrainSpec
from tidegate.spec.search import Choices, Range, Space

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

Settings = Mapping[str, Any]
Rows = Sequence[Mapping[str, Any]]
TrialStatus = Literal["started", "done", "pruned", "failed"]

# So many trials are drawn without regard to one another: before that there is nothing to learn from.
STARTUP = 10
# A trial is judged against at least so many others, and not before a third of its budget (Golovin et al. 2017, §3.2.2).
FEWEST_OTHERS = 4
EARLIEST = 1 / 3


@dataclass(frozen=True)
class TrialRecord:
    """One trial of one arm.

    Attributes:
        number: From 0.
        settings: By dotted key; none for trial 0, which is the configuration as it stands.
        value: The primary metric on validation, of the weights that were kept; ``None`` so far, or after a failure.
        status: started, done, pruned or failed.
    """

    number: int
    settings: Settings
    value: float | None
    status: TrialStatus


def suggest(
    space: Space, told: Sequence[TrialRecord], number: int, seed: int, *, lower_is_better: bool
) -> dict[str, Any]:
    """What a trial tries.

    Trial 0 is the configuration as it stands. The first trials after it are points of a scrambled Sobol sequence, the
    same for every arm with the same space; from the tenth on a tree-structured Parzen estimator (Bergstra et al. 2011)
    learns from the arm's own. The answer depends on the arguments alone, so a study that was killed goes on as it would
    have.

    Args:
        space: The arm's.
        told: Its trials that are over.
        number: Of this trial.
        seed: The study's.
        lower_is_better: Of the metric.

    Example:
        >>> suggest({"model.dropout": Range(0.0, 0.5)}, [], 0, seed=0, lower_is_better=True)
        {}
    """
    if number == 0 or not space:
        return {}
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        # The Sobol sampler is experimental in name, and balanced for powers of two only.
        warnings.simplefilter("ignore")
        study = optuna.create_study(
            direction="minimize" if lower_is_better else "maximize", sampler=_sampler(number, seed)
        )
        distributions = {key: _distribution(one) for key, one in space.items()}
        for record in told:
            if record.status == "done" and record.value is not None and set(record.settings) == set(space):
                study.add_trial(
                    optuna.trial.create_trial(
                        params=dict(record.settings), distributions=distributions, value=record.value
                    )
                )
        if number < STARTUP:
            return _sobol(space, number, seed)
        trial = study.ask(distributions)
    return {key: _readable(value) for key, value in trial.params.items()}


def _sampler(number: int, seed: int) -> BaseSampler:
    from optuna.samplers import TPESampler

    return TPESampler(seed=seed * 10_007 + number, n_startup_trials=1)


def _sobol(space: Space, number: int, seed: int) -> dict[str, Any]:
    """The ``number``-th point of a sequence that fills the space evenly; the same keys give the same points."""
    from scipy.stats import qmc

    points = qmc.Sobol(d=len(space), scramble=True, rng=seed).random(number + 1)
    return {
        key: _at(one, float(place)) for (key, one), place in zip(space.items(), points[number], strict=True)
    }


def _at(one: Range | Choices, place: float) -> Any:
    """The value at a place between 0 and 1."""
    if isinstance(one, Choices):
        return one.values[min(int(place * len(one.values)), len(one.values) - 1)]
    if one.log:
        value = one.low * (one.high / one.low) ** place
    else:
        value = one.low + (one.high - one.low) * place
    if one.step is not None:
        value = min(one.high, one.low + round((value - one.low) / one.step) * one.step)
    return round(value) if one.whole else _readable(value)


def _readable(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _distribution(one: Range | Choices) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(one, Choices):
        return CategoricalDistribution(one.values)
    if one.whole:
        return IntDistribution(int(one.low), int(one.high), log=one.log, step=int(one.step or 1))
    return FloatDistribution(one.low, one.high, log=one.log, step=one.step)


def chosen(records: Sequence[TrialRecord], arm: str, *, lower_is_better: bool) -> TrialRecord:
    """The best trial; of equals the first.

    Raises:
        TrainingError: None worked.

    Example:
        >>> records = [TrialRecord(0, {}, 0.2, "done"), TrialRecord(1, {"model.dropout": 0.1}, 0.1, "done")]
        >>> chosen(records, "gru", lower_is_better=True).number
        1
    """
    done = [one for one in records if one.status == "done" and one.value is not None]
    if not done:
        ended = ", ".join(f"trial {one.number} {one.status}" for one in records) or "none was run"
        raise TrainingError(
            f"no trial of the arm {arm} worked, so there are no settings to train it with",
            where=f"trials/{arm}",
            came=ended,
            advice="look at the .log files there; a smaller learning rate in study.search is the usual remedy",
        )
    return (min if lower_is_better else max)(done, key=lambda one: one.value or 0.0)


def pruned(
    rows: Rows, others: Sequence[Rows], metric: str, train: TrainSpec, *, lower_is_better: bool
) -> bool:
    """The median rule: whether a trial's best so far is worse than the median of the others' at the same place.

    Args:
        rows: Its validations.
        others: Those of the arm's finished trials.
        metric: Which one decides.
        train: The budget that places are shares of.
        lower_is_better: Of the metric.
    """
    if not rows or len(others) < FEWEST_OTHERS:
        return False
    place = _place(rows[-1], train)
    if place < EARLIEST:
        return False
    sign = 1.0 if lower_is_better else -1.0
    own = _best(rows, metric, sign)
    known = [
        best
        for other in others
        if (best := _best([row for row in other if _place(row, train) <= place], metric, sign)) is not None
    ]
    return own is not None and len(known) >= FEWEST_OTHERS and own > median(known)


def _place(row: Mapping[str, Any], train: TrainSpec) -> float:
    """How far a validation is into the budget, 0 to 1."""
    shares = [
        float(row.get(key) or 0.0) / whole
        for key, whole in (("epoch", train.epochs), ("seconds", train.max_time), ("step", train.steps))
        if whole
    ]
    return max(shares, default=0.0)


def _best(rows: Rows, metric: str, sign: float) -> float | None:
    values = [
        sign * float(row["valid"][metric]) for row in rows if (row.get("valid") or {}).get(metric) is not None
    ]
    return min(values, default=None)


def settings_table(settings: Settings) -> dict[str, Any]:
    """Dotted keys as nested tables.

    Example:
        >>> settings_table({"model.dropout": 0.1, "model.layers": 2})
        {'model': {'dropout': 0.1, 'layers': 2}}
    """
    table: dict[str, Any] = {}
    for key, value in settings.items():
        *parents, last = key.split(".")
        inner = table
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = value
    return table


def read_tuning(path: Path) -> dict[str, list[TrialRecord]]:
    """The trials of every arm; none where there is no file yet.

    Raises:
        BundleError: It cannot be read.
    """
    return {
        arm: [
            TrialRecord(one["number"], one["settings"], one["value"], one["status"]) for one in told["trials"]
        ]
        for arm, told in read_json(path).items()
    }


def write_tuning(
    path: Path, records: Mapping[str, Sequence[TrialRecord]], best: Mapping[str, int | None]
) -> None:
    """Write the trials of every arm, and which was chosen."""
    write_json(
        path,
        {
            arm: {"trials": [asdict(one) for one in all_], "chosen": best.get(arm)}
            for arm, all_ in records.items()
        },
    )
