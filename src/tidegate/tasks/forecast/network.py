"""A network that forecasts: what a window is measured by, an encoder of any layers, a decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.network.layers import Architecture, Output
from tidegate.tasks.forecast.decoders import DECODERS, Segmentwise
from tidegate.tasks.forecast.instance_norm import level_of
from tidegate.tasks.forecast.window import Window, WindowShape


def quantiles(spec: ForecastSpec) -> tuple[float, ...]:
    """The quantiles that a network gives, in rising order, the median in their middle; one entry: no quantiles.

    Example:
        >>> quantiles(ForecastSpec(loss="quantile", levels=[0.8])), quantiles(ForecastSpec())
        ((0.1, 0.5, 0.9), (0.5,))
    """
    if spec.loss != "quantile":
        return (0.5,)
    ends = [(1 - level) / 2 for level in spec.levels]
    return tuple(round(one, 6) for one in sorted([*ends, 0.5, *(1 - end for end in ends)]))


def features_of(spec: ForecastSpec, shape: WindowShape) -> int:
    """Channels of the encoder's input: of a step, or of a segment.

    Example:
        >>> shape = WindowShape(lookback=96, horizon=24, targets=7, known=4)
        >>> features_of(ForecastSpec(), shape), features_of(ForecastSpec(decoder="segment"), shape)
        (5, 240)
    """
    values = 1 if spec.channels == "independent" else shape.targets
    moving = values * (2 if shape.masked else 1) + shape.observed + shape.known
    return moving * segment_of(spec, shape) + shape.static + spec.identity


def segment_of(spec: ForecastSpec, shape: WindowShape) -> int:
    """Values of a segment; 1 where the window is read step by step.

    A season where it divides the lookback, else its largest divisor of at most half of it.

    Example:
        >>> segment_of(ForecastSpec(decoder="segment"), WindowShape(lookback=96, horizon=24, targets=1, season=24))
        24
    """
    if spec.decoder != "segment":
        return 1
    if spec.segment is not None:
        return spec.segment
    lookback = shape.lookback
    if 1 < shape.season < lookback and lookback % shape.season == 0:
        return shape.season
    return next(size for size in range(max(1, min(48, lookback // 2)), 0, -1) if lookback % size == 0)


class Forecaster(nn.Module):
    """Windows to forecasts, both scaled.

    Args:
        architecture: The encoder; its output layer is left out, since the decoder stands in its place.
        spec: Decoder, normalisation, loss.
        shape: Sizes of the windows.

    Raises:
        ConfigError: The layers do not suit the decoder.
        ShapeError: They do not fit.

    Example:
        >>> from tidegate.network.vgsl import parse
        >>> shape = WindowShape(lookback=24, horizon=12, targets=3)
        >>> network = Forecaster(parse("[1,1,24,1 Gbx16 O0l0]"), ForecastSpec(), shape)
        >>> none, numbers = torch.zeros(5, 36, 0), torch.zeros(5, dtype=torch.int64)
        >>> window = Window(torch.randn(5, 24, 3), None, none[:, :24], none, none[:, 0], numbers)
        >>> network(window).shape
        torch.Size([5, 12, 3, 1])
    """

    def __init__(self, architecture: Architecture, spec: ForecastSpec, shape: WindowShape) -> None:
        super().__init__()
        self.spec, self.shape = spec, shape
        self.quantiles = quantiles(spec)
        independent = spec.channels == "independent"
        inner = replace(shape, targets=1) if independent else shape
        layers = tuple(layer for layer in architecture.layers if not isinstance(layer, Output))
        features, outputs = features_of(spec, shape), inner.targets * len(self.quantiles)
        self.segment = segment_of(spec, shape)
        self.linear = _seasonal_map(shape) if spec.residual == "linear" else None
        self.identity = (
            nn.Embedding(shape.series * (shape.targets if independent else 1), spec.identity)
            if spec.identity
            else None
        )
        self.decoder = (
            Segmentwise(layers, features, inner, outputs, self.segment)
            if spec.decoder == "segment"
            else DECODERS[spec.decoder](layers, features, inner, outputs)
        )

    def forward(self, window: Window) -> Tensor:
        """Forecasts ``(B, H, C, Q)``, quantiles rising; Q is 1 without a quantile loss."""
        batch, _, targets = window.past.shape
        if self.spec.channels == "independent":
            window = window.apart()
        level = level_of(window.past, window.missing, self.spec.normalise)
        past = level.remove(window.past)
        if window.missing is not None:
            past = past.masked_fill(window.missing, 0)
        y = self.decoder(self._steps(past, window), window, past)
        y = y.view(len(past), -1, past.shape[2], len(self.quantiles))
        if self.spec.residual == "seasonal":
            y = y + seasonal(past, self.shape.season, y.shape[1])[..., None]
        elif self.linear is not None:
            y = y + self.linear(past.transpose(1, 2)).transpose(1, 2)[..., None]
        y = level.restore(y)
        if self.spec.channels == "independent":
            y = y.view(batch, targets, -1, len(self.quantiles)).transpose(1, 2)
        return y

    def _steps(self, past: Tensor, window: Window) -> Tensor:
        """What the encoder reads ``(B, T, F)``: values, which are missing, covariates, what does not change."""
        length = past.shape[1]
        recursive = self.spec.decoder == "recursive"
        known = window.known[:, 1 : length + 1] if recursive else window.known[:, :length]
        parts = [past]
        if window.missing is not None:
            parts.append(window.missing.to(past.dtype))
        parts.append(window.observed)
        moving = [known] if not recursive else []
        steps = torch.cat([*parts, *moving], dim=2)
        if self.segment > 1:
            steps = steps.reshape(len(past), length // self.segment, -1)
        still = self._still(window, steps.shape[1])
        return torch.cat([steps, *still, known] if recursive else [steps, *still], dim=2)

    def _still(self, window: Window, steps: int) -> Sequence[Tensor]:
        parts = [window.static]
        if self.identity is not None:
            parts.append(self.identity(window.series))
        return [part[:, None].expand(-1, steps, -1) for part in parts if part.shape[1]]


def _seasonal_map(shape: WindowShape) -> nn.Linear:
    """A linear map of the window, which starts as the seasonal naive forecast."""
    linear = nn.Linear(shape.lookback, shape.horizon)
    steps = torch.arange(shape.horizon)
    season = min(shape.season, shape.lookback)
    with torch.no_grad():
        linear.weight.zero_()
        linear.weight[steps, shape.lookback - season + steps % season] = 1
        nn.init.zeros_(linear.bias)
    return linear


def seasonal(past: Tensor, season: int, horizon: int) -> Tensor:
    """The last season of a window, again and again: ``(B, L, C)`` to ``(B, H, C)``; L is at least a season.

    Example:
        >>> seasonal(torch.arange(4.0).view(1, 4, 1), season=2, horizon=3).flatten()
        tensor([2., 3., 2.])
    """
    places = past.shape[1] - season + torch.arange(horizon, device=past.device) % season
    return past[:, places]
