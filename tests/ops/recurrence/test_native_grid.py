"""Random shapes through the native kernels, there and back, against torch.nn and the reference in double precision.

An error is relative to the largest magnitude of the tensor that it is in: a sum of many products cannot be better than
its largest terms, however small the number that they leave.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import tidegate.nn
from tidegate.ops.native_library import available_isas, isa, library, use_isa
from tidegate.ops.recurrence.cells import TORCH_MODES, DirectionWeights, State, Weights
from tidegate.ops.recurrence.layer import recurrent_layer

pytestmark = pytest.mark.skipif(library() is None, reason="no native library")

HIDDEN = (1, 2, 3, 5, 8, 15, 16, 17, 24, 31, 32, 33, 48, 64, 65, 100, 128, 130, 200)
CLASSES = {"LSTM": "LSTM", "GRU": "GRU", "RNN_TANH": "RNN", "RNN_RELU": "RNN"}

FORWARD, BACKWARD = 1e-5, 1e-4
"""Against torch.nn, which is no nearer to the truth."""

FORWARD_TO_REFERENCE, BACKWARD_TO_REFERENCE = 2.6e-6, 4e-6
"""Against the reference in double precision: three times the largest errors seen, 8.7e-7 and 1.3e-6."""


@dataclass(frozen=True)
class Case:
    """One point of the grid."""

    mode: str
    bidirectional: bool
    batch: int
    time: int
    features: int
    hidden: int
    bias: bool
    lengths: str  # none, random, equal
    state: bool
    threads: int
    form: str  # batch-first, time-first, packed
    seed: int

    def __str__(self) -> str:
        sizes = f"B{self.batch}-T{self.time}-F{self.features}-H{self.hidden}-D{1 + self.bidirectional}"
        options = f"{self.lengths}-{self.form}-bias{self.bias:d}-state{self.state:d}-{self.threads}"
        return f"{self.mode}-{sizes}-{options}"


def sample(count: int, seed: int) -> list[Case]:
    chance = random.Random(seed)
    cases = list[Case]()
    for i in range(count):
        lengths = chance.choice(("none", "random", "random", "equal"))
        cases.append(
            Case(
                mode=list(CLASSES)[i % 4],
                bidirectional=chance.random() < 0.5,
                batch=chance.randint(1, 40),
                time=chance.randint(1, 30),
                features=chance.randint(1, 70),
                hidden=HIDDEN[i // 4 % len(HIDDEN)],
                bias=chance.random() < 0.75,
                lengths=lengths,
                state=chance.random() < 0.5,
                threads=chance.choice((1, 1, 1, 1, 2, 3)),
                form=chance.choice(("batch-first", "time-first", "packed")),
                seed=seed + i,
            )
        )
    return cases


@dataclass(frozen=True)
class Drawn:
    """What a case stands for. All tensors of numbers are leaves."""

    ours: nn.RNNBase
    reference: nn.RNNBase
    x: Tensor
    state: tuple[Tensor, ...]
    lengths: Tensor | None


def draw(case: Case) -> Drawn:
    torch.manual_seed(case.seed)
    options = {"bidirectional": case.bidirectional, "bias": case.bias, "batch_first": True}
    if case.mode.startswith("RNN"):
        options["nonlinearity"] = case.mode.removeprefix("RNN_").lower()
    ours, reference = (
        getattr(room, CLASSES[case.mode])(case.features, case.hidden, **options)
        for room in (tidegate.nn, torch.nn)
    )
    ours.load_state_dict(reference.state_dict())
    lengths = None
    if case.lengths == "random":
        lengths = torch.randint(0, case.time + 1, (case.batch,))
        # A PackedSequence has no room for a sequence of no steps.
        lengths = lengths.clamp(min=1) if case.form == "packed" else lengths
    if case.lengths == "equal":
        lengths = torch.full((case.batch,), max(1, case.time - case.seed % 3))
    shape = (1 + case.bidirectional, case.batch, case.hidden)
    number = 0 if not case.state else 2 if case.mode == "LSTM" else 1
    state = tuple(torch.randn(shape).requires_grad_() for _ in range(number))
    x = torch.randn(case.batch, case.time, case.features).requires_grad_()
    return Drawn(ours, reference, x, state, lengths)


def as_hx(state: tuple[Tensor, ...]):
    return None if not state else state[0] if len(state) == 1 else state


def tensors(final: Tensor | tuple[Tensor, ...]) -> list[Tensor]:
    return [final] if isinstance(final, Tensor) else list(final)


def run_ours(case: Case, drawn: Drawn) -> list[Tensor]:
    layer, hx = drawn.ours, as_hx(drawn.state)
    if case.form == "packed" and drawn.lengths is not None:
        packed = pack_padded_sequence(drawn.x, drawn.lengths, batch_first=True, enforce_sorted=False)
        y, final = layer(packed, hx)
        return [pad_packed_sequence(y, True, total_length=case.time)[0], *tensors(final)]
    if case.form == "time-first":
        layer.batch_first = False
        y, final = layer(drawn.x.transpose(0, 1).contiguous(), hx, lengths=drawn.lengths)
        return [y.transpose(0, 1), *tensors(final)]
    y, final = layer(drawn.x, hx, lengths=drawn.lengths)
    return [y, *tensors(final)]


def run_torch(drawn: Drawn) -> list[Tensor]:
    """The sequences that have steps through torch.nn; the others keep their state."""
    layer, x, lengths = drawn.reference, drawn.x, drawn.lengths
    if lengths is None:
        y, final = layer(x, as_hx(drawn.state))
        return [y, *tensors(final)]
    shape = (1 + layer.bidirectional, x.shape[0], layer.hidden_size)
    number = 2 if layer.mode == "LSTM" else 1
    before = drawn.state or tuple(torch.zeros(shape) for _ in range(number))
    alive = torch.nonzero(lengths)[:, 0]
    y = x.new_zeros(*x.shape[:2], shape[0] * shape[2])
    if len(alive) == 0:
        return [y, *before]
    packed = pack_padded_sequence(x[alive], lengths[alive], batch_first=True, enforce_sorted=False)
    out, final = layer(packed, as_hx(tuple(h[:, alive] for h in before)))
    out = pad_packed_sequence(out, True, total_length=x.shape[1])[0]
    after = [h.index_copy(1, alive, end) for h, end in zip(before, tensors(final), strict=True)]
    return [y.index_copy(0, alive, out), *after]


def gradients(results: list[Tensor], leaves: list[Tensor]) -> list[Tensor]:
    """Of a loss that weighs all results differently."""
    chance = torch.Generator().manual_seed(1)
    loss = sum((one * torch.randn(one.shape, generator=chance)).sum() for one in results)
    if not loss.requires_grad:  # every sequence is empty
        return [torch.zeros_like(one) for one in leaves]
    return list(torch.autograd.grad(loss, leaves, allow_unused=True, materialize_grads=True))


def error(mine: Tensor, reference: Tensor) -> float:
    mine, reference = mine.detach().double(), reference.detach().double()
    return float((mine - reference).abs().max()) / max(float(reference.abs().max()), 1e-3)


def names(case: Case, drawn: Drawn) -> tuple[list[str], list[str]]:
    states = ["hidden", "memory"]
    parameters = [name for name, _ in drawn.ours.named_parameters()]
    results = ["y", *states[: 2 if case.mode == "LSTM" else 1]]
    return results, ["x", *(f"first {name}" for name in states[: len(drawn.state)]), *parameters]


def assert_near(what: list[str], mine: list[Tensor], reference: list[Tensor], bound: float) -> None:
    for name, one, other in zip(what, mine, reference, strict=True):
        assert one.shape == other.shape, name
        assert error(one, other) <= bound, f"{name}: {error(one, other):.1e} > {bound:.0e}"


def check_against_torch(case: Case) -> None:
    drawn = draw(case)
    results, leaves = names(case, drawn)
    mine, reference = run_ours(case, drawn), run_torch(drawn)
    assert_near(results, mine, reference, FORWARD)
    inputs = [drawn.x, *drawn.state]
    assert_near(
        [f"gradient of {name}" for name in leaves],
        gradients(mine, [*inputs, *drawn.ours.parameters()]),
        gradients(reference, [*inputs, *drawn.reference.parameters()]),
        BACKWARD,
    )


def layer_of(drawn: Drawn, dtype: torch.dtype, engine: str) -> tuple[list[Tensor], list[Tensor]]:
    """Results of ``recurrent_layer``, and the leaves that they come from."""
    x, *rest = (
        one.detach().to(dtype).requires_grad_() for one in (drawn.x, *drawn.state, *drawn.ours.parameters())
    )
    state, parameters = rest[: len(drawn.state)], rest[len(drawn.state) :]
    each = 4 if drawn.ours.bias else 2
    directions = [DirectionWeights("forward", Weights(*parameters[:each]))]
    if drawn.ours.bidirectional:
        directions.append(DirectionWeights("reverse", Weights(*parameters[each:])))
    before = State(*state) if state else None
    y, final = recurrent_layer(
        TORCH_MODES[drawn.ours.mode], x, directions, before, drawn.lengths, engine=engine
    )
    return [y, *final.present], [x, *rest]


def check_against_the_reference(case: Case) -> tuple[float, float]:
    """The largest errors, forward and backward."""
    drawn = draw(case)
    results, leaves = names(case, drawn)
    mine, inputs = layer_of(drawn, torch.float32, "native")
    reference, reference_inputs = layer_of(drawn, torch.float64, "reference")
    grads, reference_grads = gradients(mine, inputs), gradients(reference, reference_inputs)
    assert_near(results, mine, reference, FORWARD_TO_REFERENCE)
    assert_near([f"gradient of {name}" for name in leaves], grads, reference_grads, BACKWARD_TO_REFERENCE)
    return max(map(error, mine, reference)), max(map(error, grads, reference_grads))


@pytest.fixture(autouse=True)
def _threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def _set_as_before() -> Iterator[None]:
    before = isa()
    yield
    use_isa(before)


@pytest.mark.parametrize("case", sample(152, seed=1000), ids=str)
def test_the_grid_is_torch(case: Case) -> None:
    torch.set_num_threads(case.threads)
    check_against_torch(case)


@pytest.mark.parametrize("case", sample(76, seed=2000), ids=str)
def test_the_grid_is_the_reference(case: Case) -> None:
    torch.set_num_threads(1)
    check_against_the_reference(case)


@pytest.mark.parametrize("name", available_isas())
@pytest.mark.usefixtures("_set_as_before")
def test_every_instruction_set(name: str) -> None:
    use_isa(name)
    for case in sample(76, seed=3000)[::3]:
        check_against_torch(replace(case, threads=1))
        check_against_the_reference(replace(case, threads=1))
