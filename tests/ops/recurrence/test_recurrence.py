"""Every engine against the reference, and the reference against torch.nn and against finite differences."""

from typing import get_args

import pytest
import torch

from tidegate.errors import ConfigError, ShapeError
from tidegate.network.cells import CELLS as CELLS_OF_NETWORKS
from tidegate.network.cells import CellRecord
from tidegate.ops.native_library import library
from tidegate.ops.recurrence.cells import RECORDS, OneDirection, RecurrentCell, State, Weights
from tidegate.ops.recurrence.layer import ENGINES, recurrence
from tidegate.ops.recurrence.registry import IMPLEMENTATIONS, Implementation

CELLS = tuple(RECORDS)
TORCH = {"elman": torch.nn.RNN, "elman-relu": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
RUNS = [
    (cell, engine)
    for cell in CELLS
    for engine in ENGINES
    if engine != "native" or IMPLEMENTATIONS[cell].kernel is not None
]
DIRECTIONS = get_args(OneDirection)
GRID = [(1, 1, 1, 1), (2, 5, 3, 4), (3, 7, 8, 16), (5, 2, 1, 17), (4, 12, 20, 5)]  # B, T, F, H


def draw(cell: RecurrentCell, sizes: tuple[int, int, int, int], *, bias: bool = True, dtype=torch.float32):
    batch, time, features, hidden = sizes
    random = torch.Generator().manual_seed(sum(sizes) + 10 * CELLS.index(cell))

    def leaf(*shape: int, scale: float = 1.0) -> torch.Tensor:
        return (torch.randn(shape, generator=random, dtype=dtype) * scale).requires_grad_()

    record = RECORDS[cell]
    rows, scale = len(record.gates) * hidden, hidden**-0.5
    biases = [leaf(rows) for _ in range(1 + record.reads_state)] if bias else ()
    weights = Weights(leaf(rows, features), leaf(rows * record.reads_state, hidden, scale=scale), *biases)
    state = State(*(leaf(batch, hidden) for _ in record.states))
    lengths = torch.randint(0, time + 1, (batch,), generator=random)
    return leaf(batch, time, features), weights, state, lengths


def leaves(x: torch.Tensor, weights: Weights, state: State) -> list[torch.Tensor]:
    values = (x, *vars(weights).values(), state.hidden, state.cell)
    return [value for value in values if value is not None]


def run(engine: str, cell: RecurrentCell, drawn, lengths, direction: OneDirection):
    """Outputs, states and gradients of a loss that weighs all of them differently."""
    x, weights, state, _ = drawn
    y, final = recurrence(cell, x, weights, state, lengths, direction=direction, engine=engine)
    results = [y, final.hidden, *([] if final.cell is None else [final.cell])]
    random = torch.Generator().manual_seed(1)
    loss = sum((result * torch.randn(result.shape, generator=random)).sum() for result in results)
    wanted = leaves(x, weights, state)
    grads = torch.autograd.grad(loss, wanted, allow_unused=True, materialize_grads=True)
    return [result.detach() for result in results], list(grads)


@pytest.mark.parametrize(("cell", "engine"), [run for run in RUNS if run[1] != "reference"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_engines_agree_with_the_reference(engine, cell, direction, bias, padded):
    for sizes in GRID:
        drawn = draw(cell, sizes, bias=bias)
        lengths = drawn[3] if padded else None
        values, grads = run(engine, cell, drawn, lengths, direction)
        expected_values, expected_grads = run("reference", cell, drawn, lengths, direction)
        for value, expected in zip(values, expected_values, strict=True):
            torch.testing.assert_close(value, expected, rtol=1e-5, atol=1e-5)
        for grad, expected in zip(grads, expected_grads, strict=True):
            torch.testing.assert_close(grad, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("cell", TORCH)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_reference_is_torch(cell, direction):
    """One sequence a time through torch.nn in double precision, so that lengths play no part there."""
    x, weights, state, lengths = draw(cell, (4, 6, 3, 5), dtype=torch.float64)
    options = {"nonlinearity": "relu"} if cell == "elman-relu" else {}
    module = TORCH[cell](3, 5, batch_first=True, dtype=torch.float64, **options)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    module.load_state_dict(dict(zip(names, vars(weights).values(), strict=True)))
    y, final = recurrence(cell, x, weights, state, lengths, direction=direction, engine="reference")
    for i, length in enumerate(lengths.tolist()):
        if length == 0:
            assert torch.equal(final.hidden[i], state.hidden[i])
            continue
        part = x[i : i + 1, :length]
        before = state.hidden[None, i : i + 1].contiguous()
        hx = before if state.cell is None else (before, state.cell[None, i : i + 1].contiguous())
        out, end = module(part.flip(1) if direction == "reverse" else part, hx)
        out = out.flip(1) if direction == "reverse" else out
        torch.testing.assert_close(y[i, :length], out[0], rtol=1e-10, atol=1e-12)
        assert not y[i, length:].any()
        ends = end if isinstance(end, tuple) else (end,)
        for mine, theirs in zip((final.hidden, final.cell), ends, strict=False):
            torch.testing.assert_close(mine[i], theirs[0, 0], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_of_the_reference(cell):
    x, weights, state, _ = draw(cell, (2, 3, 2, 2), dtype=torch.float64)
    lengths, count = torch.tensor([3, 1]), len(weights.present)

    def outputs(*values: torch.Tensor) -> tuple[torch.Tensor, ...]:
        before = State(*values[1 + count :])
        y, final = recurrence(
            cell, values[0], Weights(*values[1 : 1 + count]), before, lengths, engine="reference"
        )
        return (y, final.hidden) if final.cell is None else (y, final.hidden, final.cell)

    assert torch.autograd.gradcheck(outputs, leaves(x, weights, state))


@pytest.mark.parametrize(("cell", "engine"), RUNS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_padding_is_never_read(engine, cell, direction):
    x, weights, state, _ = draw(cell, (3, 6, 4, 5))
    lengths = torch.tensor([6, 3, 0])
    broken = x.detach().clone()
    broken[1, 3:], broken[2] = torch.nan, torch.inf
    broken.requires_grad_()
    values, grads = run(engine, cell, (x, weights, state, lengths), lengths, direction)
    others, other_grads = run(engine, cell, (broken, weights, state, lengths), lengths, direction)
    for one, other in zip((*values, *grads), (*others, *other_grads), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(("cell", "engine"), RUNS)
def test_no_steps_give_the_state_back(engine, cell):
    _, weights, state, _ = draw(cell, (2, 3, 4, 5))
    y, final = recurrence(cell, torch.zeros(2, 0, 4), weights, state, engine=engine)
    assert y.shape == (2, 0, 5)
    assert torch.equal(final.hidden, state.hidden)


def test_the_default_engine_and_its_names(monkeypatch):
    x, weights, _, _ = draw("gru", (2, 3, 4, 5))
    default = "native" if library() else "torch"
    assert torch.equal(recurrence("gru", x, weights)[0], recurrence("gru", x, weights, engine=default)[0])
    monkeypatch.setenv("TIDEGATE_ENGINE", "reference")
    expected = recurrence("gru", x, weights, engine="reference")[0]
    assert torch.equal(recurrence("gru", x, weights)[0], expected)
    monkeypatch.setenv("TIDEGATE_ENGINE", "cudnn")
    with pytest.raises(ConfigError, match="TIDEGATE_ENGINE"):
        recurrence("gru", x, weights)
    with pytest.raises(ConfigError, match="reference"):
        recurrence("gru", x, weights, engine="tpu")


def test_what_does_not_fit_is_said():
    x, weights, _, _ = draw("gru", (2, 3, 4, 5))
    with pytest.raises(ShapeError, match="do not fit a lstm layer"):
        recurrence("lstm", x, weights)
    with pytest.raises(ShapeError, match="one length a sequence"):
        recurrence("gru", x, weights, lengths=torch.tensor([3]))
    with pytest.raises(ShapeError, match=r"\(B, T, F\)"):
        recurrence("gru", x[0], weights)
    x, weights, _, _ = draw("mingru", (2, 3, 4, 5))
    with pytest.raises(ShapeError, match=r"recurrent \(0, 5\)"):
        recurrence("mingru", x, Weights(weights.input, torch.zeros(10, 5)))
    with pytest.raises(ShapeError, match="a mingru layer has no bias, or one of the input"):
        recurrence("mingru", x, Weights(weights.input, weights.recurrent, None, weights.input_bias))
    with pytest.raises(ConfigError, match=r"mingru, torch\.float32 on cpu"):
        recurrence("mingru", x, weights, engine="native")


def test_every_cell_of_a_network_can_be_run():
    assert IMPLEMENTATIONS.keys() == RECORDS.keys() >= CELLS_OF_NETWORKS.keys()


@pytest.mark.parametrize("engine", [None, "torch", "reference"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_cell_is_a_record_and_a_step(engine, direction, monkeypatch):
    """Nothing else is there of it, and every engine that can be asked for runs it."""
    record = CellRecord("leaky", word="leaky", title="leaky RNN", letter="Q", gates=("hidden",))
    monkeypatch.setitem(RECORDS, "leaky", record)
    leaky = Implementation(lambda x, h, state: State(0.5 * state.hidden + 0.5 * torch.tanh(x + h)))
    monkeypatch.setattr(
        "tidegate.ops.recurrence.registry.IMPLEMENTATIONS", changed := {**IMPLEMENTATIONS, "leaky": leaky}
    )
    for module in ("layer", "native_engine", "torch_engine", "reference"):
        monkeypatch.setattr(f"tidegate.ops.recurrence.{module}.IMPLEMENTATIONS", changed, raising=False)
    x, weights, state, lengths = draw("elman", (3, 5, 2, 4))
    y, final = recurrence("leaky", x, weights, state, lengths, direction=direction, engine=engine)
    assert y.shape == (3, 5, 4)
    first = (
        x[:, 0]
        if direction == "forward"
        else torch.stack([x[b, max(n - 1, 0)] for b, n in enumerate(lengths)])
    )
    sums = (
        first @ weights.input.t()
        + weights.input_bias
        + state.hidden @ weights.recurrent.t()
        + weights.recurrent_bias
    )
    after = 0.5 * state.hidden + 0.5 * torch.tanh(sums)
    for b, length in enumerate(lengths.tolist()):
        expected = after[b] if length else torch.zeros(4)
        torch.testing.assert_close(y[b, 0 if direction == "forward" else max(length - 1, 0)], expected)
    assert torch.equal(final.hidden[lengths == 0], state.hidden[lengths == 0])
