"""The CRF against every path there is, on tiny alphabets: both engines."""

from __future__ import annotations

import itertools

import pytest
import torch
from crf_cases import Case, draw, reference
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.ops.crf.layer import (
    IMPOSSIBLE,
    Transitions,
    crf_decode,
    crf_log_likelihood,
    crf_marginals,
    crf_n_best,
)
from tidegate.ops.native_library import library

NATIVE = pytest.param("native", marks=pytest.mark.skipif(library() is None, reason="no native library"))
BOTH = pytest.mark.parametrize("engine", [NATIVE, "reference"])

CASES = st.builds(
    draw,
    batch=st.integers(1, 3),
    time=st.integers(1, 5),
    tags=st.integers(1, 3),
    seed=st.integers(0, 10_000),
    bound=st.sampled_from([0.5, 3.0, 40.0, 800.0]),
    forbidden=st.sampled_from([0.0, 0.3, 1.0]),
)


def likelihood(case: Case, engine: str | None = None) -> torch.Tensor:
    return crf_log_likelihood(case.scores, case.tags, case.lengths, case.transitions, engine=engine)


@BOTH
@given(case=CASES)
@settings(max_examples=60, deadline=None)
def test_likelihood_is_of_all_paths(engine, case):
    found = likelihood(case, engine)
    assert found.dtype == torch.float32
    exact = likelihood(case.to(torch.float64))
    for b in range(len(case.lengths)):
        expected = reference(case, b).log_p
        assert float(found[b]) == pytest.approx(expected, rel=1e-6, abs=1e-7)
        assert float(exact[b]) == pytest.approx(expected, rel=1e-10, abs=1e-9)


@BOTH
@given(case=CASES)
@settings(max_examples=60, deadline=None)
def test_marginals_are_of_all_paths(engine, case):
    found = crf_marginals(case.scores, case.lengths, case.transitions, engine=engine)
    for b, n in enumerate(case.lengths.tolist()):
        expected = torch.tensor(reference(case, b).marginals)
        if n:
            torch.testing.assert_close(found[b, :n].double(), expected.double(), rtol=1e-5, atol=1e-6)
            torch.testing.assert_close(found[b, :n].sum(1), torch.ones(n).to(found), rtol=1e-6, atol=1e-6)
        assert not found[b, n:].any()


@BOTH
@given(case=CASES, whole=st.booleans())
@settings(max_examples=60, deadline=None)
def test_decoding_finds_the_best_path(engine, case, whole):
    if whole:  # many equals: the one of the lowest tags, from the end on
        case = Case(
            case.scores.round(),
            case.tags,
            case.lengths,
            Transitions(*(x.round() for x in case.transitions.tensors)),
        )
    found = crf_decode(case.scores, case.lengths, case.transitions, engine=engine)
    for b, path in enumerate(found):
        ranked = reference(case, b).ranked
        if whole:
            assert tuple(path) == ranked[0][0]
        else:
            assert dict(ranked)[tuple(path)] == pytest.approx(ranked[0][1], abs=1e-9)


@given(case=CASES, n=st.integers(1, 12))
@settings(max_examples=80, deadline=None)
def test_n_best_are_the_best_of_all_paths(case, n):
    found = crf_n_best(case.scores, case.lengths, case.transitions, n)
    between, start, end = case.transitions.tensors

    def forbidden_steps(path: tuple[int, ...]) -> int:
        if not path:
            return 0
        edges = [start[path[0]], end[path[-1]], *(between[i, j] for i, j in itertools.pairwise(path))]
        return sum(bool(edge == IMPOSSIBLE) for edge in edges)

    for b, ranked in enumerate(found):
        every = reference(case, b).ranked
        expected = [one for one in every[:n] if forbidden_steps(one[0]) <= forbidden_steps(every[0][0])]
        assert len(ranked) == len(expected)
        assert len({tuple(path) for path, _ in ranked}) == len(ranked)
        for (path, p), (_, q) in zip(ranked, expected, strict=True):
            assert p == pytest.approx(q, abs=1e-8)
            assert dict(every)[tuple(path)] == pytest.approx(q, abs=1e-8)
    assert [ranked[0][0] for ranked in found] == crf_decode(case.scores, case.lengths, case.transitions)


def test_there_are_no_more_paths_than_there_are():
    case = draw(3, 2, 2, lengths=[2, 1, 0])
    found = crf_n_best(case.scores, case.lengths, case.transitions, 10)
    assert [len(ranked) for ranked in found] == [4, 2, 1]
    assert found[2] == [([], 0.0)]
    for ranked in found:
        assert sum(torch.tensor(p).exp() for _, p in ranked) == pytest.approx(1.0)


