"""From frames to the probabilities of the next: recurrent layers of ``tidegate.nn``, and 88 answers side by side."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from music.rolls import KEYS
from music.settings import Settings
from tidegate.network.cells import Cell
from tidegate.network.layers import Architecture, Input, Layer, Output, Recurrence
from tidegate.network.layers import Dropout as DropoutSpec
from tidegate.nn import GRU, LSTM, RNN
from tidegate.nn.dropout import Dropout

CELLS: dict[str, tuple[Cell, type[nn.RNNBase]]] = {
    "rnn": ("elman", RNN),
    "lstm": ("lstm", LSTM),
    "gru": ("gru", GRU),
}
States = tuple[Tensor, ...]


class Composer(nn.Module):
    """Scores of the 88 keys in the frame after each; nothing depends on a later frame.

    Args:
        settings: The table ``[params]``.

    Example:
        >>> import torch
        >>> scores, states = Composer(Settings(cell="lstm", hidden=4))(torch.zeros(2, 9, 88))
        >>> scores.shape, [state.shape for state in states]
        (torch.Size([2, 9, 88]), [torch.Size([1, 2, 4]), torch.Size([1, 2, 4])])
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        _, layer = CELLS[settings.cell]
        widths = [KEYS] + [settings.hidden] * (settings.layers - 1)
        self.layers = nn.ModuleList(layer(width, settings.hidden, batch_first=True) for width in widths)
        self.states_each = 2 if settings.cell == "lstm" else 1
        self.locked = Dropout(DropoutSpec(settings.locked_dropout, "locked"))
        self.gain = settings.gain
        self.input_dropout, self.output_dropout = settings.input_dropout, settings.output_dropout
        self.answer = nn.Linear(settings.hidden, KEYS)
        self.shortcut = nn.Linear(KEYS, KEYS, bias=False) if settings.shortcut else None

    def forward(
        self, frames: Tensor, lengths: Tensor | None = None, states: Sequence[Tensor] = ()
    ) -> tuple[Tensor, States]:
        """Read some frames.

        Args:
            frames: ``(B, T, 88)``.
            lengths: ``(B,)``; ``None``: all T.
            states: What the call before gave, ``(1, B, H)`` each; none: zeros.

        Returns:
            Scores ``(B, T, 88)``, whose sigmoid is the probability of each key in the next frame; and the states after.
        """
        x = functional.dropout(frames, self.input_dropout, self.training)
        y, after = x * self.gain, list[Tensor]()
        for number, layer in enumerate(self.layers):
            before = tuple(states[number * self.states_each : (number + 1) * self.states_each])
            y, final = layer(
                y, (before if len(before) > 1 else before[0]) if before else None, lengths=lengths
            )
            after += final if isinstance(final, tuple) else [final]
            y, _ = self.locked(y, lengths)
        scores = self.answer(functional.dropout(y, self.output_dropout, self.training))
        return scores if self.shortcut is None else scores + self.shortcut(x), tuple(after)


def layers_of(settings: Settings) -> Architecture:
    """The network as layer records, by which operations are counted; the shortcut is left out.

    >>> from tidegate.network.vgsl import render
    >>> render(layers_of(Settings(cell="gru", hidden=8, layers=2)))
    '[1,1,0,88 Gfx8 Gfx8 O1l88]'
    """
    cell, _ = CELLS[settings.cell]
    body: list[Layer] = [Recurrence(cell, "forward", "x", settings.hidden)] * settings.layers
    return Architecture(Input(1, None, KEYS), (*body, Output(1, "linear", KEYS)))
