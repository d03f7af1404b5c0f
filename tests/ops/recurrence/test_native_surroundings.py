"""The native engine among threads, processes, and numbers that are not finite: what runs beside it is left alone."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

import tidegate.nn
from tidegate.errors import ShapeError
from tidegate.ops.native_library import library
from tidegate.ops.recurrence import native_backward, native_forward
from tidegate.ops.recurrence.cells import RECORDS, DirectionWeights, RecurrentCell, State, Weights
from tidegate.ops.recurrence.layer import recurrent_layer
from tidegate.ops.recurrence.native_interface import Problem
from tidegate.ops.recurrence.registry import KERNELS

pytestmark = pytest.mark.skipif(library() is None, reason="no native library")

CELLS: tuple[RecurrentCell, ...] = tuple(KERNELS.values())
KINDS = ("LSTM", "GRU", "RNN")
START_METHODS = [name for name in ("fork", "spawn") if name in multiprocessing.get_all_start_methods()]


@pytest.fixture(autouse=True)
def _threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def layer_and_input(kind: str = "LSTM", batch: int = 5, time: int = 9):
    torch.manual_seed(4)
    layer = getattr(tidegate.nn, kind)(6, 40, batch_first=True, bidirectional=True)
    return layer, torch.randn(batch, time, 6)


def results_of(layer: torch.nn.Module, x: Tensor, lengths: Tensor | None = None) -> list[Tensor]:
    """Outputs, states and gradients."""
    x = x.detach().requires_grad_()
    y, final = layer(x, lengths=lengths)
    ends = list(final) if isinstance(final, tuple) else [final]
    loss = y.sin().sum() + sum(one.sum() for one in ends)
    return [y.detach(), *(one.detach() for one in ends), *torch.autograd.grad(loss, [x, *layer.parameters()])]


def directions_of(
    cell: RecurrentCell, features: int, hidden: int, directions: int = 1
) -> list[DirectionWeights]:
    rows, made = len(RECORDS[cell].gates) * hidden, list[DirectionWeights]()
    for d in range(directions):
        biases = torch.randn(rows), torch.randn(rows)
        weights = Weights(torch.randn(rows, features), torch.randn(rows, hidden) * hidden**-0.5, *biases)
        made.append(DirectionWeights("reverse" if d else "forward", weights))
    return made


# Threads


@pytest.fixture
def asked_threads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What each pass asks the library for."""
    native, asked = library(), list[tuple[str, int]]()

    def watched(name: str) -> Callable[..., int]:
        def call(problem: object, *rest: object) -> int:
            assert isinstance(problem._obj, Problem)
            asked.append((name, problem._obj.threads))
            return getattr(native, f"tidegate_run_{name}")(problem, *rest)

        return call

    class Proxy(SimpleNamespace):
        def __getattr__(self, name: str) -> object:
            return getattr(native, name)

    proxy = Proxy(tidegate_run_forward=watched("forward"), tidegate_run_backward=watched("backward"))
    for module in (native_forward, native_backward):
        monkeypatch.setattr(module, "loaded", lambda: proxy)
    return asked


@pytest.mark.parametrize("threads", [1, 2])
def test_torchs_number_of_threads_is_obeyed(asked_threads, threads):
    torch.set_num_threads(threads)
    results_of(*layer_and_input())
    assert asked_threads == [("forward", threads), ("backward", threads)]


