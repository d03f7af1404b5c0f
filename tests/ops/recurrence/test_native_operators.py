"""The operators as torch sees them: their schema, shapes, tracing, gradients twice over, and what they keep."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

import tidegate.nn
from tidegate.ops.native_library import library
from tidegate.ops.recurrence.cells import RECORDS, DirectionWeights, RecurrentCell, State, Weights
from tidegate.ops.recurrence.layer import recurrent_layer
from tidegate.ops.recurrence.native_call import Call
from tidegate.ops.recurrence.native_layout import Layout, Order
from tidegate.ops.recurrence.registry import KERNELS

pytestmark = pytest.mark.skipif(library() is None, reason="no native library")

CELLS: tuple[RecurrentCell, ...] = tuple(KERNELS.values())
FORWARD = torch.ops.tidegate.recurrence_forward.default
BACKWARD = torch.ops.tidegate.recurrence_backward.default
KINDS = ("LSTM", "GRU", "RNN")


def weights_of(
    cell: RecurrentCell, features: int, hidden: int, directions: int, *, bias: bool
) -> list[Tensor]:
    rows = len(RECORDS[cell].gates) * hidden
    each = [(rows, features), (rows, hidden), *([(rows,), (rows,)] if bias else [])]
    return [torch.randn(shape) * 0.4 for _ in range(directions) for shape in each]


def operands(cell: RecurrentCell, order: Order, *, directions: int, bias: bool, padded: bool, state: bool):
    """Arguments of ``recurrence_forward``, save two flags."""
    torch.manual_seed(3)
    batch, time, features, hidden = 3, 5, 4, 6
    lengths = torch.tensor([5, 3, 2]) if padded or order is Order.PACKED else None
    layout = Layout.padded_batch(order, batch, time, lengths)
    weights = weights_of(cell, features, hidden, directions, bias=bias)
    call = Call.of(
        weights, layout.lengths, [CELLS.index(cell), directions, 0, order, batch, time, layout.rows]
    )
    before = [torch.randn(call.state_shape) for _ in range(2 if cell == "lstm" else 1)] if state else []
    return torch.randn(layout.shape(features)), weights, before, layout.lengths, call.numbers()


SAMPLES = {
    "plain": {"order": Order.BATCH_FIRST, "directions": 1, "bias": True, "padded": False, "state": False},
    "both ways, padded": {
        "order": Order.BATCH_FIRST, "directions": 2, "bias": True, "padded": True, "state": True,
    },
    "time first": {"order": Order.TIME_FIRST, "directions": 2, "bias": False, "padded": True, "state": False},
    "packed": {"order": Order.PACKED, "directions": 1, "bias": True, "padded": True, "state": True},
}  # fmt: skip


def backward_operands(cell: RecurrentCell, sample: str, wanted: tuple[bool, bool] = (True, True)):
    x, weights, state, lengths, sizes = operands(cell, **SAMPLES[sample])
    y, hidden, memory, gates, kept = FORWARD(x, weights, state, lengths, sizes, True, False)
    grads = [
        torch.randn_like(y),
        torch.randn_like(hidden),
        None if cell != "lstm" else torch.randn_like(memory),
    ]
    return grads, x, y, gates, kept, weights, state, lengths, sizes, list(wanted)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_torchs_own_check_of_operators(cell, sample):
    for flags in ((True, False), (False, True)):
        torch.library.opcheck(FORWARD, (*operands(cell, **SAMPLES[sample]), *flags))
    for wanted in ((True, True), (False, False)):
        torch.library.opcheck(BACKWARD, backward_operands(cell, sample, wanted))


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("cell", CELLS)
def test_shapes_without_arithmetic(cell, sample):
    for flags in ((True, False), (False, False)):
        x, weights, state, lengths, sizes = operands(cell, **SAMPLES[sample])
        real = FORWARD(x, weights, state, lengths, sizes, *flags)
        with FakeTensorMode() as mode:
            fake = [mode.from_tensor(one) for one in (x, *weights, *state)]
            parts = fake[0], fake[1 : 1 + len(weights)], fake[1 + len(weights) :]
            there = None if lengths is None else mode.from_tensor(lengths)
            found = FORWARD(*parts, there, sizes, *flags)
        for one, other in zip(found, real, strict=True):
            assert (one.shape, one.stride(), one.dtype) == (other.shape, other.stride(), other.dtype)


@pytest.mark.parametrize("cell", CELLS)
def test_going_back_uses_up_what_was_kept_and_nothing_else(cell):
    arguments = backward_operands(cell, "both ways, padded")
    grads, x, y, gates, kept, weights, state, lengths, _, _ = arguments
    untouched = [*(one for one in grads if one is not None), x, y, *weights, *state, lengths]
    before = [one.clone() for one in untouched]
    gates_before, kept_before = gates.clone(), kept.clone()
    BACKWARD(*arguments)
    assert all(map(torch.equal, untouched, before))
    if len(RECORDS[cell].gates) > 1:
        assert not torch.equal(gates, gates_before)
        assert not torch.equal(kept, kept_before)


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_layer_can_be_compiled_for_training(backend):
    """``aot_eager`` traces the backward pass too, as torch's default backend does before it writes code."""
    torch.manual_seed(0)
    layer = tidegate.nn.LSTM(3, 5, batch_first=True, bidirectional=True)
    leaves = [torch.randn(4, 6, 3).requires_grad_(), *layer.parameters()]
    torch._dynamo.reset()
    runs = (layer, torch.compile(layer, backend=backend, fullgraph=False))
    results = [run(leaves[0])[0] for run in runs]
    assert torch.equal(*results)
    grads = [torch.autograd.grad(y.sin().sum(), leaves) for y in results]
    assert all(map(torch.equal, *grads))
    with torch.no_grad():
        # Without gradients the kernels project the inputs themselves: the same to rounding.
        torch.testing.assert_close(runs[1](leaves[0])[0], results[0], rtol=1e-5, atol=1e-6)
    torch._dynamo.reset()


