"""``forecast``: series → their next values, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from torch import nn

from tidegate.config.compile import compile_model, compile_run
from tidegate.config.run import RunSpec
from tidegate.config.tables import DataSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.finding import settle, warning
from tidegate.data.memory import Reference, reference
from tidegate.data.series.calendar import calendar
from tidegate.data.series.formats import SERIES
from tidegate.data.series.frequency import Frequency
from tidegate.data.series.memory import EXPECTED
from tidegate.data.series.panel import Layout, Panel
from tidegate.data.series.splits import Bounds, refuse_groups, split_panel
from tidegate.data.series.usual_sizes import usual_sizes
from tidegate.errors import ConfigError, Finding, SplitError
from tidegate.network.causal import check_recursive
from tidegate.network.layers import Architecture, Output
from tidegate.network.vgsl import parse
from tidegate.tasks.contract import Json, Prepared, Problem, Task
from tidegate.tasks.description import Description
from tidegate.tasks.forecast.baselines import forecast_baselines
from tidegate.tasks.forecast.describe import describe
from tidegate.tasks.forecast.encoders import summarised
from tidegate.tasks.forecast.intervals import Intervals, needed
from tidegate.tasks.forecast.metrics import season_errors
from tidegate.tasks.forecast.network import features_of, segment_of
from tidegate.tasks.forecast.problem import Forecast
from tidegate.tasks.forecast.scaler import Scaler, not_positive
from tidegate.tasks.forecast.split import ForecastSplit, windows
from tidegate.tasks.forecast.window import WindowShape
from tidegate.tasks.showing import Showing


def _begin(spec: ForecastSpec, bounds: Bounds) -> int:
    """The first row whose forecast is trained on."""
    return 0 if spec.recent is None else max(0, bounds.train - spec.recent)


def _source(data: DataSpec) -> Reference:
    others = [name for name in ("valid", "test") if getattr(data, name) is not None]
    if others:
        raise ConfigError(
            "series are split by time, and come in one table",
            where=f"data.{others[0]}",
            got=str(getattr(data, others[0])),
            hint="put all rows into one table and pass --data TABLE --split A/B/C, counts or fractions in time order",
        )
    key = "train" if data.source is None else "source"
    if getattr(data, key) is None:
        raise ConfigError("no data", where="data.source", hint="pass --data TABLE --split 0.7/0.1/0.2")
    return reference(data, key)


def _sized(spec: RunSpec, panel: Panel) -> RunSpec:
    """The specification with season, horizon, lookback and segment that the data decide written in."""
    forecast = spec.settings(ForecastSpec)
    season, horizon, lookback = usual_sizes(forecast, panel.frequency)
    sizes: dict[str, Any] = {
        "season": season,
        "horizon": horizon,
        "lookback": lookback,
        "frequency": forecast.frequency or str(panel.frequency),
        "target": list(panel.layout.targets),
    }
    shape = WindowShape(lookback, horizon, len(panel.layout.targets), season=season)
    if forecast.decoder == "segment":
        sizes["segment"] = segment_of(forecast, shape)
    return spec.with_settings(**sizes)


def _positive(panel: Panel, spec: RunSpec, path: str) -> Panel:
    """Without the series that have no logarithm."""
    if spec.settings(ForecastSpec).transform != "log":
        return panel
    bad: list[Finding] = []
    kept: list[Any] = []
    for one in panel.series:
        reason = not_positive(one)
        bad += [] if reason is None else [reason]
        kept += [one] if reason is None else []
    notes = settle(bad, total=len(panel.series), where=path, skip_bad=spec.data.skip_bad)
    return replace(panel, series=kept, notes=[*panel.notes, *notes])


def _check(spec: RunSpec) -> None:
    """Refuse keys that do not go together.

    Raises:
        ConfigError: With both.
    """
    forecast = spec.settings(ForecastSpec)
    if spec.augment.any:
        raise ConfigError(
            "time series are not changed at random",
            where="augment",
            expected="0 for every key of it",
            hint="leave the table out",
        )
    lookback, season, segment = forecast.lookback or 0, forecast.season or 1, forecast.segment
    if forecast.decoder == "segment" and segment and lookback % segment:
        raise ConfigError(
            "the lookback is not a whole number of segments",
            where="forecast.segment",
            expected=f"a divisor of {lookback}",
            got=str(segment),
            hint="change forecast.segment or forecast.lookback",
        )
    if forecast.residual != "none" and lookback < season:
        raise ConfigError(
            "the season that the network corrects lies before its window",
            where="forecast.lookback",
            expected=f"at least a season, {season}",
            got=str(lookback),
            hint="raise forecast.lookback, or leave out forecast.residual",
        )
    if forecast.residual == "linear" and forecast.decoder == "recursive":
        raise ConfigError(
            "a linear map of the window has one horizon, and a recursive decoder any",
            where="forecast.residual",
            expected="none or seasonal",
            got="linear",
            hint="leave it out, or take another decoder",
        )
    if forecast.decoder == "recursive" and forecast.observed:
        raise ConfigError(
            "a recursive decoder reads the covariates of steps that are not there yet",
            where="forecast.observed",
            expected="known covariates only, or another decoder",
            got=", ".join(forecast.observed),
            hint='name them in forecast.known if they are known ahead, or take forecast.decoder = "direct"',
        )


def _problem(spec: RunSpec, panel: Panel, bounds: Sequence[Bounds]) -> Forecast:
    forecast = spec.settings(ForecastSpec)
    ends = [one.train for one in bounds]
    scaler = Scaler.fit(panel.series, ends, forecast)
    season = forecast.season or 1
    shape = WindowShape(
        lookback=forecast.lookback or 0,
        horizon=forecast.horizon or 0,
        targets=len(panel.layout.targets),
        observed=len(panel.layout.observed),
        known=len(panel.layout.known) + (len(_calendar(panel)) if forecast.calendar else 0),
        static=len(panel.layout.static),
        series=len(panel.series),
        masked=forecast.fill == "mask",
        season=season,
    )
    errors: dict[str, list[float]] = {}
    for one, end in zip(panel.series, ends, strict=True):
        rows = np.where(one.given[:end], one.targets[:end], np.nan)
        errors[one.name] = season_errors(rows, season).tolist()
    seen = {
        one.name: str(np.datetime_as_string(one.stamps[bound.valid - 1], unit="s"))
        for one, bound in zip(panel.series, bounds, strict=True)
    }
    architecture = _architecture(spec, shape)
    return Forecast(architecture, shape, scaler, panel.frequency, panel.layout, seen, errors, spec)


def _calendar(panel: Panel) -> tuple[str, ...]:
    return calendar(panel.series[0].stamps[:1], panel.frequency)[0]


def _architecture(spec: RunSpec, shape: WindowShape) -> Architecture:
    forecast = spec.settings(ForecastSpec)
    columns = shape.lookback // segment_of(forecast, shape)
    architecture = compile_model(
        spec.model, "forecast", rows=1, columns=columns, channels=features_of(forecast, shape)
    )
    if forecast.decoder == "recursive":
        check_recursive(architecture)
    *layers, output = architecture.layers
    if forecast.decoder == "direct":
        return replace(architecture, layers=(*summarised(layers), output))
    # What goes on from states answers step by step, or segment by segment.
    return replace(architecture, layers=(*layers, Output(1, "linear", 0)))


def _interval_notes(spec: RunSpec, valid: ForecastSplit) -> list[Finding]:
    levels = spec.settings(ForecastSpec).levels
    if not levels or spec.settings(ForecastSpec).loss == "quantile":
        return []
    least = needed(levels)
    if len(valid) * valid.horizon >= least:
        return []
    what = (
        f"{len(valid) * valid.horizon} values of the validation are too few for an interval of {max(levels):.0%}: "
        f"{least} are needed, and the widest residual stands in"
    )
    return [warning("wide-interval", what)]


class _Forecasts(Task):
    name = "forecast"
    primary = "mse"
    lower_is_better = True
    shares_data = True
    in_memory = EXPECTED
    # The usual window of published figures: four days of hours.
    showing = Showing(
        columns=96,
        example="a window of {columns} steps with {channels} features each",
        counted="",
        beside="what the decoder adds (forecast.decoder) comes on top; features follow from the data",
    )

    def prepare(self, spec: RunSpec) -> Prepared:
        """Read the table that a specification names, split it by time, and cut it into windows."""
        # Here, since it imports pandas, which the other tasks do without.
        from tidegate.data.series.reader import read_panel

        compile_run(spec)
        SERIES.check(spec.data.format)
        refuse_groups(spec.data)
        where = _source(spec.data)
        panel = read_panel(where, spec.settings(ForecastSpec), skip_bad=spec.data.skip_bad, data=spec.data)
        path = str(where)
        spec = _sized(spec, panel)
        panel = _positive(panel, spec, path)
        forecast = spec.settings(ForecastSpec)
        lookback, horizon = forecast.lookback or 0, forecast.horizon or 0
        _check(spec)
        divided = split_panel(
            panel,
            spec.data.split or panel.split or None,
            horizon=horizon,
            lookback=lookback,
            skip_bad=spec.data.skip_bad,
            where=path,
            resample=spec.data.resample,
            train_share=spec.data.train_share,
        )
        panel, bounds, record = divided.panel, divided.bounds, divided.record
        problem = _problem(spec, panel, bounds)
        grid = problem.grid(panel)
        cut = partial(windows, grid, lookback=lookback, horizon=horizon)
        parts: dict[str, ForecastSplit] = {
            "train": cut(
                [(_begin(forecast, one), one.train) for one in bounds], stride=forecast.train_stride
            ),
            "valid": cut([(one.train, one.valid) for one in bounds]),
            "test": cut([(one.valid, one.test) for one in bounds]),
        }
        if not len(parts["test"]):
            del parts["test"]
        for name in ("train", "valid"):
            if not len(parts[name]):
                raise SplitError(f"no window lies in the {name} part", where=path, got=spec.data.split)
        notes = [*record.notes, *_interval_notes(spec, parts["valid"])]

        baselines = partial(forecast_baselines, problem, parts, parts.get("test", parts["valid"]))

        def finish(network: nn.Module) -> Problem:
            return problem.calibrated(network, parts["valid"])

        return Prepared(spec, problem, parts, record.to_json(), notes, baselines, forecast.select, finish)

    def restore(self, data: Json, spec: RunSpec) -> Forecast:
        """Make the problem again from model.json."""
        layout: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data["layout"].items()
        }
        layout["categories"] = {name: tuple(values) for name, values in data["layout"]["categories"].items()}
        return Forecast(
            architecture=parse(data["architecture"]),
            shape=WindowShape(**data["shape"]),
            scaler=Scaler.from_json(data["scaler"]),
            frequency=Frequency.from_json(data["frequency"]),
            layout=Layout(**layout),
            seen=data["seen"],
            # JSON knows no NaN: null is a series too short for a season.
            season_errors={
                name: [float("nan") if one is None else one for one in errors]
                for name, errors in data["season_errors"].items()
            },
            spec=spec,
            intervals=None if data["intervals"] is None else Intervals.from_json(data["intervals"]),
        )

    def counted(self, architecture: Architecture, columns: int) -> Architecture:
        """The layers that read the window, which has one size for all examples."""
        source = replace(architecture.input, columns=columns)
        return replace(architecture, input=source, layers=architecture.layers[:-1])

    def describe(self, spec: RunSpec, path: str) -> Description:
        """Series, rows, columns, gaps, and the horizon that such data mostly take."""
        return describe(spec, path)


FORECAST = _Forecasts()
