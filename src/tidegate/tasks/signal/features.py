"""What comes in pieces of a stream, as the network's channels: rows as they are, or sound as frames of log-mel."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.checks import Missing, mend
from tidegate.data.signals.sound.log_mel import frame_sizes, log_mel
from tidegate.errors import DataError
from tidegate.tasks.signal.reading import Shape

Values = NDArray[np.float32]


class Features(Protocol):
    """From rows to channels.

    Attributes:
        names: Of the columns of a row.
        holes: Whether values may be missing.
        usual: Rows of a piece where nobody says how many.
    """

    names: tuple[str, ...]
    holes: bool
    usual: int

    def rows(self, chunk: ArrayLike, before: int) -> Values:
        """A piece as ``(t, C)``, checked.

        Args:
            chunk: Numbers.
            before: Rows that came before it, for messages.

        Raises:
            DataError: It has other channels than the model, or holds values that are missing.
        """
        ...

    def push(self, rows: Values) -> Values:
        """The steps ``(t, C)`` that are complete with these rows, perhaps none."""
        ...

    def finish(self) -> Values:
        """The steps that were not."""
        ...


def features_of(spec: SignalSpec, shape: Shape) -> Features:
    """Those that a model was trained on."""
    return (
        _Frames(spec, shape.sound_rate) if shape.sound_rate and spec.features != "raw" else _Rows(spec, shape)
    )


class _Rows:
    """Every row is a step."""

    def __init__(self, spec: SignalSpec, shape: Shape) -> None:
        self._missing: Missing = spec.missing
        self.names = shape.given(spec)
        self.holes, self.usual = spec.missing in ("zero", "mask"), 1

    def rows(self, chunk: ArrayLike, before: int) -> Values:
        values = _table(chunk, len(self.names), before)
        holes = np.argwhere(~np.isfinite(values))
        if len(holes) and not self.holes:
            row, channel = holes[0]
            raise DataError(
                "a value is missing",
                where=f"row {before + int(row) + 1}, channel {self.names[channel]}",
                got=str(values[row, channel]),
                hint="a stream cannot be interpolated, since what comes next is not known: "
                "train with signal.missing = zero or mask",
            )
        return values

    def push(self, rows: Values) -> Values:
        return mend(rows, self._missing)[0]

    def finish(self) -> Values:
        return np.zeros((0, len(self.names)), np.float32)


class _Frames:
    """Log-mel of sound, a frame as soon as its samples are there. A piece is usually a tenth of a second."""

    def __init__(self, spec: SignalSpec, rate: int) -> None:
        self._spec, self._rate = spec, rate
        self.names, self.holes, self.usual = ("sample",), False, max(1, rate // 10)
        self._length, self._step = frame_sizes(rate, spec.frame, spec.hop)
        self._kept = np.zeros(0, np.float32)
        """Samples from the start of the next frame on."""
        self._skip = 0
        """Samples still to come that are in no frame, where the hop is longer than a frame."""
        self._rest = 0
        """Samples behind the last whole frame."""

    def rows(self, chunk: ArrayLike, before: int) -> Values:
        values = _table(chunk, 1, before)
        bad = np.flatnonzero(~np.isfinite(values[:, 0]))
        if len(bad):
            raise DataError(
                "a sample of sound is no finite number", where=f"sample {before + int(bad[0]) + 1}"
            )
        return values

    def push(self, rows: Values) -> Values:
        dropped = min(self._skip, len(rows))
        self._skip -= dropped
        self._rest += len(rows)
        self._kept = np.concatenate([self._kept, rows[dropped:, 0]])
        whole = max(0, (len(self._kept) - self._length) // self._step + 1)
        if not whole:
            return np.zeros((0, self._spec.mels), np.float32)
        used, behind = (whole - 1) * self._step + self._length, whole * self._step
        features = self._of(self._kept[:used])
        self._rest = len(self._kept) - used
        self._skip = max(0, behind - len(self._kept))
        self._kept = self._kept[behind:]
        return features

    def finish(self) -> Values:
        if not self._rest:
            return np.zeros((0, self._spec.mels), np.float32)
        return self._of(self._kept)

    def _of(self, samples: Values) -> Values:
        spec = self._spec
        return log_mel(samples, self._rate, mels=spec.mels, frame=spec.frame, hop=spec.hop)


def _table(chunk: ArrayLike, channels: int, before: int) -> Values:
    values = np.asarray(chunk, np.float32)
    if values.ndim == 1 and channels == 1:
        values = values[:, None]
    if values.ndim != 2 or values.shape[1] != channels:
        raise DataError(
            "a piece of a stream has other channels than the model",
            where=f"row {before + 1}",
            expected=f"numbers in {channels} {'columns' if channels > 1 else 'column'}",
            got=f"an array of shape {values.shape}",
        )
    return values
