"""Generation by both engines: the same text, the same state, whatever the chunks; and what it refuses."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from tidegate.errors import ConfigError, DivergenceError, ShapeError, SymbolError
from tidegate.ops.generation import generate as generation
from tidegate.ops.generation.generate import (
    ENGINES,
    GenerationLayer,
    GenerationModel,
    GenerationState,
    Sampling,
    draw,
    generate,
    next_scores,
    warm,
)
from tidegate.ops.native_library import library
from tidegate.ops.recurrence.cells import RECORDS, RecurrentCell, State, Weights
from tidegate.ops.recurrence.registry import KERNELS

native = pytest.param("native", marks=pytest.mark.skipif(library() is None, reason="no native library"))
both = pytest.mark.parametrize("engine", [native, "reference"])
needs_library = pytest.mark.skipif(library() is None, reason="no native library")


def drawn(
    cell: RecurrentCell = "lstm",
    symbols: int = 31,
    sizes: tuple[int, ...] = (12, 20),
    *,
    projected: bool = False,
    biased: bool = True,
    seed: int = 0,
) -> GenerationModel:
    """A model of random weights; sizes: of the embedding, and of each layer's states."""
    random = torch.Generator().manual_seed(seed)

    def matrix(*shape: int, bound: float = 1.0) -> torch.Tensor:
        return (torch.rand(*shape, generator=random) * 2 - 1) * bound

    layers = list[GenerationLayer]()
    for features, hidden in itertools.pairwise(sizes):
        rows, bound = len(RECORDS[cell].gates) * hidden, 1.5 / math.sqrt(hidden)
        biases = (matrix(rows), matrix(rows)) if biased else ()
        layers.append(
            GenerationLayer(cell, Weights(matrix(rows, features), matrix(rows, hidden, bound=bound), *biases))
        )
    width = sizes[0] if projected else sizes[-1]
    return GenerationModel(
        matrix(symbols, sizes[0]),
        tuple(layers),
        matrix(symbols, width),
        matrix(symbols) if biased else None,
        matrix(sizes[0], sizes[-1]) if projected else None,
    )


def written(
    model: GenerationModel,
    length: int,
    sampling: Sampling,
    engine: str,
    state: GenerationState | None = None,
    last: int = 1,
) -> list[int]:
    chunks = generate(model, state, last, length, sampling, engine=engine)
    return [symbol for chunk in chunks for symbol in chunk.symbols.tolist()]


WAYS = [
    Sampling(),
    Sampling(temperature=0),
    Sampling(temperature=0.7, top_k=5, seed=1),
    Sampling(top_p=0.8, seed=2**64 - 1),
    Sampling(temperature=1.5, top_k=20, top_p=0.9, seed=7, never=(0, 3)),
]


@needs_library
@pytest.mark.parametrize("cell", list(KERNELS.values()))
@pytest.mark.parametrize(
    ("symbols", "sizes", "projected", "biased"),
    [(31, (12, 20), False, True), (65, (16, 128), False, False), (7, (5, 33, 17, 9), True, True)],
)
def test_engines_write_the_same(
    cell: RecurrentCell, symbols: int, sizes: tuple[int, ...], projected: bool, biased: bool
) -> None:
    model = drawn(cell, symbols, sizes, projected=projected, biased=biased)
    prompt = [k % symbols for k in (1, 4, 1, 5, 9, 2)]
    fast, slow = (warm(model, prompt, engine=engine) for engine in ENGINES)
    for one, other in zip(fast.layers, slow.layers, strict=True):
        torch.testing.assert_close(one.hidden, other.hidden, rtol=0, atol=1e-5)
        torch.testing.assert_close(one.cell, other.cell, rtol=0, atol=1e-5)
    scores = [next_scores(model, fast, 6, engine=engine) for engine in ENGINES]
    np.testing.assert_allclose(scores[0], scores[1], rtol=0, atol=1e-5)
    for sampling in WAYS:
        texts = [written(model, 100, sampling, engine, fast, 6) for engine in ENGINES]
        assert texts[0] == texts[1]
        assert len(texts[0]) == 100


