"""What a network sees of a word: the keys that the tasks on words share, and how many features they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tidegate.config.section import Count, Fraction, Positive, Section
from tidegate.errors import ConfigError
from tidegate.network.cells import CELLS

CHARACTER_CELLS = {
    f"{way}{cell.word}": (cell.name, bool(way)) for way in ("", "bi") for cell in CELLS.values()
}
"""Character encoders that are recurrent layers: their cell, and whether they read in both directions."""

if TYPE_CHECKING:
    CharacterEncoder = str
else:  # So that a configuration refuses other names, and its schema lists these.
    CharacterEncoder = Literal[("none", "cnn", *CHARACTER_CELLS)]


class WordSettings(Section):
    """What a network sees of each word; the table of a task on words has these keys beside its own."""

    embedding: Count = Field(default=100, description="features of a word's own embedding; 0: none")
    vectors: str | None = Field(
        default=None, description="file of pretrained vectors: GloVe, word2vec text or fastText .vec; .gz too"
    )
    train_vectors: bool = Field(default=True, description="go on training pretrained vectors")
    min_count: Positive = Field(
        default=2, description="words seen less often in training share the embedding of unknown words"
    )
    lowercase: bool = Field(default=True, description="words that differ in case share an embedding")
    zero_digits: bool = Field(default=True, description="every digit of a word counts as 0")
    characters: CharacterEncoder = Field(default="cnn", description="what reads the characters of each word")
    character_embedding: Positive = Field(default=25, description="features of a character's embedding")
    character_hidden: Positive = Field(
        default=30, description="units of the character network, of each direction; filters of the CNN"
    )
    case: Count = Field(
        default=8, description="features of a word's case (upper, title, digits, …); 0: not looked at"
    )
    affixes: Count = Field(
        default=3, description="longest prefix and suffix of a word with an embedding of its own; 0: none"
    )
    affix_embedding: Positive = Field(default=16, description="features of each prefix and suffix")
    word_dropout: Fraction = Field(
        default=0.05, description="share of words whose own embedding is hidden in training"
    )
    input_dropout: Fraction = Field(
        default=0.3, description="locked dropout on the features of words, before the first layer"
    )


def word_features(settings: WordSettings, table: str, further: int = 0) -> int:
    """How many features a word has before the first layer.

    Args:
        settings: What is looked at.
        table: Their name in the configuration.
        further: Features of what else the task knows of a word, such as further columns.

    Raises:
        ConfigError: Nothing is looked at.

    Example:
        >>> settings = WordSettings(embedding=50, characters="bilstm", character_hidden=25, case=0, affixes=0)
        >>> word_features(settings, "tag")
        100
    """
    features = (
        settings.embedding
        + character_features(settings)
        + settings.case
        + 2 * settings.affixes * settings.affix_embedding
        + further
    )
    if not features:
        raise ConfigError(
            "the network would see nothing of a word",
            where=table,
            expected="at least one of embedding, characters, case and affixes",
        )
    return features


def character_features(settings: WordSettings) -> int:
    """What reading a word's characters gives.

    Example:
        >>> character_features(WordSettings(characters="none"))
        0
    """
    if settings.characters == "none":
        return 0
    return settings.character_hidden * (2 if settings.characters.startswith("bi") else 1)