def iob2() -> Transitions:
    """Tags O, B-X, I-X, B-Y, I-Y: an I- only after its own kind."""
    between, start = torch.zeros(5, 5), torch.zeros(5)
    for inside, allowed in ((2, (1, 2)), (4, (3, 4))):
        start[inside] = IMPOSSIBLE
        for before in set(range(5)) - set(allowed):
            between[before, inside] = IMPOSSIBLE
    return Transitions(between, start, torch.zeros(5))


@BOTH
def test_what_is_forbidden_is_never_decoded(engine):
    transitions = iob2()
    scores = torch.randn(40, 12, 5, generator=torch.Generator().manual_seed(0)) * 30
    lengths = torch.arange(40) % 13
    paths = crf_decode(scores, lengths, transitions, engine=engine)
    assert [len(path) for path in paths] == lengths.tolist()
    ranked = [path for one in crf_n_best(scores, lengths, transitions, 4) for path, _ in one]
    greedy = [path[:n] for path, n in zip(scores.argmax(2).tolist(), lengths.tolist(), strict=True)]

    def bad(path: list[int]) -> bool:
        return any(transitions.between[i, j] < 0 for i, j in itertools.pairwise(path)) or path[:1] in (
            [2],
            [4],
        )

    assert not any(map(bad, [*paths, *ranked]))
    assert sum(map(bad, greedy)) > 20  # the scores alone would have it so
    marginals = crf_marginals(scores, lengths, transitions, engine=engine)
    assert not marginals[lengths > 0, 0][:, [2, 4]].any()


@BOTH
@pytest.mark.parametrize("garbage", [float("nan"), float("inf"), float("-inf"), 3e38])
def test_padding_changes_nothing(engine, garbage):
    case = draw(4, 6, 3, lengths=[6, 3, 1, 0], seed=3)
    spoiled = draw(4, 6, 3, lengths=[6, 3, 1, 0], seed=3)
    for b, n in enumerate(case.lengths.tolist()):
        spoiled.scores[b, n:] = garbage
        spoiled.tags[b, n:] = -100
    results = []
    for one in (case, spoiled):
        leaves = one.leaves()
        value = crf_log_likelihood(leaves[0], one.tags, one.lengths, Transitions(*leaves[1:]), engine=engine)
        results.append(
            [
                value,
                *torch.autograd.grad(value.sum(), leaves),
                crf_marginals(one.scores, one.lengths, one.transitions, engine=engine),
            ]
        )
        assert not any(results[-1][1][b, n:].any() for b, n in enumerate(one.lengths.tolist()))
    assert all(map(torch.equal, *results))
    for run in (crf_decode, lambda *rest, engine: crf_n_best(*rest, 3)):
        found = [run(one.scores, one.lengths, one.transitions, engine=engine) for one in (case, spoiled)]
        assert found[0] == found[1]


@BOTH
def test_sequences_of_no_steps(engine):
    for batch, time in ((0, 0), (0, 3), (2, 0), (2, 3)):
        case = draw(2, time, 4, lengths=[0, 0])
        case = Case(case.scores[:batch], case.tags[:batch], case.lengths[:batch], case.transitions)
        leaves = case.leaves()
        value = crf_log_likelihood(
            leaves[0], case.tags, case.lengths, Transitions(*leaves[1:]), engine=engine
        )
        assert value.tolist() == [0.0] * batch
        value.sum().backward()
        assert not any(leaf.grad is not None and leaf.grad.any() for leaf in leaves)
        assert crf_decode(case.scores, case.lengths, case.transitions, engine=engine) == [[]] * batch
        assert crf_n_best(case.scores, case.lengths, case.transitions, 2) == [[([], 0.0)]] * batch
        found = crf_marginals(case.scores, case.lengths, case.transitions, engine=engine)
        assert found.shape == case.scores.shape
        assert not found.any()


LONG = [
    pytest.param("native", 1.0, marks=NATIVE.marks),
    pytest.param("native", 300.0, marks=NATIVE.marks),
    pytest.param("reference", 300.0),
]


@pytest.mark.parametrize(("engine", "bound"), LONG)
def test_five_thousand_steps(engine, bound):
    case = draw(2, 5000, 4, bound=bound, forbidden=0.2, seed=1)
    leaves = case.leaves()
    value = crf_log_likelihood(leaves[0], case.tags, case.lengths, Transitions(*leaves[1:]), engine=engine)
    gradients = torch.autograd.grad(value.sum(), leaves)
    assert all(one.isfinite().all() for one in (value, *gradients))
    first = case.alone(0)
    path = torch.tensor(crf_decode(first.scores, first.lengths, first.transitions, engine=engine))
    best = crf_log_likelihood(first.scores, path, first.lengths, first.transitions, engine=engine)
    assert float(best) > float(value[0].detach())
    marginals = crf_marginals(first.scores, first.lengths, first.transitions, engine=engine)
    torch.testing.assert_close(marginals.sum(2), torch.ones(1, 5000), rtol=0, atol=1e-6)
