"""A network that tags words: what a word looks like, then any layers of VGSL over the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.config.words import TagSpec
from tidegate.models.build import build
from tidegate.models.network import Network
from tidegate.network.layers import Architecture
from tidegate.network.layers import Dropout as DropoutSpec
from tidegate.nn.conditional_field import ConditionalField
from tidegate.nn.dropout import Dropout
from tidegate.nn.embedding import Embedding
from tidegate.tasks.words.characters import Characters

UNKNOWN = 1
"""The number of words that training did not see often enough; 0 is padding."""


@dataclass(frozen=True)
class Tables:
    """How many different things of each kind there are, padding (0) and unknown (1) included.

    Attributes:
        words: Words with an embedding.
        characters: Characters.
        cases: Kinds of case.
        affixes: Prefixes of one character, suffixes of one, prefixes of two, …
        columns: Values of each further column.
        direct: Values of each template of the linear part.
        tags: K.
    """

    words: int
    characters: int
    cases: int
    affixes: tuple[int, ...]
    columns: tuple[int, ...]
    direct: tuple[int, ...]
    tags: int


@dataclass  # Not frozen: Fabric copies what goes into a network in another precision, and refuses frozen ones.
class Tokens:
    """Sentences as numbers. What hangs on a word's form alone stands once for each of the U different forms.

    Attributes:
        lengths: Words of each sentence ``(B,)``.
        words: ``(B, T)``.
        forms: Places in the tables below ``(B, T)``.
        characters: ``(U, W)``.
        character_lengths: ``(U,)``, at least 1.
        cases: ``(U,)``.
        affixes: ``(U, A)``, as in ``Tables.affixes``.
        columns: ``(B, T, C)``.
        direct: ``(B, T, D)``, as in ``Tables.direct``.
    """

    lengths: Tensor
    words: Tensor
    forms: Tensor
    characters: Tensor
    character_lengths: Tensor
    cases: Tensor
    affixes: Tensor
    columns: Tensor
    direct: Tensor

    def to(self, device: torch.device) -> Tokens:
        """The same on a device."""
        if self.words.device == device:
            return self
        return Tokens(**{name: tensor.to(device) for name, tensor in vars(self).items()})


class WordFeatures(nn.Module):
    """What the network sees of each word: its embedding, characters, case, affixes, and further columns, side by side.

    Args:
        tables: Sizes.
        spec: Which of them, and how large.
        vectors: Pretrained word vectors ``(words, F)`` to start from.
    """

    def __init__(self, tables: Tables, spec: TagSpec, vectors: Tensor | None = None) -> None:
        super().__init__()
        self.word_dropout = spec.word_dropout
        self.words = Embedding(tables.words, spec.embedding) if spec.embedding else None
        if self.words is not None and vectors is not None:
            self.words.weight.data.copy_(vectors)
            self.words.given = True
            self.words.weight.requires_grad_(spec.train_vectors)
        self.characters = (
            None
            if spec.characters == "none"
            else Characters(
                spec.characters, tables.characters, spec.character_embedding, spec.character_hidden
            )
        )
        self.cases = Embedding(tables.cases, spec.case) if spec.case else None
        self.affixes = nn.ModuleList(Embedding(size, spec.affix_embedding) for size in tables.affixes)
        self.columns = nn.ModuleList(Embedding(size, spec.column_embedding) for size in tables.columns)
        self.dropout = Dropout(DropoutSpec(spec.input_dropout, "locked"))

    def forward(self, tokens: Tokens) -> Tensor:
        """``(B, T, F)``."""
        parts: list[Tensor] = []
        if self.words is not None:
            parts.append(self.words(self._hidden(tokens.words)))
        form = self._forms(tokens)
        if form is not None:
            parts.append(functional.embedding(tokens.forms, form))
        parts += [column(tokens.columns[:, :, number]) for number, column in enumerate(self.columns)]
        return self.dropout(torch.cat(parts, dim=2), None)[0]

    def _hidden(self, words: Tensor) -> Tensor:
        """Words with some replaced by the unknown one, so that this learns too."""
        if not self.training or not self.word_dropout:
            return words
        hidden = torch.rand(words.shape, device=words.device) < self.word_dropout
        return words.masked_fill(hidden & (words > UNKNOWN), UNKNOWN)

    def _forms(self, tokens: Tokens) -> Tensor | None:
        """``(U, F)``, computed once for each distinct form of the batch."""
        parts: list[Tensor] = []
        if self.characters is not None:
            parts.append(self.characters(tokens.characters, tokens.character_lengths))
        if self.cases is not None:
            parts.append(self.cases(tokens.cases))
        parts += [affix(tokens.affixes[:, number]) for number, affix in enumerate(self.affixes)]
        return torch.cat(parts, dim=1) if parts else None


class DirectScores(nn.Module):
    """A score of each tag for each value of each template, summed: a linear model beside the network.

    Args:
        sizes: Values of each template.
        tags: K.
        dropout: Share of the scores of a word that are dropped in training.
    """

    offsets: Tensor

    def __init__(self, sizes: Sequence[int], tags: int, dropout: float) -> None:
        super().__init__()
        self.scores = Embedding(sum(sizes), tags)
        nn.init.zeros_(self.scores.weight)
        self.scores.given = True
        self.dropout = dropout
        offsets = torch.tensor([0, *sizes[: len(sizes) - 1]]).cumsum(0)
        self.register_buffer("offsets", offsets, persistent=False)

    def forward(self, direct: Tensor) -> Tensor:
        """``(B, T, D)`` to ``(B, T, K)``."""
        batch, time, templates = direct.shape
        places = (direct + self.offsets).view(batch * time, templates)
        if not self.training or not self.dropout:
            total = functional.embedding_bag(places, self.scores.weight, mode="sum")
        else:
            # Score by score, not template by template: each tag loses others.
            total = functional.dropout(self.scores(places), self.dropout).sum(1)
        return total.view(batch, time, -1)


class Tagger(nn.Module):
    """Word features, then the layers of an architecture; beside them, where it is asked for, a linear part.

    Args:
        architecture: An image of one row, whose channels are the features of words; ends in an output a step.
        features: What gives them.
        tags: K.
        direct: The linear part.
    """

    def __init__(
        self,
        architecture: Architecture,
        features: WordFeatures,
        tags: int,
        direct: DirectScores | None = None,
    ) -> None:
        super().__init__()
        self.features = features
        self.body: Network = build(architecture, tags)
        self.direct = direct

    @property
    def field(self) -> ConditionalField | None:
        """The conditional random field at the end, if there is one."""
        last = self.body.layers[-1]
        return last if isinstance(last, ConditionalField) else None

    def forward(self, tokens: Tokens) -> Tensor:
        """Scores of the tags ``(B, T, K)``; beyond a sentence's end they may be anything."""
        x = self.features(tokens)  # (B, T, F)
        image = x.transpose(1, 2)[:, :, None]  # (B, F, 1, T)
        scores = self.body(image, tokens.lengths)[0]
        return scores if self.direct is None else scores + self.direct(tokens.direct)
