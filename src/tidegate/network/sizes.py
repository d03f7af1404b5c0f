"""How many positions a layer leaves of an axis: the arithmetic that shapes, lengths and masks share."""

from __future__ import annotations


def convolved(size: int, stride: int) -> int:
    """Positions after a convolution: its padding keeps the size at stride 1, so only the stride counts.

    The padding is ``dilation · (kernel - 1)`` zeros in all, ``total // 2`` of them before and the rest after;
    for even kernels the two differ by one.

    Example:
        >>> convolved(7, 1), convolved(7, 2), convolved(8, 2)
        (7, 4, 4)
    """
    return -(-size // stride)


def pooled(size: int, kernel: int, stride: int) -> int:
    """Positions after a pooling: windows that do not fit are dropped, so 0 is possible.

    Args:
        size: Positions before.
        kernel: Positions in a window; 0 is the whole axis, which leaves one.
        stride: Positions from one window to the next.

    Example:
        >>> pooled(7, 2, 2), pooled(7, 3, 2), pooled(1, 2, 2), pooled(40, 0, 1)
        (3, 3, 0, 1)
    """
    if kernel == 0:
        return min(size, 1)
    return max(0, (size - kernel) // stride + 1)
