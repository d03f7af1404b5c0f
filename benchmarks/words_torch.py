"""The models that `words.py` times, as one writes them with torch: `torch.nn.LSTM`, packed sequences, a CRF in float32;
and the check that they give the same answers as ours.

Parameters have the names of Tidegate's, so that one `state_dict` fits both. Dropout stands at the same places and is of
the same kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tidegate.config.tasks.tag import TagSpec
from tidegate.errors import TrainingError
from tidegate.network.layers import Architecture, Dropout, Recurrence
from tidegate.tasks.language.network import LanguageModel
from tidegate.tasks.tag.split import TagBatch
from tidegate.tasks.words.features import UNKNOWN, WordTokens

LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "elman": nn.RNN}
State = Tensor | tuple[Tensor, Tensor]


class LockedDropout(nn.Module):
    """Drops the same features at every step."""

    def __init__(self, probability: float, time_axis: int) -> None:
        super().__init__()
        self.probability, self.time_axis = probability, time_axis

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.probability:
            return x
        shape = list(x.shape)
        shape[self.time_axis] = 1
        return x * functional.dropout(x.new_ones(shape), self.probability)


class Characters(nn.Module):
    """The last state of each direction over a word's characters."""

    def __init__(self, symbols: int, embedding: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols, embedding)
        self.recurrent = nn.LSTM(embedding, hidden, batch_first=True, bidirectional=True)

    def forward(self, characters: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(
            self.embedding(characters), lengths, batch_first=True, enforce_sorted=False
        )
        _, (hidden, _) = self.recurrent(packed)
        return torch.cat([hidden[0], hidden[1]], dim=1)


class Features(nn.Module):
    """Word embedding and characters, side by side ``(B, T, F)``.

    ``distinct`` reads each different word of a batch once, as Tidegate does. Without it every word is read wherever it
    stands, which is what Flair and most others do.
    """

    def __init__(
        self, words: nn.Embedding, characters: Characters, word_dropout: float, dropout: float, distinct: bool
    ) -> None:
        super().__init__()
        self.words, self.characters = words, characters
        self.word_dropout, self.distinct = word_dropout, distinct
        self.dropout = LockedDropout(dropout, time_axis=1)

    def forward(self, tokens: WordTokens) -> Tensor:
        words = tokens.words
        if self.training and self.word_dropout:
            hidden = torch.rand(words.shape) < self.word_dropout
            words = words.masked_fill(hidden & (words > UNKNOWN), UNKNOWN)
        return self.dropout(torch.cat([self.words(words), self.spelt(tokens)], dim=2))

    def spelt(self, tokens: WordTokens) -> Tensor:
        if self.distinct:
            form = self.characters(tokens.characters, tokens.character_lengths)
            return functional.embedding(tokens.forms, form)
        inside = torch.arange(tokens.words.shape[1]) < tokens.lengths[:, None]
        forms = tokens.forms[inside]
        form = self.characters(tokens.characters[forms], tokens.character_lengths[forms])
        return form.new_zeros(*inside.shape, form.shape[1]).masked_scatter(inside[:, :, None], form)


class Field(nn.Linear):
    """Scores of tags, and a linear-chain CRF over them: a loop over time of ``logsumexp`` for the whole batch.

    Where pytorch-crf loops once more, to score the right path or to read the best one back, this does the whole batch at
    once.
    """

    def __init__(self, features: int, tags: int) -> None:
        super().__init__(features, tags)
        self.between = nn.Parameter(torch.zeros(tags, tags))
        self.start = nn.Parameter(torch.zeros(tags))
        self.end = nn.Parameter(torch.zeros(tags))

    def log_likelihood(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """``(B,)``."""
        inside = torch.arange(scores.shape[1]) < lengths[:, None]
        steps = scores.transpose(0, 1).unbind()
        total = self.start + steps[0]
        for step, here in zip(steps[1:], inside.T[1:], strict=True):
            after = torch.logsumexp(total[:, :, None] + self.between + step[:, None], dim=1)
            total = torch.where(here[:, None], after, total)
        return self._path(scores, tags, lengths, inside) - torch.logsumexp(total + self.end, dim=1)

    def _path(self, scores: Tensor, tags: Tensor, lengths: Tensor, inside: Tensor) -> Tensor:
        own = scores.gather(2, tags[:, :, None])[:, :, 0] * inside
        between = self.between[tags[:, :-1], tags[:, 1:]] * inside[:, 1:]
        last = tags.gather(1, lengths[:, None] - 1)[:, 0]
        return own.sum(1) + between.sum(1) + self.start[tags[:, 0]] + self.end[last]

    def decode(self, scores: Tensor, lengths: Tensor) -> list[list[int]]:
        """The best path of each sequence (Viterbi 1967)."""
        inside = torch.arange(scores.shape[1]) < lengths[:, None]
        steps = scores.transpose(0, 1).unbind()
        total, history = self.start + steps[0], list[Tensor]()
        stay = torch.arange(self.out_features).expand_as(total)
        for step, here in zip(steps[1:], inside.T[1:], strict=True):
            best, before = (total[:, :, None] + self.between).max(dim=1)
            total = torch.where(here[:, None], best + step, total)
            history.append(torch.where(here[:, None], before, stay))
        tag = (total + self.end).argmax(dim=1)
        path = [tag]
        for before in reversed(history):
            tag = before.gather(1, tag[:, None])[:, 0]
            path.append(tag)
        paths = torch.stack(path[::-1], dim=1).tolist()
        return [one[:length] for one, length in zip(paths, lengths.tolist(), strict=True)]


class Body(nn.Module):
    """A BiLSTM over packed sentences, locked dropout, the scores of tags."""

    def __init__(self, features: int, hidden: int, tags: int, dropout: float) -> None:
        super().__init__()
        recurrent = nn.LSTM(features, hidden, batch_first=True, bidirectional=True)
        locked = LockedDropout(dropout, time_axis=1)
        self.layers = nn.ModuleList([recurrent, locked, Field(2 * hidden, tags)])

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        recurrent, dropout, field = self.layers
        y, _ = recurrent(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        padded, _ = pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])
        return field(dropout(padded))


class TorchTagger(nn.Module):
    """The BiLSTM-CRF."""

    def __init__(self, features: Features, body: Body) -> None:
        super().__init__()
        self.features, self.body = features, body

    @property
    def field(self) -> Field:
        return self.body.layers[-1]

    def forward(self, tokens: WordTokens) -> Tensor:
        return self.body(self.features(tokens), tokens.lengths)

    def loss(self, batch: TagBatch) -> Tensor:
        tokens = batch.tokens
        likelihood = self.field.log_likelihood(self(tokens), batch.tags, tokens.lengths)
        return -likelihood.sum() / (batch.samples * batch.usual)

    def paths(self, batch: TagBatch) -> list[list[int]]:
        return self.field.decode(self(batch.tokens), batch.tokens.lengths)


class Decoder(nn.Module):
    """A softmax by the embedding's matrix; a projection before it where sizes differ."""

    def __init__(self, features: int, embedding: int, symbols: int) -> None:
        super().__init__()
        self.projection = nn.Linear(features, embedding, bias=False) if features != embedding else None
        self.bias = nn.Parameter(torch.zeros(symbols))

    def forward(self, hidden: Tensor, weight: Tensor) -> Tensor:
        if self.projection is not None:
            hidden = self.projection(hidden)
        return functional.linear(hidden, weight, self.bias)


class TorchLanguageModel(nn.Module):
    """Time-major, which is torch's own order; a module a layer, for the locked dropout between them."""

    def __init__(self, embedding: nn.Embedding, layers: Sequence[nn.Module], input_dropout: float) -> None:
        super().__init__()
        self.embedding, self.layers = embedding, nn.ModuleList(layers)
        self.dropout = LockedDropout(input_dropout, time_axis=0)
        hidden = next(one.hidden_size for one in layers if isinstance(one, nn.RNNBase))
        self.decoder = Decoder(hidden, embedding.embedding_dim, embedding.num_embeddings)

    def forward(
        self, symbols: Tensor, targets: Tensor, carried: Sequence[State]
    ) -> tuple[Tensor, list[State]]:
        """The mean loss of predicting targets ``(B, T)`` from symbols ``(B, T)``, and the states after."""
        x, after = self.dropout(self.embedding(symbols.T)), list[State]()
        for layer in self.layers:
            if isinstance(layer, nn.RNNBase):
                x, state = layer(x, carried[len(after)] if carried else None)
                after.append(state)
            else:
                x = layer(x)
        scores = self.decoder(x.flatten(0, 1), self.embedding.weight)
        return functional.cross_entropy(scores, targets.T.flatten()), after


def detached(states: Sequence[State]) -> list[State]:
    """States through which no gradient flows."""
    return [
        state.detach() if isinstance(state, Tensor) else tuple(one.detach() for one in state)
        for state in states
    ]


def carrying(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """The loss of a window, from the states that the window before left."""
    carried: list[Sequence[Any]] = [()]

    def loss(window: Tensor) -> Tensor:
        value, after = network(window[:, :-1], window[:, 1:], carried[0])
        carried[0] = detached(after)
        return value

    return loss


def torch_tagger(problem: Any, ours: nn.Module, *, distinct: bool) -> TorchTagger:
    """A tagging problem's network with the same weights, in evaluation as ours."""
    tables, options, model = (
        problem.vocabulary.words.tables,
        problem.spec.settings(TagSpec),
        problem.spec.model,
    )
    words = nn.Embedding(tables.words, options.embedding)
    characters = Characters(tables.characters, options.character_embedding, options.character_hidden)
    features = Features(words, characters, options.word_dropout, options.input_dropout, distinct)
    width = options.embedding + 2 * options.character_hidden
    network = TorchTagger(features, Body(width, model.hidden, problem.symbols, model.dropout))
    network.load_state_dict(ours.state_dict())
    return network.eval()


def torch_language_model(architecture: Architecture, ours: LanguageModel) -> TorchLanguageModel:
    """A language model with the same weights, in evaluation as ours."""
    symbols, features = ours.embedding.weight.shape
    embedding, layers = nn.Embedding(symbols, features), list[nn.Module]()
    for record in architecture.layers:
        if isinstance(record, Recurrence):
            layers.append(LAYERS[record.cell](features, record.hidden))
            features = record.hidden
        elif isinstance(record, Dropout):
            layers.append(LockedDropout(record.probability, time_axis=0))
    network = TorchLanguageModel(embedding, layers, ours.spec.input_dropout)
    network.load_state_dict(ours.state_dict())
    return network.eval()


def check_training(where: str, networks: Mapping[str, nn.Module], losses: Mapping[str, Tensor]) -> None:
    """Losses must be ours to 1e-4, and gradients to a thousandth of their largest number.

    Raises:
        TrainingError: They are not. Names the contender.
    """
    right, right_gradients = losses["ours"].item(), gradients(networks["ours"], losses["ours"])
    for name in networks.keys() - {"ours"}:
        # `not <=`, so that a number that is not finite fails too.
        if not abs(losses[name].item() - right) <= 1e-4:
            raise TrainingError(
                f"the losses of {name} and ours differ, so their times would compare nothing",
                where=where,
                expected=f"{right:.6f}",
                got=f"{losses[name].item():.6f}",
            )
        for key, gradient in gradients(networks[name], losses[name]).items():
            error = (gradient - right_gradients[key]).abs().max().item()
            largest = right_gradients[key].abs().max().item()
            if not error <= 1e-3 * largest + 1e-6:
                raise TrainingError(
                    f"the gradients of {name} and ours differ, so their times would compare nothing",
                    where=f"{where}: {key}",
                    expected=f"differences to 1e-3 of {largest:.3g}",
                    got=f"{error:.3g}",
                )


def gradients(network: nn.Module, loss: Tensor) -> dict[str, Tensor]:
    names, weights = zip(*network.named_parameters(), strict=True)
    return dict(zip(names, torch.autograd.grad(loss, weights), strict=True))


def check_paths(where: str, paths: Mapping[str, list[list[int]]]) -> None:
    """Tags must be ours, one in a thousand aside: paths that score alike in float32 may differ.

    Raises:
        TrainingError: They are not. Names the contender.
    """
    right = [tag for path in paths["ours"] for tag in path]
    for name in paths.keys() - {"ours"}:
        got = [tag for path in paths[name] for tag in path]
        wrong = sum(one != other for one, other in zip(got, right, strict=True))
        if wrong * 1000 > len(right):
            raise TrainingError(
                f"the paths of {name} and ours differ", where=where, got=f"{wrong} of {len(right)} tags"
            )
