"""The CRF head: a plain head with transitions beside it, some of which cannot be."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.data.words.scheme_rules import allowed_transitions, problems
from tidegate.data.words.schemes import Scheme
from tidegate.network.layers import Output as OutputSpec
from tidegate.nn.conditional_field import ConditionalField
from tidegate.nn.linear import Output
from tidegate.ops.crf.layer import IMPOSSIBLE, crf_decode, crf_log_likelihood, crf_n_best

SCHEMES = (Scheme("iob1"), Scheme("iob2"), Scheme("bioes"), Scheme("bioes", "M", "E", "S"))


def field_of(tags: list[str], scheme: Scheme) -> ConditionalField:
    field = ConditionalField(6, OutputSpec(1, "crf", len(tags)))
    field.forbid(*(torch.tensor(mask) for mask in allowed_transitions(tags, scheme)))
    return field


def test_scores_of_steps_are_those_of_a_plain_head() -> None:
    field, plain = ConditionalField(6, OutputSpec(1, "crf", 3)), Output(6, OutputSpec(1, "softmax", 3))
    plain.load_state_dict({name: field.state_dict()[name] for name in plain.state_dict()})
    x = torch.randn(2, 4, 6)
    torch.testing.assert_close(field(x, None)[0], plain(x, None)[0])


@settings(deadline=None, max_examples=60)
@given(
    scheme=st.sampled_from(SCHEMES),
    seed=st.integers(0, 10_000),
    length=st.integers(1, 7),
    labels=st.sampled_from([["X"], ["X", "Y"]]),
)
def test_no_sequence_that_is_decoded_breaks_the_scheme(
    scheme: Scheme, seed: int, length: int, labels: list[str]
) -> None:
    tags = scheme.inventory(labels)
    field = field_of(tags, scheme)
    chance = torch.Generator().manual_seed(seed)
    for parameter in (field.between, field.start, field.end):
        parameter.data.copy_(torch.randn(parameter.shape, generator=chance) * 20)
    scores = torch.randn(3, length, len(tags), generator=chance) * 40
    lengths = torch.tensor([length, max(1, length - 1), 1])
    with torch.no_grad():
        for path in crf_decode(scores, lengths, field.transitions()):
            assert problems([tags[number] for number in path], scheme) == []
        for best in crf_n_best(scores, lengths, field.transitions(), 4):
            for path, score in best:
                # There may be fewer than four that can be; what remains says that it is impossible.
                broken = problems([tags[number] for number in path], scheme)
                assert not broken or score < IMPOSSIBLE / 2


def test_nothing_is_learnt_of_what_cannot_be() -> None:
    scheme = Scheme("iob2")
    tags = scheme.inventory(["X"])
    field = field_of(tags, scheme)
    likelihood = crf_log_likelihood(
        torch.randn(1, 3, 3), torch.tensor([[0, 1, 2]]), torch.tensor([3]), field.transitions()
    )
    likelihood.sum().backward()
    assert field.between.grad is not None and field.start.grad is not None
    assert float(field.between.grad[0, 2]) == 0 and float(field.start.grad[2]) == 0
    assert float(field.between.grad[1, 2]) != 0


def test_masks_are_no_weights() -> None:
    names = ConditionalField(4, OutputSpec(1, "crf", 3)).state_dict().keys()
    assert {"between", "start", "end"} <= names
    assert not any("allowed" in name for name in names)


def test_masks_of_another_size_are_refused() -> None:
    with pytest.raises(RuntimeError):
        ConditionalField(4, OutputSpec(1, "crf", 3)).forbid(torch.ones(2, 2), torch.ones(3), torch.ones(3))
