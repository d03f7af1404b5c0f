"""The one door to generation: text from a recurrent language model, symbol after symbol, as it is written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import ConfigError, SymbolError
from tidegate.ops.generation.model import GenerationLayer, GenerationModel, GenerationState
from tidegate.ops.generation.native_engine import NativeEngine, choose_natively
from tidegate.ops.generation.reference import ReferenceEngine
from tidegate.ops.generation.sampling import Sampling, choose
from tidegate.ops.native_library import library
from tidegate.ops.recurrence.registry import IMPLEMENTATIONS

__all__ = [
    "ENGINES",
    "Engine",
    "GenerationChunk",
    "GenerationLayer",
    "GenerationModel",
    "GenerationState",
    "Sampling",
    "draw",
    "generate",
    "next_scores",
    "warm",
]

MOST_SYMBOLS = 64
CHUNK_WORK = 1 << 26
"""Multiplications of a chunk, about: some 10 ms. So a large model streams evenly, and Ctrl-C is heard between chunks."""
READING_WORK = 1 << 30


class Engine(Protocol):
    """One way to run a model. The arguments are checked before."""

    def read(
        self, state: GenerationState, symbols: NDArray[np.int64]
    ) -> tuple[GenerationState, NDArray[np.float32]]:
        """Read at least one symbol: the state after it, and the scores ``(K,)`` of what may follow."""
        ...

    def write(
        self, state: GenerationState, last: int, count: int, sampling: Sampling, position: int
    ) -> tuple[GenerationState, NDArray[np.int64]]:
        """Read ``last``, draw a symbol, read it, and so on: ``count`` symbols, fewer after one to stop at.

        The last symbol drawn is not read.
        """
        ...


ENGINES: dict[str, type[NativeEngine] | type[ReferenceEngine]] = {
    "native": NativeEngine,
    "reference": ReferenceEngine,
}
"""Every engine by name. They draw the same symbols from the same scores, and their scores agree to rounding."""


@dataclass(frozen=True, eq=False)
class GenerationChunk:
    """Some symbols, and where to go on from.

    Attributes:
        symbols: ``(N,)``, one or more.
        state: It has read all but the last of them.
        position: Of the next symbol.
    """

    symbols: NDArray[np.int64]
    state: GenerationState
    position: int

    @property
    def last(self) -> int:
        """The symbol to read next."""
        return int(self.symbols[-1])


def warm(
    model: GenerationModel,
    symbols: Sequence[int],
    state: GenerationState | None = None,
    *,
    engine: str | None = None,
) -> GenerationState:
    """Read a prompt.

    Before ``generate``, read all of it but its last symbol, which ``generate`` reads itself.

    Args:
        model: The language model.
        symbols: The prompt, 0 to K - 1 each; may be empty.
        state: Before it; ``None``: zeros.
        engine: A name in ``ENGINES``; ``None``: native where it can be had.

    Raises:
        SymbolError: The model does not know a symbol.
        ShapeError: The state belongs to another model.
        ConfigError: No such engine.

    Example:
        >>> import torch
        >>> from tidegate.ops.recurrence.cells import Weights
        >>> layer = GenerationLayer("elman-relu", Weights(torch.eye(2), torch.eye(2)))
        >>> model = GenerationModel(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), (layer,), torch.eye(2))
        >>> warm(model, [0, 0, 1]).layers[0].hidden.tolist()
        [[2.0, 1.0]]
    """
    state = model.fitting(state)
    _check_symbols(model, symbols)
    numbers = np.array(symbols, dtype=np.int64)
    run = _engine(engine, model)(model)
    size = max(1, READING_WORK // model.work)
    for begin in range(0, len(numbers), size):
        state, _ = run.read(state, numbers[begin : begin + size])
    return state


def next_scores(
    model: GenerationModel, state: GenerationState, last: int, *, engine: str | None = None
) -> NDArray[np.float32]:
    """The scores ``(K,)``, before softmax, of what may follow ``last``.

    Args:
        model: The language model.
        state: Before ``last`` is read.
        last: A symbol, 0 to K - 1.
        engine: As in ``warm``.

    Raises:
        SymbolError, ShapeError, ConfigError: As ``warm``.

    Example:
        >>> import torch
        >>> from tidegate.ops.recurrence.cells import Weights
        >>> layer = GenerationLayer("elman-relu", Weights(torch.eye(2), torch.eye(2)))
        >>> model = GenerationModel(torch.eye(2), (layer,), torch.eye(2))
        >>> next_scores(model, warm(model, [1]), 0).tolist()
        [1.0, 1.0]
    """
    _check_symbols(model, [last])
    return _engine(engine, model)(model).read(model.fitting(state), np.array([last], dtype=np.int64))[1]


def draw(scores: NDArray[np.float32], sampling: Sampling, position: int, *, engine: str | None = None) -> int:
    """Draw one symbol from scores that came another way, as ``generate`` would draw it.

    Args:
        scores: ``(K,)``, unnormalised.
        sampling: How; its ``stop`` is the caller's to heed.
        position: Of the symbol in the text, 0 or more.
        engine: As in ``warm``.

    Raises:
        ConfigError: ``sampling`` or ``engine`` cannot be so.
        DivergenceError: The scores are not finite.

    Example:
        >>> draw(np.array([0.0, 2.0, 1.0], dtype=np.float32), Sampling(top_k=1), position=0)
        1
    """
    sampling.check(len(scores))
    native = _engine(engine) is NativeEngine
    return (choose_natively if native else choose)(scores, sampling, position)


def generate(
    model: GenerationModel,
    state: GenerationState | None,
    last: int,
    length: int,
    sampling: Sampling,
    *,
    position: int = 0,
    engine: str | None = None,
) -> Iterator[GenerationChunk]:
    """Write ``length`` symbols, and hand them out as they are written: the first at once, then in chunks.

    The text depends on the model, the state, ``last``, ``sampling`` and ``position``; not on chunks. Ten symbols, and ten
    more from the last chunk's ``state``, ``last`` and ``position``, are the twenty that one call writes.

    Args:
        model: The language model.
        state: Before ``last`` is read, as ``warm`` gives it; ``None``: zeros.
        last: The symbol to begin after, 0 to K - 1, such as the end of the prompt. It is not part of what is written.
        length: How many, 0 or more.
        sampling: How they are drawn, and which of them end the text.
        position: Of the first symbol in the whole text, 0 or more: it chooses the random number.
        engine: As in ``warm``.

    Raises:
        SymbolError: The model does not know ``last``.
        ShapeError: The state belongs to another model.
        ConfigError: ``sampling``, ``length``, ``position`` or ``engine`` cannot be so.
        DivergenceError: The model's scores are not finite; while chunks are taken.

    Example:
        >>> import torch
        >>> from tidegate.ops.recurrence.cells import Weights
        >>> layer = GenerationLayer("elman-relu", Weights(torch.eye(3), torch.zeros(3, 3)))
        >>> model = GenerationModel(torch.eye(3), (layer,), torch.eye(3).roll(1, dims=0))
        >>> [chunk.symbols.tolist() for chunk in generate(model, None, 0, 5, Sampling(temperature=0))]
        [[1], [2, 0, 1, 2]]
    """
    _check_symbols(model, [last])
    sampling.check(model.symbols)
    for name, value in (("length", length), ("position", position)):
        if not 0 <= value < 1 << 62:
            raise ConfigError("cannot write so", where=name, expected="0 or more", got=str(value))
    # A generator checks nothing before its first symbol is asked for; hence a second function.
    return _chunks(
        _engine(engine, model)(model),
        _Place(model.fitting(state), last, position),
        length,
        sampling,
        model.work,
    )


@dataclass(frozen=True, eq=False)
class _Place:
    state: GenerationState
    last: int
    position: int


def _chunks(
    run: Engine, place: _Place, length: int, sampling: Sampling, work: int
) -> Iterator[GenerationChunk]:
    state, last, position = place.state, place.last, place.position
    end, size = position + length, 1
    while position < end:
        state, symbols = run.write(state, last, min(size, end - position), sampling, position)
        last, position = int(symbols[-1]), position + len(symbols)
        yield GenerationChunk(symbols, state, position)
        if last in sampling.stop:
            return
        size = min(MOST_SYMBOLS, max(1, CHUNK_WORK // work))


def _engine(
    name: str | None, model: GenerationModel | None = None
) -> type[NativeEngine] | type[ReferenceEngine]:
    if name is not None and name not in ENGINES:
        raise ConfigError("no such engine of generation", expected=", ".join(ENGINES), got=name)
    cells = [] if model is None else [layer.cell for layer in model.layers]
    natively = library() is not None and all(IMPLEMENTATIONS[cell].kernel is not None for cell in cells)
    if name == "native" and not natively:
        raise ConfigError(
            "the native engine is not to be had",
            expected="the native library, and cells that have a kernel",
            got=f"cells {', '.join(cells)}"
            if library()
            else "an installation without it, or TIDEGATE_ENGINE=torch",
            hint="leave the engine out: the reference is taken then",
        )
    # The variable names engines of recurrence, of which torch and reference both mean the reference here.
    slow = os.environ.get("TIDEGATE_ENGINE") in ("torch", "reference")
    return ENGINES[name or ("native" if natively and not slow else "reference")]


def _check_symbols(model: GenerationModel, symbols: Sequence[int]) -> None:
    for place, symbol in enumerate(symbols):
        if not 0 <= symbol < model.symbols:
            raise SymbolError(
                "the model does not know a symbol",
                where=f"symbol {place + 1} of {len(symbols)}",
                expected=f"0 to {model.symbols - 1}",
                got=str(symbol),
            )
