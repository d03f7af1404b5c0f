"""Sentences as numbers: once for a whole split, then padded batch by batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from tidegate.data.words.sentence import Sentence
from tidegate.tasks.batches import plan_epoch, plan_evaluation
from tidegate.tasks.words.features import UNKNOWN, WordTokens
from tidegate.tasks.words.vocabulary import WordVocabulary, case_of

ALONE = 1000
"""Longer sentences are batches of their own in training."""
MOST_PADDED = 20_000
"""Words of a batch of evaluation, padding included."""

Places = NDArray[np.int64]
"""``(B, T)``: where each word of a batch stands among all words; 0 beyond a sentence's end."""
Inside = NDArray[np.bool_]
"""``(B, T)``: whether there is a word."""


class NumberedSentences:
    """Words of sentences as numbers.

    What hangs on a word's form alone (characters, case, affixes) is kept once for each different form.

    Args:
        sentences: Of a split.
        vocabulary: What the model knows.
    """

    def __init__(self, sentences: Sequence[Sentence], vocabulary: WordVocabulary) -> None:
        self.lengths = np.array([len(sentence) for sentence in sentences], np.int64)
        self._starts = np.concatenate([[0], np.cumsum(self.lengths)])
        self._number_forms(sentences, vocabulary)
        self._columns = _columns(sentences, vocabulary)  # (N, C)

    def _number_forms(self, sentences: Sequence[Sentence], vocabulary: WordVocabulary) -> None:
        forms: dict[str, int] = {}
        of_word = [forms.setdefault(word, len(forms)) for sentence in sentences for word in sentence.words]
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

    @property
    def count(self) -> int:
        """Words of all sentences."""
        return int(self._starts[-1])

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """Batches of sentences of about equal length in random order; very long ones by themselves, at the end."""
        long = np.flatnonzero(self.lengths > ALONE).tolist()
        usual = np.flatnonzero(self.lengths <= ALONE)
        if not len(usual):
            return [[index] for index in long]
        plan = plan_epoch(self.lengths[usual], batch_size, seed, epoch)
        return [usual[batch].tolist() for batch in plan] + [[index] for index in long]

    def plan_in_order(self, batch_size: int) -> list[list[int]]:
        """Batches of sentences of about equal length, each once."""
        return plan_evaluation(self.lengths, batch_size, max_columns=MOST_PADDED)

    def places(self, indices: Sequence[int]) -> tuple[Places, Inside]:
        """Where the words of some sentences stand."""
        lengths = self.lengths[list(indices)]
        places = np.zeros((len(indices), int(lengths.max(initial=1))), np.int64)
        inside = np.arange(places.shape[1]) < lengths[:, None]
        places[inside] = np.concatenate([np.arange(self._starts[i], self._starts[i + 1]) for i in indices])
        return places, inside

    def tokens(self, indices: Sequence[int]) -> WordTokens:
        """Some sentences, padded."""
        places, inside = self.places(indices)
        forms = self._forms[places]  # (B, T)
        distinct, of_word = np.unique(forms, return_inverse=True)
        spelling_lengths = self._spelling_lengths[distinct]
        spellings = self._spellings[distinct, : int(spelling_lengths.max(initial=1))]
        return WordTokens(
            lengths=torch.from_numpy(self.lengths[list(indices)]),
            words=torch.from_numpy(np.where(inside, self._form_words[forms], 0)),
            forms=torch.from_numpy(of_word.reshape(forms.shape)),
            characters=torch.from_numpy(spellings.astype(np.int64)),
            character_lengths=torch.from_numpy(spelling_lengths),
            cases=torch.from_numpy(self._cases[distinct]),
            affixes=torch.from_numpy(self._affixes[distinct]),
            columns=torch.from_numpy(np.where(inside[:, :, None], self._columns[places], 0)),
        )


def _columns(sentences: Sequence[Sentence], vocabulary: WordVocabulary) -> NDArray[np.int64]:
    numbers = vocabulary.column_numbers
    rows = [
        [known.get(value, UNKNOWN) for known, value in zip(numbers, row, strict=True)]
        for sentence in sentences
        for row in (sentence.features if numbers else ((),) * len(sentence))
    ]
    return np.array(rows, np.int64).reshape(len(rows), len(numbers))
