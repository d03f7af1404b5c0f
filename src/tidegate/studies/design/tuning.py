"""Settings that are looked for: suggested by Optuna, judged on validation, the same number of trials for every arm."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from tidegate.config.search import Choices, Range, Space
from tidegate.config.tables import TrainSpec
from tidegate.results.history import HistoryLine
from tidegate.results.tuning import Trial

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

Settings = Mapping[str, Any]
Lines = Sequence[HistoryLine]

# So many trials are drawn without regard to one another: before that there is nothing to learn from.
STARTUP = 10
# A trial is judged against at least so many others, since a median of fewer is hardly one; and not before a third of its
# budget, since rates still climb until then.
FEWEST_OTHERS = 4
EARLIEST = 1 / 3


def suggest(
    space: Space, told: Sequence[Trial], number: int, seed: int, *, lower_is_better: bool
) -> dict[str, Any]:
    """What a trial tries.

    Trial 0 is the configuration as it stands. The first trials after it are the points of a scrambled Sobol sequence, the
    same for every arm with the same space: two of them already look on both sides of every key's middle. From the tenth
    on a tree-structured Parzen estimator (Bergstra et al. 2011) learns from the arm's own. The answer depends on the
    arguments alone, so a study that was killed goes on as it would have.

    Args:
        space: The arm's.
        told: Its trials that are over. Those that were pruned or failed count as worse than all others; trial 0, whose
            settings are not of the space, does not count.
        number: Of this trial.
        seed: The study's.
        lower_is_better: Of the metric.

    Example:
        >>> suggest({"model.dropout": Range(0.0, 0.5)}, [], 0, seed=0, lower_is_better=True)
        {}
    """
    if number == 0 or not space:
        return {}
    if number < STARTUP:
        # From the sequence's very first point: its points 0 and 1 lie in opposite halves of every axis, 1 and 2 in one.
        return _sobol(space, number - 1, seed)
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        # A step that does not divide its range is no mistake: the last value is below its end.
        warnings.simplefilter("ignore")
        study = optuna.create_study(
            direction="minimize" if lower_is_better else "maximize",
            sampler=optuna.samplers.TPESampler(seed=seed * 10_007 + number, n_startup_trials=1),
        )
        distributions = {key: _distribution(one) for key, one in space.items()}
        for record in told:
            if set(record.settings) == set(space) and record.status != "started":
                study.add_trial(_frozen(record, distributions))
        trial = study.ask(distributions)
    return {key: _readable(value, space[key]) for key, value in trial.params.items()}


def _frozen(record: Trial, distributions: dict[str, BaseDistribution]) -> FrozenTrial:
    from optuna.trial import TrialState, create_trial

    done = record.status == "done" and record.value is not None
    # Without a value, and so worse than any that has one: the estimator ignores those that are told as failed.
    return create_trial(
        params=dict(record.settings),
        distributions=distributions,
        state=TrialState.COMPLETE if done else TrialState.PRUNED,
        value=record.value if done else None,
    )


def _sobol(space: Space, number: int, seed: int) -> dict[str, Any]:
    """A point of a sequence that fills the space evenly, from 0; the same keys give the same points."""
    from scipy.stats import qmc

    with warnings.catch_warnings():
        # Balanced for powers of two only, which no number of trials has to be.
        warnings.simplefilter("ignore", UserWarning)
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
        return round(value) if one.whole else _readable(value, one)
    step = one.step or (1 if one.whole else None)
    if step is None:
        return _readable(one.low + (one.high - one.low) * place, one)
    # Optuna's values of a step, none of them beyond the end; every one has the same share of the places.
    count = math.floor((one.high - one.low) / step + 1e-9) + 1
    return _readable(one.low + min(int(place * count), count - 1) * step, one)


def _readable(value: Any, one: Range | Choices) -> Any:
    """A number with no more digits than matter, within its range."""
    if not isinstance(value, float) or not isinstance(one, Range):
        return value
    if one.step is not None:
        return float(f"{value:.12g}")
    return min(max(float(f"{value:.4g}"), one.low), one.high)


def _distribution(one: Range | Choices) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(one, Choices):
        return CategoricalDistribution(one.values)
    if one.whole:
        return IntDistribution(int(one.low), int(one.high), log=one.log, step=int(one.step or 1))
    return FloatDistribution(one.low, one.high, log=one.log, step=one.step)


def pruned(
    lines: Lines, others: Sequence[Lines], metric: str, train: TrainSpec, *, lower_is_better: bool
) -> bool:
    """The median rule: whether a trial's best so far is worse than the median of the others' at the same place.

    The rule of Golovin et al. (2017, "Google Vizier", §3.2.2), with the others' best so far in place of their running
    averages: what is kept of a run is its best. It is not ``optuna.pruners.MedianPruner``, which compares with what the
    others had at the very same step: where the budget is seconds no two trials validate at the same places, and others
    that were good and then grew worse count there as they were last.

    Args:
        lines: Its validations.
        others: Those of the arm's finished trials.
        metric: Which one decides.
        train: The budget that places are shares of.
        lower_is_better: Of the metric.

    Example:
        >>> from dataclasses import replace
        >>> def lines(*values):
        ...     line = HistoryLine(0, 0, 0, 0, 0, 0, 0, 0, {}, best=True)
        ...     return [replace(line, epoch=n, valid={"cer": cer}) for n, cer in enumerate(values, start=1)]
        >>> others = [lines(0.5, 0.3, 0.1)] * 4
        >>> pruned(lines(0.8, 0.7), others, "cer", TrainSpec(epochs=3), lower_is_better=True)
        True
    """
    if not lines or len(others) < FEWEST_OTHERS:
        return False
    place = _place(lines[-1], train)
    if place < EARLIEST:
        return False
    sign = 1.0 if lower_is_better else -1.0
    own = _best(lines, metric, sign)
    known = [
        best
        for other in others
        if (best := _best([line for line in other if _place(line, train) <= place], metric, sign)) is not None
    ]
    return own is not None and len(known) >= FEWEST_OTHERS and own > median(known)


def _place(line: HistoryLine, train: TrainSpec) -> float:
    """How far a validation is into the budget, 0 to 1."""
    # Validations tell no examples. The last batch of an epoch may be smaller than this counts it, for all trials alike.
    budgets = (
        (line.epoch, train.epochs),
        (line.seconds, train.max_time),
        (line.step, train.steps),
        (line.step * train.batch_size, train.examples),
    )
    return max((spent / whole for spent, whole in budgets if whole), default=0.0)


def _best(lines: Lines, metric: str, sign: float) -> float | None:
    values = [value for line in lines if (value := line.valid.get(metric)) is not None]
    return min((sign * value for value in values), default=None)


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
