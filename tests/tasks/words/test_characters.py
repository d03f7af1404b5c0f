"""Reading words letter by letter: against plain copies, and blind to what stands beyond a word's end."""

from __future__ import annotations

from typing import get_args

import pytest
import torch
from torch import nn

from tidegate.config.word_features import CharacterEncoder
from tidegate.tasks.words.characters import Characters

KINDS = [kind for kind in get_args(CharacterEncoder) if kind != "none"]
TORCH = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
every_kind = pytest.mark.parametrize("kind", KINDS)


def reader(kind: CharacterEncoder) -> Characters:
    torch.manual_seed(1)
    return Characters(kind, symbols=9, embedding=5, hidden=4).eval()


@every_kind
def test_what_stands_beyond_a_word_is_not_seen(kind: CharacterEncoder) -> None:
    read = reader(kind)
    lengths = torch.tensor([3, 6, 1, 5])
    words = torch.randint(1, 9, (4, 6), generator=torch.Generator().manual_seed(0))
    inside = torch.arange(6) < lengths[:, None]
    garbage = torch.where(inside, words, torch.randint(1, 9, (4, 6)))
    wide = torch.cat([torch.where(inside, words, 0), torch.full((4, 3), 7)], dim=1)
    expected = read(torch.where(inside, words, 0), lengths)
    assert expected.shape == (4, read.features)
    torch.testing.assert_close(read(garbage, lengths), expected)
    torch.testing.assert_close(read(wide, lengths), expected)
    for row in range(4):
        alone = read(words[row : row + 1, : lengths[row]], lengths[row : row + 1])
        torch.testing.assert_close(alone[0], expected[row])


@every_kind
def test_no_gradient_comes_from_beyond(kind: CharacterEncoder) -> None:
    read = reader(kind)
    read(torch.tensor([[1, 2, 8, 8]]), torch.tensor([2])).sum().backward()
    gradient = read.embedding.weight.grad
    assert gradient is not None
    assert torch.count_nonzero(gradient[8]) == 0 and torch.count_nonzero(gradient[[1, 2]]) > 0


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", TORCH)
def test_recurrent_readers_end_as_torchs_do(cell: str, both: bool) -> None:
    read = reader(("bi" if both else "") + cell)  # type: ignore[arg-type]
    assert read.recurrent is not None and read.convolution is None
    torchs = TORCH[cell](5, 4, batch_first=True, bidirectional=both)
    torchs.load_state_dict(read.recurrent.state_dict())
    words = torch.tensor([[4, 2, 7, 1]])
    final = torchs(read.embedding(words))[1]
    final = final[0] if isinstance(final, tuple) else final
    torch.testing.assert_close(read(words, torch.tensor([4])), final.transpose(0, 1).flatten(1))


def test_a_convolution_is_the_greatest_of_its_filters_over_the_word() -> None:
    read = reader("cnn")
    assert read.convolution is not None
    word = [3, 5, 8]
    letters = torch.zeros(5, 5)
    letters[1:4] = read.embedding.weight[word]
    filters, bias = read.convolution.weight, read.convolution.bias
    assert bias is not None
    values = [(filters * letters[place : place + 3].t()).sum(dim=(1, 2)) + bias for place in range(len(word))]
    expected = torch.stack(values).amax(dim=0).clamp(min=0)
    torch.testing.assert_close(read(torch.tensor([word]), torch.tensor([3]))[0], expected)


@every_kind
def test_the_order_of_letters_counts(kind: CharacterEncoder) -> None:
    read = reader(kind)
    y = read(torch.tensor([[1, 2, 3, 4], [4, 3, 2, 1]]), torch.tensor([4, 4]))
    assert float((y[0] - y[1]).detach().abs().max()) > 1e-3
