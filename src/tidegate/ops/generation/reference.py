"""The reference of the native engine: the cells' equations in torch, one symbol after another."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tidegate.ops.generation.model import GenerationModel, GenerationState
from tidegate.ops.generation.sampling import Sampling, choose
from tidegate.ops.recurrence.cells import State
from tidegate.ops.recurrence.reference import step


class ReferenceEngine:
    """Any machine; see ``tidegate.ops.generation.generate.Engine``."""

    def __init__(self, model: GenerationModel) -> None:
        self._model = model

    def read(
        self, state: GenerationState, symbols: NDArray[np.int64]
    ) -> tuple[GenerationState, NDArray[np.float32]]:
        """Read at least one symbol."""
        with torch.no_grad():
            top = state.layers[-1].hidden
            for symbol in symbols.tolist():
                state, top = self._step(state, symbol)
            return state, self._scores(top).numpy()

    def write(
        self, state: GenerationState, last: int, count: int, sampling: Sampling, position: int
    ) -> tuple[GenerationState, NDArray[np.int64]]:
        """Draw up to ``count`` symbols."""
        written = list[int]()
        for i in range(count):
            state, scores = self.read(state, np.array([last]))
            last = choose(scores, sampling, position + i)
            written.append(last)
            if last in sampling.stop:
                break
        return state, np.array(written, dtype=np.int64)

    def _step(self, state: GenerationState, symbol: int) -> tuple[GenerationState, Tensor]:
        x = self._model.embedding[symbol : symbol + 1]
        after = list[State]()
        for layer, before in zip(self._model.layers, state.layers, strict=True):
            after.append(step(layer.cell, x, before, layer.weights))
            x = after[-1].hidden
        return GenerationState(tuple(after)), x

    def _scores(self, top: Tensor) -> Tensor:
        model = self._model
        if model.projection is not None:
            top = functional.linear(top, model.projection)
        return functional.linear(top, model.output_weight, model.output_bias)[0]
