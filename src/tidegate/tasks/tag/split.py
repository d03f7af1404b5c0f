"""A split of sentences, ready for the loop: numbered once, padded by batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tidegate.data.words.sentence import Sentence
from tidegate.tasks.tag.linear_features import direct_features
from tidegate.tasks.tag.network import TagTokens
from tidegate.tasks.tag.vocabulary import TagVocabulary
from tidegate.tasks.words.features import UNKNOWN
from tidegate.tasks.words.numbering import NumberedSentences


@dataclass(frozen=True)
class TagBatch:
    """Some sentences.

    Attributes:
        tokens: What the network reads.
        tags: Numbers ``(B, T)``; beyond a length 0.
        indices: Places in the split.
        usual: Words of the split's mean sentence.
    """

    tokens: TagTokens
    tags: Tensor
    indices: Sequence[int]
    usual: float

    @property
    def samples(self) -> int:
        """Sentences."""
        return len(self.indices)


class SentenceSplit:
    """Sentences as numbers.

    Args:
        sentences: With words and perhaps tags.
        vocabulary: What the model knows.
        tags: Of each sentence, in the scheme that is learnt; none for sentences without answers.
    """

    def __init__(
        self,
        sentences: Sequence[Sentence],
        vocabulary: TagVocabulary,
        tags: Sequence[Sequence[str]] | None = None,
    ) -> None:
        self.sentences = sentences
        self.references: Sequence[str] = [sentence.target for sentence in sentences]
        self.names: Sequence[str] = [sentence.name for sentence in sentences]
        self._numbers = NumberedSentences(sentences, vocabulary.words)
        self._direct = _direct(sentences, vocabulary)  # (N, D)
        self._tags = _tags(tags, vocabulary, self._numbers.count)  # (N,)

    def __len__(self) -> int:
        return len(self.sentences)

    def sizes(self) -> Sequence[int]:
        """Words of each sentence."""
        return self._numbers.lengths.tolist()

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """Batches of sentences of about equal length in random order."""
        return self._numbers.plan(batch_size, seed, epoch)

    def plan_in_order(self, batch_size: int) -> list[list[int]]:
        """Batches of sentences of about equal length, each once."""
        return self._numbers.plan_in_order(batch_size)

    def batch(self, indices: Sequence[int]) -> TagBatch:
        """Pad some sentences."""
        places, inside = self._numbers.places(indices)
        direct = torch.from_numpy(np.where(inside[:, :, None], self._direct[places], 0))
        tags = torch.from_numpy(np.where(inside, self._tags[places], 0))
        tokens = TagTokens(**vars(self._numbers.tokens(indices)), direct=direct)
        return TagBatch(tokens, tags, indices, float(self._numbers.lengths.mean()))


def _direct(sentences: Sequence[Sentence], vocabulary: TagVocabulary) -> NDArray[np.int64]:
    tables = vocabulary.direct_numbers
    if not tables:
        return np.zeros((sum(map(len, sentences)), 0), np.int64)
    numbers: list[list[int]] = [[] for _ in tables]
    forms: dict[str, str] = {}

    def normal(word: str) -> str:
        # Words come again and again.
        if word not in forms:
            forms[word] = vocabulary.words.normal(word)
        return forms[word]

    for sentence in sentences:
        rows = direct_features(sentence, len(vocabulary.words.columns), normal)
        for into, known, values in zip(numbers, tables, rows, strict=True):
            into += [known.get(value, UNKNOWN) for value in values]
    return np.array(numbers, np.int64).T


def _tags(tags: Sequence[Sequence[str]] | None, vocabulary: TagVocabulary, count: int) -> NDArray[np.int64]:
    """Numbers of tags; those that training never saw count as the first one in the loss, and as errors in the figures."""
    if tags is None:
        return np.zeros(count, np.int64)
    return np.array([vocabulary.tag_numbers.get(tag, 0) for sentence in tags for tag in sentence], np.int64)
