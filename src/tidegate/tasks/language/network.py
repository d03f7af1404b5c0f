"""A network that predicts the next symbol: an embedding, forward recurrent layers with carried states, a softmax."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.config.tasks.language import LanguageSpec
from tidegate.errors import ConfigError
from tidegate.models.registry import build_layer
from tidegate.network.causal import check_causal
from tidegate.network.cells import CELLS
from tidegate.network.layers import Architecture, Output
from tidegate.network.layers import Dropout as DropoutSpec
from tidegate.network.shape import SequenceShape, Shape
from tidegate.nn.dropout import Dropout
from tidegate.nn.embedding import Embedding
from tidegate.nn.layer import Layer
from tidegate.nn.recurrent import Recurrent
from tidegate.tasks.contract import place_of
from tidegate.tasks.language.split import TextStream

Carried = tuple[Tensor, ...]


@dataclass(frozen=True)
class Hidden:
    """What the recurrent layers gave.

    Attributes:
        outputs: After the last layer ``(B, T, H)``, dropout included.
        raw: Of the last recurrent layer, before dropout.
        carried: States after the last step, layer by layer, ``(1, B, H)`` each; an LSTM has two.
    """

    outputs: Tensor
    raw: Tensor
    carried: Carried


class Decoder(nn.Module):
    """From hidden states to the probabilities of symbols: a softmax, plain or tied to the embedding.

    Tied, it predicts by the embedding's own matrix (Press and Wolf 2017; Inan et al. 2017); where the sizes differ, a
    projection without bias stands between.

    Args:
        features: H.
        embedding: Whose matrix it shares; ``None``: its own.
        symbols: K.
    """

    def __init__(self, features: int, embedding: Embedding | None, symbols: int) -> None:
        super().__init__()
        size = features if embedding is None else embedding.weight.shape[1]
        self.projection = nn.Linear(features, size, bias=False) if size != features else None
        self.bias = nn.Parameter(torch.zeros(symbols))
        self.own: nn.Parameter | None = None
        # In a tuple, out of sight of torch: a matrix that is two entries of a state_dict cannot be saved.
        self._shared: tuple[Embedding, ...] = () if embedding is None else (embedding,)
        if embedding is None:
            self.own = nn.Parameter(torch.empty(symbols, features))
            nn.init.xavier_uniform_(self.own)

    @property
    def weight(self) -> Tensor:
        """The matrix that predicts ``(K, H)``, or ``(K, E)`` behind a projection."""
        if self.own is not None:
            return self.own
        return self._shared[0].weight

    def scores(self, hidden: Tensor) -> Tensor:
        """``(..., H)`` to ``(..., K)``."""
        if self.projection is not None:
            hidden = self.projection(hidden)
        return functional.linear(hidden, self.weight, self.bias)

    def forward(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Negative log-likelihood of each target, nats: ``(N, H)`` and ``(N,)`` to ``(N,)``."""
        return functional.cross_entropy(self.scores(hidden).float(), targets, reduction="none")


