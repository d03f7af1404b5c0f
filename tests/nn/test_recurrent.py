import pytest
import torch
from torch import nn

from tidegate.network.layers import Recurrence
from tidegate.nn.recurrent import Recurrent

TORCH = {"elman": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def recurrent(cell, direction="both", *, axis="x", summarise=False, layers=1, dropout=0.0):
    """Three features in, four units a direction."""
    return Recurrent(3, Recurrence(cell, direction, axis, 4, summarise), layers=layers, dropout=dropout)


@pytest.mark.parametrize("cell", TORCH)
@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_weights_and_results_are_torchs(cell, both, layers):
    reference = TORCH[cell](3, 4, num_layers=layers, bidirectional=both, batch_first=True)
    layer = recurrent(cell, "both" if both else "forward", layers=layers)
    layer.load_state_dict(reference.state_dict())
    reference.load_state_dict(layer.state_dict())
    x = torch.randn(2, 5, 3)
    torch.testing.assert_close(layer(x, None)[0], reference(x)[0])


@pytest.mark.parametrize("cell", TORCH)
def test_a_summary_is_what_each_direction_ends_with(cell):
    layer = recurrent(cell)
    summary = recurrent(cell, summarise=True)
    summary.load_state_dict(layer.state_dict())
    x, lengths = torch.randn(2, 5, 3), torch.tensor([5, 3])
    y, _ = layer(x, lengths)
    vector, left = summary(x, lengths)
    assert left is None
    torch.testing.assert_close(vector[:, :4], y[[0, 1], [4, 2], :4])
    torch.testing.assert_close(vector[:, 4:], y[:, 0, 4:])


@pytest.mark.parametrize("axis", ["x", "y"])
@pytest.mark.parametrize("direction", ["forward", "reverse", "both"])
@pytest.mark.parametrize("summarise", [True, False])
def test_images_are_rows_or_columns(axis, direction, summarise):
    layer = recurrent("gru", direction, axis=axis, summarise=summarise)
    image, lengths = torch.randn(2, 3, 5, 6), torch.tensor([6, 4])
    y, left = layer(image, lengths)
    for sample, length in enumerate(lengths.tolist()):
        for line in range(5 if axis == "x" else length):
            sequence = image[sample, :, line, :length] if axis == "x" else image[sample, :, :, line]
            wanted = layer(sequence.t()[None], None)[0][0]
            if summarise:
                got = y[sample, :, line, 0] if axis == "x" else y[sample, :, 0, line]
            else:
                got = y[sample, :, line, :length].t() if axis == "x" else y[sample, :, :, line].t()
            torch.testing.assert_close(got, wanted)
    assert left.tolist() == ([1, 1] if summarise and axis == "x" else [6, 4])


def test_one_direction_is_half_of_both():
    both = recurrent("lstm")
    reverse = recurrent("lstm", "reverse")
    reverse.load_state_dict(
        {name: value for name, value in both.state_dict().items() if name.endswith("_reverse")}
    )
    x, lengths = torch.randn(2, 5, 3), torch.tensor([5, 2])
    torch.testing.assert_close(reverse(x, lengths)[0], both(x, lengths)[0][:, :, 4:])


def test_dropout_stands_between_layers_in_training_only():
    torch.manual_seed(0)
    x = torch.randn(2, 5, 3)
    for layers in (1, 2):
        layer = recurrent("gru", layers=layers, dropout=0.5)
        first, second = layer(x, None)[0], layer(x, None)[0]
        assert torch.equal(first, second) == (layers == 1)
        layer.eval()
        whole = recurrent("gru", layers=layers)
        whole.load_state_dict(layer.state_dict())
        assert torch.equal(layer(x, None)[0], whole(x, None)[0])
