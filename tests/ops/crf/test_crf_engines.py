"""The native CRF beside its reference: gradients, bits, interface; and what both refuse."""

from __future__ import annotations

import re
from ctypes import POINTER, c_int64, c_void_p
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from crf_cases import Case, draw

from tidegate.errors import ConfigError, ShapeError, SymbolError
from tidegate.ops.crf import native_engine as crf_native
from tidegate.ops.crf.layer import (
    ENGINES,
    Transitions,
    crf_decode,
    crf_log_likelihood,
    crf_marginals,
    crf_n_best,
)
from tidegate.ops.native_library import available_isas, library, use_isa

HEADER = Path(__file__).parents[3] / "native/include/tidegate/crf.h"
native = pytest.mark.skipif(library() is None, reason="no native library")

SHAPES = [(3, 7, 1), (4, 9, 2), (5, 30, 9), (6, 80, 23), (3, 140, 46), (2, 20, 101)]


def with_gradients(case: Case, engine: str, dtype: torch.dtype, weights: torch.Tensor) -> list[torch.Tensor]:
    leaves = case.leaves(dtype)
    value = crf_log_likelihood(leaves[0], case.tags, case.lengths, Transitions(*leaves[1:]), engine=engine)
    return [value.detach(), *torch.autograd.grad((value * weights.to(dtype)).sum(), leaves)]


@pytest.fixture(params=available_isas() or [pytest.param("none", marks=native)])
def isa(request):
    use_isa(request.param)
    yield request.param
    use_isa(available_isas()[0])


@pytest.mark.parametrize("forbidden", [0.0, 0.4])
@pytest.mark.parametrize("shape", SHAPES)
def test_engines_agree_forward_and_backward(isa, shape, forbidden):
    case = draw(*shape, forbidden=forbidden, seed=7)
    weights = torch.linspace(-1, 2, shape[0])
    ours = with_gradients(case, "native", torch.float32, weights)
    reference = with_gradients(case, "reference", torch.float64, weights)
    for one, other in zip(ours, reference, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-5, atol=3e-6)
    wide = case.to(torch.float64)
    torch.testing.assert_close(
        crf_marginals(case.scores, case.lengths, case.transitions, engine="native").double(),
        crf_marginals(wide.scores, wide.lengths, wide.transitions, engine="reference"),
        rtol=1e-5,
        atol=1e-6,
    )


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_engines_decode_the_same_path(isa, shape, whole):
    for seed in range(5):
        case = draw(*shape, whole=whole, bound=1.4, forbidden=0.2, seed=seed)
        paths = [crf_decode(case.scores, case.lengths, case.transitions, engine=one) for one in ENGINES]
        assert paths[0] == paths[1]


@pytest.mark.parametrize("shape", [(1, 5, 3), (2, 4, 2)])
def test_gradients_of_the_reference_are_the_differences(shape):
    case = draw(*shape, seed=2)
    leaves = case.leaves(torch.float64)

    def run(scores, between, start, end):
        return crf_log_likelihood(scores, case.tags, case.lengths, Transitions(between, start, end))

    assert torch.autograd.gradcheck(run, leaves)
    assert torch.autograd.gradgradcheck(run, leaves)


@native
def test_gradients_of_the_native_engine_can_be_differentiated():
    case = draw(3, 6, 4, seed=4, lengths=[6, 0, 3])
    found = []
    for engine, dtype in (("native", torch.float32), ("reference", torch.float64)):
        leaves = case.leaves(dtype)
        value = crf_log_likelihood(
            leaves[0], case.tags, case.lengths, Transitions(*leaves[1:]), engine=engine
        )
        first = torch.autograd.grad(value.sin().sum(), leaves, create_graph=True)
        second = torch.autograd.grad(sum((one * one).sum() for one in first), leaves)
        found.append([one.detach().double() for one in (*first, *second)])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@native
@pytest.mark.parametrize("wanted", [(True, False, False, False), (False, True, False, True), (False,) * 4])
def test_only_what_is_needed_has_gradients(wanted):
    case = draw(3, 6, 4)
    reference = with_gradients(case, "native", torch.float32, torch.ones(3))[1:]
    leaves = [leaf.detach().requires_grad_(need) for leaf, need in zip(case.leaves(), wanted, strict=True)]
    value = crf_log_likelihood(leaves[0], case.tags, case.lengths, Transitions(*leaves[1:]), engine="native")
    assert value.requires_grad == any(wanted)
    if any(wanted):
        value.sum().backward(retain_graph=True)
        first = [None if leaf.grad is None else leaf.grad.clone() for leaf in leaves]
        value.sum().backward()  # nothing was used up
        for leaf, need, grad, expected in zip(leaves, wanted, first, reference, strict=True):
            assert (leaf.grad is not None) == need
            if need:
                assert torch.equal(grad, expected)
                assert torch.equal(leaf.grad, 2 * expected)


