"""The task ``language``: its table, its defaults, its networks and what trials of a study try."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tidegate.config.presets.families import recurrent_presets
from tidegate.config.presets.preset import by_name
from tidegate.config.presets.recipes import RecurrentRecipe
from tidegate.config.section import Fraction, NotNegative, Positive, Section
from tidegate.config.task import NetworkDefaults, TaskSettings
from tidegate.network.layers import Output
from tidegate.network.transforms import Growing

TokenKind = Literal["bytes", "characters", "words", "bpe"]


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


RNN = RecurrentRecipe(
    conv=Growing(""),
    fold="",
    axis="x",
    summarise=False,
    hidden=256,
    layers=2,
    dropout=0.2,
)

LANGUAGE = TaskSettings(
    name="language",
    summary="text → the next symbol; generation",
    settings=LanguageSpec,
    task="tidegate.tasks.language.task:LANGUAGE",
    formats="tidegate.data.text.formats:TEXTS",
    page="tidegate.report.tasks.language:PAGE",
    check="tidegate.check.kinds.texts:CHECKS",
    defaults={
        "data": {"shuffle": False},
        "train": {"batch_size": 32, "epochs": 20, "average": 0.995},
        "optimiser": {"name": "adamw", "learning_rate": 3e-3, "clip_norm": 0.5},
        "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
    },
    network=NetworkDefaults(
        preset="lstm",
        recurrent="lstm",
        unconvolved="lstm",
        output=Output(1, "softmax", 0),
        kinds=("softmax",),
        input="features",
    ),
    presets=by_name(*recurrent_presets(RNN, None, ways=(False,))),
    features=lambda table: table.embedding,
    causal=True,
)
