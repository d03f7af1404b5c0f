"""The models that `number_models.py` times, as one writes them with torch: `torch.nn.LSTM`, packed sequences, masks by
hand; and the check that they give the same answers as ours.

Each says by which names its weights go in ours (`names`), so that both start from the same.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from words_torch import gradients

from tidegate.errors import TrainingError

LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
Names = dict[str, str]


def stacked(prefix: str, layers: int) -> Names:
    """Ours has a module for each recurrent layer, torch one for all. What ends in `_reverse` follows by itself."""
    return {f"{prefix}{n}.{w}_l0": f"recurrent.{w}_l{n}" for n in range(layers) for w in WEIGHTS}


def last_state(states: Tensor | tuple[Tensor, Tensor], directions: int) -> Tensor:
    """The hidden state of the last layer, both directions side by side ``(B, D·H)``."""
    hidden = states[0] if isinstance(states, tuple) else states
    return torch.cat(list(hidden[-directions:]), dim=1)


class Forecasting(nn.Module):
    """Each variable a window of its own, its last value subtracted and added again (NLinear, SegRNN)."""

    names: Names

    def forward(self, past: Tensor) -> Tensor:
        """``(B, L, C)`` to ``(B, H, C)``."""
        batch, length, variables = past.shape
        last = past[:, -1:]
        y = self.single((past - last).transpose(1, 2).reshape(batch * variables, length))
        return y.view(batch, variables, -1).transpose(1, 2) + last

    def single(self, x: Tensor) -> Tensor:
        """``(B, L)`` to ``(B, H)``."""
        raise NotImplementedError


class Direct(Forecasting):
    """All steps from the last state."""

    def __init__(self, cell: str, hidden: int, layers: int, both: bool, horizon: int) -> None:
        super().__init__()
        self.directions = 2 if both else 1
        self.recurrent = LAYERS[cell](1, hidden, layers, batch_first=True, bidirectional=both)
        self.head = nn.Linear(self.directions * hidden, horizon)
        self.names = {**stacked("decoder.encoder.layers.", layers), "decoder.head.": "head."}

    def single(self, x: Tensor) -> Tensor:
        _, states = self.recurrent(x[:, :, None])
        return self.head(last_state(states, self.directions))


class Segmentwise(Forecasting):
    """SegRNN with parallel multi-step forecasting, as its authors' code has it: states are repeated for every segment of
    the future, beside the vectors of their places."""

    def __init__(self, cell: str, hidden: int, segment: int, horizon: int) -> None:
        super().__init__()
        self.segment = segment
        self.embedding = nn.Linear(segment, hidden)
        self.recurrent = LAYERS[cell](hidden, hidden, batch_first=True)
        self.places = nn.Parameter(torch.randn(horizon // segment, hidden))
        self.head = nn.Linear(hidden, segment)
        self.names = {
            "decoder.encoder.before.0.": "embedding.",
            **stacked("decoder.encoder.stack.", 1),
            "decoder.places": "places",
            "decoder.head.": "head.",
        }

    def single(self, x: Tensor) -> Tensor:
        embedded = functional.relu(self.embedding(x.view(len(x), -1, self.segment)))
        _, states = self.recurrent(embedded)
        places = self.places.repeat(len(x), 1)[:, None]  # (B·M, 1, H)
        y, _ = self.recurrent(places, self._repeated(states))
        return self.head(y).view(len(x), -1)

    def _repeated(self, states: Tensor | tuple[Tensor, Tensor]) -> Tensor | tuple[Tensor, ...]:
        if isinstance(states, tuple):
            return tuple(state.repeat_interleave(len(self.places), dim=1) for state in states)
        return states.repeat_interleave(len(self.places), dim=1)


class Recursive(Forecasting):
    """Each answer is the input of the next step."""

    def __init__(self, cell: str, hidden: int, horizon: int) -> None:
        super().__init__()
        self.horizon = horizon
        self.recurrent = LAYERS[cell](1, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)
        self.names = {**stacked("decoder.encoder.stack.", 1), "decoder.head.": "head."}

    def single(self, x: Tensor) -> Tensor:
        _, states = self.recurrent(x[:, :, None])
        answers = [self.head(last_state(states, 1))]
        for _ in range(self.horizon - 1):
            _, states = self.recurrent(answers[-1][:, None], states)
            answers.append(self.head(last_state(states, 1)))
        return torch.cat(answers, dim=1)


def true_steps(lengths: Tensor, steps: int) -> Tensor:
    """``(B, 1, T)``, 1 at true steps."""
    return (torch.arange(steps) < lengths[:, None])[:, None].float()


class Blocks(nn.Module):
    """Convolution, batch normalisation, ReLU; padding is zeroed before each convolution.

    In training, torch's batch normalisation takes the padding into its statistics, which Tidegate's does not.
    """

    def __init__(self, channels: list[int], kernels: list[int], pooled: tuple[int, ...] = ()) -> None:
        super().__init__()
        pairs = list(zip(channels, channels[1:], kernels, strict=False))
        self.convolutions = nn.ModuleList(nn.Conv1d(one, other, kernel) for one, other, kernel in pairs)
        self.norms = nn.ModuleList(nn.BatchNorm1d(other) for _, other, _ in pairs)
        self.pooled = pooled
        self.dropout = nn.Dropout1d(0.15)

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """``(B, C, T)``."""
        for place, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            wider = convolution.kernel_size[0] - 1
            padded = functional.pad(x * true_steps(lengths, x.shape[2]), (wider // 2, wider - wider // 2))
            x = convolution(padded)
            if place in self.pooled:
                x, lengths = functional.max_pool1d(x, 2), lengths // 2
            x = functional.relu(norm(x))
            if place in self.pooled:
                x = self.dropout(x)
        return x, lengths

    def names(self, places: list[tuple[str, str]]) -> Names:
        """Of ours, a convolution and a normalisation each."""
        found: Names = {}
        for number, (convolution, norm) in enumerate(places):
            found |= {convolution: f"blocks.convolutions.{number}.", norm: f"blocks.norms.{number}."}
        return found


class Recurrent(nn.Module):
    """The last state, or the mean over true steps."""

    def __init__(
        self, cell: str, channels: int, hidden: int, both: bool, classes: int, dropout: float
    ) -> None:
        super().__init__()
        self.both = both
        self.recurrent = LAYERS[cell](channels, hidden, batch_first=True, bidirectional=both)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden * (2 if both else 1), classes)
        # Ours has pooling as a layer.
        self.names = {**stacked("layers.", 1), f"layers.{3 if both else 2}.": "head."}

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """``(B, C, T)`` to ``(B, K)``."""
        packed = pack_padded_sequence(x.transpose(1, 2), lengths, batch_first=True, enforce_sorted=False)
        y, states = self.recurrent(packed)
        if not self.both:
            return self.head(self.dropout(last_state(states, 1)))
        padded, _ = pad_packed_sequence(y, batch_first=True)
        return self.head(self.dropout(padded.sum(1) / lengths[:, None]))


class BesideFcn(nn.Module):
    """LSTM-FCN."""

    def __init__(self, channels: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.blocks = Blocks([channels, 128, 256, 128], [8, 5, 3])
        self.recurrent = nn.LSTM(channels, hidden, batch_first=True)
        self.dropout = nn.Dropout(0.8)
        self.head = nn.Linear(128 + hidden, classes)
        first = "layers.0.branches.0."
        self.names = {
            **self.blocks.names([(f"{first}{n}.", f"{first}{n + 1}.") for n in (0, 2, 4)]),
            **stacked("layers.0.branches.1.", 1),
            "layers.1.": "head.",
        }

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(x.transpose(1, 2), lengths, batch_first=True, enforce_sorted=False)
        _, states = self.recurrent(packed)
        y, _ = self.blocks(x, lengths)
        mean = (y * true_steps(lengths, y.shape[2])).sum(2) / lengths[:, None]
        return self.head(torch.cat([mean, self.dropout(last_state(states, 1))], dim=1))


class Crdnn(nn.Module):
    """Convolutions, a bidirectional LSTM, a fully connected layer."""

    def __init__(self, channels: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.blocks = Blocks([channels, 64, 64, 128, 128], [3, 3, 3, 3], pooled=(1, 3))
        self.recurrent = nn.LSTM(128, hidden, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.3)
        self.dense = nn.Linear(2 * hidden, 128)
        self.head = nn.Linear(128, classes)
        places = [("layers.0.", "layers.1."), ("layers.2.", "layers.4."), ("layers.6.", "layers.7."),
                  ("layers.8.", "layers.10.")]  # fmt: skip
        recurrent = {f"layers.12.{w}_l0": f"recurrent.{w}_l0" for w in WEIGHTS}
        self.names = {**self.blocks.names(places), **recurrent, "layers.15.": "dense.", "layers.17.": "head."}

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        y, lengths = self.blocks(x, lengths)
        packed = pack_padded_sequence(y.transpose(1, 2), lengths, batch_first=True, enforce_sorted=False)
        padded, _ = pad_packed_sequence(self.recurrent(packed)[0], batch_first=True)
        vector = self.dropout(padded.sum(1) / lengths[:, None])
        return self.head(self.dropout(functional.relu(self.dense(vector))))


def renamed(ours: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Weights or gradients of ours by their names in torch's network, in its shapes: a kernel of ours has a row.

    Raises:
        TrainingError: One has no name there.
    """
    shapes = {name: value.shape for name, value in network.state_dict().items()}
    found: dict[str, Tensor] = {}
    for name, value in ours.items():
        for mine, theirs in network.names.items():
            if name.startswith(mine):
                place = theirs + name[len(mine) :]
                found[place] = value.reshape(shapes[place])
                break
        else:
            raise TrainingError("torch's network has no such weights", where=name)
    return found


