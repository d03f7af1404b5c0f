"""Which trial of an arm is chosen, and what makes that doubtful."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tidegate.config.search_space import Range, Space
from tidegate.errors import TrainingError
from tidegate.results.tuning import ArmTrials, Edge, Tie, Trial


def finalists(records: Sequence[Trial], *, lower_is_better: bool) -> tuple[Trial, ...]:
    """The two best trials of different settings, which run once more with a second seed; fewer where fewer worked.

    Equal values are told apart by the validation loss, then by number.

    Example:
        >>> records = [Trial(0, {}, 0.2, "done", loss=0.5), Trial(1, {"model.dropout": 0.1}, 0.2, "done", loss=0.4)]
        >>> [trial.number for trial in finalists(records, lower_is_better=True)]
        [1, 0]
    """
    sign = 1.0 if lower_is_better else -1.0
    done = [trial for trial in records if trial.status == "done" and trial.value is not None]
    ranked = sorted(done, key=lambda trial: (*_place([trial.value], [trial.loss], sign), trial.number))
    others = [trial for trial in ranked[1:] if trial.settings != ranked[0].settings]
    return (*ranked[:1], *others[:1])


def chosen(records: Sequence[Trial], arm: str, *, lower_is_better: bool) -> Trial:
    """The best trial: of the two best, the one with the better mean over its two seeds, once both have run again.

    The best of many noisy values is flattered by its noise; the second seed, which chose nobody, corrects that.

    Raises:
        TrainingError: None worked.

    Example:
        >>> records = [Trial(0, {}, 0.2, "done"), Trial(1, {"model.dropout": 0.1}, 0.1, "done")]
        >>> chosen(records, "gru", lower_is_better=True).number
        1
    """
    best = finalists(records, lower_is_better=lower_is_better)
    if not best:
        ended = ", ".join(f"trial {trial.number} {trial.status}" for trial in records) or "none was run"
        raise TrainingError(
            f"no trial of the arm {arm} worked, so there are no settings to train it with",
            where=f"trials/{arm}",
            got=ended,
            hint="look at the .log files there; a smaller learning rate in study.search is the usual remedy",
        )
    if any(trial.repeat is None for trial in best):
        return best[0]
    sign = 1.0 if lower_is_better else -1.0
    return min(best, key=lambda trial: _over_both_seeds(trial, sign))


def _over_both_seeds(trial: Trial, sign: float) -> tuple[float, float]:
    repeat = trial.repeat
    # Who fails with another seed is the last choice.
    again = (None, None) if repeat is None or repeat.status != "done" else (repeat.value, repeat.loss)
    return _place([trial.value, again[0]], [trial.loss, again[1]], sign)


def _place(
    values: Sequence[float | None], losses: Sequence[float | None], sign: float
) -> tuple[float, float]:
    """What is sorted by: the mean value, then the mean loss; what is missing comes last."""
    known = [[sign * value for value in values if value is not None], [x for x in losses if x is not None]]
    value, loss = (sum(each) / len(each) if len(each) == len(values) else math.inf for each in known)
    return value, loss


def edges(space: Space, arm: ArmTrials, settings: Mapping[str, object]) -> tuple[Edge, ...]:
    """Chosen values with nothing tried beyond them, of keys on a logarithmic scale.

    Only those: nothing says where such a scale ends, while a dropout of 0 is an end in itself.

    Args:
        space: What was searched.
        arm: Its trials.
        settings: That were chosen, those of trial 0 with the configuration's own values.

    Example:
        >>> space = {"rate": Range(1e-4, 1e-2, log=True)}
        >>> arm = ArmTrials(tuple(Trial(n, {"rate": rate}, 0.1, "done") for n, rate in enumerate((0.001, 0.004))))
        >>> edges(space, arm, {"rate": 0.001})
        (Edge(key='rate', value=0.001, side='low'),)
    """
    found: list[Edge] = []
    for key, searched in space.items():
        value, tried = settings.get(key), arm.tried(key)
        if not isinstance(searched, Range) or not searched.log or not isinstance(value, int | float):
            continue
        if len(tried) > 1 and value <= tried[0]:
            found.append(Edge(key, float(value), "low"))
        elif len(tried) > 1 and value >= tried[-1]:
            found.append(Edge(key, float(value), "high"))
    return tuple(found)


def tie(records: Sequence[Trial], best: Trial, units: int | None) -> Tie | None:
    """How many trials have the value of the best one.

    Args:
        records: All trials of an arm.
        best: The one that was chosen.
        units: Samples of the validation part.
    """
    done = [trial for trial in records if trial.status == "done"]
    equal = sum(trial.value == best.value for trial in done)
    return Tie(equal, len(done), units) if equal > 1 else None
