"""The tables of the tasks on words and symbols: ``[tag]`` and ``[language]``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tidegate.config.section import Fraction, NotNegative, Positive, Section
from tidegate.config.word_features import WordSettings

TagScheme = Literal["none", "iob1", "iob2", "bioes"]
TokenKind = Literal["bytes", "characters", "words", "bpe"]


class TagSpec(WordSettings):
    """The task tag."""

    word_column: int | str | None = Field(
        default=None, description="column of the words, from 1, or its name in CoNLL-U; default: 1 or form"
    )
    tag_column: int | str | None = Field(
        default=None,
        description="column of the tags; -1 is the last one; default: the last one, or upos of CoNLL-U",
    )
    feature_columns: list[int | str] = Field(
        default=[], description='further columns that the network may see, such as [2] or ["xpos"]'
    )
    separator: Literal["auto", "space", "tab"] = Field(
        default="auto", description="between columns; auto: tabs where every line has one, else white space"
    )
    positions: bool | None = Field(
        default=None,
        description="words are characters followed by their position in the word (as in Weibo NER); none: look",
    )
    scheme: Literal["auto", "none", "iob1", "iob2", "bioes"] = Field(
        default="auto", description="how tags mark where an entity begins and ends"
    )
    learnt_scheme: Literal["same", "iob2", "bioes"] = Field(
        default="bioes", description="what the network learns; answers come in the scheme of the data"
    )
    column_embedding: Positive = Field(default=24, description="features of each further column")
    direct: bool = Field(
        default=True,
        description="score words, neighbours, columns and their pairs straight for each tag, beside the network",
    )
    direct_count: Positive = Field(
        default=2, description="how often training must have such a pair for it to have a score"
    )
    direct_dropout: Fraction = Field(default=0.5, description="share of these scores dropped in training")
    n_best: Positive = Field(default=1, description="tag sequences that predict gives with --json")

    @property
    def columns(self) -> int:
        """How many further columns the network sees, positions among them."""
        return len(self.feature_columns) + bool(self.positions)


class LanguageSpec(Section):
    """The task language."""

    tokens: TokenKind = Field(default="characters", description="what a symbol is")
    vocabulary: Positive | None = Field(
        default=None, description="most symbols of words and bpe; default: all words, 4,096 for bpe"
    )
    min_count: Positive = Field(default=1, description="characters and words seen less often are unknown")
    lowercase: bool = Field(default=False, description="upper and lower case are the same")
    embedding: Positive = Field(default=128, description="features of a symbol")
    tied: bool | None = Field(
        default=None,
        description="one matrix embeds and predicts (with a projection where sizes differ); "
        "none: unless the softmax is adaptive",
    )
    adaptive: list[Positive] = Field(
        default=[],
        description="adaptive softmax: where the clusters of rarer symbols begin, such as [2000, 10000]",
    )
    window: Positive = Field(
        default=128, description="symbols that gradients go back through; states are carried on"
    )
    vary_window: bool = Field(
        default=False, description="move the ends of windows at random, by up to a quarter of one"
    )
    reset: Fraction = Field(
        default=0.02,
        description="share of a batch's rows that start a window from zero states, so that a text may begin anywhere",
    )
    embedding_dropout: Fraction = Field(
        default=0, description="share of symbols of the vocabulary that are hidden in a batch"
    )
    input_dropout: Fraction = Field(default=0.2, description="locked dropout on the features of symbols")
    weight_drop: Fraction = Field(default=0, description="DropConnect on the recurrent matrices, W_hh")
    activation_penalty: NotNegative = Field(
        default=0, description="weight of the mean square of the last layer's outputs, added to the loss"
    )
    change_penalty: NotNegative = Field(
        default=0, description="weight of the mean square of their change from step to step"
    )
    streams: Positive = Field(
        default=1,
        description="parallel streams that validation text is read in, for speed; test text is read in one",
    )
    baseline_order: Positive | None = Field(
        default=None, description="of the n-gram baseline; default: 6 for characters and bytes, 3 for words"
    )
