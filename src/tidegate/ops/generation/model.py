"""A recurrent language model as plain tensors, and what it carries from symbol to symbol."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tidegate.errors import ShapeError
from tidegate.ops.recurrence.cells import RECORDS, RecurrentCell, State, Weights, zero_state


@dataclass(frozen=True, eq=False)
class GenerationLayer:
    """One recurrent layer, which reads forward.

    Attributes:
        cell: Its equations.
        weights: ``input`` is ``(G·H, F)``, F the embedding's size or the units of the layer below.
    """

    cell: RecurrentCell
    weights: Weights


@dataclass(frozen=True, eq=False)
class GenerationModel:
    """Embedding, layers, output. Tensors are copied, as float32 on the CPU: training on changes nothing in it.

    Two models are equal only if they are the same object.

    Attributes:
        embedding: ``(K, E)``.
        layers: From the embedding up.
        output_weight: ``(K, H)``, H of the last layer; with a projection ``(K, E)``.
        output_bias: ``(K,)``; ``None``: zeros.
        projection: ``(E, H)``, from the last layer to the size of the embedding, where the output's weight is tied to
            it; ``None``: there is none. It has no bias.

    Raises:
        ShapeError: Something does not fit what stands below it.

    Example:
        >>> import torch
        >>> layer = GenerationLayer("gru", Weights(torch.zeros(12, 3), torch.zeros(12, 4)))
        >>> GenerationModel(torch.zeros(5, 3), (layer,), torch.zeros(5, 4)).symbols
        5
    """

    embedding: Tensor
    layers: tuple[GenerationLayer, ...]
    output_weight: Tensor
    output_bias: Tensor | None = None
    projection: Tensor | None = None

    def __post_init__(self) -> None:
        for name in ("embedding", "output_weight", "output_bias", "projection"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else _copied(value))
        layers = tuple(GenerationLayer(layer.cell, _copied_weights(layer.weights)) for layer in self.layers)
        object.__setattr__(self, "layers", layers)
        self._check()

    @property
    def symbols(self) -> int:
        """K."""
        return self.embedding.shape[0]

    @property
    def work(self) -> int:
        """Multiplications and additions of one symbol, about."""
        weights = sum(tensor.numel() for layer in self.layers for tensor in layer.weights.present[:2])
        projection = 0 if self.projection is None else self.projection.numel()
        return weights + projection + self.output_weight.numel()

    def zero_state(self) -> GenerationState:
        """The state before the first symbol."""
        return GenerationState(
            tuple(
                zero_state(layer.cell, layer.weights.input.new_zeros(1, 1, 1), layer.weights.hidden)
                for layer in self.layers
            )
        )

    def fitting(self, state: GenerationState | None) -> GenerationState:
        """The state, or zeros for ``None``.

        Raises:
            ShapeError: It belongs to another model.
        """
        zeros = self.zero_state()
        if state is None:
            return zeros
        expected, got = _shapes(zeros), _shapes(state)
        if expected != got:
            raise ShapeError(
                "the state does not fit the model",
                expected=str(expected),
                got=str(got),
                hint="carry on with a state that this model gave",
            )
        return state

    def _check(self) -> None:
        if self.embedding.dim() != 2 or 0 in self.embedding.shape:
            raise _misfit("embedding", "(symbols, size), at least one of each", self.embedding)
        if not self.layers:
            raise ShapeError(
                "a language model needs a recurrent layer", expected="one or more layers", got="none"
            )
        width = self.embedding.shape[1]
        for number, layer in enumerate(self.layers, start=1):
            _check_layer(number, layer, width)
            width = layer.weights.hidden
        if self.projection is not None:
            _expect("projection", self.projection, (self.embedding.shape[1], width))
            width = self.embedding.shape[1]
        _expect("output_weight", self.output_weight, (self.symbols, width))
        if self.output_bias is not None:
            _expect("output_bias", self.output_bias, (self.symbols,))


@dataclass(frozen=True, eq=False)
class GenerationState:
    """What a model carries from symbol to symbol.

    Attributes:
        layers: Of each layer its state, ``(1, H)`` each.
    """

    layers: tuple[State, ...]


def _check_layer(number: int, layer: GenerationLayer, features: int) -> None:
    weights = layer.weights
    if weights.recurrent.dim() != 2 or weights.hidden < 1:
        raise _misfit(f"layer {number}: recurrent", "(G·H, H)", weights.recurrent)
    record = RECORDS[layer.cell]
    rows = len(record.gates) * weights.hidden
    read = rows if record.reads_state else 0
    _expect(f"layer {number} ({layer.cell}): input", weights.input, (rows, features))
    _expect(f"layer {number} ({layer.cell}): recurrent", weights.recurrent, (read, weights.hidden))
    for bias in weights.present[2:]:
        _expect(f"layer {number} ({layer.cell}): bias", bias, (rows,))


def _expect(name: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    if tuple(tensor.shape) != shape:
        raise _misfit(name, str(shape), tensor)


def _misfit(name: str, expected: str, tensor: Tensor) -> ShapeError:
    return ShapeError(
        "part of the model does not fit", where=name, expected=expected, got=str(tuple(tensor.shape))
    )


def _copied(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", torch.float32, copy=True).contiguous()


def _copied_weights(weights: Weights) -> Weights:
    biases = (weights.input_bias, weights.recurrent_bias)
    copies = (None if bias is None else _copied(bias) for bias in biases)
    return Weights(_copied(weights.input), _copied(weights.recurrent), *copies)


def _shapes(state: GenerationState) -> list[list[tuple[int, ...]]]:
    return [[tuple(tensor.shape) for tensor in layer.present] for layer in state.layers]
