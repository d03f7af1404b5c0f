"""Forecasts of whole tables, from a trained model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.api.bundle import Bundle
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.reader import panel_from_frame, read_panel
from tidegate.data.series.writer import forecast_frame
from tidegate.errors import Finding
from tidegate.tasks.evaluation import not_training
from tidegate.tasks.forecast.predict import forecast_future
from tidegate.tasks.forecast.problem import Forecast

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class ForecastTable:
    """The next values of the series of a table.

    Attributes:
        frame: A table like the one given: the same columns of time and names, each target, and for each level of the
            intervals ``TARGET_lo_80`` and ``TARGET_hi_80``.
        bad: Series that could not be forecast, and why.
        notes: What a person should know of the data.
    """

    frame: DataFrame
    bad: list[Finding]
    notes: list[Finding]


def forecast_table(
    bundle: Bundle, problem: Forecast, data: Path | str | DataFrame, horizon: int | None, *, skip_bad: bool
) -> ForecastTable:
    """What ``Model.forecast`` gives."""
    spec = problem.spec.settings(ForecastSpec)
    if isinstance(data, str | Path):
        panel = read_panel(str(data), spec, skip_bad=skip_bad, like=problem.layout)
    else:
        panel = panel_from_frame(data, "the table", spec, skip_bad=skip_bad, like=problem.layout)
    with not_training(bundle.network):
        future = forecast_future(problem, bundle.network, panel, horizon)
    frame: Any = forecast_frame(problem.layout, future.forecasts)
    return ForecastTable(frame, future.bad, future.notes)
