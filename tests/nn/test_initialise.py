import pytest
import torch

from tidegate.config.tables import InitialiseSpec
from tidegate.network import layers as records
from tidegate.network.cells import CELLS
from tidegate.nn.convolution import Convolution
from tidegate.nn.dropin import LSTM
from tidegate.nn.initialise import initialise
from tidegate.nn.linear import Dense, Output
from tidegate.nn.recurrent import Recurrent


def started(module: torch.nn.Module, seed: int = 0, **options) -> torch.nn.Module:
    initialise(module, InitialiseSpec(**options), torch.Generator().manual_seed(seed))
    return module


@pytest.mark.parametrize(
    ("activation", "scheme", "variance"),
    [
        ("relu", "auto", 2 / 288),
        ("tanh", "auto", 2 / (288 + 576)),
        ("relu", "xavier", 2 / (288 + 576)),
        ("tanh", "he", 2 / 288),
    ],
)
def test_variance_of_convolutions(activation, scheme, variance):
    layer = started(Convolution(32, records.Convolution(activation, (3, 3), 64)), scheme=scheme)
    assert layer.weight.var().item() == pytest.approx(variance, rel=0.05)
    assert abs(layer.weight.mean().item()) < 0.1 * variance**0.5
    assert not layer.bias.any()


def test_variance_of_dense_and_output():
    assert started(Dense(400, records.Dense("relu", 200))).weight.var().item() == pytest.approx(
        2 / 400, rel=0.05
    )
    head = started(Output(400, records.Output(0, "softmax", 200)))
    assert head.weight.var().item() == pytest.approx(2 / 600, rel=0.05)


@pytest.mark.parametrize("cell", [name for name, cell in CELLS.items() if cell.reads_state])
def test_recurrent_matrices_are_orthogonal_gate_by_gate(cell):
    layer = started(Recurrent(64, records.Recurrence(cell, "both", "x", 48)))
    for name, weight in layer.named_parameters():
        if "weight_hh" in name:
            for block in weight.split(48):
                torch.testing.assert_close(block @ block.t(), torch.eye(48), rtol=0, atol=1e-5)
        if "weight_ih" in name:
            assert weight.var().item() == pytest.approx(2 / (64 + 48), rel=0.1)
    plain = started(
        Recurrent(64, records.Recurrence(cell, "forward", "x", 48)), orthogonal=False
    ).weight_hh_l0[:48]
    assert not torch.allclose(plain @ plain.t(), torch.eye(48), atol=0.05)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Recurrent(3, records.Recurrence("lstm", "both", "x", 4)),
        lambda: LSTM(3, 4, bidirectional=True),
    ],
)
def test_forget_bias_is_the_total(make):
    layer = started(make(), forget_bias=1.5)
    for end in ("l0", "l0_reverse"):
        total = getattr(layer, f"bias_ih_{end}") + getattr(layer, f"bias_hh_{end}")
        assert total.tolist() == [0.0] * 4 + [1.5] * 4 + [0.0] * 8


@pytest.mark.parametrize("cell", [name for name, cell in CELLS.items() if cell.keeps or cell.writes])
def test_memory_keeps_a_state_for_its_number_of_steps(cell):
    """On an input of zeros, what a state falls to in a step is 1 - 1 / (1 + its time scale)."""
    layer = started(Recurrent(3, records.Recurrence(cell, "forward", "x", 500)), memory=100)
    ones = [torch.ones(1, 1, 500) for _ in range(layer.carried)]
    nothing = [torch.zeros(1, 1, 500) for _ in range(layer.carried)]
    with torch.no_grad():
        layer.weight_ih_l0.zero_()
        if CELLS[cell].reads_state:
            layer.weight_hh_l0.zero_()
        x = torch.zeros(1, 1, 3)
        kept = layer.stream(x, ones)[1][-1] - layer.stream(x, nothing)[1][-1]
    scales = kept / (1 - kept)
    assert 1 <= scales.min() < 5
    assert 90 < scales.max() < 100.1


def test_only_the_generator_decides():
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(int(torch.randint(1000, ()).item()))
        return torch.cat(
            [
                value.flatten()
                for value in started(
                    Recurrent(3, records.Recurrence("gru", "forward", "x", 4)), seed
                ).parameters()
            ]
        )

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))
