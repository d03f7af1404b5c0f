"""Forecasts of windows of many series: the network, its loss, its figures, its intervals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tidegate.config.run import RunSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.frequency import Frequency
from tidegate.data.series.panel import Layout, Panel
from tidegate.network.layers import Architecture
from tidegate.network.vgsl import render
from tidegate.tasks.contract import Carried, EvalResult, Json, Problem, place_of
from tidegate.tasks.forecast.intervals import Intervals, conformal
from tidegate.tasks.forecast.metrics import ForecastMetrics, Forecasts, Pair
from tidegate.tasks.forecast.network import Forecaster, quantiles, segment_of
from tidegate.tasks.forecast.scaler import Scaler
from tidegate.tasks.forecast.split import ForecastBatch, ForecastSplit, Grid
from tidegate.tasks.forecast.window import WindowShape

Values = NDArray[np.float64]
MOST_RESIDUALS = 2000
"""Windows of the validation that intervals are taken from, evenly spread, at most."""


@dataclass(frozen=True)
class ForecastCore(Problem):
    """A forecasting problem as far as windows go.

    Attributes:
        architecture: The encoder.
        shape: Sizes of the windows.
        scaler: Fitted on the training rows.
        frequency: Of the data.
        layout: How tables are laid out.
        seen: The last stamp of each series that training or validation had.
        season_errors: What MASE divides by, of the training rows of each series; for each target.
        spec: Of the run.
        intervals: From the validation, once the weights are chosen.
    """

    architecture: Architecture
    shape: WindowShape
    scaler: Scaler
    frequency: Frequency
    layout: Layout
    seen: dict[str, str]
    season_errors: dict[str, list[float]]
    spec: RunSpec
    intervals: Intervals | None = None
    task = "forecast"

    @property
    def symbols(self) -> int:
        """Numbers that the output layer gives at a time: for a step, a segment or the whole horizon; of every target and
        quantile."""
        spec = self.spec.settings(ForecastSpec)
        own = 1 if spec.channels == "independent" else self.shape.targets
        steps = self.shape.horizon if spec.decoder == "direct" else segment_of(spec, self.shape)
        return steps * own * len(quantiles(spec))

    @property
    def definition(self) -> str:
        """What the figures are of."""
        scaled = "" if self.scaler.shared is None else ", of values whose training rows have deviation 1"
        log = ", after their logarithm" if self.scaler.transform == "log" else ""
        return (
            f"mse, mae: over {self.shape.horizon} steps from every place of the split{scaled}{log}; "
            f"smape in % (0 to 200); mase: 1 is the seasonal naive (season {self.shape.season}) on the training rows"
        )

    def network(self) -> nn.Module:
        """Encoder and decoder."""
        return Forecaster(self.architecture, self.spec.settings(ForecastSpec), self.shape)

    def learn(self, network: nn.Module, batch: ForecastBatch, carried: Carried) -> tuple[Tensor, Carried]:
        """The mean loss over what was given; nothing is carried on."""
        device, kind = place_of(network)
        forecast = network(batch.window.to(device, kind))
        return self.loss(forecast.float(), batch.targets.to(device), batch.given.to(device)), ()

    def loss(self, forecast: Tensor, targets: Tensor, given: Tensor) -> Tensor:
        """Of forecasts ``(B, H, C, Q)``: as the specification says, over what was given."""
        spec = self.spec.settings(ForecastSpec)
        if spec.loss == "quantile":
            levels = forecast.new_tensor(quantiles(spec))
            error = targets[..., None] - forecast
            losses = torch.maximum(levels * error, (levels - 1) * error).mean(dim=-1)
        elif spec.loss == "huber":
            losses = functional.huber_loss(
                forecast[..., 0], targets, delta=spec.huber_delta, reduction="none"
            )
        elif spec.loss == "mae":
            losses = (forecast[..., 0] - targets).abs()
        else:
            losses = (forecast[..., 0] - targets).square()
        if bool(given.all()):
            return losses.mean()
        return (losses * given).sum() / given.sum().clamp(min=1)

    def evaluate(self, network: nn.Module, split: ForecastSplit, *, labelled: bool) -> EvalResult:
        """Figures over every window of a split."""
        metrics = self.metrics_of(split)
        total, count = 0.0, 0
        pieces: list[Values] = []
        for batch, forecast in self.answers(network, split):
            given = int(batch.given.sum())
            total += float(self.loss(torch.from_numpy(forecast).float(), batch.targets, batch.given)) * given
            count += given
            pieces.append(forecast)
        forecasts = np.concatenate(pieces)
        for number, run in split.runs():
            metrics.add(number, self.compared(split, run, forecasts[run]))
        figures = metrics.result(units=self.shape.targets == 1)
        return EvalResult({"loss": total / max(1, count), **figures}, [])

    def answers(self, network: nn.Module, split: ForecastSplit) -> Iterator[tuple[ForecastBatch, Values]]:
        """The forecasts of every window in order, scaled ``(B, H, C, Q)``.

        Quantiles that cross are put in order, which never makes their loss larger (Chernozhukov, Fernández-Val and
        Galichon 2010).
        """
        device, kind = place_of(network)
        for batch in split.in_order():
            forecast = network(batch.window.to(device, kind)).double().cpu().numpy()
            yield batch, np.sort(forecast, axis=-1)

    def answer_one(self, network: nn.Module, split: ForecastSplit, index: int) -> None:
        """Forecast from one window; to be timed."""
        device, kind = place_of(network)
        network(split.batch([index]).window.to(device, kind))

    def metrics_of(self, split: ForecastSplit) -> ForecastMetrics:
        """What sums up figures of a split's series."""
        missing = [float("nan")] * self.shape.targets
        errors = [np.array(self.season_errors.get(one.name, missing)) for one in split.grid.series]
        return ForecastMetrics(errors)

    def compared(
        self, split: ForecastSplit, run: slice, forecasts: Values, *, bounded: bool = True
    ) -> Forecasts:
        """Scaled forecasts ``(N, H, C, Q)`` of one series beside what came, with their intervals if they have some."""
        number = int(split.number[run.start])
        steps = split.origin[run][:, None] + np.arange(split.horizon)
        plain, _ = split.grid.units(number)
        rows = split.grid.starts[number] + steps
        given = split.grid.given[rows].numpy()
        truth = split.grid.values[rows].double().numpy()
        middle = forecasts[..., forecasts.shape[-1] // 2]
        undone = self.scaler.undo(middle, split.grid.statistics[number])
        units, scaled = Pair(plain[steps], undone), Pair(truth, middle)
        if not bounded:
            return Forecasts(units, scaled, given)
        levels = quantiles(self.spec.settings(ForecastSpec))
        by_quantile = {level: forecasts[..., i] for i, level in enumerate(levels)} if len(levels) > 1 else {}
        return Forecasts(units, scaled, given, self.bounds(forecasts), by_quantile)

    def bounds(self, forecasts: Values) -> dict[float, tuple[Values, Values]]:
        """Lower and upper bound of each level ``(N, H, C)``, scaled; none before the intervals are known."""
        levels = quantiles(self.spec.settings(ForecastSpec))
        if len(levels) > 1:
            places = {round(level, 6): i for i, level in enumerate(levels)}
            return {
                level: (
                    forecasts[..., places[round((1 - level) / 2, 6)]],
                    forecasts[..., places[round(1 - (1 - level) / 2, 6)]],
                )
                for level in self.spec.settings(ForecastSpec).levels
            }
        return {} if self.intervals is None else self.intervals.around(forecasts[..., 0])

    def calibrated(self, network: nn.Module, split: ForecastSplit) -> Self:
        """With intervals from the residuals of a split, the validation's."""
        levels = self.spec.settings(ForecastSpec).levels
        if not levels or len(quantiles(self.spec.settings(ForecastSpec))) > 1:
            return self
        some = np.unique(np.linspace(0, len(split) - 1, min(len(split), MOST_RESIDUALS)).astype(int))
        chosen = ForecastSplit(
            split.grid, split.number[some], split.origin[some], split.lookback, split.horizon
        )
        residuals = [
            np.where(batch.given.numpy(), batch.targets.double().numpy() - forecast[..., 0], np.nan)
            for batch, forecast in self.answers(network, chosen)
        ]
        return replace(self, intervals=conformal(np.concatenate(residuals), levels))

    def grid(self, panel: Panel) -> Grid:
        """Scaled rows of all series; each keeps the learnt vector that training gave it, whatever their order."""
        numbers = {name: number for number, name in enumerate(self.seen)}
        return Grid(
            panel.series,
            self.scaler,
            self.frequency,
            use_calendar=self.spec.settings(ForecastSpec).calendar,
            masked=self.shape.masked,
            identities=[numbers.get(one.name, 0) for one in panel.series],
        )

    def unknown(self, name: str) -> str | None:
        """Why a series cannot be forecast that training did not have; ``None`` where it can."""
        if not self.spec.settings(ForecastSpec).identity or name in self.seen:
            return None
        return "was not in training, where each series learnt a vector of its own (forecast.identity)"

    def to_json(self) -> Json:
        """All of it."""
        layout = self.layout
        return {
            "architecture": render(self.architecture),
            "shape": asdict(self.shape),
            "scaler": self.scaler.to_json(),
            "frequency": asdict(self.frequency),
            "layout": asdict(layout),
            "seen": self.seen,
            "season_errors": self.season_errors,
            "intervals": None if self.intervals is None else self.intervals.to_json(),
        }
