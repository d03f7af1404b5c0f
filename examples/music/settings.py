"""What a user may set in the table ``[params]`` of the task ``music``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from tidegate.errors import ConfigError

CELLS = ("rnn", "lstm", "gru")
_LEAST = {"hidden": 1, "layers": 1, "window": 0, "transpose": 0}


@dataclass(frozen=True)
class Settings:
    """The table ``[params]``; every key has a default.

    Attributes:
        cell: One of ``CELLS``.
        hidden: H of each layer.
        layers: L.
        gain: Frames come this many times as large to the first layer: four notes in 88 hardly bend its cells otherwise.
        shortcut: Whether the output reads the present frame too, and so says by itself what usually comes after a note.
        window: Frames that gradients go back through, states being carried from window to window; 0: whole pieces.
        transpose: Training pieces are moved by up to so many semitones, up or down, anew in every epoch.
        input_dropout: Probability that a note of a frame is not read, in training.
        locked_dropout: The same of a feature of a layer's output, at all frames of a window (Gal and Ghahramani 2016).
        output_dropout: The same of a feature that the output reads, frame by frame.
    """

    cell: str = "gru"
    hidden: int = 256
    layers: int = 1
    gain: float = 10.0
    shortcut: bool = True
    window: int = 0
    transpose: int = 0
    input_dropout: float = 0.0
    locked_dropout: float = 0.0
    output_dropout: float = 0.0

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Settings:
        """Check the table ``[params]``.

        Raises:
            ConfigError: A key is unknown, or its value does not fit.

        >>> Settings.read({"cell": "lstm"}).cell
        'lstm'
        >>> Settings.read({"hidden": 0})
        Traceback (most recent call last):
        tidegate.errors.ConfigError: wrong value
          where:    params.hidden
          expected: a whole number, 1 or more
          got:      0
        """
        known = {field.name: field.default for field in fields(cls)}
        for key, value in params.items():
            if key not in known:
                raise ConfigError("unknown key", where=f"params.{key}", expected=", ".join(known))
            fits, expected = _check(key, value)
            if not fits:
                raise ConfigError("wrong value", where=f"params.{key}", expected=expected, got=repr(value))
        return cls(**params)


def _check(key: str, value: object) -> tuple[bool, str]:
    """Whether a value fits its key, and what would."""
    if key == "cell":
        return value in CELLS, " or ".join(CELLS)
    if key == "shortcut":
        return isinstance(value, bool), "true or false"
    whole = isinstance(value, int) and not isinstance(value, bool)
    if key == "gain":
        return (whole or isinstance(value, float)) and value > 0, "a number above 0"
    if key in _LEAST:
        return whole and value >= _LEAST[key], f"a whole number, {_LEAST[key]} or more"
    return (whole or isinstance(value, float)) and 0 <= value < 1, "a number from 0 up to, but not, 1"
