"""The native engine's declarations, its packed models, instruction sets, and shapes of models that are refused."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from ctypes import c_double, c_int64, c_uint64, c_void_p
from pathlib import Path

import pytest
import torch

from tidegate.errors import ShapeError
from tidegate.ops.generation import native_engine as generation_native
from tidegate.ops.generation.generate import GenerationLayer, GenerationModel, Sampling, generate
from tidegate.ops.generation.native_interface import BAD_SYMBOL, FUNCTIONS, NOT_FINITE, STRUCTURES
from tidegate.ops.native_library import available_isas, isa, library, use_isa
from tidegate.ops.recurrence.cells import Weights

HEADER = Path(__file__).parents[3] / "native/include/tidegate/generate.h"
needs_library = pytest.mark.skipif(library() is None, reason="no native library")


def header() -> str:
    """The header without its comments."""
    return re.sub(r"/\*.*?\*/", "", HEADER.read_text(encoding="utf-8"), flags=re.DOTALL)


def c_type(declaration: str) -> object:
    base, star = re.match(r"(?:const )?(\w+) ?(\*?)", declaration.strip()).groups()  # type: ignore[union-attr]
    if star:
        return STRUCTURES.get(base, c_void_p)
    return {"int64_t": c_int64, "uint64_t": c_uint64, "double": c_double}[base]


def pointed(kind: object) -> object:
    """The structure that a pointer leads to."""
    return kind._type_ if getattr(kind, "_type_", None) in STRUCTURES.values() else kind  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", STRUCTURES)
def test_fields_stand_in_the_order_of_the_header(name: str) -> None:
    body = re.search(rf"typedef struct {name} \{{(.*?)\}} {name};", header(), re.DOTALL)
    assert body is not None
    fields = [line.strip() for line in body[1].split(";") if line.strip()]
    expected = [(re.findall(r"\w+", field)[-1], c_type(field)) for field in fields]
    assert [(field, pointed(kind)) for field, kind in STRUCTURES[name]._fields_] == expected


def test_every_function_of_the_header_is_declared_with_its_types() -> None:
    found = re.findall(r"TIDEGATE_API (\w+) (tidegate_\w+)\((.*?)\);", header(), re.DOTALL)
    expected = {
        name: (c_type(result), [c_type(one) for one in words.split(",")]) for result, name, words in found
    }
    assert {
        name: (result, [pointed(one) for one in kinds]) for name, (result, kinds) in FUNCTIONS.items()
    } == expected
    assert f"TIDEGATE_BAD_SYMBOL = {BAD_SYMBOL}," in header()
    assert re.search(rf"TIDEGATE_NOT_FINITE = {NOT_FINITE}\b", header())


def small(symbols: int = 3) -> GenerationModel:
    layer = GenerationLayer("gru", Weights(torch.rand(12, 2), torch.rand(12, 4)))
    return GenerationModel(torch.rand(symbols, 2), (layer,), torch.rand(symbols, 4))


def text(model: GenerationModel, engine: str = "native") -> list[int]:
    chunks = generate(model, None, 0, 40, Sampling(), engine=engine)
    return [symbol for chunk in chunks for symbol in chunk.symbols.tolist()]


@pytest.fixture
def as_it_was() -> Iterator[None]:
    before = isa()
    yield
    use_isa(before)


@needs_library
def test_every_instruction_set_writes_the_same(as_it_was: None) -> None:
    model = small(symbols=40)
    expected = text(model, "reference")
    for name in available_isas():
        use_isa(name)  # what was packed for another is not read
        assert text(model) == expected


@needs_library
def test_a_packed_model_is_kept_as_long_as_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = list[GenerationModel]()
    real = generation_native._structure_of
    monkeypatch.setattr(
        generation_native, "_structure_of", lambda model: (calls.append(model), real(model))[1]
    )
    model = small()
    assert text(model) == text(model)
    assert len(calls) == 1
    calls.clear()
    gc.collect()
    before = len(generation_native._packed)
    del model
    gc.collect()
    assert len(generation_native._packed) == before - 1


@pytest.mark.parametrize(
    ("part", "shape", "said"),
    [
        ("embedding", (0, 2), "embedding"),
        ("embedding", (3,), "embedding"),
        ("embedding", (3, 5), "layer 1"),
        ("output_weight", (3, 5), "output_weight"),
        ("output_weight", (4, 4), "output_weight"),
        ("output_bias", (2,), "output_bias"),
        ("projection", (4, 4), "projection"),
        ("projection", (2, 4), "output_weight"),  # fits, and the output must then take the embedding's size
    ],
)
def test_models_that_do_not_fit(part: str, shape: tuple[int, ...], said: str) -> None:
    good = small()
    parts = {"embedding": good.embedding, "layers": good.layers, "output_weight": good.output_weight}
    with pytest.raises(ShapeError, match=said):
        GenerationModel(**parts | {part: torch.zeros(shape)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "weights",
    [
        Weights(torch.zeros(12, 2), torch.zeros(11, 4)),
        Weights(torch.zeros(16, 2), torch.zeros(16, 4)),  # an LSTM's
        Weights(torch.zeros(12, 2), torch.zeros(12)),
        Weights(torch.zeros(12, 2), torch.zeros(12, 4), torch.zeros(12), torch.zeros(11)),
    ],
)
def test_layers_that_do_not_fit(weights: Weights) -> None:
    with pytest.raises(ShapeError, match="layer 1"):
        GenerationModel(torch.zeros(3, 2), (GenerationLayer("gru", weights),), torch.zeros(3, 4))


def test_a_model_without_layers() -> None:
    with pytest.raises(ShapeError, match="layer"):
        GenerationModel(torch.zeros(3, 2), (), torch.zeros(3, 2))


def test_numbers_of_another_kind_are_taken_as_float32() -> None:
    layer = GenerationLayer("gru", Weights(torch.rand(12, 2).double(), torch.rand(12, 4).bfloat16()))
    model = GenerationModel(torch.rand(2, 3).T, (layer,), torch.rand(3, 4).half())
    kinds = {model.embedding.dtype, model.layers[0].weights.recurrent.dtype, model.output_weight.dtype}
    assert kinds == {torch.float32}
    assert model.embedding.is_contiguous()
