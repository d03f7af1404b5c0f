"""What ``tidegate show`` says of a task's networks beside the table of their layers."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.network.layers import Input


@dataclass(frozen=True)
class Showing:
    """What FLOPs are counted for where nobody says, and what the table leaves out.

    Attributes:
        columns: Columns of an image, words of a sentence, steps of a sequence. Here those of a printed line of some sixty
            characters, 48 rows high.
        side: Rows and columns of an image where no data say; ``None``: as the network has them.
        symbols: That the network answers with; ``None``: as its output layer mostly has.
        example: What the figures are of, with places for ``channels``, ``rows`` and ``columns``.
        counted: How many symbols are counted where the network does not say, with a place for ``symbols``.
        beside: What comes on top of the layers.

    >>> from tidegate.network.vgsl import parse
    >>> Showing().line(parse("[1,48,0,1 O1c80]").input, 1000, None)
    'for an image of 1×48×1000'
    """

    columns: int = 1000
    side: int | None = None
    symbols: int | None = None
    example: str = "an image of {channels}×{rows}×{columns}"
    counted: str = "{symbols} symbols"
    beside: str = ""

    def line(self, size: Input, columns: int, symbols: int | None) -> str:
        """What FLOPs are of, and how many symbols are counted where the string does not say."""
        what = self.example.format(channels=size.channels, rows=size.rows, columns=columns)
        counted = "" if symbols is None or not self.counted else f", {self.counted.format(symbols=symbols)}"
        return f"for {what}{counted}"
