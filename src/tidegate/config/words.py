"""The tables of the tasks on words and symbols: ``[tag]`` and ``[language]``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tidegate.config.section import Count, Fraction, NotNegative, Positive, Section

CharacterEncoder = Literal["none", "cnn", "rnn", "lstm", "gru", "birnn", "bilstm", "bigru"]
TagScheme = Literal["none", "iob1", "iob2", "bioes"]
TokenKind = Literal["bytes", "characters", "words", "bpe"]


class TagSpec(Section):
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
    column_embedding: Positive = Field(default=24, description="features of each further column")
    direct: bool = Field(
        default=True,
        description="score words, neighbours, columns and their pairs straight for each tag, beside the network",
    )
    direct_count: Positive = Field(
        default=2, description="how often training must have such a pair for it to have a score"
    )
    direct_dropout: Fraction = Field(default=0.5, description="share of these scores dropped in training")
    word_dropout: Fraction = Field(
        default=0.05, description="share of words whose own embedding is hidden in training"
    )
    input_dropout: Fraction = Field(
        default=0.3, description="locked dropout on the features of words, before the first layer"
    )
    n_best: Positive = Field(default=1, description="tag sequences that predict gives with --json")


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
