"""From frames to the probabilities of the next: recurrent layers of ``tidegate.nn``, and 88 answers side by side."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from tidegate.errors import ConfigError
from tidegate.network.cells import Cell
from tidegate.network.layers import Architecture, Recurrence
from tidegate.network.layers import Dropout as DropoutSpec
from tidegate.network.vgsl import render
from tidegate.nn import GRU, LSTM, RNN
from tidegate.nn.dropout import Dropout
from tidegate_music.settings import KEYS, MusicSettings

CELLS: dict[Cell, type[nn.RNNBase]] = {"elman": RNN, "lstm": LSTM, "gru": GRU}
States = tuple[Tensor, ...]


class Composer(nn.Module):
    """Scores of the 88 keys in the frame after each; nothing depends on a later frame.

    Args:
        architecture: Forward recurrent layers and an output.
        settings: The table ``[music]``.

    Raises:
        ConfigError: The architecture has other layers.

    Example:
        >>> import torch
        >>> from tidegate.network.vgsl import parse
        >>> composer = Composer(parse("[1,1,0,88 Lfx4 O1l88]"), MusicSettings())
        >>> scores, states = composer(torch.zeros(2, 9, 88))
        >>> scores.shape, [state.shape for state in states]
        (torch.Size([2, 9, 88]), [torch.Size([1, 2, 4]), torch.Size([1, 2, 4])])
    """

    def __init__(self, architecture: Architecture, settings: MusicSettings) -> None:
        super().__init__()
        records = recurrences(architecture)
        widths = [KEYS, *(record.hidden for record in records)]
        self.layers = nn.ModuleList(
            CELLS[record.cell](width, record.hidden, batch_first=True)
            for record, width in zip(records, widths, strict=False)
        )
        self.locked = Dropout(DropoutSpec(settings.locked_dropout, "locked"))
        self.gain = settings.gain
        self.input_dropout, self.output_dropout = settings.input_dropout, settings.output_dropout
        self.answer = nn.Linear(widths[-1], KEYS)
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
        y, after, place = x * self.gain, list[Tensor](), 0
        for layer in self.layers:
            width = 2 if isinstance(layer, nn.LSTM) else 1
            before = tuple(states[place : place + width])
            place += width
            y, final = layer(
                y, (before if len(before) > 1 else before[0]) if before else None, lengths=lengths
            )
            after += final if isinstance(final, tuple) else [final]
            y, _ = self.locked(y, lengths)
        scores = self.answer(functional.dropout(y, self.output_dropout, self.training))
        return scores if self.shortcut is None else scores + self.shortcut(x), tuple(after)


def recurrences(architecture: Architecture) -> list[Recurrence]:
    """The recurrent layers of an architecture that has no others before its output.

    Raises:
        ConfigError: It has others, or none.

    >>> from tidegate.network.vgsl import parse
    >>> [record.hidden for record in recurrences(parse("[1,1,0,88 Gfx8 Gfx4 O1l88]"))]
    [8, 4]
    """
    *body, _ = architecture.layers
    layers = [record for record in body if isinstance(record, Recurrence) and record.cell in CELLS]
    if not layers or len(layers) < len(body):
        other = next((record.render() for record in body if record not in layers), "no layer")
        raise ConfigError(
            "the task music has recurrent layers only",
            where="model",
            expected=f"layers of {', '.join(CELLS)}, such as [1,1,0,88 Gfx256]",
            got=f"{other} in {render(architecture)}",
        )
    return layers