@pytest.mark.parametrize("cell", CELLS)
def test_the_number_of_threads_changes_no_bit(cell):
    """One feature, which is 0: the matrix product outside the library is exact, whoever computes it."""
    torch.manual_seed(0)
    directions = directions_of(cell, 1, 48, directions=2)
    state = State(torch.randn(2, 33, 48), torch.randn(2, 33, 48) if cell == "lstm" else None)
    x, lengths = torch.zeros(33, 12, 1), torch.randint(0, 13, (33,))
    results = list[list[Tensor]]()
    for threads in (1, 2, 3, 2, 1):
        torch.set_num_threads(threads)
        for given in (None, lengths):
            leaf = x.clone().requires_grad_()
            y, final = recurrent_layer(cell, leaf, directions, state, given, engine="native")
            results.append([y.detach(), *(one.detach() for one in final.present)])
            found = torch.autograd.grad(y.sin().sum(), leaf)
            assert bool(found[0].isfinite().all())
    for i, again in enumerate(results):
        assert all(map(torch.equal, again, results[i % 2]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_call_gives_the_same_bits(kind, threads):
    torch.set_num_threads(threads)
    layer, x = layer_and_input(kind)
    lengths = torch.tensor([9, 0, 4, 7, 1])
    first = results_of(layer, x, lengths)
    for _ in range(5):
        assert all(map(torch.equal, results_of(layer, x, lengths), first))


@pytest.mark.parametrize("kind", KINDS)
def test_several_callers_at_once_get_the_bits_of_one(kind):
    layer, x = layer_and_input(kind)
    inputs = [x * (1 + i) for i in range(8)]

    def alone(one: Tensor) -> list[Tensor]:
        with torch.no_grad():
            y = layer(one)[0]
        return [y, *results_of(layer, one)]

    wanted = [alone(one) for one in inputs]
    together = threading.Barrier(4)

    def beside(one: Tensor) -> list[Tensor]:
        together.wait(timeout=200)
        return alone(one)

    with ThreadPoolExecutor(4, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        found = list(pool.map(beside, inputs, timeout=200))
    for one, other in zip(found, wanted, strict=True):
        assert all(map(torch.equal, one, other))


# Processes


def _child(send: object, layer: torch.nn.Module, x: Tensor) -> None:
    # torch's own products hang in such a child unless it is told one thread, as a DataLoader tells its workers. The
    # library is asked for two all the same.
    torch.set_num_threads(1)
    torch.get_num_threads = lambda: 2
    send.send([one.numpy() for one in results_of(layer, x)])


@pytest.mark.skipif("fork" not in START_METHODS, reason="no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_of_a_parent_with_threads():
    torch.set_num_threads(2)
    layer, x = layer_and_input()
    wanted = results_of(layer, x)
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(send, layer, x))
    child.start()
    try:
        assert receive.poll(30), "the child hangs"
        found = receive.recv()
    finally:
        child.kill()
        child.join()
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(torch.from_numpy(one), other, rtol=1e-5, atol=1e-5)
    assert all(map(torch.equal, results_of(layer, x), wanted))


class Encoded(Dataset[Tensor]):
    """A data set that runs a layer, as one of features from a frozen network does."""

    def __init__(self) -> None:
        self.layer, self.x = layer_and_input()

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, i: int) -> Tensor:
        with torch.no_grad():
            return self.layer(self.x[i])[0]


@pytest.mark.parametrize("method", START_METHODS)
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_layer_in_a_worker_of_a_data_loader(method):
    torch.set_num_threads(2)
    data = Encoded()
    wanted = torch.stack([data[i] for i in range(len(data))])
    loader = DataLoader(data, batch_size=2, num_workers=1, multiprocessing_context=method, timeout=200)
    torch.testing.assert_close(torch.cat(list(loader)), wanted, rtol=1e-6, atol=1e-6)


# Numbers


@pytest.mark.parametrize("kind", KINDS)
def test_denormals_of_the_caller_stay(kind):
    layer, x = layer_and_input(kind)
    for threads in (1, 2):
        torch.set_num_threads(threads)
        results_of(layer, x)
        assert float(torch.tensor([1e-40]) * 1) != 0
        # In torch's other threads too, which the library runs on.
        assert bool((torch.full((200_000,), 1e-40) * 1 != 0).all())


def test_a_caller_who_flushes_denormals_still_does():
    layer, x = layer_and_input()
    if not torch.set_flush_denormal(True):
        pytest.skip("this machine cannot")
    try:
        results_of(layer, x)
        assert float(torch.tensor([1e-40]) * 1) == 0
    finally:
        torch.set_flush_denormal(False)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf], ids=str)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_what_is_not_finite_goes_where_it_goes_in_torch(kind, bad, bidirectional):
    torch.manual_seed(4)
    options = {"batch_first": True, "bidirectional": bidirectional}
    layer = getattr(tidegate.nn, kind)(6, 20, **options)
    reference = getattr(torch.nn, kind)(6, 20, **options)
    reference.load_state_dict(layer.state_dict())
    x = torch.randn(4, 7, 6)
    x[1, 3, 2] = bad
    y, other = layer(x)[0], reference(x)[0]
    assert torch.equal(y.isnan(), other.isnan())
    torch.testing.assert_close(y, other, rtol=1e-5, atol=1e-5, equal_nan=True)