def take_weights(network: nn.Module, ours: nn.Module) -> nn.Module:
    """Start from the weights of ours, in evaluation as it is."""
    network.load_state_dict(renamed(ours.state_dict(), network))
    return network.eval()


def check_same(
    where: str,
    networks: Mapping[str, nn.Module],
    answers: Mapping[str, Tensor],
    losses: Mapping[str, Tensor],
) -> None:
    """Answers and loss must be ours to 1e-4, gradients to a thousandth of their largest number.

    Raises:
        TrainingError: They are not. Names the contender.
    """
    ours = gradients(networks["ours"], losses["ours"])
    for name in networks.keys() - {"ours"}:
        _check_close(where, f"answers of {name}", answers[name], answers["ours"], 1e-4)
        _check_close(where, f"losses of {name}", losses[name].detach(), losses["ours"].detach(), 1e-4)
        right = renamed(ours, networks[name])
        for key, gradient in gradients(networks[name], losses[name]).items():
            largest = right[key].abs().max().item()
            _check_close(
                f"{where}: {key}", f"gradients of {name}", gradient, right[key], 1e-3 * largest + 1e-6
            )


def _check_close(where: str, what: str, got: Tensor, right: Tensor, most: float) -> None:
    error = (got - right).abs().max().item()
    # `not <=`, so that a number that is not finite fails too.
    if not error <= most:
        raise TrainingError(
            f"the {what} and ours differ, so their times would compare nothing",
            where=where,
            expected=f"differences to {most:.3g}",
            got=f"{error:.3g}",
        )
