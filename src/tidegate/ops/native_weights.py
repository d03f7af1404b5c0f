"""Recurrent weights in the order in which the kernels read them, kept between calls that do not train."""

from __future__ import annotations

import ctypes
import weakref
from dataclasses import dataclass

import torch
from torch import Tensor

_FORWARD = 0  # TIDEGATE_PACK_FORWARD of the header; the backward pass packs for itself


@dataclass(frozen=True)
class _Kept:
    weight: weakref.ref[Tensor]
    version: int
    sample: int
    isa: bytes
    packed: Tensor


_kept: dict[int, _Kept] = {}


def rows_apart(weight: Tensor) -> Tensor:
    """The matrix, copied only if its rows are not contiguous."""
    return weight if weight.stride(1) == 1 else weight.contiguous()


def kept_packed(native: ctypes.CDLL, cell: int, weight: Tensor) -> Tensor:
    """``weight`` packed for the forward pass, as long as it does not change.

    A change in place counts up torch's version of a tensor, but for those made through ``.data``: these are found by a
    look at some of the numbers.

    Args:
        native: The library.
        cell: Its number there.
        weight: ``W_hh`` ``(G·H, H)``, of contiguous rows.

    Returns:
        Floats that begin at a multiple of 64 bytes, which must not be written to.
    """
    if weight.is_inference() or not weight.is_contiguous():
        return _pack(native, cell, weight)
    key, version = id(weight), weight._version  # pyright: ignore[reportPrivateUsage]
    sample, isa = native.tidegate_sample(weight.data_ptr(), weight.numel()), native.tidegate_isa()
    kept = _kept.get(key)
    if (
        kept is not None
        and kept.weight() is weight
        and (kept.version, kept.sample, kept.isa) == (version, sample, isa)
    ):
        return kept.packed
    packed = _pack(native, cell, weight)
    _kept[key] = _Kept(weakref.ref(weight, lambda _: _kept.pop(key, None)), version, sample, isa, packed)
    return packed


def _pack(native: ctypes.CDLL, cell: int, weight: Tensor) -> Tensor:
    hidden = weight.shape[1]
    # torch allocates at multiples of 64 bytes.
    into = torch.empty(native.tidegate_packed_size(cell, hidden, _FORWARD), dtype=torch.float32)
    assert into.data_ptr() % 64 == 0
    native.tidegate_pack(
        cell, hidden, _FORWARD, weight.data_ptr(), weight.stride(0), into.data_ptr(), torch.get_num_threads()
    )
    return into
