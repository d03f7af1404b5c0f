import pytest
import torch

from tidegate.network import layers as records
from tidegate.nn.dropout import Dropout


@pytest.mark.parametrize("kind", ["plain", "locked", "channel"])
@pytest.mark.parametrize("shape", [(4, 100, 5, 6), (4, 30, 100), (4, 3000)])
def test_dropped_and_scaled(kind, shape):
    torch.manual_seed(0)
    layer = Dropout(records.Dropout(0.25, kind))
    x = torch.ones(shape)
    y, _ = layer(x, None)
    assert y.unique().tolist() == pytest.approx([0, 4 / 3])
    assert (y == 0).float().mean().item() == pytest.approx(0.25, abs=0.06)
    assert torch.equal(layer.eval()(x, None)[0], x)


@pytest.mark.parametrize("kind", ["locked", "channel"])
def test_whole_features_are_dropped(kind):
    layer = Dropout(records.Dropout(0.5, kind))
    image, _ = layer(torch.ones(3, 20, 4, 5), None)
    assert torch.equal(image, image[:, :, :1, :1].expand_as(image))
    sequence, _ = layer(torch.ones(3, 7, 20), None)
    assert torch.equal(sequence, sequence[:, :1].expand_as(sequence))
    assert 0 < (sequence == 0).float().mean().item() < 1
