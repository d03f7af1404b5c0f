"""Recurrent weights in the order in which the kernels read them, kept between calls that do not train."""

from __future__ import annotations

import ctypes
import weakref
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class _Kept:
    recurrent: weakref.ref[Tensor]
    input: weakref.ref[Tensor] | None
    mark: tuple[object, ...]
    packed: Tensor

    def belongs_to(self, recurrent: Tensor, inputs: Tensor | None) -> bool:
        """Weights of before may be gone, and others stand at their place."""
        return self.recurrent() is recurrent and (None if self.input is None else self.input()) is inputs


_kept: dict[int, _Kept] = {}


def rows_apart(weight: Tensor) -> Tensor:
    """The matrix, copied only if its rows are not contiguous, or lie over each other."""
    apart = weight.stride(1) == 1 and weight.stride(0) >= weight.shape[1]
    return weight if apart else weight.contiguous()


def kept_packed(native: ctypes.CDLL, cell: int, recurrent: Tensor, inputs: Tensor | None) -> Tensor:
    """Weights packed for the forward pass, as long as they do not change.

    A change in place counts up torch's version of a tensor, but for those made through ``.data``: these are found by a
    look at some of the numbers.

    Args:
        native: The library.
        cell: Its number there.
        recurrent: ``W_hh`` ``(G·H, H)``, of contiguous rows.
        inputs: ``W_ih`` ``(G·H, F)`` likewise, if the kernels project ``x``.

    Returns:
        Floats that begin at a multiple of 64 bytes, which must not be written to.
    """
    weights = (recurrent,) if inputs is None else (recurrent, inputs)
    if any(weight.is_inference() or not weight.is_contiguous() for weight in weights):
        return _pack(native, cell, recurrent, inputs)
    key, mark = id(recurrent), (native.tidegate_isa(), *(_mark(native, weight) for weight in weights))
    kept = _kept.get(key)
    if kept is not None and kept.mark == mark and kept.belongs_to(recurrent, inputs):
        return kept.packed
    packed = _pack(native, cell, recurrent, inputs)
    of_input = None if inputs is None else weakref.ref(inputs)
    _kept[key] = _Kept(weakref.ref(recurrent, lambda _: _kept.pop(key, None)), of_input, mark, packed)
    return packed


def _mark(native: ctypes.CDLL, weight: Tensor) -> tuple[int, int, int]:
    version = weight._version  # pyright: ignore[reportPrivateUsage]
    return version, weight.data_ptr(), native.tidegate_sample(weight.data_ptr(), weight.numel())


def _pack(native: ctypes.CDLL, cell: int, recurrent: Tensor, inputs: Tensor | None) -> Tensor:
    hidden, features = recurrent.shape[1], 0 if inputs is None else inputs.shape[1]
    # torch allocates at multiples of 64 bytes.
    into = torch.empty(native.tidegate_packed_size(cell, hidden, features), dtype=torch.float32)
    assert into.data_ptr() % 64 == 0
    status = native.tidegate_pack(
        cell,
        hidden,
        features,
        recurrent.data_ptr(),
        recurrent.stride(0),
        None if inputs is None else inputs.data_ptr(),
        0 if inputs is None else inputs.stride(0),
        into.data_ptr(),
        torch.get_num_threads(),
    )
    assert status == 0, "weights have rows apart"
    return into