@needs_library
def test_engines_write_the_same_without_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.ops.generation.native_engine.MOST_TABLE_FLOATS", 31 * 80 - 1)
    model = drawn()
    assert written(model, 80, WAYS[2], "native") == written(model, 80, WAYS[2], "reference")
    tabled = drawn(sizes=(12, 19))
    assert written(tabled, 80, WAYS[2], "native") == written(tabled, 80, WAYS[2], "reference")


@needs_library
def test_a_large_vocabulary() -> None:
    model = drawn("gru", 50_000, (8, 16))
    for sampling in WAYS[2:4]:
        assert written(model, 1, sampling, "native") == written(model, 1, sampling, "reference")


@both
def test_reading_is_what_the_layers_of_torch_do(engine: str) -> None:
    torch.manual_seed(0)
    embedding, output = torch.nn.Embedding(9, 6), torch.nn.Linear(7, 9)
    layers = torch.nn.LSTM(6, 7, num_layers=2)
    parts = [
        GenerationLayer("lstm", Weights(*(getattr(layers, f"{name}_l{number}") for name in NAMES)))
        for number in range(2)
    ]
    model = GenerationModel(embedding.weight, tuple(parts), output.weight, output.bias)
    with torch.no_grad():
        y, (hidden, cell) = layers(embedding(torch.tensor([2, 7, 1])))
        expected = output(y[-1])
    state = warm(model, [2, 7], engine=engine)
    np.testing.assert_allclose(next_scores(model, state, 1, engine=engine), expected, atol=1e-6)
    for number, layer in enumerate(warm(model, [1], state, engine=engine).layers):
        torch.testing.assert_close(layer.hidden[0], hidden[number])
        torch.testing.assert_close(layer.cell[0], cell[number])


NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


@both
def test_ten_and_ten_are_twenty(engine: str) -> None:
    model, sampling = drawn("gru"), Sampling(seed=5)
    whole = written(model, 20, sampling, engine)
    first = list(generate(model, None, 1, 10, sampling, engine=engine))
    end = first[-1]
    assert end.position == 10
    second = generate(model, end.state, end.last, 10, sampling, position=end.position, engine=engine)
    assert [k for chunk in [*first, *second] for k in chunk.symbols.tolist()] == whole


