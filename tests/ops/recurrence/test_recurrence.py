"""Every engine against the law, and the law against torch.nn and against finite differences."""

from typing import get_args

import pytest
import torch

from tidegate.errors import ConfigError, ShapeError
from tidegate.ops.native_library import library
from tidegate.ops.recurrence.cells import GATES, OneDirection, RecurrentCell, State, Weights
from tidegate.ops.recurrence.layer import ENGINES, recurrence

CELLS = tuple(GATES)
DIRECTIONS = get_args(OneDirection)
GRID = [(1, 1, 1, 1), (2, 5, 3, 4), (3, 7, 8, 16), (5, 2, 1, 17), (4, 12, 20, 5)]  # B, T, F, H


def draw(cell: RecurrentCell, sizes: tuple[int, int, int, int], *, bias: bool = True, dtype=torch.float32):
    batch, time, features, hidden = sizes
    random = torch.Generator().manual_seed(sum(sizes) + 10 * CELLS.index(cell))

    def leaf(*shape: int, scale: float = 1.0) -> torch.Tensor:
        return (torch.randn(shape, generator=random, dtype=dtype) * scale).requires_grad_()

    rows, scale = len(GATES[cell]) * hidden, hidden**-0.5
    biases = (leaf(rows), leaf(rows)) if bias else ()
    weights = Weights(leaf(rows, features), leaf(rows, hidden, scale=scale), *biases)
    state = State(leaf(batch, hidden), leaf(batch, hidden) if cell == "lstm" else None)
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


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "reference"])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_engines_agree_with_the_law(engine, cell, direction, bias, padded):
    for sizes in GRID:
        drawn = draw(cell, sizes, bias=bias)
        lengths = drawn[3] if padded else None
        values, grads = run(engine, cell, drawn, lengths, direction)
        law_values, law_grads = run("reference", cell, drawn, lengths, direction)
        for value, law in zip(values, law_values, strict=True):
            torch.testing.assert_close(value, law, rtol=1e-5, atol=1e-5)
        for grad, law in zip(grads, law_grads, strict=True):
            torch.testing.assert_close(grad, law, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_law_is_torch(cell, direction):
    """One sequence a time through torch.nn in double precision, so that lengths play no part there."""
    x, weights, state, lengths = draw(cell, (4, 6, 3, 5), dtype=torch.float64)
    classes = {"elman": torch.nn.RNN, "elman-relu": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
    options = {"nonlinearity": "relu"} if cell == "elman-relu" else {}
    module = classes[cell](3, 5, batch_first=True, dtype=torch.float64, **options)
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
def test_gradients_of_the_law(cell):
    x, weights, state, _ = draw(cell, (2, 3, 2, 2), dtype=torch.float64)
    lengths = torch.tensor([3, 1])

    def outputs(*values: torch.Tensor) -> tuple[torch.Tensor, ...]:
        before = State(values[5], values[6] if cell == "lstm" else None)
        y, final = recurrence(cell, values[0], Weights(*values[1:5]), before, lengths, engine="reference")
        return (y, final.hidden) if final.cell is None else (y, final.hidden, final.cell)

    assert torch.autograd.gradcheck(outputs, leaves(x, weights, state))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("cell", CELLS)
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


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("cell", CELLS)
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
    law = recurrence("gru", x, weights, engine="reference")[0]
    assert torch.equal(recurrence("gru", x, weights)[0], law)
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
