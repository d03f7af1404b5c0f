import pytest
import torch

from tidegate.ops.lengths import clear, last, mask, reverse, shortened

LENGTHS = torch.tensor([4, 0, 2])


def test_mask_counts_to_each_length():
    assert mask(LENGTHS, 4).sum(dim=1).tolist() == LENGTHS.tolist()


def test_reverse_is_its_own_inverse_and_leaves_padding():
    x = torch.randn(3, 4, 5)
    turned = reverse(x, LENGTHS)
    assert torch.equal(reverse(turned, LENGTHS), x)
    assert torch.equal(turned[2], torch.stack([x[2, 1], x[2, 0], x[2, 2], x[2, 3]]))
    assert torch.equal(reverse(x, None), x.flip(1))


def test_last_of_nothing_is_what_was_asked_for():
    x, otherwise = torch.randn(3, 4, 5), torch.randn(3, 5)
    assert torch.equal(last(x, LENGTHS, otherwise), torch.stack([x[0, 3], otherwise[1], x[2, 1]]))
    assert torch.equal(last(x[:, :0], LENGTHS, otherwise), otherwise)


@pytest.mark.parametrize("form", ["image", "channels last", "sequence"])
def test_clear_zeroes_even_what_is_no_number(form: str):
    x = torch.randn(3, 2, 5, 4) if form != "sequence" else torch.randn(3, 4, 5)
    if form == "channels last":
        x = x.contiguous(memory_format=torch.channels_last)
    true = mask(LENGTHS, 4)[:, None, None] if x.dim() == 4 else mask(LENGTHS, 4)[:, :, None]
    broken = x.clone().masked_fill_(~true, torch.nan).requires_grad_()
    y = clear(broken, LENGTHS)
    y.backward(torch.ones_like(y))
    assert torch.equal(y, torch.where(true, x, 0.0))
    assert broken.grad is not None
    assert torch.equal(broken.grad, true.expand_as(x).float())
    assert y.stride() == x.stride()


def test_clear_copies_nothing_if_all_are_full():
    x = torch.randn(3, 4, 5)
    assert clear(x, torch.tensor([4, 4, 5])) is x
    assert clear(x[0], LENGTHS) is not None
    assert shortened(torch.tensor([4, 3]), 4) is not None


def test_gradient_of_clear():
    x = torch.randn(3, 4, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda t: clear(t, LENGTHS), (x,))
    assert torch.autograd.gradgradcheck(lambda t: clear(t, LENGTHS), (x,))
