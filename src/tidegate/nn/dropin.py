"""Drop-in replacements for ``torch.nn.LSTM``, ``GRU`` and ``RNN``: change one import.

    from tidegate.nn.dropin import LSTM

Same constructor, same ``state_dict``, same results to rounding; padded batches, ``PackedSequence`` and
unbatched input. New is ``lengths=``: padded batches of sequences of their own lengths, without packing.
Batches of unequal lengths run on torch's padded kernels (oneDNN), which packed input never reaches in torch
itself.

What Tidegate does not speed up takes torch's own path: ``proj_size``, and devices other than the CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from tidegate.errors import ShapeError
from tidegate.ops.cells import TORCH_MODES, OneDirection, State, Weights
from tidegate.ops.recurrence import recurrence

Hidden = Tensor | tuple[Tensor, Tensor]
_Forward = Callable[..., tuple[Any, Hidden]]


class _DropIn(nn.RNNBase):
    """What the three share: from torch's conventions to ``recurrence`` and back."""

    def _dispatch(
        self, torch_forward: _Forward, x: Tensor | PackedSequence, hx: Hidden | None, lengths: Tensor | None
    ) -> tuple[Any, Hidden]:
        packed = isinstance(x, PackedSequence)
        if packed and lengths is not None:
            raise ShapeError(
                "a PackedSequence has its own lengths", came="lengths= beside it", advice="leave lengths out"
            )
        device = x.data.device.type if packed else x.device.type
        if self.proj_size == 0 and device == "cpu":
            return self._packed(x, hx) if packed else self._padded(x, hx, lengths)
        if packed or lengths is None:
            return torch_forward(x, hx)
        return self._torch_with_lengths(torch_forward, x, hx, lengths)

    def _packed(self, x: PackedSequence, hx: Hidden | None) -> tuple[PackedSequence, Hidden]:
        padded, lengths = pad_packed_sequence(x, batch_first=True)
        y, final = self._run(padded, hx, lengths)
        if x.sorted_indices is not None:
            y, lengths = y[x.sorted_indices], lengths[x.sorted_indices.cpu()]
        data = pack_padded_sequence(y, lengths, batch_first=True).data
        return PackedSequence(data, x.batch_sizes, x.sorted_indices, x.unsorted_indices), final

    def _padded(self, x: Tensor, hx: Hidden | None, lengths: Tensor | None) -> tuple[Tensor, Hidden]:
        if x.dim() == 2:
            return self._unbatched(x, hx, lengths)
        y, final = self._run(x if self.batch_first else x.transpose(0, 1), hx, lengths)
        return y if self.batch_first else y.transpose(0, 1), final

    def _unbatched(self, x: Tensor, hx: Hidden | None, lengths: Tensor | None) -> tuple[Tensor, Hidden]:
        y, final = self._run(x[None], _each(hx, lambda h: h[:, None]), lengths)
        final = _each(final, lambda h: h[:, 0])
        assert final is not None
        return y[0], final

    def _run(self, x: Tensor, hx: Hidden | None, lengths: Tensor | None) -> tuple[Tensor, Hidden]:
        """``x`` ``(B, T, F)`` to ``y`` ``(B, T, D·H)`` and the final states ``(L·D, B, H)``."""
        self._check(x, hx)
        directions: tuple[OneDirection, ...] = ("forward", "reverse") if self.bidirectional else ("forward",)
        y, finals = x, list[State]()
        for layer in range(self.num_layers):
            if layer and self.dropout:
                y = functional.dropout(y, self.dropout, self.training)
            outputs: list[Tensor] = []
            for one in directions:
                state = _state_at(hx, len(finals))
                output, final = recurrence(
                    TORCH_MODES[self.mode], y, self._weights(layer, one), state, lengths, direction=one
                )
                outputs.append(output)
                finals.append(final)
            y = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=2)
        hidden = torch.stack([state.hidden for state in finals])
        memories = [state.cell for state in finals if state.cell is not None]
        return y, (hidden, torch.stack(memories)) if memories else hidden

    def _weights(self, layer: int, direction: OneDirection) -> Weights:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh") if self.bias else ("weight_ih", "weight_hh")
        suffix = f"_l{layer}" + ("_reverse" if direction == "reverse" else "")
        return Weights(*(cast(Tensor, getattr(self, name + suffix)) for name in names))

    def _check(self, x: Tensor, hx: Hidden | None) -> None:
        """Torch's own checks of sizes, with torch's own messages."""
        if x.dim() != 3:
            raise ValueError(f"{type(self).__name__}: Expected input to be 2D or 3D, got {x.dim()}D instead")
        self.check_input(x, None)
        wanted = (self.num_layers * (2 if self.bidirectional else 1), x.shape[0], self.hidden_size)
        for one in hx if isinstance(hx, tuple) else () if hx is None else (hx,):
            self.check_hidden_size(one, wanted)

    def _torch_with_lengths(
        self, torch_forward: _Forward, x: Tensor, hx: Hidden | None, lengths: Tensor
    ) -> tuple[Tensor, Hidden]:
        time = x.shape[1 if self.batch_first else 0]
        packed = pack_padded_sequence(x, lengths.cpu(), self.batch_first, enforce_sorted=False)
        y, final = torch_forward(packed, hx)
        return pad_packed_sequence(y, self.batch_first, total_length=time)[0], final