@both
def test_chunks_change_nothing_and_the_first_symbol_comes_at_once(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = drawn()
    chunks = list(generate(model, None, 1, 150, Sampling(), engine=engine))
    assert [len(chunk.symbols) for chunk in chunks] == [1, 64, 64, 21]
    whole = [k for chunk in chunks for k in chunk.symbols.tolist()]
    monkeypatch.setattr(generation, "CHUNK_WORK", 3 * model.work)
    monkeypatch.setattr(generation, "READING_WORK", 2 * model.work)
    chunks = list(generate(model, None, 1, 150, Sampling(), engine=engine))
    assert {len(chunk.symbols) for chunk in chunks[1:-1]} == {3}
    assert [k for chunk in chunks for k in chunk.symbols.tolist()] == whole
    after = warm(model, [1, *whole[:-1]], engine=engine)
    torch.testing.assert_close(after.layers[0].hidden, chunks[-1].state.layers[0].hidden)


@both
def test_states_that_were_handed_out_do_not_change(engine: str) -> None:
    model = drawn()
    state = warm(model, [1, 2], engine=engine)
    before = state.layers[0].hidden.clone()
    once, again = (written(model, 30, Sampling(seed=3), engine, state) for _ in range(2))
    assert once == again
    assert torch.equal(before, state.layers[0].hidden)
    assert once != written(model, 30, Sampling(seed=4), engine, state)


@both
def test_it_stops(engine: str) -> None:
    model = drawn()
    text = written(model, 200, Sampling(), engine)
    stop = text[99]
    assert written(model, 200, Sampling(stop=frozenset({stop})), engine) == text[: text.index(stop) + 1]
    assert written(model, 0, Sampling(), engine) == []


@both
def test_what_may_never_be_written_is_not(engine: str) -> None:
    model = drawn()
    often = int(np.bincount(written(model, 300, Sampling(), engine)).argmax())
    assert often not in written(model, 300, Sampling(never=(often,)), engine)
    assert often not in written(model, 300, Sampling(temperature=0, never=(often,)), engine)
    only = tuple(k for k in range(31) if k != 4)
    assert written(model, 5, Sampling(never=only), engine) == [4] * 5


@both
def test_training_on_changes_nothing(engine: str) -> None:
    weights = Weights(torch.ones(2, 2), torch.zeros(2, 2))
    model = GenerationModel(torch.eye(2), (GenerationLayer("elman-relu", weights),), torch.eye(2))
    with torch.no_grad():
        weights.input.zero_()
    assert next_scores(model, model.zero_state(), 0, engine=engine).tolist() == [1.0, 1.0]


@both
def test_scores_that_are_not_finite(engine: str) -> None:
    model = drawn()
    assert model.output_bias is not None
    model.output_bias[5] = math.nan
    with pytest.raises(DivergenceError, match="symbol 1 of"):
        list(generate(model, None, 1, 10, Sampling(), engine=engine))
    assert len(written(model, 10, Sampling(never=(5,)), engine)) == 10


@both
def test_one_draw_from_scores_of_ones_own(engine: str) -> None:
    scores = np.array([0.0, 3.0, 2.9, -math.inf], dtype=np.float32)
    assert {draw(scores, Sampling(top_k=2, seed=seed), 0, engine=engine) for seed in range(50)} == {1, 2}
    with pytest.raises(ConfigError, match="never"):
        draw(scores, Sampling(never=(0, 1, 2, 3)), 0, engine=engine)


@both
@pytest.mark.parametrize("symbol", [-1, 31])
def test_unknown_symbols(engine: str, symbol: int) -> None:
    model = drawn()
    with pytest.raises(SymbolError, match="symbol 2 of 3"):
        warm(model, [1, symbol, 2], engine=engine)
    with pytest.raises(SymbolError):
        next_scores(model, model.zero_state(), symbol, engine=engine)
    with pytest.raises(SymbolError):
        generate(model, None, symbol, 1, Sampling(), engine=engine)  # before its first symbol is asked for
    for sampling in (Sampling(never=(symbol,)), Sampling(stop=frozenset({symbol}))):
        with pytest.raises(ConfigError, match="0 to 30"):
            generate(model, None, 1, 1, sampling, engine=engine)


def test_what_cannot_be_written() -> None:
    model = drawn()
    with pytest.raises(ConfigError, match="length"):
        generate(model, None, 1, -1, Sampling())
    with pytest.raises(ConfigError, match="position"):
        generate(model, None, 1, 1, Sampling(), position=-1)
    with pytest.raises(ConfigError, match="no such engine"):
        warm(model, [], engine="steam")
    other = drawn("gru").zero_state()
    with pytest.raises(ShapeError, match="state"):
        warm(model, [1], other)
    with pytest.raises(ShapeError, match="state"):
        generate(model, GenerationState((State(torch.zeros(1, 20)),)), 1, 1, Sampling())


def test_without_the_library_the_reference_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    model = drawn()
    expected = written(model, 20, Sampling(), "reference")
    monkeypatch.setenv("TIDEGATE_ENGINE", "torch")
    chunks = list(generate(model, None, 1, 20, Sampling()))
    assert [k for chunk in chunks for k in chunk.symbols.tolist()] == expected
    with pytest.raises(ConfigError, match="native"):
        warm(model, [], engine="native")
