"""A vector for a word from its characters, by a convolution or a recurrent layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.config.word_features import CHARACTER_CELLS, CharacterEncoder
from tidegate.network.layers import Recurrence
from tidegate.nn.embedding import Embedding
from tidegate.nn.recurrent import Recurrent
from tidegate.ops.lengths import clear

KERNEL = 3
"""Characters that a filter sees at once (Ma and Hovy 2016)."""


class Characters(nn.Module):
    """Reads words letter by letter: the distinct words of a batch, each once.

    ``cnn``: filters over three characters and the largest value of each over the word (Ma and Hovy 2016).
    ``lstm`` and the other cells: the state after the last character; with ``bi`` before the name, also the one after the
    first, read from the end (Lample et al. 2016).

    Args:
        kind: Which of them; not ``none``.
        symbols: Characters, padding and unknown ones included.
        embedding: Features of a character.
        hidden: Filters, or units of each direction.

    Example:
        >>> reader = Characters("bilstm", symbols=50, embedding=8, hidden=5)
        >>> reader(torch.ones(7, 12, dtype=torch.int64), torch.full((7,), 4)).shape
        torch.Size([7, 10])
    """

    def __init__(self, kind: CharacterEncoder, symbols: int, embedding: int, hidden: int) -> None:
        super().__init__()
        self.embedding = Embedding(symbols, embedding)
        self.recurrent: Recurrent | None = None
        self.convolution: nn.Conv1d | None = None
        self.features = hidden
        if kind in CHARACTER_CELLS:
            cell, both = CHARACTER_CELLS[kind]
            direction = "both" if both else "forward"
            self.recurrent = Recurrent(embedding, Recurrence(cell, direction, "x", hidden, summarise=True))
            self.features = self.recurrent.features
        else:
            self.convolution = nn.Conv1d(embedding, hidden, KERNEL, padding=KERNEL // 2)

    def forward(self, characters: Tensor, lengths: Tensor) -> Tensor:
        """``(U, W)`` numbers of characters and ``(U,)`` lengths, at least 1, to ``(U, F)``.

        What stands beyond a length is never seen.
        """
        x = self.embedding(characters)  # (U, W, E)
        if self.recurrent is not None:
            return self.recurrent(x, lengths)[0]
        assert self.convolution is not None
        x = clear(x, lengths)
        y = self.convolution(x.transpose(1, 2))  # (U, H, W)
        inside = torch.arange(y.shape[2], device=y.device) < lengths[:, None]  # (U, W)
        return functional.relu(y.masked_fill(~inside[:, None], float("-inf")).amax(dim=2))
