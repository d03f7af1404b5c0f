"""Random changes of training signals (Um et al. 2017; Le Guennec et al. 2016). Never applied to anything else.

Every sequence draws its own amounts, uniform up to those of ``AugmentSpec``, from one generator: the same generator state
gives the same result. Values are expected scaled, each channel to mean 0 and deviation 1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tidegate.config.tables import AugmentSpec
from tidegate.errors import ConfigError

KEYS = ("noise", "scale", "time_warp", "crop", "channel_dropout")
"""Of ``AugmentSpec``, those that change signals."""
KNOTS = 4
"""Places along a sequence at which its speed is drawn; between them it changes linearly."""


def augment_signals(
    values: Tensor, lengths: Tensor, spec: AugmentSpec, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Change each sequence of a batch at random: crop, warp of time, amplitude, noise, silent channels, in this order.

    - ``crop``: at most this fraction of the steps is cut off at the two ends; at least one is left.
    - ``time_warp``: the speed varies smoothly by at most ± this fraction; the length is kept.
    - ``scale``: each channel is multiplied by its own 1 ± this.
    - ``noise``: Gaussian, with a deviation of at most this.
    - ``channel_dropout``: each channel is 0 with this probability; one is always left.

    Args:
        values: ``(B, T, C)``. What stands beyond a length is ignored.
        lengths: ``(B,)`` int64, each 1 or more.
        spec: The largest amounts; 0 is off.
        generator: Of all choices.

    Returns:
        New values, zero beyond their lengths and as long as the longest, and new lengths.

    Raises:
        ConfigError: Changes are asked for that only images know.

    >>> values, lengths = torch.ones(2, 50, 3), torch.tensor([50, 30])
    >>> new, cut = augment_signals(values, lengths, AugmentSpec(crop=0.2), torch.Generator().manual_seed(0))
    >>> new.shape[1] == cut.max(), bool((cut >= torch.tensor([40, 24])).all()), bool((new[1, cut[1]:] == 0).all())
    (tensor(True), True, True)
    """
    check_signal_augment(spec)
    # Zeros, not products with zeros: NaN may stand in the padding.
    values = torch.where(_inside(lengths, values.shape[1]), values, 0.0)
    if spec.crop:
        values, lengths = _crop(values, lengths, spec.crop, generator)
    if spec.time_warp:
        values = _read_at(values, _warped(lengths, values.shape[1], spec.time_warp, generator))
    count, _, channels = values.shape
    if spec.scale:
        values = values * (1 + spec.scale * _plus_minus((count, 1, channels), generator)).to(values.dtype)
    if spec.noise:
        deviation = spec.noise * torch.rand((count, 1, 1), generator=generator)
        noise = torch.randn(values.shape, generator=generator).mul_(deviation)
        values = values + noise.to(values.dtype)
    if spec.channel_dropout:
        values = values * _heard(count, channels, spec.channel_dropout, generator)[:, None]
    return torch.where(_inside(lengths, values.shape[1]), values, 0.0), lengths


def check_signal_augment(spec: AugmentSpec) -> None:
    """Refuse changes that only images know.

    Raises:
        ConfigError: Some are asked for; it names them all.

    >>> check_signal_augment(AugmentSpec(noise=0.1))
    """
    others = [name for name, amount in spec.model_dump().items() if amount and name not in KEYS]
    if others:
        raise ConfigError(
            "signals cannot be changed like images",
            where=", ".join(f"augment.{name}" for name in others),
            expected=f"0 there; signals know {', '.join(KEYS)}",
            got=", ".join(f"{name} = {getattr(spec, name)}" for name in others),
            hint="set them to 0",
        )


def _inside(lengths: Tensor, steps: int) -> Tensor:
    """``(B, T, 1)``: whether a step is within the length."""
    return (torch.arange(steps) < lengths[:, None])[..., None]


def _plus_minus(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return 2 * torch.rand(shape, generator=generator) - 1


def _crop(
    values: Tensor, lengths: Tensor, largest: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    drawn = torch.rand((2, len(lengths)), generator=generator, dtype=torch.float64)
    cut = (drawn[0] * (largest * lengths + 1)).long().clamp(max=lengths - 1)
    cut = torch.minimum(cut, (largest * lengths).long())
    start = (drawn[1] * (cut + 1)).long()
    kept = lengths - cut
    places = (start[:, None] + torch.arange(int(kept.max()))).clamp(max=values.shape[1] - 1)  # (B, T)
    return values.gather(1, places[..., None].expand(-1, -1, values.shape[2])), kept


def _warped(lengths: Tensor, steps: int, largest: float, generator: torch.Generator) -> Tensor:
    """``(B, T)``: where each step is read, from 0 to the last step of each sequence, rising."""
    knots = 1 + largest * _plus_minus((len(lengths), KNOTS), generator)
    last = (lengths - 1).clamp(min=1)[:, None]
    share = torch.arange(steps) / last
    speed = _between(knots, (share * (KNOTS - 1)).clamp(max=KNOTS - 1))
    # The way up to each step is that of the intervals before it, each at the mean speed of its ends.
    way = torch.cumsum((speed[:, 1:] + speed[:, :-1]) / 2, dim=1)
    way = torch.cat([torch.zeros(len(lengths), 1), way], dim=1)
    whole = way.gather(1, (lengths - 1)[:, None]).clamp(min=1e-6)
    return torch.minimum(way * (lengths - 1)[:, None] / whole, (lengths - 1)[:, None].float())


def _between(rows: Tensor, places: Tensor) -> Tensor:
    """``(B, N)`` read at fractional places ``(B, T)``, linearly."""
    before = places.long().clamp(max=rows.shape[1] - 1)
    after = (before + 1).clamp(max=rows.shape[1] - 1)
    return torch.lerp(rows.gather(1, before), rows.gather(1, after), places - before)


def _read_at(values: Tensor, places: Tensor) -> Tensor:
    """``(B, T, C)`` read at fractional places ``(B, T)``, linearly."""
    before = places.long()
    after = (before + 1).clamp(max=values.shape[1] - 1)
    share = (places - before)[..., None].to(values.dtype)
    wide = (-1, -1, values.shape[2])
    return torch.lerp(
        values.gather(1, before[..., None].expand(wide)),
        values.gather(1, after[..., None].expand(wide)),
        share,
    )


def _heard(count: int, channels: int, probability: float, generator: torch.Generator) -> Tensor:
    """``(B, C)``: 1 for channels that are left; at least one of each sequence is."""
    drawn = torch.rand((count, channels), generator=generator)
    best = drawn.argmax(dim=1, keepdim=True)
    return (drawn >= probability).float().scatter_(1, best, 1.0)
