"""tidegate.nn.dropin against torch.nn: the same constructor, weights and results."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from tidegate.errors import ShapeError
from tidegate.nn import dropin

KINDS = {
    "LSTM": {},
    "GRU": {},
    "RNN": {},
    "RNN relu": {"nonlinearity": "relu"},
}


def pair(kind: str, **options):
    name = kind.split()[0]
    options = {**KINDS[kind], **options}
    torch.manual_seed(0)
    reference = getattr(nn, name)(3, 5, **options)
    ours = getattr(dropin, name)(3, 5, **options)
    ours.load_state_dict(reference.state_dict())
    reference.load_state_dict(ours.state_dict())
    return ours, reference


def flat(result) -> list[torch.Tensor]:
    if isinstance(result, torch.Tensor):
        return [result]
    if isinstance(result, PackedSequence):
        return [part for part in result if part is not None]
    return [part for one in result for part in flat(one)]


def hidden(reference: nn.RNNBase, batch: int | None):
    number = reference.num_layers * (2 if reference.bidirectional else 1)
    shape = (number, 5) if batch is None else (number, batch, 5)
    one = torch.randn(shape, generator=torch.Generator().manual_seed(7))
    return (one, one + 1) if isinstance(reference, nn.LSTM) else one


def assert_same(ours: nn.RNNBase, reference: nn.RNNBase, x, hx=None):
    """Results, and the gradients of the weights."""
    results = [module(x, hx) for module in (ours, reference)]
    for mine, theirs in zip(*map(flat, results), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-5, atol=1e-5)
    for module, result in zip((ours, reference), results, strict=True):
        module.zero_grad()
        sum((part.sin() if part.is_floating_point() else part).sum() for part in flat(result)).backward()
    for mine, theirs in zip(ours.parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}, {"bias": False}], ids=str)
@pytest.mark.parametrize("batch_first", [True, False])
def test_every_form_of_input(kind, options, batch_first):
    ours, reference = pair(kind, batch_first=batch_first, **options)
    x = torch.randn(4, 6, 3) if batch_first else torch.randn(6, 4, 3)
    assert_same(ours, reference, x)
    assert_same(ours, reference, x, hidden(reference, 4))
    assert_same(ours, reference, x[0], hidden(reference, None))
    for lengths, ordered in (([6, 5, 2, 1], True), ([2, 6, 1, 5], False)):
        packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first, enforce_sorted=ordered)
        assert_same(ours, reference, packed)
        assert_same(ours, reference, packed, hidden(reference, 4))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_first", [True, False])
def test_lengths_are_packing_without_packing(kind, batch_first):
    ours, reference = pair(kind, bidirectional=True, batch_first=batch_first)
    x, lengths = torch.randn(4, 6, 3), torch.tensor([2, 6, 1, 5])
    if not batch_first:
        x = x.transpose(0, 1)
    y, final = ours(x, lengths=lengths)
    packed, wanted = reference(pack_padded_sequence(x, lengths, batch_first, enforce_sorted=False))
    torch.testing.assert_close(
        y, pad_packed_sequence(packed, batch_first, total_length=6)[0], rtol=1e-5, atol=1e-5
    )
    for mine, theirs in zip(flat(final), flat(wanted), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")
def test_projections_take_torchs_own_path():
    ours, reference = pair("LSTM", proj_size=2, batch_first=True)
    x = torch.randn(2, 4, 3)
    torch.testing.assert_close(ours(x)[0], reference(x)[0])
    y, _ = ours(x, lengths=torch.tensor([4, 2]))
    torch.testing.assert_close(y[1, :2], reference(x[1:, :2])[0][0])
    assert not y[1, 2:].any()


def test_dropout_falls_between_layers_and_in_training_only():
    ours, reference = pair("GRU", num_layers=2, dropout=0.5)
    x = torch.randn(5, 2, 3)
    torch.testing.assert_close(ours.eval()(x)[0], reference.eval()(x)[0])
    ours.train()
    assert not torch.equal(ours(x)[0], ours(x)[0])


def test_wrong_sizes_are_refused_as_torch_does():
    ours, _ = pair("LSTM")
    with pytest.raises(RuntimeError, match="input_size"):
        ours(torch.randn(4, 2, 4))
    with pytest.raises(RuntimeError, match="Expected hidden"):
        ours(torch.randn(4, 2, 3), (torch.zeros(1, 3, 5), torch.zeros(1, 3, 5)))
    packed = pack_padded_sequence(torch.randn(4, 2, 3), torch.tensor([4, 2]))
    with pytest.raises(ShapeError, match="its own lengths"):
        ours(packed, lengths=torch.tensor([4, 2]))
