"""The task ``tag``: its table, its defaults, its networks and what trials of a study try."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from pydantic import Field

from tidegate.config.presets.families import cnn_preset, recurrent_presets
from tidegate.config.presets.preset import Preset, by_name
from tidegate.config.presets.recipes import DenseRecipe, RecurrentRecipe
from tidegate.config.search_space import DROPOUT
from tidegate.config.section import Fraction, Positive
from tidegate.config.task import NetworkDefaults, TaskSettings
from tidegate.config.word_features import WordSettings, word_features
from tidegate.network.layers import Output
from tidegate.network.transforms import Growing

TagScheme = Literal["none", "iob1", "iob2", "bioes"]


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


# Three words at a time, then the sentence.
CNN_RNN = RecurrentRecipe(
    conv=Growing("Cr1,3,128"),
    fold="",
    axis="x",
    summarise=False,
    hidden=128,
    layers=1,
    dropout=0.3,
)

RNN = RecurrentRecipe(
    conv=Growing(""),
    fold="",
    axis="x",
    summarise=False,
    hidden=128,
    layers=2,
    dropout=0.3,
)

# Seven words around each, by three layers of three.
CNN = DenseRecipe(Growing("Cr1,3,192 Cr1,3,192 Cr1,3,192"), "Dl0.3")


def _features(table: TagSpec) -> int:
    return word_features(table, "tag", table.columns * table.column_embedding)


def _presets() -> Iterator[Preset]:
    yield from (cnn_preset(CNN), _with_crf(cnn_preset(CNN)))
    summary = "no layer between a word's features and the CRF over the tags"
    yield Preset("crf", summary, frozenset(), lambda _model, _context: (), output=_CRF)
    for preset in recurrent_presets(RNN, CNN_RNN):
        yield from (preset, _with_crf(preset))


def _with_crf(preset: Preset) -> Preset:
    """The same with a conditional random field over the tags."""
    summary = f"{preset.summary}, and a CRF over the tags"
    return replace(preset, name=f"{preset.name}-crf", summary=summary, output=_CRF)


_CRF = Output(1, "crf", 0)

TAG = TaskSettings(
    name="tag",
    summary="the words of a sentence → a tag for each",
    settings=TagSpec,
    task="tidegate.tasks.tag.task:TAG",
    formats="tidegate.data.words.formats:SENTENCES",
    page="tidegate.report.tasks.tag:PAGE",
    check="tidegate.check.kinds.sentences:CHECKS",
    defaults={
        "train": {"batch_size": 16, "epochs": 12, "average": 0.998},
        "optimiser": {"name": "adamw", "learning_rate": 2e-3, "clip_norm": 5.0},
        "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
    },
    network=NetworkDefaults(
        preset="bilstm-crf",
        recurrent="bilstm-crf",
        unconvolved="bilstm-crf",
        output=Output(1, "softmax", 0),
        kinds=("softmax", "linear", "crf"),
        input="features",
    ),
    presets=by_name(*_presets()),
    # Taggers memorise rare words: their own dropout, on the features of words, works where model.dropout does not reach.
    search={"model.dropout": DROPOUT, "tag.input_dropout": DROPOUT},
    features=_features,
)
