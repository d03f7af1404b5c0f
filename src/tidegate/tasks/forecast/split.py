"""Windows of time series: a grid of scaled values in memory, and the places where forecasts begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tidegate.data.series.calendar import calendar
from tidegate.data.series.frequency import Frequency
from tidegate.data.series.panel import Series, Values
from tidegate.tasks.batches import plan_epoch
from tidegate.tasks.forecast.scaler import Scaler, Statistics
from tidegate.tasks.forecast.window import Window

AT_ONCE = 1 << 18
"""Values of forecasts that an evaluation makes at a time."""


@dataclass(frozen=True)
class ForecastBatch:
    """Some windows.

    Attributes:
        window: What the network reads.
        targets: What comes, scaled ``(B, H, C)``; 0 where nothing was given.
        given: Where something was ``(B, H, C)``.
    """

    window: Window
    targets: Tensor
    given: Tensor

    @property
    def samples(self) -> int:
        """Windows."""
        return len(self.targets)

    @property
    def weight(self) -> int:
        """Values that were given."""
        return int(self.given.sum())


class Grid:
    """All rows of all series, one after the other.

    Args:
        series: With their values in the data's own units.
        scaler: Fitted on training rows.
        frequency: Of the data.
        use_calendar: Whether the calendar is among what is known.
        masked: Whether the network is told which values are missing.
        identities: The number that each series had in training; default: as they stand.
    """

    def __init__(
        self,
        series: Sequence[Series],
        scaler: Scaler,
        frequency: Frequency,
        *,
        use_calendar: bool,
        masked: bool,
        identities: Sequence[int] | None = None,
    ) -> None:
        self.series = series
        self.identities = torch.tensor(range(len(series)) if identities is None else identities)
        self.statistics: list[Statistics] = [scaler.of(one) for one in series]
        self.starts = np.concatenate([[0], np.cumsum([len(one.stamps) for one in series])])
        pairs = zip(series, self.statistics, strict=True)
        scaled = np.concatenate([scaler.forward(one.targets, statistics) for one, statistics in pairs])
        self.given = torch.from_numpy(np.concatenate([one.given for one in series]) & np.isfinite(scaled))
        self.missing = torch.from_numpy(np.isnan(scaled)) if masked else None
        self.values = torch.from_numpy(np.nan_to_num(scaled).astype(np.float32))
        self.observed = _covariates([scaler.observed.apply(one.observed) for one in series])
        known: list[NDArray[np.floating]] = [scaler.known.apply(one.known) for one in series]
        if use_calendar:
            known = [
                np.concatenate([k, calendar(s.stamps, frequency)[1]], axis=1)
                for k, s in zip(known, series, strict=True)
            ]
        self.known = _covariates(known)
        self.static = _covariates([scaler.static.apply(one.static)[None] for one in series])

    def units(self, number: int) -> tuple[Values, NDArray[np.bool_]]:
        """The rows of a series in the data's own units, and which of them were given."""
        one = self.series[number]
        return one.targets, one.given


def _covariates(rows: Sequence[NDArray[np.floating]]) -> Tensor:
    """NaN, which is what is missing, becomes 0: the mean of what is scaled."""
    return torch.from_numpy(np.nan_to_num(np.concatenate(rows)).astype(np.float32))


class ForecastSplit:
    """The windows of one portion of the data.

    Args:
        grid: Of all rows.
        number: The series of each window ``(M,)``, rising.
        origin: The first row of its future, counted within its series ``(M,)``.
        lookback: L.
        horizon: H.
    """

    def __init__(
        self,
        grid: Grid,
        number: NDArray[np.int64],
        origin: NDArray[np.int64],
        lookback: int,
        horizon: int,
    ) -> None:
        self.grid, self.number, self.origin = grid, number, origin
        self.lookback, self.horizon = lookback, horizon
        self._place = torch.from_numpy(grid.starts[number] + origin)
        self._number = torch.from_numpy(number)
        self._steps = torch.arange(-lookback, horizon)

    def __len__(self) -> int:
        return len(self.number)

    def sizes(self) -> Sequence[int]:
        """Steps that each window sees."""
        return [self.lookback] * len(self)

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """Windows in random order."""
        return plan_epoch(np.full(len(self), self.lookback), batch_size, seed, epoch)

    def batch(self, indices: Sequence[int]) -> ForecastBatch:
        """Gather some windows."""
        at = torch.as_tensor(indices)
        number = self._number[at]
        rows = self._place[at][:, None] + self._steps  # (B, L + H)
        past, future = rows[:, : self.lookback], rows[:, self.lookback :]
        grid = self.grid
        window = Window(
            past=grid.values[past],
            missing=None if grid.missing is None else grid.missing[past],
            observed=grid.observed[past],
            known=grid.known[rows],
            static=grid.static[number],
            series=grid.identities[number],
        )
        return ForecastBatch(window, grid.values[future], grid.given[future])

    def in_order(self) -> Iterator[ForecastBatch]:
        """Every window once, in the order of series and time."""
        size = max(1, AT_ONCE // max(1, self.horizon * self.grid.values.shape[1]))
        for start in range(0, len(self), min(size, 512)):
            yield self.batch(range(start, min(start + min(size, 512), len(self))))

    def runs(self) -> Iterator[tuple[int, slice]]:
        """Each series with the places of its windows."""
        ends = np.flatnonzero(np.diff(self.number, append=-1)) + 1
        for start, end in zip([0, *ends[:-1]], ends, strict=True):
            yield int(self.number[start]), slice(int(start), int(end))


def windows(
    grid: Grid, bounds: Sequence[tuple[int, int]], lookback: int, horizon: int, stride: int = 1
) -> ForecastSplit:
    """All windows whose future lies between two rows of its series; what they see may lie before.

    Args:
        grid: Of all rows.
        bounds: First row and end of the future of each series.
        lookback: L.
        horizon: H.
        stride: Rows between two windows.
    """
    numbers: list[NDArray[np.int64]] = []
    origins: list[NDArray[np.int64]] = []
    given = grid.given.any(dim=1).numpy()
    for number, (start, end) in enumerate(bounds):
        origin = np.arange(max(start, lookback), end - horizon + 1, stride)
        counts = np.concatenate([[0], np.cumsum(given[grid.starts[number] : grid.starts[number + 1]])])
        # A window whose whole future is missing says nothing, in training as in figures.
        origin = origin[counts[origin + horizon] > counts[origin]]
        numbers.append(np.full(len(origin), number, np.int64))
        origins.append(origin)
    return ForecastSplit(grid, np.concatenate(numbers), np.concatenate(origins), lookback, horizon)
