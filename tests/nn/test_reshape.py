import pytest
import torch

from tidegate.errors import ShapeError
from tidegate.network import layers as records
from tidegate.network.shape import ImageShape
from tidegate.nn.reshape import Reshape

X = torch.arange(2 * 3 * 4 * 6, dtype=torch.float32).view(2, 3, 4, 6)


def test_the_two_folds():
    y, lengths = Reshape(records.Reshape(1, 1, 0, 1, 3))(X, torch.tensor([6, 2]))
    assert torch.equal(y, X.permute(0, 3, 1, 2).reshape(2, 6, 12))
    assert lengths.tolist() == [6, 2]
    y, lengths = Reshape(records.Reshape(2, 1, 0, 2, 3))(X, None)
    assert torch.equal(y, X.permute(0, 2, 1, 3).reshape(2, 4, 18))
    assert lengths is None


def test_the_fold_along_y_clears_padding():
    y, lengths = Reshape(records.Reshape(2, 1, 0, 2, 3))(X, torch.tensor([6, 2]))
    assert lengths is None
    assert not y.view(2, 4, 3, 6)[1, :, :, 2:].any()


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("target", [1, 2, 3])
@pytest.mark.parametrize("high_moves", [True, False])
def test_every_split_value_by_value(dimension, target, high_moves):
    """Element by element: the part that moves becomes the faster index of the axis that it goes to."""
    if dimension == target:
        return
    high, low = {1: (2, 2), 2: (3, 2), 3: (3, 1)}[dimension]
    spec = records.Reshape(
        dimension, high, low, target if high_moves else dimension, dimension if high_moves else target
    )
    moves, stays = (high, low) if high_moves else (low, high)
    y = Reshape(spec)._move(X)  # pyright: ignore[reportPrivateUsage]
    sizes = dict(zip((3, 1, 2), X.shape[1:], strict=True))
    for c, r, k in torch.cartesian_prod(*(torch.arange(n) for n in X.shape[1:])).tolist():
        at = {3: c, 1: r, 2: k}
        upper, lower = divmod(at[dimension], low)
        moving, staying = (upper, lower) if high_moves else (lower, upper)
        at[target] = at[target] * moves + moving
        at[dimension] = staying
        assert torch.equal(y[:, at[3], at[1], at[2]], X[:, c, r, k])
    sizes[dimension], sizes[target] = stays, sizes[target] * moves
    assert y.shape[1:] == (sizes[3], sizes[1], sizes[2])


def test_what_does_not_divide():
    with pytest.raises(ShapeError):
        records.Reshape(1, 3, 0, 1, 3).out_shape(ImageShape(3, 4, 6))