def _each(hx: Hidden | None, change: Callable[[Tensor], Tensor]) -> Hidden | None:
    if isinstance(hx, tuple):
        return change(hx[0]), change(hx[1])
    return None if hx is None else change(hx)


def _state_at(hx: Hidden | None, place: int) -> State | None:
    if isinstance(hx, tuple):
        return State(hx[0][place], hx[1][place])
    return None if hx is None else State(hx[place])


class LSTM(_DropIn, nn.LSTM):
    """``torch.nn.LSTM``, and ``lengths=`` of padded sequences.

    Example:
        >>> layer = LSTM(3, 4, batch_first=True)
        >>> y, (h, c) = layer(torch.ones(2, 5, 3), lengths=torch.tensor([5, 2]))
        >>> bool((y[1, 2:] == 0).all()), bool((h[0, 1] == y[1, 1]).all())
        (True, True)
    """

    def forward(
        self,
        input: Tensor | PackedSequence,  # noqa: A002, torch's name
        hx: Hidden | None = None,
        *,
        lengths: Tensor | None = None,
    ) -> tuple[Any, Any]:
        """As ``torch.nn.LSTM``. Beyond ``lengths`` outputs are zero, and states are those at each end."""
        return self._dispatch(super().forward, input, hx, lengths)


class GRU(_DropIn, nn.GRU):
    """``torch.nn.GRU``, and ``lengths=`` of padded sequences.

    Example:
        >>> layer = GRU(3, 4, bidirectional=True)
        >>> layer(torch.ones(5, 2, 3))[0].shape
        torch.Size([5, 2, 8])
    """

    def forward(
        self,
        input: Tensor | PackedSequence,  # noqa: A002, torch's name
        hx: Hidden | None = None,
        *,
        lengths: Tensor | None = None,
    ) -> tuple[Any, Any]:
        """As ``torch.nn.GRU``. Beyond ``lengths`` outputs are zero, and states are those at each end."""
        return self._dispatch(super().forward, input, hx, lengths)


class RNN(_DropIn, nn.RNN):
    """``torch.nn.RNN``, and ``lengths=`` of padded sequences.

    Example:
        >>> layer = RNN(3, 4, nonlinearity="relu")
        >>> layer(torch.ones(5, 3))[1].shape
        torch.Size([1, 4])
    """

    def forward(
        self,
        input: Tensor | PackedSequence,  # noqa: A002, torch's name
        hx: Hidden | None = None,
        *,
        lengths: Tensor | None = None,
    ) -> tuple[Any, Any]:
        """As ``torch.nn.RNN``. Beyond ``lengths`` outputs are zero, and states are those at each end."""
        return self._dispatch(super().forward, input, hx, lengths)
