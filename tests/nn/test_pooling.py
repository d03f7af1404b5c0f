import pytest
import torch
from torch.nn import functional

from tidegate.errors import ShapeError
from tidegate.network import layers as records
from tidegate.nn.pooling import Pooling


@pytest.mark.parametrize("kind", ["max", "average"])
def test_windows_are_torch(kind):
    x = torch.randn(2, 3, 7, 10)
    y, lengths = Pooling(records.Pooling(kind, (2, 3), (2, 2)))(x, torch.tensor([10, 6]))
    reference = functional.max_pool2d if kind == "max" else functional.avg_pool2d
    assert torch.equal(y, reference(x, (2, 3), (2, 2)))
    assert lengths.tolist() == [4, 2]


@pytest.mark.parametrize(("kind", "wanted"), [("max", [-1.0, -3.0, 0.0]), ("average", [-2.0, -3.0, 0.0])])
def test_a_whole_axis_is_the_true_one(kind, wanted):
    x = torch.tensor([-1.0, -2.0, -3.0]).repeat(3, 1, 1, 1)
    x[1] = torch.tensor([-3.0, 5.0, torch.nan])
    x[2] = torch.inf
    y, lengths = Pooling(records.Pooling(kind, (0, 0), (1, 1)))(x, torch.tensor([3, 1, 0]))
    assert y.flatten().tolist() == wanted
    assert lengths.tolist() == [1, 1, 0]


@pytest.mark.parametrize("kernel", [(0, 1), (0, 2), (2, 0)])
@pytest.mark.parametrize("kind", ["max", "average"])
def test_one_whole_axis(kind, kernel):
    x = torch.randn(2, 3, 4, 6)
    y, _ = Pooling(records.Pooling(kind, kernel, (kernel[0] or 1, kernel[1] or 1)))(x, None)
    size = (kernel[0] or 4, kernel[1] or 6)
    reference = functional.max_pool2d if kind == "max" else functional.avg_pool2d
    torch.testing.assert_close(y, reference(x, size, (kernel[0] or 1, kernel[1] or 1)))


def test_a_window_that_does_not_fit():
    with pytest.raises(ShapeError, match="does not fit"):
        Pooling(records.Pooling("max", (2, 2), (2, 2)))(torch.zeros(1, 1, 4, 1), None)


def test_an_activation_behind_the_largest_of_a_row_has_gradients() -> None:
    layer = Pooling(records.Pooling("max", (0, 0), (1, 1)), activation="relu")
    x = torch.tensor([[[[-1.0, 3.0, 2.0]], [[-2.0, -3.0, -1.0]]]], requires_grad=True)
    y, _ = layer(x * 1.0, torch.tensor([3]))
    y.sum().backward()
    assert y.flatten().tolist() == [3.0, 0.0]
    assert x.grad is not None and x.grad.flatten().tolist() == [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
