"""What a call of the native kernels is made of, forward or backward: a layer of one or two directions and its batch."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tidegate.ops.recurrence.cells import RECORDS, RecurrentCell, Weights
from tidegate.ops.recurrence.native_interface import Problem
from tidegate.ops.recurrence.native_layout import Layout, Order, Tables
from tidegate.ops.recurrence.registry import IMPLEMENTATIONS, KERNELS

_NO_MEMORY = 3


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes:
        cell: Which.
        reversed: Whether the first direction reads from each sequence's own end. A second one always does.
        layout: The batch.
        parameters: The weights of each direction.
    """

    cell: RecurrentCell
    reversed: bool
    layout: Layout
    parameters: tuple[Weights, ...]

    @classmethod
    def of(cls, weights: Sequence[Tensor], lengths: Tensor | None, sizes: Sequence[int]) -> Call:
        """From what an operator of torch can be given; ``numbers`` is the other way.

        Args:
            weights: Direction after direction: ``W_ih``, ``W_hh`` and, with biases, ``b_ih``, ``b_hh``.
            lengths: ``(B,)``.
            sizes: As ``numbers`` gives them.
        """
        cell, directions, reverse, order, batch, time, rows = sizes
        each = len(weights) // directions
        parameters = tuple(Weights(*weights[d * each : (d + 1) * each]) for d in range(directions))
        layout = Layout(Order(order), batch, time, rows, lengths)
        return cls(KERNELS[cell], bool(reverse), layout, parameters)

    def numbers(self) -> list[int]:
        """Cell, D, reversed, order, B, T, N."""
        layout = self.layout
        sizes = [layout.order, layout.batch, layout.time, layout.rows]
        return [self.number, self.directions, int(self.reversed), *map(int, sizes)]

    @property
    def number(self) -> int:
        """Of the cell."""
        number = IMPLEMENTATIONS[self.cell].kernel
        assert number is not None
        return number

    @property
    def directions(self) -> int:
        """D."""
        return len(self.parameters)

    @property
    def hidden(self) -> int:
        """H."""
        return self.parameters[0].hidden

    @property
    def gates(self) -> int:
        """G: row blocks of a weight."""
        return len(RECORDS[self.cell].gates)

    @property
    def width(self) -> int:
        """D·G·H: the gates of a step, direction beside direction."""
        return self.directions * self.gates * self.hidden

    def input_matrix(self) -> Tensor:
        """``W_ih`` of all directions, ``(D·G·H, F)``: one product serves them all."""
        if self.directions == 1:
            return self.parameters[0].input
        return torch.cat([own.input for own in self.parameters])

    def columns(self, gates: Tensor, direction: int) -> int | None:
        """Where one direction's columns of the gates begin; ``None`` where there are no gates."""
        if gates.numel() == 0:
            return None
        return gates.data_ptr() + direction * self.gates * self.hidden * gates.element_size()

    @property
    def output_shape(self) -> tuple[int, ...]:
        """``(B, T, D·H)``, or as the layout has it."""
        return self.layout.shape(self.directions * self.hidden)

    @property
    def state_shape(self) -> tuple[int, int, int]:
        """``(D, B, H)``."""
        return (self.directions, self.layout.batch, self.hidden)

    @property
    def memory_shape(self) -> tuple[int, ...]:
        """As ``state_shape``, and ``(0,)`` for cells without a memory: operators have no optional results."""
        return self.state_shape if len(RECORDS[self.cell].states) > 1 else (0,)

    def gates_shape(self, *, saved: bool) -> tuple[int, ...]:
        """Of what the backward pass needs of the gates; cells without gates need nothing."""
        return (self.layout.rows, self.width) if saved and self.gates > 1 else (0,)

    def kept_shape(self, *, saved: bool) -> tuple[int, ...]:
        """Of what it needs beside: memories of an LSTM, the recurrent part of a GRU's new gate."""
        return (self.directions, self.layout.rows, self.hidden) if saved and self.gates > 1 else (0,)

    def problem(self, tables: Tables, *, features: int = 0) -> Problem:
        """For the library. ``features``: F, if the kernels project ``x`` themselves."""
        layout = self.layout
        outputs = layout.output_places(tables)
        return Problem(
            self.number,
            self.hidden,
            layout.batch,
            layout.time,
            self.directions,
            int(self.reversed),
            torch.get_num_threads(),
            pointer(layout.lengths),
            layout.row_places(tables),
            outputs,
            features,
            outputs,
        )

    def check(self, status: int) -> None:
        """Raise what the library's answer means.

        Raises:
            MemoryError: No memory for the states.
        """
        if status == _NO_MEMORY:
            raise MemoryError(f"for the states of a recurrence of {self.hidden} units")
        assert status == 0, f"the kernels refused the arguments of {self}"

    def steps_of(self, native: ctypes.CDLL, x: Tensor, tables: Tables) -> Tensor:
        """``(N, F)``: the true steps of ``x``."""
        if not self.layout.gathers:
            return x.view(self.layout.rows, x.shape[-1])
        steps = x.new_empty(self.layout.rows, x.shape[-1])
        self._move(native, x, steps, tables, back=False)
        return steps

    def spread(self, native: ctypes.CDLL, steps: Tensor, tables: Tables) -> Tensor:
        """The other way: ``(N, F)`` to the shape of the batch, zeros in the padding."""
        shape = self.layout.shape(steps.shape[1])
        if not self.layout.gathers:
            return steps.view(shape)
        x = steps.new_empty(shape)
        self._move(native, steps, x, tables, back=True)
        return x

    def _move(
        self, native: ctypes.CDLL, source: Tensor, target: Tensor, tables: Tables, *, back: bool
    ) -> None:
        layout = self.layout
        padded, rows = ctypes.byref(layout.padded_places()), ctypes.byref(layout.row_places(tables))
        of_source, of_target = (rows, padded) if back else (padded, rows)
        status = native.tidegate_move_rows(
            layout.batch,
            layout.time,
            source.shape[-1],
            pointer(layout.lengths),
            source.data_ptr(),
            of_source,
            target.data_ptr(),
            of_target,
            int(back),
            torch.get_num_threads(),
        )
        self.check(status)


def pointer(tensor: Tensor | None) -> int | None:
    """Where its numbers begin."""
    return None if tensor is None else tensor.data_ptr()


def part(tensor: Tensor | None, direction: int) -> int | None:
    """Where one direction's part of a contiguous ``(D, …)`` begins; ``None`` where there is nothing."""
    if tensor is None or tensor.numel() == 0:
        return None
    return tensor.data_ptr() + direction * tensor.stride(0) * tensor.element_size()
