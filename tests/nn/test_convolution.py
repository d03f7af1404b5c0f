import pytest
import torch
from torch.nn import functional

from tidegate.network import layers as records
from tidegate.network.shape import ImageShape
from tidegate.nn.convolution import Convolution


def slow(layer: Convolution, x: torch.Tensor) -> torch.Tensor:
    """Sums of products over windows, one after another, in double precision."""
    (ky, kx), (sy, sx), (dy, dx) = layer.spec.kernel, layer.spec.stride, layer.spec.dilation
    rows, columns = dy * (ky - 1), dx * (kx - 1)
    padded = functional.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)).double()
    out = []
    for top in range(0, x.shape[2], sy):
        line = []
        for left in range(0, x.shape[3], sx):
            window = padded[:, :, top : top + rows + 1 : dy, left : left + columns + 1 : dx]
            line.append(torch.einsum("bcyx,kcyx->bk", window, layer.weight.double()) + layer.bias)
        out.append(torch.stack(line, dim=2))
    return torch.stack(out, dim=2)


@pytest.mark.parametrize("kernel", [(3, 3), (1, 1), (2, 4), (5, 2)])
@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
@pytest.mark.parametrize("dilation", [(1, 1), (2, 1)])
def test_convolution_against_its_definition(kernel, stride, dilation):
    torch.manual_seed(0)
    layer = Convolution(2, records.Convolution("linear", kernel, 3, stride, dilation))
    x = torch.randn(2, 2, 7, 10)
    y, lengths = layer(x, None)
    assert lengths is None
    torch.testing.assert_close(y.double(), slow(layer, x), rtol=1e-5, atol=1e-5)
    shape = layer.spec.out_shape(ImageShape(2, 7, 10))
    assert isinstance(shape, ImageShape)
    assert (shape.channels, shape.rows, shape.columns) == tuple(y.shape[1:])


@pytest.mark.parametrize("activation", ["linear", "relu", "tanh", "sigmoid", "softmax"])
def test_activation(activation):
    layer = Convolution(1, records.Convolution(activation, (3, 3), 4))
    plain = Convolution(1, records.Convolution("linear", (3, 3), 4))
    plain.load_state_dict(layer.state_dict())
    x = torch.randn(1, 1, 4, 5)
    values = plain(x, None)[0]
    options = {"dim": 1} if activation == "softmax" else {}
    wanted = values if activation == "linear" else getattr(torch, activation)(values, **options)
    torch.testing.assert_close(layer(x, None)[0], wanted)


def test_the_caller_keeps_what_was_given():
    x = torch.randn(2, 1, 4, 5)
    before = x.clone()
    Convolution(1, records.Convolution("relu", (3, 3), 4))(x, torch.tensor([5, 2]))
    assert torch.equal(x, before)
