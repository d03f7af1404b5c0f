import pytest
import torch
from torch import nn

from tidegate.errors import TrainingError
from tidegate.nn.normalisation import BatchNorm, GroupNorm

LENGTHS = torch.tensor([9, 4, 0, 7])


def batch(form: str, dtype=torch.float32) -> torch.Tensor:
    random = torch.Generator().manual_seed(0)
    x = torch.randn(4, 6, 3, 9, generator=random, dtype=dtype) * 2 + 5
    x += torch.arange(6, dtype=dtype)[:, None, None] * 100  # large means must cost no digits
    return x.contiguous(memory_format=torch.channels_last) if form == "channels last" else x


def laid_end_to_end(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """True positions only: ``(N, C)``."""
    return torch.cat([sample[:, :, :n].flatten(1).t() for sample, n in zip(x, lengths.tolist(), strict=True)])


@pytest.mark.parametrize("form", ["usual", "channels last"])
@pytest.mark.parametrize(
    "lengths", [LENGTHS, torch.tensor([9, 9, 9, 9]), None], ids=["padded", "full", "none"]
)
def test_training_is_torch_on_true_positions(form, lengths):
    """Outputs, gradients and running statistics are torch.nn.BatchNorm1d's in double precision, without padding."""
    x = batch(form).requires_grad_()
    true = torch.full((4,), 9) if lengths is None else lengths
    flat = laid_end_to_end(x.detach(), true).double().requires_grad_()
    ours, reference = BatchNorm(6), nn.BatchNorm1d(6, dtype=torch.float64)
    with torch.no_grad():
        ours.weight.copy_(torch.linspace(0.5, 2, 6))
        ours.bias.copy_(torch.linspace(-1, 1, 6))
    reference.load_state_dict(ours.state_dict())
    y, _ = ours(x, lengths)
    wanted = reference(flat)
    torch.testing.assert_close(laid_end_to_end(y, true).double(), wanted, rtol=1e-4, atol=1e-4)

    weight = torch.randn(wanted.shape, generator=torch.Generator().manual_seed(1))
    (laid_end_to_end(y, true) * weight).sum().backward()
    (wanted * weight).sum().backward()
    assert x.grad is not None and flat.grad is not None
    torch.testing.assert_close(laid_end_to_end(x.grad, true).double(), flat.grad, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(ours.weight.grad.double(), reference.weight.grad, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(ours.bias.grad.double(), reference.bias.grad, rtol=1e-4, atol=1e-4)
    for name, value in ours.state_dict().items():
        torch.testing.assert_close(
            value.double(), reference.state_dict()[name].double(), rtol=1e-5, atol=1e-5
        )


def test_gradcheck():
    layer = BatchNorm(6).double()
    x = batch("usual", torch.float64)[:, :, :2, :4].clone().requires_grad_()
    lengths = torch.tensor([4, 2, 0, 3])

    def loss(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        y = torch.func.functional_call(layer, {"weight": weight, "bias": bias}, (x, lengths))[0]
        return laid_end_to_end(y, lengths)

    assert torch.autograd.gradcheck(loss, (x, *layer.parameters()))


def test_statistics_lose_no_digits_to_plain_summation():
    x = (torch.randn(8, 4, 20, 300, generator=torch.Generator().manual_seed(0)) + 3).contiguous(
        memory_format=torch.channels_last
    )
    y, _ = BatchNorm(4)(x, None)
    exact = x.double()
    wanted = (exact - exact.mean((0, 2, 3), keepdim=True)) / (
        exact.var((0, 2, 3), correction=0, keepdim=True) + 1e-5
    ).sqrt()
    torch.testing.assert_close(y.double(), wanted, rtol=0, atol=4e-6)


def test_evaluation_uses_running_statistics():
    layer = BatchNorm(6)
    for _ in range(3):
        layer(batch("usual"), LENGTHS)
    reference = nn.BatchNorm2d(6)
    reference.load_state_dict(layer.state_dict())
    x = batch("usual")
    torch.testing.assert_close(layer.eval()(x, LENGTHS)[0], reference.eval()(x))


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_sequences_and_vectors(activation):
    x = torch.randn(3, 5, 6)
    wanted = nn.BatchNorm1d(6)(x.transpose(1, 2)).transpose(1, 2)
    torch.testing.assert_close(BatchNorm(6, activation)(x, None)[0], getattr(torch, activation)(wanted))
    torch.testing.assert_close(BatchNorm(6)(x[:, 0], None)[0], nn.BatchNorm1d(6)(x[:, 0]))


def test_one_position_has_no_variance():
    with pytest.raises(TrainingError, match="two positions"):
        BatchNorm(6)(torch.randn(1, 6), None)


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_group_norm_is_torch_sample_by_sample(groups):
    x = batch("usual", torch.float64)
    layer = GroupNorm(6, groups).double()
    reference = nn.GroupNorm(groups, 6, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.linspace(0.5, 2, 6))
    reference.load_state_dict(layer.state_dict())
    y, _ = layer(x, LENGTHS)
    for sample, out, length in zip(x, y, LENGTHS.tolist(), strict=True):
        if length:
            torch.testing.assert_close(
                out[:, :, :length], reference(sample[None, :, :, :length])[0], rtol=1e-6, atol=1e-6
            )
    torch.testing.assert_close(layer(x, None)[0], reference(x))
