"""A split of texts, ready for the loop: numbered once, padded by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tidegate.data.text.labelled.text import Text
from tidegate.data.text.labelled.words import Cut, tokens_of
from tidegate.data.words.sentence import Sentence
from tidegate.tasks.words.features import WordTokens
from tidegate.tasks.words.numbering import NumberedSentences
from tidegate.tasks.words.vocabulary import WordVocabulary

Encode = Callable[[tuple[str, ...] | None], list[float]]


@dataclass(frozen=True)
class TextBatch:
    """Some texts.

    Attributes:
        tokens: What the network reads.
        targets: ``(B, 1)`` a class's number or a scaled value, or ``(B, K)`` 1 for each label.
        indices: Places in the split.
    """

    tokens: WordTokens
    targets: Tensor
    indices: Sequence[int]

    @property
    def samples(self) -> int:
        """Texts."""
        return len(self.indices)


@dataclass(frozen=True)
class Cutting:
    """How texts become words.

    Attributes:
        cut: Into words or characters.
        longest: Words that are read.
    """

    cut: Cut
    longest: int

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a text; of one without any a single word that is none."""
        return tokens_of(text, self.cut, self.longest) or ("",)

    def sentence(self, text: Text) -> Sentence:
        """A text as a sentence of words."""
        return Sentence(text.name, self.words(text.text))


class DocumentSplit:
    """Texts as numbers.

    Args:
        texts: With or without answers.
        sentences: Their words.
        vocabulary: What the model knows.
        encode: From answers to numbers.
    """

    def __init__(
        self,
        texts: Sequence[Text],
        sentences: Sequence[Sentence],
        vocabulary: WordVocabulary,
        encode: Encode,
    ) -> None:
        self.texts = texts
        self.sentences = sentences
        self.references: Sequence[str] = [text.target for text in texts]
        self.names: Sequence[str] = [text.name for text in texts]
        self._numbers = NumberedSentences(sentences, vocabulary)
        self._targets = torch.tensor([encode(text.labels) for text in texts], dtype=torch.float64)

    def __len__(self) -> int:
        return len(self.texts)

    def sizes(self) -> Sequence[int]:
        """Words of each text."""
        return self._numbers.lengths.tolist()

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """Batches of texts of about equal length in random order."""
        return self._numbers.plan(batch_size, seed, epoch)

    def plan_in_order(self, batch_size: int) -> list[list[int]]:
        """Batches of texts of about equal length, each once."""
        return self._numbers.plan_in_order(batch_size)

    def batch(self, indices: Sequence[int]) -> TextBatch:
        """Pad some texts."""
        return TextBatch(self._numbers.tokens(indices), self._targets[list(indices)], indices)
