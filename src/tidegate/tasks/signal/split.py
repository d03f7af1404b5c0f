"""A split of signals, ready for the loop: cut into windows, scaled and padded by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.signal_set import Signal
from tidegate.data.signals.windows import windows
from tidegate.tasks.batches import plan_epoch, plan_evaluation
from tidegate.tasks.signal.scaling import Scaling
from tidegate.tasks.split import TaskBatch

Encode = Callable[[str], float]
MOST_PADDED = 400_000
"""Steps of a batch of evaluation, padding included."""


class SignalWindows:
    """What the network is asked of: the windows of some signals, or the signals themselves where they are not cut.

    Values stay as the reader gave them, bytes or floats, until a batch needs them: windows are views.

    Args:
        signals: Whole sequences.
        scaling: Of their channels.
        targets: A number for each sequence: of its class, or its scaled value.
        spec: Window and stride.
    """

    def __init__(
        self, signals: Sequence[Signal], scaling: Scaling, targets: Sequence[float], spec: SignalSpec
    ) -> None:
        self._scaling = scaling
        own = signals if scaling.mode == "sample" else signals[:1]
        self._statistics = [scaling.statistics(signal.values) for signal in own]
        cut = [
            [signal] if spec.window is None else windows([signal], spec.window, spec.stride)
            for signal in signals
        ]
        self.signals = [window for parts in cut for window in parts]
        counts = np.array([len(parts) for parts in cut], np.int64)
        self.sequences = np.repeat(np.arange(len(signals)), counts)
        """The place of the sequence that each window is of."""
        self.references: Sequence[str] = [window.target for window in self.signals]
        self.names: Sequence[str] = [window.name for window in self.signals]
        self._targets = np.asarray(targets, np.float64)
        self._lengths = np.array([len(window) for window in self.signals], np.int64)

    def __len__(self) -> int:
        return len(self.signals)

    def sizes(self) -> Sequence[int]:
        """Steps of each window."""
        return self._lengths.tolist()

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """Batches of about equal length in random order."""
        return plan_epoch(self._lengths, batch_size, seed, epoch)

    def plan_in_order(self, batch_size: int) -> list[list[int]]:
        """Batches of about equal length, every window once."""
        return plan_evaluation(self._lengths, batch_size, max_columns=MOST_PADDED)

    def batch(self, indices: Sequence[int]) -> TaskBatch:
        """Scale and pad some windows: ``inputs (B, C, 1, T)``, targets ``(B,)`` in double precision."""
        lengths = self._lengths[list(indices)]
        channels = self.signals[indices[0]].values.shape[1]
        inputs = np.zeros((len(indices), channels, 1, int(lengths.max())), np.float32)
        for row, index in zip(inputs, indices, strict=True):
            values = self.signals[index].values
            # One for all, or one for each sequence.
            place = self.sequences[index] if len(self._statistics) > 1 else 0
            row[:, 0, : len(values)] = self._scaling.apply(values, *self._statistics[place]).T
        targets = torch.from_numpy(self._targets[self.sequences[list(indices)]])
        return TaskBatch(torch.from_numpy(inputs), torch.from_numpy(lengths), targets, None, indices)


class SignalSplit:
    """Signals with their answers. The network sees their windows, people see the sequences.

    Args:
        signals: Whole sequences.
        channels: Their names.
        rate: Steps a second, where that is known.
        scaling: Of the channels.
        encode: The number of an answer.
        spec: Window and stride.
    """

    def __init__(
        self,
        signals: Sequence[Signal],
        channels: Sequence[str],
        rate: float | None,
        scaling: Scaling,
        encode: Encode,
        spec: SignalSpec,
    ) -> None:
        self.signals, self.channels, self.rate = signals, channels, rate
        targets = [encode(signal.target) for signal in signals]
        self.windows = SignalWindows(signals, scaling, targets, spec)
        self.references: Sequence[str] = [signal.target for signal in signals]
        self.names: Sequence[str] = [signal.name for signal in signals]

    def __len__(self) -> int:
        """Sequences."""
        return len(self.signals)

    def sizes(self) -> Sequence[int]:
        """Steps of each window that the network sees."""
        return self.windows.sizes()

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """Batches of windows of about equal length in random order."""
        return self.windows.plan(batch_size, seed, epoch)

    def plan_in_order(self, batch_size: int) -> list[list[int]]:
        """Batches of windows of about equal length, each once."""
        return self.windows.plan_in_order(batch_size)

    def batch(self, indices: Sequence[int]) -> TaskBatch:
        """Some windows."""
        return self.windows.batch(indices)


def as_signal(batch: TaskBatch) -> Tensor:
    """The inputs as ``(B, T, C)``."""
    return batch.inputs[:, :, 0].transpose(1, 2)
