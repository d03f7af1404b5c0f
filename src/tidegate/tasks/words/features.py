"""What a network sees of each word: tables of features, words as numbers, and the module that joins them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.config.word_features import WordSettings
from tidegate.network.layers import Dropout as DropoutSpec
from tidegate.nn.dropout import Dropout
from tidegate.nn.embedding import Embedding
from tidegate.tasks.words.characters import Characters

UNKNOWN = 1
"""The number of words that training did not see often enough; 0 is padding."""


@dataclass(frozen=True)
class WordTables:
    """How many different things of each kind there are, padding (0) and unknown (1) included.

    Attributes:
        words: Words with an embedding.
        characters: Characters.
        cases: Kinds of case.
        affixes: Prefixes of one character, suffixes of one, prefixes of two, …
        columns: Values of each further column.
    """

    words: int
    characters: int
    cases: int
    affixes: tuple[int, ...]
    columns: tuple[int, ...]


@dataclass  # Not frozen: Fabric copies what goes into a network in another precision, and refuses frozen ones.
class WordTokens:
    """Sentences as numbers. What hangs on a word's form alone stands once for each of the U different forms.

    Attributes:
        lengths: Words of each sentence ``(B,)``.
        words: ``(B, T)``.
        forms: Places in the tables below ``(B, T)``.
        characters: ``(U, W)``.
        character_lengths: ``(U,)``, at least 1.
        cases: ``(U,)``.
        affixes: ``(U, A)``, as in ``WordTables.affixes``.
        columns: ``(B, T, C)``.
    """

    lengths: Tensor
    words: Tensor
    forms: Tensor
    characters: Tensor
    character_lengths: Tensor
    cases: Tensor
    affixes: Tensor
    columns: Tensor

    def to(self, device: torch.device) -> Self:
        """The same on a device."""
        if self.words.device == device:
            return self
        return type(self)(**{name: tensor.to(device) for name, tensor in vars(self).items()})


class WordFeatures(nn.Module):
    """What the network sees of each word: its embedding, characters, case, affixes, and further columns, side by side.

    Args:
        tables: Sizes.
        settings: Which of them, and how large.
        vectors: Pretrained word vectors ``(words, F)`` to start from.
        column_embedding: Features of each further column.
    """

    def __init__(
        self,
        tables: WordTables,
        settings: WordSettings,
        vectors: Tensor | None = None,
        column_embedding: int = 0,
    ) -> None:
        super().__init__()
        self.word_dropout = settings.word_dropout
        self.words = Embedding(tables.words, settings.embedding) if settings.embedding else None
        if self.words is not None and vectors is not None:
            self.words.weight.data.copy_(vectors)
            self.words.given = True
            self.words.weight.requires_grad_(settings.train_vectors)
        self.characters = (
            None
            if settings.characters == "none"
            else Characters(
                settings.characters,
                tables.characters,
                settings.character_embedding,
                settings.character_hidden,
            )
        )
        self.cases = Embedding(tables.cases, settings.case) if settings.case else None
        self.affixes = nn.ModuleList(Embedding(size, settings.affix_embedding) for size in tables.affixes)
        self.columns = nn.ModuleList(Embedding(size, column_embedding) for size in tables.columns)
        self.dropout = Dropout(DropoutSpec(settings.input_dropout, "locked"))

    def forward(self, tokens: WordTokens) -> Tensor:
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

    def _forms(self, tokens: WordTokens) -> Tensor | None:
        """``(U, F)``, computed once for each distinct form of the batch."""
        parts: list[Tensor] = []
        if self.characters is not None:
            parts.append(self.characters(tokens.characters, tokens.character_lengths))
        if self.cases is not None:
            parts.append(self.cases(tokens.cases))
        parts += [affix(tokens.affixes[:, number]) for number, affix in enumerate(self.affixes)]
        return torch.cat(parts, dim=1) if parts else None
