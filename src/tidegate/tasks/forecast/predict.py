"""Forecasts beyond the end of the data, and windows of data that training has not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from torch import nn

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.finding import note, settle
from tidegate.data.series.panel import Panel, Series
from tidegate.errors import ConfigError, EmptyDataError, Finding
from tidegate.tasks.forecast.split import ForecastSplit, windows

if TYPE_CHECKING:
    from tidegate.data.series.writer import Forecast as FutureValues
    from tidegate.tasks.forecast.problem import Forecast


@dataclass(frozen=True)
class Future:
    """Forecasts of the series that can be forecast.

    Attributes:
        forecasts: In the order of the data.
        bad: Series that cannot be forecast, and why.
        notes: What a person should know of the data.
    """

    forecasts: list[FutureValues]
    bad: list[Finding]
    notes: list[Finding]


def forecast_future(problem: Forecast, network: nn.Module, panel: Panel, horizon: int | None) -> Future:
    """The next values of every series.

    Args:
        problem: Of the model.
        network: Trained.
        panel: The data; rows at its end without targets give covariates of the future.
        horizon: Steps; ``None``: as many as in training.

    Raises:
        ConfigError: The horizon is below 1, or longer than in training where the decoder is not recursive.
        EmptyDataError: No series can be forecast.
    """
    steps = _steps(problem, horizon)
    bad: list[Finding] = []
    ready: list[Series] = []
    for one in panel.series:
        reason = _why_not(problem, one, steps)
        if reason is None:
            ready.append(_prolonged(problem, one, steps))
        else:
            bad.append(Finding("error", "cannot-forecast", one.name or "the series", reason))
    if not ready:
        raise EmptyDataError(
            "no series can be forecast", got="\n".join(f"{one.where} {one.what}" for one in bad[:20])
        )
    # Whole histories say what new series are scaled by, not the few rows that are left of them.
    knowing = replace(problem, scaler=problem.scaler.knowing(panel.series))
    grid = knowing.grid(replace(panel, series=ready))
    origins = np.array([len(one.stamps) for one in ready]) - max(steps, _trained(problem))
    split = ForecastSplit(
        grid, np.arange(len(ready)), origins, problem.shape.lookback, max(steps, _trained(problem))
    )
    answers = np.concatenate([forecast for _, forecast in problem.answers(network, split)])[:, :steps]
    made = [_undone(problem, split, number, answers[number : number + 1]) for number in range(len(ready))]
    return Future(made, bad, list(panel.notes))


def _trained(problem: Forecast) -> int:
    """Steps that the network must be asked for at least: a recursive one stops where it is told to."""
    return 0 if problem.spec.settings(ForecastSpec).decoder == "recursive" else problem.shape.horizon


def _steps(problem: Forecast, horizon: int | None) -> int:
    trained = problem.shape.horizon
    if horizon is None:
        return trained
    if horizon < 1:
        raise ConfigError(
            "a horizon has at least one step", where="--horizon", expected="1 or more", got=str(horizon)
        )
    if horizon > trained and problem.spec.settings(ForecastSpec).decoder != "recursive":
        raise ConfigError(
            "the horizon is longer than that of training",
            where="--horizon",
            expected=f"at most {trained} for the decoder {problem.spec.settings(ForecastSpec).decoder}",
            got=str(horizon),
            hint='train with a longer forecast.horizon, or with forecast.decoder = "recursive", which goes on and on',
        )
    return horizon


def _why_not(problem: Forecast, one: Series, steps: int) -> str | None:
    lookback = problem.shape.lookback
    if (unknown := problem.unknown(one.name)) is not None:
        return unknown
    if len(one) < lookback:
        return f"has {len(one)} rows, and the network looks back over {lookback}"
    if np.isnan(one.targets[: len(one)][-lookback:]).all():
        return f"has no value in its last {lookback} rows"
    if problem.layout.known and one.future < steps:
        names = ", ".join(problem.layout.known[:4])
        return (
            f"has {one.future} rows beyond its last value, and {steps} are needed: rows of the future with {names}, "
            "and an empty target"
        )
    return None


def _prolonged(problem: Forecast, one: Series, steps: int) -> Series:
    """The last rows, followed by those of the future."""
    lookback, ahead = problem.shape.lookback, max(steps, _trained(problem))
    end = len(one)
    keep = slice(end - lookback, end)
    empty = np.full((ahead, one.targets.shape[1]), np.nan)
    stamps = problem.frequency.after(one.stamps[end - 1], ahead)
    given = min(one.future, ahead)
    stamps[:given] = one.stamps[end : end + given]
    known = one.known[end : end + given]
    if one.known.shape[1]:
        # Beyond what was asked for, where a network gives more steps: their forecasts are thrown away.
        known = np.concatenate([known, np.repeat(known[-1:], ahead - given, axis=0)])
    else:
        known = np.zeros((ahead, 0))
    return Series(
        name=one.name,
        stamps=np.concatenate([one.stamps[keep], stamps]),
        targets=np.concatenate([one.targets[keep], empty]),
        given=np.concatenate([one.given[keep], np.zeros(empty.shape, bool)]),
        known=np.concatenate([one.known[keep], known]),
        observed=np.concatenate([one.observed[keep], np.full((ahead, one.observed.shape[1]), np.nan)]),
        static=one.static,
        future=ahead,
    )


def _undone(problem: Forecast, split: ForecastSplit, number: int, forecast: np.ndarray) -> FutureValues:
    """One forecast ``(1, H, C, Q)`` in the data's own units."""
    from tidegate.data.series.writer import Forecast as FutureValues  # it imports pandas

    one, statistics = split.grid.series[number], split.grid.statistics[number]
    begin = int(split.origin[number])
    stamps = one.stamps[begin : begin + forecast.shape[1]]
    bounds = {
        level: tuple(problem.scaler.undo(side[0], statistics) for side in sides)
        for level, sides in problem.bounds(forecast).items()
    }
    return FutureValues(
        name=one.name,
        stamps=stamps,
        values=problem.scaler.undo(forecast[0, ..., forecast.shape[-1] // 2], statistics),
        lower={level: sides[0] for level, sides in bounds.items()},
        upper={level: sides[1] for level, sides in bounds.items()},
    )


def open_unseen(problem: Forecast, path: str, *, skip_bad: bool) -> tuple[ForecastSplit, list[Finding]]:
    """All windows of a table whose future begins after the rows of training and validation.

    A series that those did not have gives all its windows.

    Raises:
        DataError: The table cannot be read.
        EmptyDataError: No window is left.
    """
    from tidegate.data.series.reader import read_panel  # it imports pandas

    panel = read_panel(path, problem.spec.settings(ForecastSpec), skip_bad=skip_bad, like=problem.layout)
    return unseen(problem, panel, where=path, skip_bad=skip_bad)


def unseen(
    problem: Forecast, panel: Panel, *, where: str, skip_bad: bool
) -> tuple[ForecastSplit, list[Finding]]:
    """As ``open_unseen``, of a table that was read."""
    lookback, horizon = problem.shape.lookback, problem.shape.horizon
    bounds: list[tuple[int, int]] = []
    short: list[Finding] = []
    for one in panel.series:
        if (unknown := problem.unknown(one.name)) is not None:
            bounds.append((len(one), len(one)))
            short.append(Finding("error", "unknown-series", one.name or "the series", unknown))
            continue
        last = problem.seen.get(one.name)
        begin = 0 if last is None else int(np.searchsorted(one.stamps, np.datetime64(last), side="right"))
        bounds.append((begin, len(one)))
        if len(one) - max(begin, lookback) < horizon:
            new = "" if last is None else f" after {last}, where training and validation ended"
            short.append(
                Finding(
                    "error",
                    "no-future",
                    one.name or "the series",
                    f"has {len(one) - begin} rows{new}; a window takes {horizon} and looks back {lookback}",
                )
            )
    notes = [
        *panel.notes,
        *settle(short, total=len(panel.series), where=where, skip_bad=skip_bad or len(short) == 0),
    ]
    grid = problem.grid(panel)
    split = windows(grid, bounds, lookback, horizon)
    if not len(split):
        raise EmptyDataError("no window to evaluate on", where=where)
    new = sum(one.name not in problem.seen for one in panel.series)
    if new and problem.seen:
        by = (
            ""
            if problem.scaler.own == {}
            else ": they are scaled by all their rows, those that are forecast included"
        )
        notes.append(note("new-series", f"{new} of {len(panel.series)} series are new{by}"))
    return split, notes
