"""Forecasts beyond the end of the data: what comes in, and the table that goes out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from os import fspath
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from torch import nn

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.memory import is_array, is_path, is_table, plain_array
from tidegate.data.series.panel import Layout, Panel, Series
from tidegate.data.series.time.formats import COUNTED
from tidegate.errors import BadFilesError, ConfigError, DataError, EmptyDataError, Finding
from tidegate.tasks.contract import Json
from tidegate.tasks.forecast.core import ForecastCore
from tidegate.tasks.forecast.split import ForecastSplit
from tidegate.tasks.prediction.inputs import as_list, unfit
from tidegate.tasks.prediction.rows import Prediction, Predictions

if TYPE_CHECKING:
    from pandas import DataFrame

    from tidegate.data.series.writer import Forecast as FutureValues

EXPECTED = "a table: its path, or a pandas frame"


@dataclass(frozen=True, repr=False)
class SeriesForecast(Prediction):
    """What comes after the end of one series; it has no single answer.

    Attributes:
        frame: Its rows of the whole table.
    """

    frame: DataFrame | None = field(default=None, compare=False)

    def to_json(self) -> Json:
        """``forecast``: an object for each step, with time, targets and bounds."""
        if self.frame is None:
            return super().to_json()
        records = str(self.frame.to_json(orient="records", date_format="iso", double_precision=10))
        return {"name": self.name, "forecast": json.loads(records)}

    def _shown(self) -> str:
        assert self.frame is not None
        return f"{len(self.frame)} steps of {', '.join(map(str, self.frame.columns[:6]))}"


class ForecastTable(Predictions[SeriesForecast]):
    """The next values of the series of one table or of several.

    Args:
        rows: One a series.
        notes: What a person should know of the data.
        frame: A table like the one given: the same columns of time and names, each target, and for each level of the
            intervals ``TARGET_lo_80`` and ``TARGET_hi_80``.
    """

    def __init__(self, rows: Iterable[SeriesForecast], notes: Iterable[Finding], frame: DataFrame) -> None:
        super().__init__(rows, notes)
        self._frame = frame

    @property
    def frame(self) -> DataFrame:
        """The whole table."""
        return self._frame

    def text(self) -> str:
        """The table as CSV."""
        return self._frame.to_csv(index=False, float_format="%.8g")


@dataclass(frozen=True)
class Future:
    """Forecasts of the series that can be forecast.

    Attributes:
        forecasts: In the order of the data.
        bad: Series that cannot be forecast, and why.
    """

    forecasts: list[FutureValues]
    bad: list[Finding]


def predict_tables(
    problem: ForecastCore, network: nn.Module, inputs: Any, horizon: int | None
) -> ForecastTable:
    """The next values of every series of some tables.

    Args:
        problem: Of the model.
        network: Trained.
        inputs: A table as for training: its path, or a pandas frame like it. Rows at its end without targets give what
            is known of the future. Where the rows of training were counted, an array ``(T,)`` or ``(T, C)``, a list of
            numbers or a pandas series will do; or a sequence of these.
        horizon: Steps; ``None``: as many as in training. A recursive decoder goes on for longer.

    Raises:
        ConfigError: The horizon is too long for the model.
        DataError: A table cannot be read, or no series of it can be forecast.
    """
    from tidegate.data.series.writer import forecast_frame  # it imports pandas

    rows: list[SeriesForecast] = []
    notes: list[Finding] = []
    forecasts: list[FutureValues] = []
    layout: Layout | None = None
    for number, one in enumerate(_listed(inputs), start=1):
        panel, bad = _panel(problem, one, number)
        future = forecast_future(problem, network, panel, horizon)
        for values in future.forecasts:
            frame: Any = forecast_frame(panel.layout, [values])
            rows.append(SeriesForecast(values.name or "the series", frame=frame))
        rows += [SeriesForecast(refused.where, finding=refused) for refused in (*bad, *future.bad)]
        layout = layout or panel.layout
        notes += panel.notes
        forecasts += future.forecasts
    whole: Any = forecast_frame(layout or problem.layout, forecasts)
    return ForecastTable(rows, notes, whole)


def _listed(inputs: Any) -> list[Any]:
    if isinstance(inputs, list | tuple) and inputs:
        numbers = all(isinstance(one, int | float) for one in cast(Sequence[object], inputs))
        return [inputs] if numbers else list(cast(Sequence[Any], inputs))
    return as_list(inputs, expected=EXPECTED)


def _panel(problem: ForecastCore, one: Any, number: int) -> tuple[Panel, Sequence[Finding]]:
    """The series of a table that can be read, and those that cannot."""
    name = "the table" if number == 1 else f"table {number}"
    from tidegate.data.series.reader import panel_from_frame, read_panel  # it imports pandas

    spec, layout, data = problem.spec.settings(ForecastSpec), problem.layout, problem.spec.data

    def read(*, skip_bad: bool) -> Panel:
        if is_path(one):
            return read_panel(fspath(one), spec, skip_bad=skip_bad, like=layout, data=data)
        return panel_from_frame(
            _frame(problem, one, name, number), name, spec, skip_bad=skip_bad, like=layout, data=data
        )

    try:
        return read(skip_bad=False), ()
    except BadFilesError as error:
        panel = read(skip_bad=True)
        # They are named one by one, not in a note as well.
        notes = [note for note in panel.notes if note.code != "left-out"]
        return replace(panel, notes=notes), error.findings


def _frame(problem: ForecastCore, one: Any, name: str, number: int) -> DataFrame:
    import pandas as pd

    from tidegate.data.series.memory import SERIES, TIME, counted_frame

    layout = problem.layout
    if is_table(one):
        return one
    counted = layout.time_format == COUNTED
    if isinstance(one, pd.Series) and not counted:
        frame = one.to_frame(layout.targets[0])
        return frame.assign(**dict.fromkeys(layout.series, one.name))
    if not (is_array(one) or isinstance(one, list | tuple)):
        raise unfit(one, name, EXPECTED)
    try:
        values = plain_array(one).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError("no numbers", where=name, expected=EXPECTED, got=str(error)) from error
    values = values[:, None] if values.ndim == 1 else values
    if not counted or values.ndim != 2 or values.shape[1] != len(layout.targets):
        raise DataError(
            "these numbers do not say what the model asks of a table",
            where=name,
            expected=f"a pandas frame with the columns {', '.join((*layout.time, *layout.targets))}",
            got=f"an array of shape {values.shape}",
        )
    # Series of training that had no names were numbered in their order too.
    frame = counted_frame([values], [str(number)], layout.targets)
    return frame.rename(columns={TIME: layout.time[0], SERIES: (layout.series or (SERIES,))[0]})


def forecast_future(problem: ForecastCore, network: nn.Module, panel: Panel, horizon: int | None) -> Future:
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
    return Future(made, bad)


def _trained(problem: ForecastCore) -> int:
    """Steps that the network must be asked for at least: a recursive one stops where it is told to."""
    return 0 if problem.spec.settings(ForecastSpec).decoder == "recursive" else problem.shape.horizon


def _steps(problem: ForecastCore, horizon: int | None) -> int:
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


def _why_not(problem: ForecastCore, one: Series, steps: int) -> str | None:
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


def _prolonged(problem: ForecastCore, one: Series, steps: int) -> Series:
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


def _undone(problem: ForecastCore, split: ForecastSplit, number: int, forecast: np.ndarray) -> FutureValues:
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
