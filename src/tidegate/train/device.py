"""Where a run computes, and how exactly."""

from __future__ import annotations

import logging

import torch
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
    if spec.precision == "16-mixed" and not _has_gpu(spec.device):
        raise ConfigError(
            "this precision needs a GPU",
            where="train.precision",
            expected="32-true, bf16-mixed or 64-true on a CPU",
            came=f"{spec.precision}, train.device = {spec.device}",
            advice="leave train.precision out",
        )
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


def _has_gpu(device: str) -> bool:
    return device != "cpu" and (torch.cuda.is_available() or torch.backends.mps.is_available())
