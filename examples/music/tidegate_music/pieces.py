"""A portion of the pieces: batches of like lengths, whole or window after window, each piece moved up or down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tidegate_music.rolls import Roll
from tidegate_music.settings import KEYS

AT_ONCE = 16
"""Pieces that are measured at a time; figures do not depend on it."""


@dataclass(frozen=True)
class Frames:
    """Some frames of some pieces, the longest first.

    Attributes:
        inputs: ``(B, T, 88)``, 0 beyond a length.
        targets: The frames that follow, of the same shape.
        lengths: Frames of each that are predicted ``(B,)``, 1 to T.
        first: Whether the pieces begin here, so that nothing is carried.
        pieces: Which piece of the portion each is.
    """

    inputs: Tensor
    targets: Tensor
    lengths: Tensor
    first: bool
    pieces: Sequence[int]

    @property
    def samples(self) -> int:
        """Frames that are predicted."""
        return int(self.lengths.sum())

    @property
    def present(self) -> Tensor:
        """Where there is something to predict ``(B, T)``, bool."""
        return torch.arange(self.inputs.shape[1]) < self.lengths[:, None]


class Pieces:
    """A portion of the data, as ``tidegate.tasks.contract.Split`` asks for one.

    An entry of a plan is the first frame of a window, then a piece and its shift in semitones, turn by turn. It alone
    decides the batch. Pieces are sorted by length, those of equal length at random, and cut into batches, whose order is
    random; so an epoch has the same number of windows every time.

    Args:
        rolls: ``(T, 88)`` each, T 2 or more.
        window: Frames of a window; 0: whole pieces.
        transpose: Largest shift.

    >>> pieces = Pieces([np.eye(9, 88, dtype=np.uint8), np.eye(4, 88, dtype=np.uint8)], window=5)
    >>> len(pieces), pieces.plan(batch_size=2, seed=0, epoch=0)
    (11, [[0, 0, 0, 1, 0], [5, 0, 0]])
    """

    def __init__(self, rolls: Sequence[Roll], window: int = 0, transpose: int = 0) -> None:
        self.rolls = [torch.from_numpy(roll) for roll in rolls]
        self.window = window
        self.room = [_room(roll, transpose) for roll in rolls]

    def __len__(self) -> int:
        """Frames that are predicted: all but each piece's first."""
        return sum(len(roll) - 1 for roll in self.rolls)

    def sizes(self) -> Sequence[int]:
        """Frames of each piece."""
        return [len(roll) for roll in self.rolls]

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """The windows of an epoch; those of the same pieces follow one another."""
        chance = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, epoch])))
        lengths = np.array(self.sizes())
        longest_first = np.lexsort((chance.permutation(len(lengths)), -lengths))
        shifts = [int(chance.integers(down, up + 1)) for down, up in self.room]
        groups = np.split(longest_first, range(batch_size, len(lengths), batch_size))
        return [
            entry
            for number in chance.permutation(len(groups))
            for entry in self._windows(groups[number], shifts)
        ]

    def _windows(self, group: Sequence[int], shifts: Sequence[int]) -> Iterator[list[int]]:
        """Of pieces that begin together; a piece that has ended is left out of what follows."""
        longest = len(self.rolls[group[0]]) - 1
        for start in range(0, longest, self.window or longest):
            going = [int(piece) for piece in group if len(self.rolls[piece]) - 1 > start]
            yield [start, *(number for piece in going for number in (piece, shifts[piece]))]

    def batch(self, indices: Sequence[int]) -> Frames:
        """The window that one entry of the plan names."""
        start, *rest = indices
        end = start + self.window if self.window else None
        rows = [
            moved(self.rolls[piece], shift)[start : end and end + 1]
            for piece, shift in zip(rest[::2], rest[1::2], strict=True)
        ]
        lengths = torch.tensor([len(row) - 1 for row in rows])
        padded = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).float()
        inputs, targets = padded[:, :-1].clone(), padded[:, 1:]
        # A row's last frame is only ever predicted.
        inputs[torch.arange(inputs.shape[1]) >= lengths[:, None]] = 0
        return Frames(inputs, targets, lengths, start == 0, rest[::2])

    def held_out(self) -> Iterator[Frames]:
        """All pieces, whole and where they are, for evaluation."""
        still = Pieces([roll.numpy() for roll in self.rolls])
        return (still.batch(entry) for entry in still.plan(AT_ONCE, seed=0, epoch=0))


def moved(roll: Tensor, semitones: int) -> Tensor:
    """A piece ``(T, 88)`` so many semitones higher, or lower; nothing comes back at the other end.

    >>> moved(torch.tensor([[1, 0, 0]]), 2).tolist(), moved(torch.tensor([[1, 0, 0]]), -1).tolist()
    ([[0, 0, 1]], [[0, 0, 0]])
    """
    if semitones == 0:
        return roll
    there = torch.zeros_like(roll)
    if semitones > 0:
        there[:, semitones:] = roll[:, :-semitones]
    else:
        there[:, :semitones] = roll[:, -semitones:]
    return there


def _room(roll: Roll, transpose: int) -> tuple[int, int]:
    """How far down and up a piece may go, so that no note leaves the keyboard."""
    sounding = np.flatnonzero(roll.any(axis=0))
    if not len(sounding):
        return 0, 0
    return -min(transpose, int(sounding[0])), min(transpose, KEYS - 1 - int(sounding[-1]))
