"""FLOPs of a computation, counted while it runs: the matrix products of whatever layers and decoders take part.

A multiplication with its addition counts as two. Recurrent layers count their true steps: padding is no work.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from tidegate.ops.native_library import library
from tidegate.ops.recurrence.native_call import Call
from tidegate.ops.recurrence.native_engine import recurrence_forward_operator


def count_flops(run: Callable[[], object]) -> int:
    """FLOPs of a call, without those of gradients.

    Example:
        >>> layer = torch.nn.Linear(8, 3)
        >>> count_flops(lambda: layer(torch.zeros(2, 8)))
        96
    """
    formulas: dict[object, Callable[..., int]] = {
        recurrence_forward_operator(): _recurrence,
        torch.ops.aten.mv: _matrix_vector,
    }
    counter = FlopCounterMode(display=False, custom_mapping=formulas)
    with torch.no_grad(), _countable(), counter:
        run()
    return int(counter.get_total_flops())


def _recurrence(
    _x: Tensor,
    weights: Sequence[Tensor],
    _state: Sequence[Tensor],
    lengths: Tensor | None,
    sizes: Sequence[int],
    *_: object,
    **__: object,
) -> int:
    call = Call.of(weights, lengths, sizes)
    steps = call.layout.batch * call.layout.time if lengths is None else int(lengths.sum())
    return 2 * steps * sum(own.input.numel() + own.recurrent.numel() for own in call.parameters)


def _matrix_vector(matrix: Sequence[int], *_: object, **__: object) -> int:
    """A product that torch's own counter leaves out: the scores of attention are one."""
    return 2 * matrix[0] * matrix[1]


# Without this the counter hands over shapes, which do not know the lengths.
_recurrence._get_raw = True  # type: ignore[attr-defined]


@contextmanager
def _countable() -> Generator[None]:
    """Without the native library the plain loop runs: torch's own recurrent operators are not counted."""
    if library() is not None:
        yield
        return
    before = os.environ.get("TIDEGATE_ENGINE")
    os.environ["TIDEGATE_ENGINE"] = "reference"
    try:
        yield
    finally:
        if before is None:
            del os.environ["TIDEGATE_ENGINE"]
        else:
            os.environ["TIDEGATE_ENGINE"] = before