def directions_of(tensors: list[Tensor], directions: int) -> list[DirectionWeights]:
    each = len(tensors) // directions
    parts = [Weights(*tensors[d * each : (d + 1) * each]) for d in range(directions)]
    return [DirectionWeights("reverse" if d else "forward", one) for d, one in enumerate(parts)]


def first_and_second_gradients(cell: RecurrentCell, engine: str, dtype: torch.dtype, *, time_first: bool):
    torch.manual_seed(5)
    features, hidden, directions = 3, 4, 2
    weights = weights_of(cell, features, hidden, directions, bias=True)
    number = 2 if cell == "lstm" else 1
    leaves = [torch.randn(3, 5, features), *weights, *(torch.randn(2, 3, hidden) for _ in range(number))]
    leaves = [one.to(dtype).requires_grad_() for one in leaves]
    x, weights, state = leaves[0], leaves[1:-number], State(*leaves[-number:])
    if time_first:
        x = x.transpose(0, 1).contiguous().transpose(0, 1)
    lengths = torch.tensor([5, 0, 3])
    y, final = recurrent_layer(cell, x, directions_of(weights, directions), state, lengths, engine=engine)
    loss = sum(one.sin().sum() for one in (y, *final.present))
    first = torch.autograd.grad(loss, leaves, create_graph=True)
    second = torch.autograd.grad(sum((one * one).sum() for one in first), leaves)
    return [one.detach() for one in first], list(second)


@pytest.mark.parametrize("time_first", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_can_be_differentiated(cell, time_first):
    mine = first_and_second_gradients(cell, "native", torch.float32, time_first=time_first)
    reference = first_and_second_gradients(cell, "reference", torch.float64, time_first=time_first)
    for ours, theirs in zip(mine, reference, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_packed_gradients_can_be_differentiated(kind):
    torch.manual_seed(2)
    ours = getattr(tidegate.nn, kind)(3, 4)
    reference = getattr(nn, kind)(3, 4, dtype=torch.float64)
    reference.load_state_dict(ours.state_dict())
    data, lengths = torch.randn(5, 3, 3), torch.tensor([5, 4, 2])
    found = list[list[Tensor]]()
    for layer, dtype in ((ours, torch.float32), (reference, torch.float64)):
        x = data.to(dtype).requires_grad_()
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths)
        (first,) = torch.autograd.grad(layer(packed)[0].data.sin().sum(), x, create_graph=True)
        found.append([first.detach(), *torch.autograd.grad((first * first).sum(), [x, *layer.parameters()])])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-4)


