import pytest
import torch
from torch import nn

from tidegate.nn.recurrent import Recurrent

TORCH = {"elman": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


@pytest.mark.parametrize("cell", TORCH)
@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_weights_and_results_are_torchs(cell, both, layers):
    law = TORCH[cell](3, 4, num_layers=layers, bidirectional=both, batch_first=True)
    layer = Recurrent(cell, 3, 4, "both" if both else "forward", layers=layers)
    layer.load_state_dict(law.state_dict())
    law.load_state_dict(layer.state_dict())
    x = torch.randn(2, 5, 3)
    torch.testing.assert_close(layer(x, None)[0], law(x)[0])


@pytest.mark.parametrize("cell", TORCH)
def test_a_summary_is_what_each_direction_ends_with(cell):
    layer = Recurrent(cell, 3, 4, "both")
    summary = Recurrent(cell, 3, 4, "both", summarise=True)
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
    layer = Recurrent("gru", 3, 4, direction, axis=axis, summarise=summarise)
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
    both = Recurrent("lstm", 3, 4, "both")
    reverse = Recurrent("lstm", 3, 4, "reverse")
    reverse.load_state_dict(
        {name: value for name, value in both.state_dict().items() if name.endswith("_reverse")}
    )
    x, lengths = torch.randn(2, 5, 3), torch.tensor([5, 2])
    torch.testing.assert_close(reverse(x, lengths)[0], both(x, lengths)[0][:, :, 4:])
