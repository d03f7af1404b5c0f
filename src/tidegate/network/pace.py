"""How many columns layers leave of any number, as arithmetic that two branches can be compared by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """How many columns layers leave of n: ``floor((n + shift) / scale)``, and never less than 0.

    Convolutions and poolings are of this form, and so is one after the other; two paces are the same for every n exactly
    if their numbers are.

    Attributes:
        scale: Product of the strides; 0: a single column is left of any number.
        shift: Rises by what is padded, and falls by what windows lack.
    """

    scale: int = 1
    shift: int = 0

    def then(self, stride: int, shift: int) -> Pace:
        """The pace of another layer after these.

        Example:
            >>> Pace().then(2, 1).then(3, 0)  # a convolution of stride 2, then pooling by 3
            Pace(scale=6, shift=1)
        """
        return Pace(self.scale * stride, self.shift + shift * self.scale) if self.scale else self

    def single(self) -> Pace:
        """After a layer that leaves one column of all.

        Example:
            >>> Pace(2, 1).single() == SINGLE, UNCOUNTED.single() == UNCOUNTED
            (True, True)
        """
        return SINGLE if self.scale else self

    def left(self, columns: int) -> int:
        """Columns left of so many, where they are counted.

        Example:
            >>> Pace(2, 1).left(7), Pace(2, 0).left(7), SINGLE.left(7)
            (4, 3, 1)
        """
        return max(0, (columns + self.shift) // self.scale) if self.scale else min(columns, 1)


SINGLE = Pace(0, 0)
UNCOUNTED = Pace(0, -1)
"""Columns moved elsewhere: the size is fixed, and lengths are no longer carried."""


def differing(first: Pace, second: Pace) -> int | None:
    """The fewest columns of which two paces leave different numbers; ``None`` if there are none, or one does not count.

    Example:
        >>> differing(Pace(2, 1), Pace(2, 0)), differing(Pace(2, 1), Pace(2, 1))
        (1, None)
    """
    if first == second or UNCOUNTED in (first, second):
        return None
    # From here on both are above 0 and rise, so that they differ within a period if at all.
    reach = first.scale * second.scale + abs(first.shift) + abs(second.shift) + first.scale + second.scale + 2
    return next((n for n in range(1, reach) if first.left(n) != second.left(n)), None)
