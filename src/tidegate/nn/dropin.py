"""Drop-in replacements for ``torch.nn.LSTM``, ``GRU`` and ``RNN``: change one import.

    from tidegate.nn import LSTM

Same constructor, same ``state_dict``, same results to rounding; padded batches, ``PackedSequence`` and
unbatched input. New are ``lengths=``, for padded batches of sequences of their own lengths without packing, and
``recompute=``, which keeps no gates for the backward pass. On the CPU they run on Tidegate's own kernels.

What Tidegate does not speed up takes torch's own path: ``proj_size``, other types than float32, autocast, and devices
other than the CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from tidegate.errors import ShapeError
from tidegate.ops.recurrence.cells import TORCH_MODES, DirectionWeights, OneDirection, State, Weights
from tidegate.ops.recurrence.layer import engine_for, recurrent_layer
from tidegate.ops.recurrence.native_engine import run_layout, run_native
from tidegate.ops.recurrence.native_layout import Layout, Order

Hidden = Tensor | tuple[Tensor, Tensor]
_Forward = Callable[..., tuple[Any, Hidden]]
_RunLayer = Callable[[Tensor, list[DirectionWeights], State | None], tuple[Tensor, State]]


class _DropIn(nn.RNNBase):
    """What the three share: from torch's conventions to ``recurrence`` and back."""

    recompute: bool

    def __init__(self, *args: Any, recompute: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.recompute = recompute

    def _dispatch(
        self, torch_forward: _Forward, x: Tensor | PackedSequence, hx: Hidden | None, lengths: Tensor | None
    ) -> tuple[Any, Hidden]:
        if isinstance(x, PackedSequence):
            if lengths is not None:
                raise ShapeError(
                    "a PackedSequence has its own lengths",
                    got="lengths= beside it",
                    hint="leave lengths out",
                )
            return self._packed(x, hx) if self._ours(x.data) else torch_forward(x, hx)
        if self._ours(x):
            return self._padded(x, hx, lengths)
        return torch_forward(x, hx) if lengths is None else self._torch_padded(torch_forward, x, hx, lengths)

    def _ours(self, x: Tensor) -> bool:
        plain = x.device.type == "cpu" and x.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
        return plain and self.proj_size == 0 and self.weight_ih_l0.dtype == torch.float32

    def _packed(self, x: PackedSequence, hx: Hidden | None) -> tuple[PackedSequence, Hidden]:
        if (
            engine_for(TORCH_MODES[self.mode], x.data, self._directions(0), state=_state_of(hx, slice(None)))
            is not run_native
        ):
            return self._packed_by_padding(x, hx)
        batch = int(x.batch_sizes[0])
        lengths = (x.batch_sizes[:, None] > torch.arange(batch)).sum(0)
        layout = Layout(Order.PACKED, batch, len(x.batch_sizes), x.data.shape[0], lengths)
        self._check(x.data, hx, batch)
        data, final = self._run(
            x.data.contiguous(),
            _each(hx, lambda h: _chosen(h, x.sorted_indices)),
            lambda rows, directions, state: run_layout(
                TORCH_MODES[self.mode], rows, layout, directions, state, recompute=self.recompute
            ),
        )
        final = _each(final, lambda h: _chosen(h, x.unsorted_indices))
        assert final is not None
        return PackedSequence(data, x.batch_sizes, x.sorted_indices, x.unsorted_indices), final

    def _packed_by_padding(self, x: PackedSequence, hx: Hidden | None) -> tuple[PackedSequence, Hidden]:
        padded, lengths = pad_packed_sequence(x, batch_first=True)
        y, final = self._sequences(padded, hx, lengths)
        if x.sorted_indices is not None:
            y, lengths = y[x.sorted_indices], lengths[x.sorted_indices.cpu()]
        data = pack_padded_sequence(y, lengths, batch_first=True).data
        return PackedSequence(data, x.batch_sizes, x.sorted_indices, x.unsorted_indices), final

    def _padded(self, x: Tensor, hx: Hidden | None, lengths: Tensor | None) -> tuple[Tensor, Hidden]:
        if x.dim() == 2:
            return self._unbatched(x, hx, lengths)
        y, final = self._sequences(x if self.batch_first else x.transpose(0, 1), hx, lengths)
        return y if self.batch_first else y.transpose(0, 1), final

    def _unbatched(self, x: Tensor, hx: Hidden | None, lengths: Tensor | None) -> tuple[Tensor, Hidden]:
        y, final = self._sequences(x[None], _each(hx, lambda h: h[:, None]), lengths)
        final = _each(final, lambda h: h[:, 0])
        assert final is not None
        return y[0], final

    def _sequences(self, x: Tensor, hx: Hidden | None, lengths: Tensor | None) -> tuple[Tensor, Hidden]:
        """``x`` ``(B, T, F)`` to ``y`` ``(B, T, D·H)`` and the final states ``(L·D, B, H)``."""
        if x.dim() != 3:
            raise ValueError(f"{type(self).__name__}: Expected input to be 2D or 3D, got {x.dim()}D instead")
        self._check(x, hx, x.shape[0])
        return self._run(
            x,
            hx,
            lambda y, directions, state: recurrent_layer(
                TORCH_MODES[self.mode], y, directions, state, lengths, recompute=self.recompute
            ),
        )

    def _run(self, x: Tensor, hx: Hidden | None, run_layer: _RunLayer) -> tuple[Tensor, Hidden]:
        """Layer upon layer."""
        y, finals = x, list[State]()
        directions = 2 if self.bidirectional else 1
        for layer in range(self.num_layers):
            if layer and self.dropout:
                y = functional.dropout(y, self.dropout, self.training)
            state = _state_of(hx, slice(layer * directions, (layer + 1) * directions))
            y, after = run_layer(y, self._directions(layer), state)
            finals.append(after)
        final = finals[0]
        if len(finals) > 1:
            cells = [state.cell for state in finals if state.cell is not None]
            final = State(torch.cat([state.hidden for state in finals]), torch.cat(cells) if cells else None)
        return y, final.hidden if final.cell is None else (final.hidden, final.cell)

    def _directions(self, layer: int) -> list[DirectionWeights]:
        directions: tuple[OneDirection, ...] = ("forward", "reverse") if self.bidirectional else ("forward",)
        return [DirectionWeights(direction, self._weights(layer, direction)) for direction in directions]

    def _weights(self, layer: int, direction: OneDirection) -> Weights:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh") if self.bias else ("weight_ih", "weight_hh")
        suffix = f"_l{layer}" + ("_reverse" if direction == "reverse" else "")
        return Weights(*(self._weight(name + suffix) for name in names))

    def _weight(self, name: str) -> Tensor:
        # Not by getattr first, which looks everywhere else: a step of a small network is a few microseconds. But pruning
        # and reparametrisation take the parameter away and set a tensor in its place.
        parameter = self._parameters.get(name)
        return cast(Tensor, getattr(self, name)) if parameter is None else parameter

    def _check(self, x: Tensor, hx: Hidden | None, batch: int) -> None:
        """Torch's own checks of sizes, with torch's own messages."""
        self.check_input(x, x.new_empty(0) if x.dim() == 2 else None)
        wanted = (self.num_layers * (2 if self.bidirectional else 1), batch, self.hidden_size)
        for state in hx if isinstance(hx, tuple) else () if hx is None else (hx,):
            self.check_hidden_size(state, wanted)

    def _torch_padded(
        self, torch_forward: _Forward, x: Tensor, hx: Hidden | None, lengths: Tensor
    ) -> tuple[Tensor, Hidden]:
        time = x.shape[1 if self.batch_first else 0]
        packed = pack_padded_sequence(x, lengths.cpu(), self.batch_first, enforce_sorted=False)
        y, final = torch_forward(packed, hx)
        return pad_packed_sequence(y, self.batch_first, total_length=time)[0], final


def _chosen(h: Tensor, indices: Tensor | None) -> Tensor:
    return h if indices is None else h.index_select(1, indices)


def _each(hx: Hidden | None, change: Callable[[Tensor], Tensor]) -> Hidden | None:
    if isinstance(hx, tuple):
        return change(hx[0]), change(hx[1])
    return None if hx is None else change(hx)


def _state_of(hx: Hidden | None, places: slice) -> State | None:
    if isinstance(hx, tuple):
        return State(hx[0][places], hx[1][places])
    return None if hx is None else State(hx[places])


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
