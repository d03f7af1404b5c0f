"""The drop-in layers as modules: what is frozen, copied, saved, changed in kind; and input that lies oddly in memory."""

from __future__ import annotations

import copy
import io

import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from tidegate.nn import dropin
from tidegate.ops.native_library import library
from tidegate.ops.recurrence.layer import ENGINES

KINDS = ("LSTM", "GRU", "RNN")


def pair(kind: str, **options):
    torch.manual_seed(0)
    options = {"batch_first": True, "bidirectional": True, **options}
    ours, reference = (getattr(room, kind)(4, 7, **options) for room in (dropin, nn))
    ours.load_state_dict(reference.state_dict())
    return ours, reference


def near(one, other):
    torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


@pytest.fixture
def native_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Cells that ran natively."""
    calls, run = list[str](), ENGINES["native"]

    def watched(cell, *rest, **options):
        calls.append(cell)
        return run(cell, *rest, **options)

    monkeypatch.setitem(ENGINES, "native", watched)
    return calls


FORMS = {
    "every second step": lambda: torch.randn(3, 12, 4)[:, ::2],
    "every second feature": lambda: torch.randn(3, 6, 8)[..., ::2],
    "part of a wider one": lambda: torch.randn(3, 6, 9)[..., 2:6],
    "time first": lambda: torch.randn(6, 3, 4).transpose(0, 1),
    "features first": lambda: torch.randn(3, 4, 6).transpose(1, 2),
    "one step again and again": lambda: torch.randn(3, 1, 4).expand(3, 6, 4),
    "one sequence again and again": lambda: torch.randn(1, 6, 4).expand(3, 6, 4),
    "one number again and again": lambda: torch.randn(()).expand(3, 6, 4),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_first", [True, False])
def test_input_lies_in_memory_as_it_likes(kind, form, batch_first):
    ours, reference = pair(kind, batch_first=batch_first)
    x = FORMS[form]().requires_grad_()
    grads = []
    for layer in (ours, reference):
        y, _ = layer(x if batch_first else x.transpose(0, 1))
        grads.append((y, *torch.autograd.grad(y.sin().sum(), [x, *layer.parameters()])))
    for one, other in zip(*grads, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("form", ["expanded", "transposed", "columns"])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_that_arrive_lie_in_memory_as_they_like(kind, form):
    ours, reference = pair(kind)
    x = torch.randn(3, 6, 4).requires_grad_()
    arriving = {
        "expanded": torch.randn(1, 1, 14).expand(3, 6, 14),
        "transposed": torch.randn(14, 6, 3).permute(2, 1, 0),
        "columns": torch.randn(3, 6, 28)[..., ::2],
    }[form]
    near(*(torch.autograd.grad(layer(x)[0], x, arriving)[0] for layer in (ours, reference)))


WANTED = {
    "x": lambda name: name == "x",
    "weights": lambda name: name.startswith(("weight", "bias")),
    "first state": lambda name: name.startswith("first"),
    "one bias": lambda name: name == "bias_ih_l0_reverse",
    "recurrent weights": lambda name: name.startswith("weight_hh"),
    "one of two states": lambda name: name == "first 0",
    "nothing": lambda name: False,
}


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_what_is_asked_for(kind, wanted):
    results = []
    for layer in pair(kind):
        torch.manual_seed(1)
        x = torch.randn(3, 6, 4)
        state = [torch.randn(2, 3, 7) for _ in range(2 if kind == "LSTM" else 1)]
        leaves = {
            "x": x,
            **{f"first {i}": one for i, one in enumerate(state)},
            **dict(layer.named_parameters()),
        }
        for name, one in leaves.items():
            one.requires_grad_(WANTED[wanted](name))
        y, final = layer(x, tuple(state) if kind == "LSTM" else state[0])
        ends = final if isinstance(final, tuple) else (final,)
        loss = y.sin().sum() + sum(one.sum() for one in ends)
        assert loss.requires_grad == (wanted != "nothing")
        if loss.requires_grad:
            loss.backward()
        results.append({name: one.grad for name, one in leaves.items()})
    assert results[0].keys() == results[1].keys()
    for name, grad in results[0].items():
        if results[1][name] is None:
            assert grad is None, name
        else:
            torch.testing.assert_close(grad, results[1][name], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_gradient_of_the_final_state_alone(kind):
    ours, reference = pair(kind)
    x = torch.randn(3, 6, 4).requires_grad_()
    for which in range(2 if kind == "LSTM" else 1):
        ends = [layer(x)[1] for layer in (ours, reference)]
        near(*(torch.autograd.grad((e[which] if isinstance(e, tuple) else e).sum(), x)[0] for e in ends))


@pytest.mark.parametrize("kind", KINDS)
def test_copies_and_files(kind):
    ours, reference = pair(kind, num_layers=2)
    ours.recompute = True
    x = torch.randn(3, 6, 4)
    y = ours(x)[0]
    file = io.BytesIO()
    torch.save(ours, file)
    file.seek(0)
    for other in (copy.deepcopy(ours), torch.load(file, weights_only=False)):
        assert type(other) is type(ours)
        assert other.recompute
        assert torch.equal(other(x)[0], y)
        with torch.no_grad():
            other.weight_hh_l0.mul_(2)
        assert torch.equal(ours(x)[0], y)
    assert list(ours.state_dict()) == list(reference.state_dict())
    reference.load_state_dict(ours.state_dict())
    near(reference(x)[0], y)


@pytest.mark.parametrize("kind", KINDS)
def test_other_numbers_and_devices_take_torchs_path(kind, native_calls):
    ours, reference = pair(kind)
    x = torch.randn(3, 6, 4)
    assert torch.equal(copy.deepcopy(ours).double()(x.double())[0], reference.double()(x.double())[0])
    assert ours.to("meta")(x.to("meta"))[0].shape == (3, 6, 14)
    assert not native_calls


@pytest.mark.skipif(library() is None, reason="no native library")
@pytest.mark.parametrize("kind", KINDS)
def test_autocast_takes_torchs_path_and_its_end_ours(kind, native_calls):
    ours, reference = pair(kind)
    x = torch.randn(3, 6, 4)
    with torch.autocast("cpu", torch.bfloat16):
        y, other = ours(x)[0], reference(x)[0]
    assert y.dtype == other.dtype
    assert torch.equal(y, other)
    assert not native_calls
    ours(x)
    assert len(native_calls) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_weights_in_the_place_of_weights(kind):
    """``functional_call``, as of ensembles and meta-learning."""
    ours, reference = pair(kind)
    others = {name: one.detach() * 2 for name, one in reference.named_parameters()}
    x = torch.randn(3, 6, 4)
    near(*(torch.func.functional_call(layer, others, (x,))[0] for layer in (ours, reference)))


@pytest.mark.parametrize("kind", KINDS)
def test_pruned_weights(kind):
    """torch's pruning takes the parameter away and sets a plain tensor in its place."""
    ours, reference = pair(kind)
    for layer in (ours, reference):
        prune.l1_unstructured(layer, "weight_hh_l0", amount=0.5)
    x = torch.randn(3, 6, 4)
    near(ours(x)[0], reference(x)[0])


