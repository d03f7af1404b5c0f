"""The linear-chain CRF on the native library: one call gives the likelihood and its gradient.

``native/include/tidegate/crf.h`` is the manual of the functions.
"""

from __future__ import annotations

from ctypes import CDLL, POINTER, Structure, byref, c_int64, c_void_p
from typing import Any, cast

import torch
from torch import Tensor

from tidegate.ops.crf import reference as crf_reference
from tidegate.ops.crf.transitions import Transitions
from tidegate.ops.native_library import library, loaded

_NO_MEMORY = 3


class Problem(Structure):
    """``tidegate_crf`` of the header.

    Example:
        >>> Problem(batch=2, tags=5).tags
        5
    """

    _fields_ = [
        ("batch", c_int64),
        ("time", c_int64),
        ("tags", c_int64),
        ("threads", c_int64),
        ("lengths", c_void_p),
        ("scores", c_void_p),
        ("between", c_void_p),
        ("start", c_void_p),
        ("end", c_void_p),
    ]


_number, _address = c_int64, c_void_p

FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "tidegate_crf_expect": (_number, (POINTER(Problem), _address, _address, _address, _address)),
    "tidegate_crf_decode": (_number, (POINTER(Problem), _address)),
    "tidegate_crf_weigh": (_number, (_number, _number, _address, _address, _address)),
}
"""Result and arguments of every function of the header."""


def declare(native: CDLL) -> CDLL:
    """Tell ctypes the types of every function; gives the library back."""
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(native, name)
        function.restype = result
        function.argtypes = arguments
    return native


def runs_natively(scores: Tensor, transitions: Transitions) -> bool:
    """Whether the kernel does this: float32 on the CPU, with the library there.

    Example:
        >>> even = Transitions(torch.zeros(2, 2), torch.zeros(2), torch.zeros(2))
        >>> runs_natively(torch.zeros(1, 3, 2, dtype=torch.float64), even)
        False
    """
    tensors = (scores, *transitions.tensors)
    return (
        all(tensor.dtype == torch.float32 and tensor.is_cpu for tensor in tensors) and library() is not None
    )


def log_likelihood(scores: Tensor, tags: Tensor, lengths: Tensor, transitions: Transitions) -> Tensor:
    """See ``tidegate.ops.crf.layer.crf_log_likelihood``; the arguments are checked."""
    return cast(Tensor, _LogLikelihood.apply(scores, *transitions.tensors, tags, lengths))


def marginals(scores: Tensor, lengths: Tensor, transitions: Transitions) -> Tensor:
    """See ``tidegate.ops.crf.layer.crf_marginals``: the gradient of log Z."""
    return _Call(scores, lengths, transitions.tensors).expect(None, (True, False))[1]


def decode(scores: Tensor, lengths: Tensor, transitions: Transitions) -> Tensor:
    """See ``tidegate.ops.crf.layer.crf_decode``: the best paths ``(B, T)``, anything beyond a length."""
    return _Call(scores, lengths, transitions.tensors).decode()


class _Call:
    """One call: the tensors as the kernel wants them, kept alive, and where they lie."""

    def __init__(self, scores: Tensor, lengths: Tensor, transitions: tuple[Tensor, ...]) -> None:
        self.native = declare(loaded())
        self.held = [tensor.detach().contiguous() for tensor in (lengths, scores, *transitions)]
        self.shape = scores.shape
        addresses = (tensor.data_ptr() for tensor in self.held)
        self.problem = Problem(*self.shape, torch.get_num_threads(), *addresses)

    def expect(self, tags: Tensor | None, wanted: tuple[bool, bool]) -> tuple[Tensor, Tensor, Tensor]:
        """Log-likelihoods ``(B,)``, or log Z without ``tags``, and their gradients.

        Args:
            tags: ``(B, T)``.
            wanted: Whether the gradients of scores and of transitions are; else they have no elements.

        Returns:
            Also ``(B, T, K)`` and ``(B, K·K + 2·K)``.
        """
        batch, _, count = self.shape
        like = self.held[1]
        value = like.new_empty(batch)
        d_scores = like.new_empty(self.shape if wanted[0] else 0)
        d_transitions = like.new_empty((batch, count * (count + 2)) if wanted[1] else 0)
        tags = None if tags is None else tags.contiguous()
        status = self.native.tidegate_crf_expect(
            byref(self.problem),
            None if tags is None else tags.data_ptr(),
            value.data_ptr(),
            d_scores.data_ptr() if wanted[0] else None,
            d_transitions.data_ptr() if wanted[1] else None,
        )
        _check(status)
        return value, d_scores, d_transitions

    def decode(self) -> Tensor:
        paths = torch.zeros(self.shape[:2], dtype=torch.int64)
        _check(self.native.tidegate_crf_decode(byref(self.problem), paths.data_ptr()))
        return paths


def _check(status: int) -> None:
    if status == _NO_MEMORY:
        raise MemoryError("for the sums of a CRF")
    assert status == 0, "the kernel refused arguments that were checked"


def _weighed(weights: Tensor, rows: Tensor, tags: int) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of all transitions, from those of each sequence: added up in the order of the batch."""
    weights, result = weights.contiguous(), rows.new_empty(rows.shape[1])
    batch, width = rows.shape
    _check(loaded().tidegate_crf_weigh(batch, width, weights.data_ptr(), rows.data_ptr(), result.data_ptr()))
    between, start, end = result.split([tags * tags, tags, tags])
    return between.view(tags, tags), start, end


class _LogLikelihood(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, scores: Tensor, between: Tensor, start: Tensor, end: Tensor, tags: Tensor, lengths: Tensor
    ) -> Tensor:
        transitions = (between, start, end)
        wanted = (ctx.needs_input_grad[0], any(ctx.needs_input_grad[1:4]))
        value, *gradients = _Call(scores, lengths, transitions).expect(tags, wanted)
        ctx.save_for_backward(scores, *transitions, tags, lengths, *gradients)
        return value

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        *inputs, tags, lengths, d_scores, d_transitions = ctx.saved_tensors
        needed = ctx.needs_input_grad[:4]
        if torch.is_grad_enabled():
            return (*_differentiable(inputs, tags, lengths, grads[0], needed), None, None)
        of_scores = d_scores * grads[0][:, None, None] if needed[0] else None
        if not any(needed[1:]):
            return of_scores, None, None, None, None, None
        return of_scores, *_weighed(grads[0], d_transitions, inputs[1].shape[0]), None, None


def _differentiable(
    inputs: list[Tensor], tags: Tensor, lengths: Tensor, grad: Tensor, needed: tuple[bool, ...]
) -> list[Tensor | None]:
    """Gradients that can be differentiated again: through the reference. For ``create_graph=True``."""
    value = crf_reference.log_likelihood(inputs[0], tags, lengths, Transitions(*inputs[1:]))
    wanted = [tensor for tensor, need in zip(inputs, needed, strict=True) if need]
    found = iter(torch.autograd.grad(value, wanted, grad, create_graph=True, allow_unused=True))
    return [next(found) if need else None for need in needed]
