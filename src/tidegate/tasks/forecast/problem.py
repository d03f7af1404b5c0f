"""``forecast`` as a problem: windows, and whole tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import torch
from torch import nn

from tidegate.config.run import RunSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.memory import Reference
from tidegate.errors import ConfigError, Finding
from tidegate.network.layers import Architecture
from tidegate.results.analysis.forecast import ForecastAnalysis
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer
from tidegate.tasks.forecast.core import ForecastCore
from tidegate.tasks.forecast.encoders import summarised
from tidegate.tasks.forecast.error_analysis import forecast_analysis
from tidegate.tasks.forecast.predict import ForecastTable, predict_tables
from tidegate.tasks.forecast.split import ForecastSplit
from tidegate.tasks.forecast.unseen import open_unseen


@dataclass(frozen=True)
class Forecast(ForecastCore):
    """A forecasting problem."""

    @property
    def beside(self) -> str:
        """What the decoder adds."""
        shape, spec = self.shape, self.spec.settings(ForecastSpec)
        segments = f" in segments of {spec.segment}" if spec.decoder == "segment" else ""
        with torch.device("meta"):
            count = sum(one.numel() for one in self.network().parameters())
        return (
            f"{shape.lookback} steps seen{segments}, {shape.horizon} forecast; decoder {spec.decoder}; "
            f"{count:,} parameters in all, with those of the decoder"
        )

    def predict(self, network: nn.Module, inputs: Any, **options: Any) -> ForecastTable:
        """What comes after the end of each series of tables; see ``predict_tables``."""
        self.check_options(options)
        return predict_tables(self, network, inputs, options.get("horizon"))

    def portions(self, arguments: Sequence[str], stdin: BinaryIO) -> Iterator[str]:
        """One table.

        Raises:
            ConfigError: There are several.
        """
        if len(arguments) != 1:
            raise ConfigError("a forecast is made of one table at a time", got=" ".join(arguments))
        return iter(arguments)

    def with_network(self, architecture: Architecture, spec: RunSpec) -> Forecast:
        """What goes on from states answers step by step, and not once."""
        *layers, _ = architecture.layers
        kept = summarised(layers) if spec.settings(ForecastSpec).decoder == "direct" else layers
        changed = replace(architecture, layers=(*kept, self.architecture.layers[-1]))
        return replace(self, architecture=changed, spec=spec)

    def error_analysis(
        self, network: nn.Module, split: ForecastSplit, answers: Sequence[Answer]
    ) -> tuple[ForecastAnalysis, Samples | None]:
        """Forecasts of some windows, errors by step and by series, coverage."""
        return forecast_analysis(self, network, split)

    def open_split(self, where: Reference, *, skip_bad: bool) -> tuple[ForecastSplit, list[Finding]]:
        """Every window of a table whose future training and validation have not seen."""
        return open_unseen(self, where, skip_bad=skip_bad)