@pytest.mark.parametrize("kind", KINDS)
def test_normed_weights(kind):
    """A reparametrised weight is computed anew at every call."""
    ours, _ = pair(kind)
    x = torch.randn(3, 6, 4)
    y = ours(x)[0]
    torch.nn.utils.parametrizations.weight_norm(ours, "weight_hh_l0")
    near(ours(x)[0], y)
    with torch.no_grad():
        ours.parametrizations.weight_hh_l0.original0.mul_(2)
        assert not torch.allclose(ours(x)[0], y)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_of_another_type_is_refused_as_torch_does(kind):
    ours, reference = pair(kind)
    state = torch.zeros(2, 3, 7, dtype=torch.float64)
    x = torch.randn(3, 6, 4)
    for given in (x, nn.utils.rnn.pack_padded_sequence(x, torch.tensor([6, 2, 1]), batch_first=True)):
        for layer in (ours, reference):
            with pytest.raises((RuntimeError, ValueError)):
                layer(given, (state, state) if kind == "LSTM" else state)


@pytest.mark.parametrize("dtype", [torch.int32, torch.int16, torch.uint8])
def test_lengths_of_other_whole_numbers(dtype):
    ours, _ = pair("GRU")
    x, lengths = torch.randn(3, 6, 4), torch.tensor([6, 2, 0])
    assert torch.equal(ours(x, lengths=lengths.to(dtype))[0], ours(x, lengths=lengths)[0])


def test_lengths_that_change_before_the_backward_pass():
    """A loop that fills one tensor of lengths again and again."""
    ours, _ = pair("GRU")
    x, lengths = torch.randn(3, 6, 4).requires_grad_(), torch.tensor([6, 2, 1])
    (wanted,) = torch.autograd.grad(ours(x, lengths=lengths.clone())[0].sum(), x)
    y, _ = ours(x, lengths=lengths)
    lengths.copy_(torch.tensor([1, 2, 6]))
    (found,) = torch.autograd.grad(y.sum(), x)
    assert torch.equal(found, wanted)
