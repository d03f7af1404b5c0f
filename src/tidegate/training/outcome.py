"""What training leaves."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from tidegate.training.folder import Best
from tidegate.training.progress import Progress


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        network: With the best weights, or with the last ones where ``train.choose`` says so.
        stopped: epochs, max_time, steps, examples, patience or interrupted.
        progress: The final state.
        best: Where those come from, and what validation measured of them then.
        steps_per_epoch: Optimiser steps of one pass over the training data.
        samples_per_second: Of training steps.
        device: Where the network is.
    """

    network: nn.Module
    stopped: str
    progress: Progress
    best: Best
    steps_per_epoch: int
    samples_per_second: float
    device: torch.device