@native
def test_bits_are_the_same_alone_and_for_any_number_of_threads():
    case = draw(24, 60, 31, forbidden=0.2, seed=9)
    threads = torch.get_num_threads()
    try:
        runs = []
        for number in (1, 2, 3):
            torch.set_num_threads(number)
            runs.append(with_gradients(case, "native", torch.float32, torch.linspace(1, 2, 24)))
    finally:
        torch.set_num_threads(threads)
    assert all(map(torch.equal, runs[0], runs[1]))
    assert all(map(torch.equal, runs[0], runs[2]))
    for b, n in enumerate(case.lengths.tolist()):
        alone = with_gradients(case.alone(b), "native", torch.float32, torch.linspace(1, 2, 24)[b : b + 1])
        assert torch.equal(alone[0], runs[0][0][b : b + 1])
        assert torch.equal(alone[1][0], runs[0][1][b, :n])


@native
def test_tensors_need_not_be_contiguous():
    case = draw(4, 6, 5)
    turned = replace(
        case,
        scores=case.scores.transpose(0, 1).contiguous().transpose(0, 1),
        tags=case.tags.t().contiguous().t(),
        transitions=Transitions(case.transitions.between.t().contiguous().t(), *case.transitions.tensors[1:]),
    )
    assert not turned.scores.is_contiguous()
    weights = torch.ones(4)
    results = [with_gradients(one, "native", torch.float32, weights) for one in (case, turned)]
    assert all(map(torch.equal, *results))
    assert crf_decode(turned.scores, turned.lengths, turned.transitions, engine="native") == crf_decode(
        case.scores, case.lengths, case.transitions, engine="native"
    )


def test_the_environment_chooses_the_engine(monkeypatch):
    case = draw(2, 3, 4)

    def refuse(*rest):
        raise AssertionError("the kernel was asked")

    monkeypatch.setattr(crf_native, "decode", refuse)
    if library() is not None:
        with pytest.raises(AssertionError, match="the kernel was asked"):
            crf_decode(case.scores, case.lengths, case.transitions)
    for name in ("torch", "reference"):
        monkeypatch.setenv("TIDEGATE_ENGINE", name)
        assert len(crf_decode(case.scores, case.lengths, case.transitions)) == 2


def test_half_precision_is_widened():
    case = draw(2, 5, 3)
    half = case.scores.bfloat16()
    found = crf_log_likelihood(half, case.tags, case.lengths, case.transitions)
    assert found.dtype == torch.float32
    assert torch.equal(found, crf_log_likelihood(half.float(), case.tags, case.lengths, case.transitions))


def test_the_declarations_are_the_headers():
    header = re.sub(r"/\*.*?\*/", "", HEADER.read_text(encoding="utf-8"), flags=re.DOTALL)
    body = re.search(r"typedef struct tidegate_crf \{(.*?)\}", header, re.DOTALL)
    assert body is not None
    fields = [line.strip() for line in body[1].split(";") if line.strip()]
    kinds = [(re.findall(r"\w+", one)[-1], c_void_p if "*" in one else c_int64) for one in fields]
    assert list(crf_native.Problem._fields_) == kinds
    found = re.findall(r"TIDEGATE_API int64_t (tidegate_\w+)\((.*?)\);", header, re.DOTALL)

    def c_type(word: str) -> object:
        if "tidegate_crf *" in word:
            return POINTER(crf_native.Problem)
        return c_void_p if "*" in word else c_int64

    expected = {name: (c_int64, tuple(map(c_type, words.split(",")))) for name, words in found}
    assert expected == crf_native.FUNCTIONS


def test_what_is_refused():
    case = draw(2, 3, 4, lengths=[3, 2])
    scores, tags, lengths, transitions = case.scores, case.tags, case.lengths, case.transitions
    even = Transitions(torch.zeros(4, 4), torch.zeros(4), torch.zeros(3))
    runs = (
        lambda *rest: crf_log_likelihood(rest[0], tags, *rest[1:]),
        crf_decode,
        crf_marginals,
        lambda *rest: crf_n_best(*rest, 2),
    )
    bad = {
        "scores of tags": (scores[0], lengths, transitions),
        "floating": (scores.long(), lengths, transitions),
        "fit 4 tags": (scores, lengths, even),
        "one length a sequence": (scores, lengths[:1], transitions),
        "int64": (scores, lengths.float(), transitions),
        "beyond its sequence": (scores, torch.tensor([4, 1]), transitions),
        "0 to 3": (scores, torch.tensor([-1, 1]), transitions),
    }
    for message, arguments in bad.items():
        for run in runs:
            with pytest.raises(ShapeError, match=message):
                run(*arguments)
    with pytest.raises(ShapeError, match="one tag a step"):
        crf_log_likelihood(scores, tags[:, :2], lengths, transitions)
    for wrong in (-1, 4):
        spoiled = tags.clone()
        spoiled[1, 1] = wrong
        with pytest.raises(SymbolError, match=f"sequence 1, step 1\n.*\n.*{wrong}"):
            crf_log_likelihood(scores, spoiled, lengths, transitions)
    with pytest.raises(ConfigError, match="no such CRF engine"):
        crf_decode(scores, lengths, transitions, engine="fast")
    with pytest.raises(ConfigError, match="does not do this"):
        crf_decode(scores.double(), lengths, transitions, engine="native")
    with pytest.raises(ConfigError, match="at least 1"):
        crf_n_best(scores, lengths, transitions, 0)
