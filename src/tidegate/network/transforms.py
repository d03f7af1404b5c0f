"""Changes to a list of layers that the keys of ``[model]`` ask for: width, batch normalisation, dropout, room
to pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tidegate.network.layers import (
    BatchNorm,
    Convolution,
    Dropout,
    Layer,
    Parallel,
    Pooling,
)
from tidegate.network.vgsl import parse_fragment

Size = tuple[int, int | None]


@dataclass(frozen=True)
class Growing:
    """A convolutional part that grows with the image.

    Attributes:
        stem: What every size gets.
        block: What is added, as often as it takes.
        until: The shorter side, in positions, at which no more is added.
        most: At most so many blocks.
    """

    stem: str
    block: str = ""
    until: int = 1
    most: int = 8


def widen(layers: Sequence[Layer], factor: float) -> tuple[Layer, ...]:
    """Every convolution's channels, every dense layer's units and every addition's chunk, times a factor; at least one.

    Example:
        >>> widen(parse_fragment("Cr3,3,32 Mp2,2"), 0.5)[0].channels
        16
    """
    return tuple(layer.widened(factor) for layer in layers)


def with_batch_norm(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Batch normalisation between every convolution and its activation, where there is none.

    Example:
        >>> [layer.render() for layer in with_batch_norm(parse_fragment("Cr3,3,8 Mp2,2"))]
        ['Cl3,3,8', 'Bnr', 'Mp2,2']
    """
    return tuple(_normalised(layers))


def without_batch_norm(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """No batch normalisation; its activation goes back to the convolution before it.

    Example:
        >>> without_batch_norm(parse_fragment("Cl3,3,8 Bnr Mp2,2"))[0].activation
        'relu'
    """
    kept: list[Layer] = []
    for layer in layers:
        last = kept[-1] if kept else None
        if not isinstance(layer, BatchNorm):
            kept.append(_within(layer, without_batch_norm))
        elif isinstance(last, Convolution) and last.activation == "linear":
            kept[-1] = replace(last, activation=layer.activation)
    return tuple(kept)


def with_dropout(layers: Sequence[Layer], probability: float) -> tuple[Layer, ...]:
    """Another probability for every dropout; 0 leaves them out.

    Example:
        >>> with_dropout(parse_fragment("Do0.5 Fr8"), 0.0)
        (Dense(activation='relu', units=8),)
    """
    changed = (
        replace(layer, probability=probability)
        if isinstance(layer, Dropout)
        else _within(layer, lambda branch: with_dropout(branch, probability))
        for layer in layers
    )
    return tuple(layer for layer in changed if not isinstance(layer, Dropout) or layer.probability > 0)


def grown(recipe: Growing, size: Size) -> tuple[Layer, ...]:
    """The convolutional part for an image of this size, with as many blocks as it takes.

    Example:
        >>> recipe = Growing("Mp2,2", "Cr3,3,8 Mp2,2", until=8)
        >>> len(grown(recipe, (28, 28))), len(grown(recipe, (64, None)))
        (3, 5)
    """
    layers = fitted(parse_fragment(recipe.stem), size)
    block = parse_fragment(recipe.block)
    for _ in range(recipe.most if block else 0):
        left = size_after(layers, size)
        if _shorter(left) <= recipe.until:
            break
        layers += fitted(block, left)
    return layers


def fitted(layers: Sequence[Layer], size: Size) -> tuple[Layer, ...]:
    """The layers, with poolings only where there is something to pool.

    A window that does not fit along an axis is 1 there, and a pooling that does nothing is left out. So a
    preset works for every size; what a person wrote is never changed like this.

    Example:
        >>> fitted(parse_fragment("Mp2,2 Mp2,2"), (2, 8))
        (Pooling(kind='max', kernel=(2, 2), stride=(2, 2)), Pooling(kind='max', kernel=(1, 2), stride=(1, 2)))
    """
    kept: list[Layer] = []
    for layer in layers:
        if isinstance(layer, Pooling):
            fits = [_fits(side, kernel) for side, kernel in zip(size, layer.kernel, strict=True)]
            if not any(fits):
                continue
            layer = replace(layer, kernel=_where(fits, layer.kernel), stride=_where(fits, layer.stride))
        layer = _fitting(layer, size)
        kept.append(layer)
        size = size_after([layer], size)
    return tuple(kept)


def _fitting(layer: Layer, size: Size) -> Layer:
    return _within(layer, lambda branch: fitted(branch, size))


def size_after(layers: Sequence[Layer], size: Size) -> Size:
    """Rows and columns after convolutions, poolings and blocks of them; unknown columns stay unknown."""
    rows: int | None = size[0]
    columns = size[1]
    for layer in layers:
        rows, columns = layer.size_after(rows, columns)
    assert rows is not None
    return rows, columns


def _within(layer: Layer, change: Callable[[Sequence[Layer]], tuple[Layer, ...]]) -> Layer:
    """The layer, with every branch changed if it is a parallel block."""
    return layer.within(change) if isinstance(layer, Parallel) else layer


def _normalised(layers: Sequence[Layer]) -> Iterator[Layer]:
    for layer, following in pairwise([*layers, None]):
        if isinstance(layer, Convolution) and not isinstance(following, BatchNorm):
            yield replace(layer, activation="linear")
            yield BatchNorm(layer.activation)
        elif layer is not None:
            yield _within(layer, with_batch_norm)


def _fits(side: int | None, kernel: int) -> bool:
    return side is None or (side >= kernel and side > 1)


def _where(fits: Sequence[bool], values: tuple[int, int]) -> tuple[int, int]:
    return (values[0] if fits[0] else 1), (values[1] if fits[1] else 1)


def _shorter(size: Size) -> int:
    rows, columns = size
    return rows if columns is None else min(rows, columns)