class AdaptiveDecoder(nn.Module):
    """A softmax over frequent symbols and clusters of rarer ones, for large vocabularies. Grave et al. 2017.

    Symbols are numbered by frequency, the most frequent first.

    Args:
        features: H.
        symbols: K.
        cutoffs: Where the clusters begin, rising, below K.
    """

    def __init__(self, features: int, symbols: int, cutoffs: Sequence[int]) -> None:
        super().__init__()
        self.softmax = nn.AdaptiveLogSoftmaxWithLoss(features, symbols, list(cutoffs), head_bias=True)

    def scores(self, hidden: Tensor) -> Tensor:
        """Log-probabilities ``(..., K)``."""
        flat = self.softmax.log_prob(hidden.reshape(-1, hidden.shape[-1]))
        return flat.view(*hidden.shape[:-1], -1)

    def forward(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Negative log-likelihood of each target, nats."""
        return -self.softmax(hidden.float(), targets).output


class LanguageModel(nn.Module):
    """Symbols to the probabilities of those that follow.

    Args:
        architecture: One row, the embedding's features as channels; forward recurrent layers, dropout, an output a step.
        spec: Embedding, dropout and softmax.
        symbols: K.

    Example:
        >>> from tidegate.network.vgsl import parse
        >>> model = LanguageModel(parse("[1,1,0,8 Lfx16 O1s0]"), LanguageSpec(embedding=8), symbols=30)
        >>> text = torch.randint(30, (2, 12))
        >>> loss, carried = model(text[:, :-1], text[:, 1:], ())
        >>> loss.shape, [state.shape for state in carried]
        (torch.Size([]), [torch.Size([1, 2, 16]), torch.Size([1, 2, 16])])
    """

    def __init__(self, architecture: Architecture, spec: LanguageSpec, symbols: int) -> None:
        super().__init__()
        check_causal(architecture)
        self.spec = spec
        self.embedding = Embedding(symbols, spec.embedding, hide=spec.embedding_dropout)
        self.dropout = Dropout(DropoutSpec(spec.input_dropout, "locked"))
        shape: Shape = SequenceShape(spec.embedding, None)
        layers: list[Layer] = []
        for number, record in enumerate(architecture.layers, start=1):
            if isinstance(record, Output):
                break
            layers.append(build_layer(record, shape))
            shape = record.out_shape(shape, f"layer {number}")
        self.layers = nn.ModuleList(layers)
        for layer in self.recurrent:
            if spec.weight_drop and not CELLS[layer.cell].reads_state:
                raise ConfigError(
                    f"the gates of a {CELLS[layer.cell].title} have no recurrent matrix to drop weights of",
                    where="language.weight_drop",
                    got=str(spec.weight_drop),
                    hint="leave it out; language.embedding_dropout and Dl drop elsewhere",
                )
            layer.weight_drop = spec.weight_drop
        assert isinstance(shape, SequenceShape)
        tied = not spec.adaptive if spec.tied is None else spec.tied
        self.decoder = (
            AdaptiveDecoder(shape.features, symbols, spec.adaptive)
            if spec.adaptive
            else Decoder(shape.features, self.embedding if tied else None, symbols)
        )

    @property
    def recurrent(self) -> list[Recurrent]:
        """The recurrent layers, in order."""
        return [layer for layer in self.layers if isinstance(layer, Recurrent)]

    def hidden(self, symbols: Tensor, carried: Sequence[Tensor]) -> Hidden:
        """Run ``(B, T)`` symbols through the layers, going on from the states of the call before (none: zeros)."""
        x, _ = self.dropout(self.embedding(symbols), None)
        raw, after, place = x, list[Tensor](), 0
        for layer in self.layers:
            if isinstance(layer, Recurrent):
                width = layer.carried
                x, states = layer.stream(x, carried[place : place + width])
                after += states
                place, raw = place + width, x
            else:
                x, _ = layer(x, None)
        return Hidden(x, raw, tuple(after))

    def forward(self, symbols: Tensor, targets: Tensor, carried: Sequence[Tensor]) -> tuple[Tensor, Carried]:
        """The mean loss of predicting ``targets (B, T)`` from ``symbols (B, T)``, nats a symbol, and the states after.

        In training the penalties of the specification are added (activation and temporal activation regularisation,
        Merity, Keskar and Socher 2018).
        """
        hidden = self.hidden(symbols, carried)
        losses = self.decoder(hidden.outputs.flatten(0, 1), targets.flatten())
        loss = losses.mean()
        if self.training and self.spec.activation_penalty:
            loss = loss + self.spec.activation_penalty * hidden.outputs.square().mean()
        if self.training and self.spec.change_penalty and hidden.raw.shape[1] > 1:
            loss = loss + self.spec.change_penalty * (hidden.raw[:, 1:] - hidden.raw[:, :-1]).square().mean()
        return loss, hidden.carried

    def losses(self, symbols: Tensor, targets: Tensor, carried: Sequence[Tensor]) -> tuple[Tensor, Carried]:
        """As ``forward``, but the loss of every symbol ``(B, T)``."""
        hidden = self.hidden(symbols, carried)
        return self.decoder(hidden.outputs.flatten(0, 1), targets.flatten()).view(
            targets.shape
        ), hidden.carried


def symbol_losses(network: nn.Module, split: TextStream) -> Iterator[Tensor]:
    """The loss of each symbol ``(B, T)``, window after window."""
    assert isinstance(network, LanguageModel)
    device, _ = place_of(network)
    carried: Carried = ()
    for window in split.windows():
        if carried and carried[0].shape[1] != len(window.symbols):
            carried = ()
        losses, carried = network.losses(window.symbols.to(device), window.targets.to(device), carried)
        yield losses[:, window.counted :]
