"""What a user may set in the table ``[params]`` of these tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from tidegate.errors import ConfigError

NETWORKS = ("elman", "elman-relu", "elman-orthogonal", "lstm", "gru", "tcn")


@dataclass(frozen=True)
class Settings:
    """The table ``[params]``; every key has a default.

    Attributes:
        network: One of ``NETWORKS``.
        hidden: H of a recurrent layer, or channels of the TCN.
        length: T of the problem.
        gain: Inputs come this many times as large. Numbers in [0, 1] hardly bend the cells of a wide layer, but what it
            must learn is bent: to take a number where a mark stands.
        span: Longest memory that the gates start with (Tallec and Ollivier 2018); 0: gates start as usual.
        kernel: Taps of each convolution of the TCN.
        levels: Its residual blocks; each doubles the dilation.
        epoch: Training sequences between two validations. None of them ever comes again.
        held_out: Sequences of the validation split, and of the test split.
    """

    network: str = "lstm"
    hidden: int = 64
    length: int = 100
    gain: float = 1.0
    span: int = 0
    kernel: int = 8
    levels: int = 8
    epoch: int = 3200
    held_out: int = 1000

    @classmethod
    def read(cls, params: Mapping[str, Any], *, shortest: int = 1) -> Settings:
        """Check the table ``[params]``.

        Args:
            params: As the run's specification has it.
            shortest: The smallest length that makes sense for the task.

        Raises:
            ConfigError: A key is unknown, or its value does not fit.

        >>> Settings.read({"network": "gru"}).hidden
        64
        >>> Settings.read({"size": 3})
        Traceback (most recent call last):
        tidegate.errors.ConfigError: unknown key
          where:    params.size
          expected: network, hidden, length, gain, span, kernel, levels, epoch, held_out
        """
        known = {field.name: field.default for field in fields(cls)}
        least = dict.fromkeys(known, 1) | {"length": shortest, "span": 0}
        for key, value in params.items():
            if key not in known:
                raise ConfigError("unknown key", where=f"params.{key}", expected=", ".join(known))
            number = isinstance(value, int) and not isinstance(value, bool)
            if key == "network":
                fits, expected = value in NETWORKS, " or ".join(NETWORKS)
            elif key == "gain":
                fits, expected = (number or isinstance(value, float)) and value > 0, "a number above 0"
            else:
                fits, expected = number and value >= least[key], f"a whole number, {least[key]} or more"
            if not fits:
                raise ConfigError("wrong value", where=f"params.{key}", expected=expected, got=repr(value))
        return cls(**params)
