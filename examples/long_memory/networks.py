"""Four kinds of network from sequences ``(B, T, F)`` to answers, of about equal size.

The recurrent ones are ``tidegate.nn``'s layers, which run on its kernels; the TCN is torch's convolutions in the form of
Bai, Kolter and Koltun (2018).
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrizations

from long_memory.settings import Settings
from long_memory.starts import start_with_identity, start_with_spans
from tidegate.nn import GRU, LSTM, RNN

NEARLY_LINEAR = 0.01
"""Scale of the inputs of the orthogonal network: tanh(x) differs from x by a part of x² / 3 there."""


class Body(nn.Module):
    """Sequences ``(B, T, F)`` to features ``(B, T, H)``; what it gives at a step depends on no later one."""

    features: int


class Recurrent(Body):
    """One recurrent layer, forward in time.

    ``elman-orthogonal`` keeps ``W_hh`` orthogonal for good and its states so small that tanh is nearly linear: nothing
    then fades (Arjovsky et al. 2016; Lezcano-Casado and Martínez-Rubio 2019).

    Args:
        inputs: F.
        settings: ``network``, ``hidden`` and ``span`` of them.
    """

    def __init__(self, inputs: int, settings: Settings) -> None:
        super().__init__()
        self.features = settings.hidden
        self.scale = NEARLY_LINEAR if settings.network == "elman-orthogonal" else 1.0
        self.layer = self._layer(inputs, settings)

    def _layer(self, inputs: int, settings: Settings) -> nn.Module:
        hidden = settings.hidden
        match settings.network:
            case "lstm":
                layer = LSTM(inputs, hidden, batch_first=True)
            case "gru":
                layer = GRU(inputs, hidden, batch_first=True)
            case "elman-relu":
                layer = RNN(inputs, hidden, nonlinearity="relu", batch_first=True)
                start_with_identity(layer)
            case "elman-orthogonal":
                layer = RNN(inputs, hidden, batch_first=True)
                parametrizations.orthogonal(layer, "weight_hh_l0", orthogonal_map="matrix_exp")
            case _:
                layer = RNN(inputs, hidden, batch_first=True)
        if settings.span and isinstance(layer, nn.LSTM | nn.GRU):
            start_with_spans(layer, settings.span)
        return layer

    def forward(self, x: Tensor) -> Tensor:
        """``(B, T, F)`` to ``(B, T, H)``."""
        y, _ = self.layer(x * self.scale)
        return y / self.scale


class CausalBlock(nn.Module):
    """Two dilated convolutions that look back only, with weight normalisation and ReLU, around a shortcut.

    Args:
        inputs: Channels that come.
        channels: Channels of both convolutions.
        kernel: Taps.
        dilation: Steps from one tap to the next.
    """

    def __init__(self, inputs: int, channels: int, kernel: int, dilation: int) -> None:
        super().__init__()
        self.before = (kernel - 1) * dilation
        convolutions = [
            nn.Conv1d(one, other, kernel, dilation=dilation)
            for one, other in pairwise((inputs, channels, channels))
        ]
        for convolution in convolutions:
            # For ReLU (He et al. 2015); torch's own start is so small that little comes through sixteen of them.
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
        self.convolutions = nn.ModuleList(map(parametrizations.weight_norm, convolutions))
        self.shortcut = nn.Conv1d(inputs, channels, 1) if inputs != channels else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """``(B, F, T)`` to ``(B, H, T)``."""
        y = x
        for convolution in self.convolutions:
            y = functional.relu(convolution(functional.pad(y, (self.before, 0))))
        return functional.relu(y + self.shortcut(x))


class Tcn(Body):
    """A causal dilated CNN: block l has dilation 2ˡ, so that the last sees ``1 + 2·(kernel - 1)·(2ᴸ - 1)`` steps.

    Args:
        inputs: F.
        settings: ``hidden``, ``kernel`` and ``levels`` of them.
    """

    def __init__(self, inputs: int, settings: Settings) -> None:
        super().__init__()
        self.features = settings.hidden
        self.sees = 1 + 2 * (settings.kernel - 1) * (2**settings.levels - 1)
        widths = [inputs] + [settings.hidden] * settings.levels
        self.blocks = nn.Sequential(
            *(CausalBlock(*pair, settings.kernel, 2**level) for level, pair in enumerate(pairwise(widths)))
        )

    def forward(self, x: Tensor) -> Tensor:
        """``(B, T, F)`` to ``(B, T, H)``."""
        return self.blocks(x.transpose(1, 2)).transpose(1, 2)


class Answering(nn.Module):
    """A body, and a linear layer that answers.

    Args:
        body: What reads.
        outputs: K.
        gain: Inputs come this many times as large.
        every_step: Whether it answers at every step, or once, after the last.
    """

    def __init__(self, body: Body, outputs: int, *, gain: float, every_step: bool) -> None:
        super().__init__()
        self.body = body
        self.answer = nn.Linear(body.features, outputs)
        self.gain, self.every_step = gain, every_step

    def forward(self, x: Tensor) -> Tensor:
        """``(B, T, F)`` to ``(B, T, K)``, or ``(B, K)``."""
        y = self.body(x * self.gain)
        return self.answer(y if self.every_step else y[:, -1])


def make_network(settings: Settings, inputs: int, outputs: int, *, every_step: bool) -> Answering:
    """The network that the settings name, as a module from ``(B, T, F)`` to answers.

    >>> import torch
    >>> network = make_network(Settings(network="gru", hidden=4), inputs=2, outputs=1, every_step=False)
    >>> network(torch.zeros(3, 9, 2)).shape
    torch.Size([3, 1])
    """
    body = Tcn(inputs, settings) if settings.network == "tcn" else Recurrent(inputs, settings)
    return Answering(body, outputs, gain=settings.gain, every_step=every_step)
