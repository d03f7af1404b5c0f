"""How many features a word has before the first layer of a tagging network."""

from __future__ import annotations

from tidegate.config.words import TagSpec
from tidegate.errors import ConfigError


def word_features(spec: TagSpec) -> int:
    """The sum over all that ``[tag]`` asks to look at.

    Raises:
        ConfigError: Nothing is looked at.

    Example:
        >>> word_features(TagSpec(embedding=50, characters="bilstm", character_hidden=25, case=0, affixes=0))
        100
    """
    features = (
        spec.embedding
        + character_features(spec)
        + spec.case
        + 2 * spec.affixes * spec.affix_embedding
        + (len(spec.feature_columns) + bool(spec.positions)) * spec.column_embedding
    )
    if not features:
        raise ConfigError(
            "the network would see nothing of a word",
            where="tag",
            expected="at least one of embedding, characters, case, affixes and feature_columns",
        )
    return features


def character_features(spec: TagSpec) -> int:
    """What reading a word's characters gives.

    Example:
        >>> character_features(TagSpec(characters="none"))
        0
    """
    if spec.characters == "none":
        return 0
    return spec.character_hidden * (2 if spec.characters.startswith("bi") else 1)
