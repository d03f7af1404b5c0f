"""What a report shows of forecasts: some of them drawn, errors by step and by series, how often intervals hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import nn

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.results.analysis.forecast import (
    ForecastAnalysis,
    History,
    IntervalCheck,
    SeriesErrors,
    StepErrors,
    Window,
)
from tidegate.results.samples import Samples
from tidegate.tasks.forecast.baselines import Baseline, measured, quick_baselines
from tidegate.tasks.forecast.core import ForecastCore
from tidegate.tasks.forecast.metrics import percent
from tidegate.tasks.forecast.split import ForecastSplit
from tidegate.tasks.per_sample import by_sample

Values = NDArray[np.float64]
SPREAD = 8
WORST = 4
MOST_HISTORY = 1000
MOST_SERIES = 60
BY_STEP = ("last value", "seasonal naive")


def forecast_analysis(
    problem: ForecastCore, network: nn.Module, split: ForecastSplit
) -> tuple[ForecastAnalysis, Samples | None]:
    """See the module."""
    forecasts = np.concatenate([forecast for _, forecast in problem.answers(network, split)])
    baselines = quick_baselines(problem, {})
    errors = _errors(split, forecasts)  # (M, C)
    metrics = problem.metrics_of(split)
    series: list[SeriesErrors] = []
    parts: list[tuple[float, int]] = []
    select = problem.spec.settings(ForecastSpec).select
    for number, run in split.runs():
        compared = problem.compared(split, run, forecasts[run])
        metrics.add(number, compared)
        alone = problem.metrics_of(split)
        alone.add(number, compared)
        figures = alone.result()
        # A series whose training rows repeat has no mase; so it is in every run on the same data.
        if weight := alone.weight(select):
            parts.append((figures[select] * weight, weight))
        series.append(SeriesErrors(split.grid.series[number].name, run.stop - run.start, **_chosen(figures)))
    whole = metrics.result()
    curves = {"network": metrics.by_step()["mse"]}
    for name in BY_STEP:
        if name in baselines:
            curves[name] = measured(problem, split, baselines[name]).by_step()["mse"]
    series.sort(key=lambda one: -(one.mse or 0.0))
    analysis = ForecastAnalysis(
        definition=problem.definition,
        forecasts=tuple(
            _drawn(problem, split, place, column, forecasts, baselines, why)
            for place, column, why in _places(errors)
        ),
        by_step=StepErrors("mse", {name: tuple(curve) for name, curve in curves.items()}),
        by_series=tuple(series[:MOST_SERIES]) if len(series) > 1 else (),
        intervals=tuple(
            IntervalCheck(level, whole[f"coverage_{percent(level)}"], whole[f"width_{percent(level)}"])
            for level in sorted(problem.spec.settings(ForecastSpec).levels)
            if f"coverage_{percent(level)}" in whole
        ),
    )
    return analysis, _by_sample(select, parts)


def _by_sample(metric: str, parts: Sequence[tuple[float, int]]) -> Samples | None:
    """A series is a sample: its windows overlap. Of a single series nothing can be told."""
    if len(parts) < 2:
        return None
    return by_sample(metric, [total for total, _ in parts], [weight for _, weight in parts])


def _chosen(figures: dict[str, float]) -> dict[str, float]:
    return {key: figures[key] for key in ("mse", "mae", "smape", "mase") if key in figures}


def _errors(split: ForecastSplit, forecasts: Values) -> Values:
    """Mean squared error of each window and target ``(M, C)``, scaled; NaN where nothing was given."""
    steps = split.grid.starts[split.number][:, None] + split.origin[:, None] + np.arange(split.horizon)
    errors = np.full((len(split), forecasts.shape[2]), np.nan)
    middle = forecasts.shape[3] // 2
    for start in range(0, len(split), 256):
        rows = steps[start : start + 256]
        truth, given = split.grid.values[rows].double().numpy(), split.grid.given[rows].numpy()
        squared = np.square(forecasts[start : start + 256, ..., middle] - truth)
        count = given.sum(axis=1)
        with np.errstate(invalid="ignore"):
            errors[start : start + 256] = np.where(
                count > 0, squared.sum(axis=1, where=given) / count, np.nan
            )
    return errors


def _places(errors: Values) -> list[tuple[int, int, str]]:
    """Windows and targets to draw: evenly spaced ones, so that they were not picked by their result, and the worst."""
    count, targets = errors.shape
    spread = np.unique(np.linspace(0, count - 1, min(count, SPREAD)).astype(int)).tolist()
    found = [(place, i % targets, "evenly spaced") for i, place in enumerate(spread)]
    worst = np.nan_to_num(errors, nan=-1.0)
    taken = {place for place, _, _ in found}
    for flat in np.argsort(-worst, axis=None)[:MOST_HISTORY].tolist():
        place, column = divmod(flat, targets)
        # Neighbours of a bad window are bad too, and show nothing new.
        if len(found) == len(spread) + WORST or worst[place, column] < 0:
            break
        if all(abs(place - one) > max(1, count // 50) for one in taken):
            found.append((place, column, "largest error"))
            taken.add(place)
    return found


def _drawn(
    problem: ForecastCore,
    split: ForecastSplit,
    place: int,
    column: int,
    forecasts: Values,
    baselines: dict[str, Baseline],
    why: str,
) -> Window:
    number, origin = int(split.number[place]), int(split.origin[place])
    one, statistics = split.grid.series[number], split.grid.statistics[number]
    plain, given = split.grid.units(number)
    plain = np.where(given, plain, np.nan)
    back = min(origin, max(split.lookback, 2 * split.horizon, 3 * problem.shape.season), MOST_HISTORY)
    past, future = slice(origin - back, origin), slice(origin, origin + split.horizon)

    def undone(values: Values) -> tuple[float | None, ...]:
        return listed(problem.scaler.undo(values, statistics)[:, column])

    forecast = forecasts[place]
    bounds = problem.bounds(forecast[None])
    naive = "seasonal naive" if "seasonal naive" in baselines else "last value"
    scaled = np.where(given, problem.scaler.forward(one.targets, statistics), np.nan)
    return Window(
        name=one.name,
        target=problem.layout.targets[column],
        history=History(dates(one.stamps[past]), listed(plain[past, column])),
        stamps=dates(one.stamps[future]),
        truth=listed(plain[future, column]),
        forecast=undone(forecast[..., forecast.shape[-1] // 2]),
        lower={percent(level): undone(sides[0][0]) for level, sides in bounds.items()},
        upper={percent(level): undone(sides[1][0]) for level, sides in bounds.items()},
        baselines={naive: undone(baselines[naive](scaled, np.array([origin]))[0])},
        why=why,
    )


def dates(stamps: NDArray[np.datetime64]) -> tuple[str, ...]:
    """ISO dates, with the time of day where there is one.

    >>> dates(np.array(["2016-01-01", "2016-01-02"], "datetime64[s]"))
    ('2016-01-01', '2016-01-02')
    """
    whole = bool((stamps == stamps.astype("datetime64[D]")).all())
    return tuple(str(one) for one in np.datetime_as_string(stamps, unit="D" if whole else "m").tolist())


def listed(values: Sequence[float] | Values) -> tuple[float | None, ...]:
    """Numbers for JSON, six digits each; ``None`` where there is none."""
    return tuple(
        float(f"{value:.6g}") if np.isfinite(value) else None for value in np.asarray(values).tolist()
    )
