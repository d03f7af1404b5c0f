"""Generation in C++: the whole way of a symbol in one call, and many symbols a call."""

from __future__ import annotations

import ctypes
import weakref
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tidegate.ops.generation.model import GenerationModel, GenerationState
from tidegate.ops.generation.native_interface import (
    NOT_FINITE,
    Layer,
    Model,
    NativeSampling,
    declare_generation,
)
from tidegate.ops.generation.sampling import Sampling, not_finite
from tidegate.ops.native_library import isa, loaded
from tidegate.ops.recurrence.cells import RECORDS, State
from tidegate.ops.recurrence.registry import IMPLEMENTATIONS

MOST_TABLE_FLOATS = 1 << 22
"""W_ih·e of every symbol is kept where it takes no more than this (16 MiB): characters have it, words do not."""


@dataclass(frozen=True)
class _Packed:
    """A model as the library reads it. The structure's pointers belong to tensors of the model."""

    isa: str
    structure: Model
    floats: Tensor


_packed: weakref.WeakKeyDictionary[GenerationModel, _Packed] = weakref.WeakKeyDictionary()


class NativeEngine:
    """One thread of the processor; see ``tidegate.ops.generation.generate.Engine``."""

    def __init__(self, model: GenerationModel) -> None:
        self._library = loaded()
        declare_generation(self._library)
        self._model = model
        packed = _packed_of(self._library, model)
        self._structure = ctypes.byref(packed.structure)
        self._packed = packed

    def read(
        self, state: GenerationState, symbols: NDArray[np.int64]
    ) -> tuple[GenerationState, NDArray[np.float32]]:
        """Read at least one symbol."""
        symbols = np.ascontiguousarray(symbols, dtype=np.int64)
        scores = np.empty(self._model.symbols, dtype=np.float32)
        floats = _flat(state)
        status = self._library.tidegate_generation_read(
            self._structure,
            self._packed.floats.data_ptr(),
            floats.data_ptr(),
            symbols.ctypes.data,
            len(symbols),
            scores.ctypes.data,
        )
        _check(status)
        return _state_of(floats, state), scores

    def write(
        self, state: GenerationState, last: int, count: int, sampling: Sampling, position: int
    ) -> tuple[GenerationState, NDArray[np.int64]]:
        """Draw up to ``count`` symbols."""
        symbols = np.full(count + 1, last, dtype=np.int64)
        written = ctypes.c_int64(0)
        floats, how = _flat(state), _Drawing(sampling, self._model.symbols)
        status = self._library.tidegate_generation_write(
            self._structure,
            self._packed.floats.data_ptr(),
            floats.data_ptr(),
            how.structure,
            position,
            symbols.ctypes.data,
            count,
            ctypes.addressof(written),
        )
        if status == NOT_FINITE:
            raise not_finite(position + written.value)
        _check(status)
        return _state_of(floats, state), symbols[1 : 1 + written.value]


class _Drawing:
    """Sampling as the library reads it, with the memory that it points to."""

    def __init__(self, sampling: Sampling, symbols: int) -> None:
        self._never, self._stop = _mask(sampling.never, symbols), _mask(sampling.stop, symbols)
        self._structure = NativeSampling(
            temperature=sampling.temperature,
            top_p=1.0 if sampling.top_p is None else sampling.top_p,
            # As many as there are symbols are all of them, and a larger number may not fit 64 bits.
            top_k=0 if sampling.top_k is None else min(sampling.top_k, symbols),
            seed=sampling.seed,
            never=None if self._never is None else self._never.ctypes.data,
            stop=None if self._stop is None else self._stop.ctypes.data,
        )
        self.structure = ctypes.byref(self._structure)


def choose_natively(scores: NDArray[np.float32], sampling: Sampling, position: int) -> int:
    """``tidegate.ops.generation.sampling.choose`` in C++, for tests; the engine draws inside its own loop.

    Args:
        scores: ``(K,)``.
        sampling: How.
        position: Of the symbol in the text.
    """
    library = loaded()
    declare_generation(library)
    scores = np.ascontiguousarray(scores, dtype=np.float32)
    symbol, how = ctypes.c_int64(0), _Drawing(sampling, len(scores))
    status = library.tidegate_generation_choose(
        len(scores), scores.ctypes.data, how.structure, position, ctypes.addressof(symbol)
    )
    if status == NOT_FINITE:
        raise not_finite(position)
    _check(status)
    return symbol.value


def _check(status: int) -> None:
    if status == 3:
        raise MemoryError("generation in the native library")
    assert status == 0, f"arguments are checked before; the library answers {status}"


def _mask(symbols: tuple[int, ...] | frozenset[int], count: int) -> NDArray[np.uint8] | None:
    if not symbols:
        return None
    mask = np.zeros(count, dtype=np.uint8)
    mask[list(symbols)] = 1
    return mask


def _packed_of(library: ctypes.CDLL, model: GenerationModel) -> _Packed:
    kept = _packed.get(model)
    if kept is None or kept.isa != isa():
        structure = _structure_of(model)
        # torch allocates at multiples of 64 bytes.
        floats = torch.empty(library.tidegate_generation_size(ctypes.byref(structure)), dtype=torch.float32)
        _check(library.tidegate_generation_pack(ctypes.byref(structure), floats.data_ptr()))
        kept = _packed[model] = _Packed(isa(), structure, floats)
    return kept


def _structure_of(model: GenerationModel) -> Model:
    layers = (Layer * len(model.layers))()
    for place, layer in zip(layers, model.layers, strict=True):
        weights = layer.weights
        place.cell, place.hidden = IMPLEMENTATIONS[layer.cell].kernel, weights.hidden
        place.input, place.recurrent = weights.input.data_ptr(), weights.recurrent.data_ptr()
        place.input_bias, place.recurrent_bias = (
            _address(weights.input_bias),
            _address(weights.recurrent_bias),
        )
    first = model.layers[0]
    table = model.symbols * len(RECORDS[first.cell].gates) * first.weights.hidden
    return Model(
        symbols=model.symbols,
        embedding_size=model.embedding.shape[1],
        layers=len(layers),
        tabled=int(table <= MOST_TABLE_FLOATS),
        embedding=model.embedding.data_ptr(),
        layer=layers,
        projection=_address(model.projection),
        output=model.output_weight.data_ptr(),
        output_bias=_address(model.output_bias),
    )


def _address(tensor: Tensor | None) -> int | None:
    return None if tensor is None else tensor.data_ptr()


def _flat(state: GenerationState) -> Tensor:
    """All vectors of a state one after the other, in memory of their own."""
    vectors = [tensor.detach().reshape(-1) for layer in state.layers for tensor in layer.present]
    return torch.cat(vectors).to("cpu", torch.float32).contiguous()


def _state_of(floats: Tensor, like: GenerationState) -> GenerationState:
    layers, at = list[State](), 0
    for layer in like.layers:
        vectors = list[Tensor]()
        for tensor in layer.present:
            vectors.append(floats[at : at + tensor.numel()].reshape(1, -1))
            at += tensor.numel()
        layers.append(State(*vectors))
    return GenerationState(tuple(layers))