def a_layer(kind: str, module=tidegate.nn, **options):
    torch.manual_seed(1)
    layer = getattr(module, kind)(20, 32, batch_first=True, bidirectional=True, **options)
    return layer, torch.randn(6, 15, 20).requires_grad_(), torch.tensor([15, 0, 3, 15, 9, 1])


@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_second_backward_pass_gives_the_same_bits(kind, recompute):
    layer, x, lengths = a_layer(kind, recompute=recompute)
    for given in (None, lengths):
        leaves = [x, *layer.parameters()]
        loss = layer(x, lengths=given)[0].sin().sum()
        first = torch.autograd.grad(loss, leaves, retain_graph=True)
        second = torch.autograd.grad(loss, leaves, retain_graph=True)
        third = torch.autograd.grad(loss, leaves)
        for one, two, three in zip(first, second, third, strict=True):
            assert torch.equal(one, two)
            assert torch.equal(one, three)
        with pytest.raises(RuntimeError, match="second time"):
            torch.autograd.grad(loss, leaves)


@pytest.mark.parametrize("kind", KINDS)
def test_recomputing_gives_the_same_bits(kind):
    results = list[list[Tensor]]()
    for recompute in (False, True):
        layer, x, lengths = a_layer(kind, recompute=recompute)
        y, final = layer(x, lengths=lengths)
        ends = final if isinstance(final, tuple) else (final,)
        grads = torch.autograd.grad(y.sin().sum() + sum(one.sum() for one in ends), [x, *layer.parameters()])
        results.append([y, *ends, *grads])
    assert all(map(torch.equal, *results))


def bytes_of(tensors: list[Tensor], without: list[Tensor]) -> int:
    """Of the memory behind them, each block once."""
    left_out = {one.untyped_storage().data_ptr() for one in without}
    blocks = {one.untyped_storage().data_ptr(): one.untyped_storage().nbytes() for one in tensors}
    return sum(size for place, size in blocks.items() if place not in left_out)


def kept_by_ours(layer: nn.Module, x: Tensor, lengths: Tensor | None = None) -> int:
    y, _ = layer(x, lengths=lengths)
    node = y.grad_fn
    return bytes_of([*node.saved_tensors, *(node.kept or [])], list(layer.parameters()))


def kept_by_torch(layer: nn.Module, x: Tensor) -> int:
    saved = list[Tensor]()

    def keep(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        layer(x)
    return bytes_of(saved, list(layer.parameters()))


@pytest.mark.parametrize("kind", KINDS)
def test_no_more_is_kept_than_torch_keeps(kind):
    ours, x, lengths = a_layer(kind)
    reference, _, _ = a_layer(kind, torch.nn)
    frugal, _, _ = a_layer(kind, recompute=True)
    number = kept_by_ours(ours, x)
    assert number <= kept_by_torch(reference, x)
    least = bytes_of([x], []) + 6 * 15 * 2 * 32 * 4  # x and y
    assert kept_by_ours(frugal, x) == least
    # Padding costs inputs and outputs only.
    assert kept_by_ours(ours, x, lengths) - least <= (number - least) * int(lengths.sum()) / (6 * 15)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_kept_that_the_node_does_not_show(kind):
    """The memory that torch has given out and not got back while results are alive, by torch's own books."""
    layer, x, _ = a_layer(kind)

    def alive(recompute: bool) -> int:
        layer.recompute = recompute
        layer(x)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            activity = [torch.profiler.ProfilerActivity.CPU]
            with torch.profiler.profile(activities=activity, profile_memory=True) as profile:
                results = layer(x)
            assert results[0].grad_fn is not None
            return sum(event.self_cpu_memory_usage for event in profile.key_averages())

    number = kept_by_ours(layer, x)
    layer.recompute = True
    assert alive(False) - alive(True) == number - kept_by_ours(layer, x)
