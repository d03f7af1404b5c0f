"""From what was seen to the steps of the future: four ways, each with its encoder.

All take a window with each value in the terms of its own window (``instance_norm``) and give ``(B, H, O)``: O
outputs a step, every target and quantile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.config.tasks.forecast import Decoder
from tidegate.errors import ConfigError
from tidegate.network.cells import CELLS
from tidegate.network.layers import Layer, Recurrence
from tidegate.nn.recurrent import Recurrent
from tidegate.tasks.forecast.encoders import StateEncoder, VectorEncoder
from tidegate.tasks.forecast.window import Window, WindowShape

LOCAL = 64
"""Units that join what was seen with what is known of a step of the future."""


class Direct(nn.Module):
    """All steps at once, from a vector of the whole window.

    What is known of a future step is joined with that vector by a small network, the same for all steps (as MQ-RNN does;
    Wen et al. 2017).
    """

    def __init__(self, layers: Sequence[Layer], features: int, shape: WindowShape, outputs: int) -> None:
        super().__init__()
        self.shape, self.outputs = shape, outputs
        self.encoder = VectorEncoder(layers, features, shape.lookback)
        self.head = nn.Linear(self.encoder.features, shape.horizon * outputs)
        self.seen = nn.Linear(self.encoder.features, LOCAL) if shape.known else None
        self.known = nn.Linear(shape.known, LOCAL, bias=False) if shape.known else None
        self.join = nn.Linear(LOCAL, outputs) if shape.known else None

    def forward(self, steps: Tensor, window: Window, past: Tensor) -> Tensor:
        """``steps (B, L, F)``."""
        vector = self.encoder(steps)
        y = self.head(vector).view(len(vector), self.shape.horizon, self.outputs)
        if self.seen is not None and self.known is not None and self.join is not None:
            future = self.known(window.known[:, self.shape.lookback :])
            y = y + self.join(functional.relu(future + self.seen(vector)[:, None]))
        return y


class EncoderDecoder(nn.Module):
    """A second recurrent layer over the future: its states start from the window's, its inputs are what is known.

    Sutskever et al. 2014, without feeding answers back: each step has a learnt vector of its place instead, so that
    errors do not build up and all steps are one call.
    """

    def __init__(self, layers: Sequence[Layer], features: int, shape: WindowShape, outputs: int) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = StateEncoder(layers, features, shape.lookback)
        cell, hidden = self.encoder.cell, self.encoder.hidden
        self.places = nn.Parameter(torch.randn(shape.horizon, hidden) / hidden**0.5)
        self.known = nn.Linear(shape.known, hidden) if shape.known else None
        self.bridges = nn.ModuleList(nn.Linear(self.encoder.features, hidden) for _ in CELLS[cell].states)
        self.decoder = Recurrent(hidden, Recurrence(cell, "forward", "x", hidden))
        self.head = nn.Linear(hidden, outputs)

    def forward(self, steps: Tensor, window: Window, past: Tensor) -> Tensor:
        """``steps (B, L, F)``."""
        vector, _ = self.encoder(steps)
        inputs = self.places.expand(len(vector), -1, -1)
        if self.known is not None:
            inputs = inputs + self.known(window.known[:, self.shape.lookback :])
        states = [torch.tanh(bridge(vector))[None] for bridge in self.bridges]
        y, _ = self.decoder.stream(inputs, states)
        return self.head(y)


class Segmentwise(nn.Module):
    """Segments in, all segments of the future out at once. SegRNN, Lin et al. 2023.

    The window is read segment by segment. From the states after it, one more step is taken for every segment of the
    future, side by side: its input is a learnt vector of its place (with what is known of it), and its output a whole
    segment.
    """

    def __init__(
        self, layers: Sequence[Layer], features: int, shape: WindowShape, outputs: int, segment: int
    ) -> None:
        super().__init__()
        self.shape, self.outputs, self.segment = shape, outputs, segment
        self.encoder = StateEncoder(layers, features, shape.lookback // segment)
        count = -(-shape.horizon // segment)
        self.places = nn.Parameter(torch.randn(count, self.encoder.inside))
        self.known = nn.Linear(shape.known * segment, self.encoder.inside) if shape.known else None
        self.head = nn.Linear(self.encoder.features, segment * outputs)

    def forward(self, steps: Tensor, window: Window, past: Tensor) -> Tensor:
        """``steps (B, L / segment, F)``."""
        _, states = self.encoder(steps)
        inputs = self.places[None]
        if self.known is not None:
            inputs = inputs + self.known(self._known(window.known[:, self.shape.lookback :]))
        y = self.head(self.encoder.broadcast(inputs, states))
        return y.view(len(y), -1, self.outputs)[:, : self.shape.horizon]

    def _known(self, future: Tensor) -> Tensor:
        short = len(self.places) * self.segment - future.shape[1]
        # The last segment may reach beyond the horizon.
        return functional.pad(future, (0, 0, 0, short)).view(len(future), len(self.places), -1)


class Recursive(nn.Module):
    """One step after the other: each answer is the input of the next step, in training too.

    Training on its own answers is what it must do later; training on true ones (teacher forcing, Williams and Zipser
    1989) would leave it unprepared for its errors.
    """

    def __init__(self, layers: Sequence[Layer], features: int, shape: WindowShape, outputs: int) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = StateEncoder(layers, features, shape.lookback)
        if self.encoder.before:
            raise ConfigError(
                "a layer before the recurrent ones reads the whole window, "
                "and a recursive decoder's steps come one by one",
                where="forecast.decoder",
                expected="recurrent layers and dropout only",
                hint="leave the convolutions out, or take another decoder",
            )
        self.head = nn.Linear(self.encoder.features, outputs)
        self.targets = shape.targets
        self.quantiles = outputs // shape.targets

    def forward(self, steps: Tensor, window: Window, past: Tensor) -> Tensor:
        """``steps (B, L, F)``, whose last columns, what is known, are those of the step after."""
        _, states = self.encoder(steps)
        last = states[-len(CELLS[self.encoder.cell].states)].transpose(0, 1).flatten(1)
        answers = [self.head(last)]
        still = self._still(steps)
        for step in range(1, window.horizon):
            fed = answers[-1].view(len(steps), self.targets, self.quantiles)[:, :, self.quantiles // 2]
            after = window.known[:, self.shape.lookback + step, None]
            y, states = self.encoder.run(torch.cat([fed[:, None], still, after], dim=2), states)
            answers.append(self.head(y[:, 0]))
        return torch.stack(answers, dim=1)

    def _still(self, steps: Tensor) -> Tensor:
        """What stands between the values and what is known, at a step of the future: no value is missing there."""
        masks = self.targets if self.shape.masked else 0
        last = steps[:, -1:, self.targets + masks : steps.shape[2] - self.shape.known]
        return torch.cat([last.new_zeros(len(steps), 1, masks), last], dim=2)


Make = Callable[[Sequence[Layer], int, WindowShape, int], nn.Module]
DECODERS: dict[Decoder, Make] = {
    "direct": Direct,
    "encoder-decoder": EncoderDecoder,
    "recursive": Recursive,
}
"""Those that read the window step by step; ``segment`` is ``Segmentwise``."""
