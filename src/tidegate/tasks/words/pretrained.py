"""Pretrained word vectors as the start of an embedding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from tidegate.config.word_features import WordSettings
from tidegate.data.words.sentence import Sentence
from tidegate.data.words.vectors import Vectors, read_vectors
from tidegate.errors import ConfigError
from tidegate.tasks.words.vocabulary import WordVocabulary, normal_form


def vectors_for(
    sentences: Sequence[Sentence], settings: WordSettings, table: str, *, skip_bad: bool
) -> tuple[Vectors | None, list[str]]:
    """Pretrained vectors of the words in all parts, and those words in normal form.

    Args:
        sentences: Of all parts.
        settings: Which file, and what the embedding is like.
        table: Their name in the configuration.
        skip_bad: Leave out lines that cannot be read.

    Raises:
        ConfigError: They are of another size than the embedding.
    """
    if settings.vectors is None:
        return None, []
    forms = dict.fromkeys(word for sentence in sentences for word in sentence.words)
    vectors = read_vectors(Path(settings.vectors), forms, skip_bad=skip_bad)
    size = vectors.matrix.shape[1]
    if size != settings.embedding:
        raise ConfigError(
            "the vectors are of another size than the embedding of words",
            where=f"{table}.embedding",
            expected=f"{size}, as in {settings.vectors}",
            got=str(settings.embedding),
            hint=f"set {table}.embedding = {size}",
        )
    options = {"lowercase": settings.lowercase, "zero_digits": settings.zero_digits}
    return vectors, [normal_form(word, **options) for word in vectors.words]


def embedding_weights(vocabulary: WordVocabulary, vectors: Vectors, seed: int) -> Tensor:
    """A matrix for the word embedding: vectors where there are some, else small random numbers."""
    size = (len(vocabulary.words) + 2, vectors.matrix.shape[1])
    weights = torch.empty(size).uniform_(-0.1, 0.1, generator=torch.Generator().manual_seed(seed))
    placed: set[int] = set()
    for word, vector in zip(vectors.words, vectors.matrix, strict=True):
        number = vocabulary.word_numbers.get(vocabulary.normal(word))
        # Of several forms that share an embedding, the first, as the most frequent mostly is.
        if number is not None and number not in placed:
            weights[number] = torch.from_numpy(vector)
            placed.add(number)
    return weights
