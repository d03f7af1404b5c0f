"""A split of sentences, ready for the loop: numbered once, padded by batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tidegate.data.words.sentence import Sentence
from tidegate.tasks.batches import plan_epoch, plan_evaluation
from tidegate.tasks.tag.linear_features import direct_features
from tidegate.tasks.tag.network import UNKNOWN, Tokens
from tidegate.tasks.tag.vocabulary import Vocabulary, case_of

ALONE = 1000
"""Longer sentences are batches of their own in training."""
MOST_PADDED = 20_000
"""Words of a batch of evaluation, padding included."""


@dataclass(frozen=True)
class TagBatch:
    """Some sentences.

    Attributes:
        tokens: What the network reads.
        tags: Numbers ``(B, T)``; beyond a length 0.
        indices: Places in the split.
        usual: Words of the split's mean sentence.
    """

    tokens: Tokens
    tags: Tensor
    indices: Sequence[int]
    usual: float

    @property
    def samples(self) -> int:
        """Sentences."""
        return len(self.indices)


class SentenceSplit:
    """Sentences as numbers.

    What hangs on a word's form alone (characters, case, affixes) is kept once for each different form.

    Args:
        sentences: With words and perhaps tags.
        vocabulary: What the model knows.
        tags: Of each sentence, in the scheme that is learnt; none for sentences without answers.
    """

    def __init__(
        self,
        sentences: Sequence[Sentence],
        vocabulary: Vocabulary,
        tags: Sequence[Sequence[str]] | None = None,
    ) -> None:
        self.sentences = sentences
        self.references: Sequence[str] = [sentence.target for sentence in sentences]
        self.names: Sequence[str] = [sentence.name for sentence in sentences]
        self._lengths = np.array([len(sentence) for sentence in sentences], np.int64)
        self._starts = np.concatenate([[0], np.cumsum(self._lengths)])
        self._number_forms(vocabulary)
        self._columns = _columns(sentences, vocabulary)  # (N, C)
        self._direct = _direct(sentences, vocabulary)  # (N, D)
        self._tags = _tags(tags, vocabulary, int(self._starts[-1]))  # (N,)

    def _number_forms(self, vocabulary: Vocabulary) -> None:
        forms: dict[str, int] = {}
        of_word = [
            forms.setdefault(word, len(forms)) for sentence in self.sentences for word in sentence.words
        ]
        self._forms = np.array(of_word, np.int64)  # (N,)
        find = vocabulary.word_numbers.get
        self._form_words = np.array([find(vocabulary.normal(form), UNKNOWN) for form in forms], np.int64)
        spellings = [vocabulary.spelling(form) or [UNKNOWN] for form in forms]
        self._spelling_lengths = np.array([len(one) for one in spellings], np.int64)
        self._spellings = np.zeros((len(spellings), int(self._spelling_lengths.max(initial=1))), np.int32)
        for row, spelling in zip(self._spellings, spellings, strict=True):
            row[: len(spelling)] = spelling
        self._cases = np.array([case_of(form) for form in forms], np.int64)
        affixes = [vocabulary.affixes_of(form) for form in forms]
        self._affixes = np.array(affixes, np.int64).reshape(len(forms), len(vocabulary.affixes))

    def __len__(self) -> int:
        return len(self.sentences)

    def sizes(self) -> Sequence[int]:
        """Words of each sentence."""
        return self._lengths.tolist()

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """Batches of sentences of about equal length in random order; very long ones by themselves, at the end."""
        long = np.flatnonzero(self._lengths > ALONE).tolist()
        usual = np.flatnonzero(self._lengths <= ALONE)
        if not len(usual):
            return [[index] for index in long]
        plan = plan_epoch(self._lengths[usual], batch_size, seed, epoch)
        return [usual[batch].tolist() for batch in plan] + [[index] for index in long]

    def plan_in_order(self, batch_size: int) -> list[list[int]]:
        """Batches of sentences of about equal length, each once."""
        return plan_evaluation(self._lengths, batch_size, max_columns=MOST_PADDED)

    def batch(self, indices: Sequence[int]) -> TagBatch:
        """Pad some sentences."""
        lengths = self._lengths[list(indices)]
        place = np.zeros((len(indices), int(lengths.max(initial=1))), np.int64)
        inside = np.arange(place.shape[1]) < lengths[:, None]
        place[inside] = np.concatenate([np.arange(self._starts[i], self._starts[i + 1]) for i in indices])
        forms = self._forms[place]  # (B, T)
        distinct, of_word = np.unique(forms, return_inverse=True)
        spelling_lengths = self._spelling_lengths[distinct]
        spellings = self._spellings[distinct, : int(spelling_lengths.max(initial=1))]
        tokens = Tokens(
            lengths=torch.from_numpy(lengths),
            words=torch.from_numpy(np.where(inside, self._form_words[forms], 0)),
            forms=torch.from_numpy(of_word.reshape(forms.shape)),
            characters=torch.from_numpy(spellings.astype(np.int64)),
            character_lengths=torch.from_numpy(spelling_lengths),
            cases=torch.from_numpy(self._cases[distinct]),
            affixes=torch.from_numpy(self._affixes[distinct]),
            columns=torch.from_numpy(np.where(inside[:, :, None], self._columns[place], 0)),
            direct=torch.from_numpy(np.where(inside[:, :, None], self._direct[place], 0)),
        )
        tags = torch.from_numpy(np.where(inside, self._tags[place], 0))
        return TagBatch(tokens, tags, indices, float(self._lengths.mean()))


def _columns(sentences: Sequence[Sentence], vocabulary: Vocabulary) -> NDArray[np.int64]:
    numbers = vocabulary.column_numbers
    rows = [
        [known.get(value, UNKNOWN) for known, value in zip(numbers, row, strict=True)]
        for sentence in sentences
        for row in (sentence.features if numbers else ((),) * len(sentence))
    ]
    return np.array(rows, np.int64).reshape(len(rows), len(numbers))


def _direct(sentences: Sequence[Sentence], vocabulary: Vocabulary) -> NDArray[np.int64]:
    tables = vocabulary.direct_numbers
    if not tables:
        return np.zeros((sum(map(len, sentences)), 0), np.int64)
    numbers: list[list[int]] = [[] for _ in tables]
    forms: dict[str, str] = {}

    def normal(word: str) -> str:
        # Words come again and again.
        if word not in forms:
            forms[word] = vocabulary.normal(word)
        return forms[word]

    for sentence in sentences:
        rows = direct_features(sentence, len(vocabulary.columns), normal)
        for into, known, values in zip(numbers, tables, rows, strict=True):
            into += [known.get(value, UNKNOWN) for value in values]
    return np.array(numbers, np.int64).T


def _tags(tags: Sequence[Sequence[str]] | None, vocabulary: Vocabulary, count: int) -> NDArray[np.int64]:
    """Numbers of tags; those that training never saw count as the first one in the loss, and as errors in the figures."""
    if tags is None:
        return np.zeros(count, np.int64)
    return np.array([vocabulary.tag_numbers.get(tag, 0) for sentence in tags for tag in sentence], np.int64)