@pytest.mark.parametrize("kind", KINDS)
def test_one_sequence_of_nan_spoils_no_other(kind):
    layer, x = layer_and_input(kind, batch=19)
    lengths = torch.randint(1, 10, (19,), generator=torch.Generator().manual_seed(0))
    broken = x.clone()
    broken[7] = torch.nan
    others = torch.arange(19) != 7
    for given in (None, lengths):
        for one, other in zip(layer(x, lengths=given), layer(broken, lengths=given), strict=True):
            if isinstance(one, tuple):
                one, other = torch.cat(one, dim=2), torch.cat(other, dim=2)
            axis = 0 if one.shape[0] == 19 else 1
            assert torch.equal(one.movedim(axis, 0)[others], other.movedim(axis, 0)[others])
            assert bool(other.movedim(axis, 0)[7].isnan().any())


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_infinite_weights_give_what_torch_gives(kind):
    layer, x = layer_and_input(kind)
    reference = getattr(torch.nn, kind)(6, 40, batch_first=True, bidirectional=True)
    with torch.no_grad():
        layer.weight_hh_l0[3, 4] = torch.inf
        layer.bias_ih_l0[5] = -torch.inf
    reference.load_state_dict(layer.state_dict())
    torch.testing.assert_close(layer(x)[0], reference(x)[0], rtol=1e-5, atol=1e-5, equal_nan=True)


# Shapes and pieces


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("kind", KINDS)
def test_a_long_sequence_in_pieces_is_the_whole(kind, size):
    torch.manual_seed(4)
    layer = getattr(tidegate.nn, kind)(6, 33, batch_first=True, num_layers=2)
    x = torch.randn(3, 53, 6)
    with torch.no_grad():
        whole, end = layer(x)
        state, parts = None, list[Tensor]()
        for piece in x.split(size, dim=1):
            y, state = layer(piece, state)
            parts.append(y)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(state, end, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("lengths", [[4, 5, 1], [4, -1, 1], [9, 2, 1], [-1, 4, 9]], ids=str)
@pytest.mark.parametrize("batch_first", [True, False])
def test_a_length_out_of_range_is_said_with_the_range(lengths, batch_first):
    layer = tidegate.nn.GRU(6, 5, batch_first=batch_first)
    with pytest.raises(ShapeError) as caught:
        layer(torch.randn((3, 4, 6) if batch_first else (4, 3, 6)), lengths=torch.tensor(lengths))
    assert (caught.value.expected, caught.value.got) == ("0 to 4", f"{min(lengths)} to {max(lengths)}")


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_of_nothing(kind):
    layer, _ = layer_and_input(kind)
    for shape in ((0, 4, 6), (2, 0, 6), (0, 0, 6)):
        y, final = layer(torch.zeros(shape))
        assert y.shape == (*shape[:2], 80)
        for one in final if isinstance(final, tuple) else (final,):
            assert one.shape == (2, shape[0], 40)
            assert not one.any()
    y, _ = layer(torch.zeros(2, 4, 6), lengths=torch.tensor([0, 0]))
    assert not y.any()
