"""Sizes of a network's layers one by one: read off, and put in place of what a preset or a string has.

The recurrent layers are what a study makes wider or narrower. A network that has none is sized by its convolutions and
dense layers. The output layer follows from the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tidegate.errors import ConfigError
from tidegate.network.channel_constraints import retied
from tidegate.network.layers import Architecture, Layer, Parallel, Recurrence


def sizable(architecture: Architecture) -> tuple[int, ...]:
    """Units of the recurrent layers, those in parallel blocks included; without any, of convolutions and dense layers.

    Example:
        >>> from tidegate.network.vgsl import parse
        >>> sizable(parse("[1,48,0,1 Cr3,3,32 S1(1x0)1,3 Lbx100 Lbx80 O1c0]"))
        (100, 80)
        >>> sizable(parse("[1,28,28,1 Cr3,3,32 Mp2,2 Fr128 O0s10]"))
        (32, 128)
    """
    return tuple(layer.size or 0 for layer in _sizable(architecture.layers))


def with_units(architecture: Architecture, units: Sequence[int]) -> Architecture:
    """The same network with other sizes.

    Args:
        architecture: What to change.
        units: As many as ``sizable`` gives, in the same order.

    Raises:
        ConfigError: There are more or fewer layers than that, or these sizes do not fit layers that hang on them: a
            residual addition, a group normalisation.

    Example:
        >>> from tidegate.network.vgsl import parse, render
        >>> render(with_units(parse("[1,1,0,8 Gfx64 Do0.3 Gfx64 O1s0]"), [90, 89]))
        '[1,1,0,8 Gfx90 Do0.3 Gfx89 O1s0]'
    """
    layers = _sizable(architecture.layers)
    if len(layers) != len(units):
        named = " ".join(layer.render() for layer in layers) or "no layer"
        raise ConfigError(
            "as many units are needed as the network has layers to size",
            where="model.units",
            expected=f"{len(layers)} numbers: the sizes of {named}",
            got=str(list(units)),
            hint="give one for each, or leave model.units out",
        )
    sized = tuple(_sized(architecture.layers, _kind(architecture.layers), iter(units)))
    return replace(architecture, layers=retied(architecture.layers, sized))


def _flat(layers: Sequence[Layer]) -> Iterator[Layer]:
    for layer in layers:
        if isinstance(layer, Parallel):
            for branch in layer.branches:
                yield from _flat(branch)
        else:
            yield layer


def _kind(layers: Sequence[Layer]) -> type[Layer]:
    return Recurrence if any(isinstance(layer, Recurrence) for layer in _flat(layers)) else Layer


def _sizable(layers: Sequence[Layer]) -> list[Layer]:
    kind = _kind(layers)
    return [layer for layer in _flat(layers) if isinstance(layer, kind) and layer.size is not None]


def _sized(layers: Sequence[Layer], kind: type[Layer], left: Iterator[int]) -> Iterator[Layer]:
    for layer in layers:
        if isinstance(layer, Parallel):
            yield layer.within(lambda branch: tuple(_sized(branch, kind, left)))
        else:
            yield layer if layer.size is None or not isinstance(layer, kind) else layer.with_size(next(left))
