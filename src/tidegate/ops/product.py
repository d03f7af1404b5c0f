"""Products of large matrices in float32 on the CPU, by the faster of the two libraries that torch brings.

``torch.mm`` is MKL's, which on processors that are not Intel's reaches half the speed of oneDNN: on one core of an AMD
EPYC with AVX-512 97 to 112 GFLOP/s for products of the sizes of recurrent layers, and oneDNN 181 to 251. On Intel's MKL
stays. The choice hangs on the processor alone, so that a run resumed on a machine gives the same bits.
"""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

LEAST = 1 << 20
"""Multiplications from which the way of calling oneDNN pays."""


def product(left: Tensor, right: Tensor) -> Tensor:
    """``left`` ``(M, K)`` times the transpose of ``right`` ``(N, K)``: ``(M, N)``. No gradient flows through it.

    Example:
        >>> product(torch.ones(2, 3), torch.ones(4, 3)).tolist()[0]
        [3.0, 3.0, 3.0, 3.0]
    """
    if left.numel() * right.shape[0] < LEAST or not _by_onednn() or left.dtype != torch.float32:
        return torch.mm(left, right.t())
    linear: Any = torch.ops.mkldnn._linear_pointwise
    return linear(left, right, None, "none", [], "")


@cache
def _by_onednn() -> bool:
    """Whether oneDNN is the faster one here, and torch was built with it."""
    operators: Any = torch.ops.mkldnn
    return (
        torch.backends.mkldnn.is_available()
        and hasattr(operators, "_linear_pointwise")
        and platform.machine() in ("x86_64", "AMD64")
        and "GenuineIntel" not in _processor()
    )


def _processor() -> str:
    """What the system says of the processor's maker; where it says nothing, MKL stays."""
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")[:4096]
    except OSError:
        return "GenuineIntel"
