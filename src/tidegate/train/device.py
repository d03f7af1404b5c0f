"""Where a run computes, and how exactly."""

from __future__ import annotations

import logging

from lightning_fabric import Fabric

from tidegate.errors import ConfigError
from tidegate.spec.run import TrainSpec


def make_fabric(spec: TrainSpec) -> Fabric:
    """One device at one precision.

    Raises:
        ConfigError: The machine has no such device, or the device has no such precision.

    >>> make_fabric(TrainSpec(device="cpu")).device
    device(type='cpu')
    """
    # It tells every start which precision it was asked for, in the middle of our own display.
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    try:
        return Fabric(accelerator=spec.device, devices=1, precision=spec.precision)
    except (ValueError, RuntimeError) as error:
        raise ConfigError(
            "the device cannot be used",
            where="train.device",
            expected="cpu, cuda, mps or auto; only what this machine has",
            came=f"{spec.device}, with train.precision = {spec.precision}: {error}",
            advice="leave --device out: auto takes the best there is",
        ) from error
