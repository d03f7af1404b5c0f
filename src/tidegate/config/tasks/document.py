"""The task ``document``: its table, its defaults, its networks and what trials of a study try."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from tidegate.config.presets.families import recurrent_presets
from tidegate.config.presets.parts import dropped, widened
from tidegate.config.presets.preset import Preset, PresetContext, by_name
from tidegate.config.presets.recipes import RecurrentRecipe
from tidegate.config.search_space import DROPOUT
from tidegate.config.section import Count, Fraction, Positive
from tidegate.config.tables import ModelSpec
from tidegate.config.task import NetworkDefaults, TaskSettings
from tidegate.config.word_features import WordSettings, word_features
from tidegate.network.layers import Layer, Output
from tidegate.network.transforms import Growing
from tidegate.network.vgsl import parse_fragment

Target = Literal["class", "labels", "value"]


class DocumentSettings(WordSettings):
    """The task document."""

    text: str | None = Field(
        default=None, description="column or key of the text; default: text, sentence, review and the like"
    )
    label: str | None = Field(
        default=None, description="column or key of the answer; default: label, class, value and the like"
    )
    separator: str | None = Field(
        default=None,
        description='between the labels of a text that has several, such as ","; JSON has lists',
    )
    target: Literal["auto", "class", "labels", "value"] = Field(
        default="auto",
        description="what a text is answered with: a class, any number of labels, a value; auto: labels where there are "
        "lists or a separator, values where all are numbers and some have decimals, else classes",
    )
    tokens: Literal["auto", "words", "characters"] = Field(
        default="auto",
        description="what a text is cut into; auto: characters where it is written without spaces",
    )
    longest: Positive = Field(
        default=400, description="words or characters of a text that are read; of a longer one the first"
    )
    threshold: Fraction | None = Field(
        default=None,
        description="probability from which a label is given, of several; default: what is best for F1 on the "
        "validation data",
    )
    embedding: Count = Field(default=200, description="features of a word's own embedding; 0: none")
    word_dropout: Fraction = Field(
        default=0.1, description="share of words whose own embedding is hidden in training"
    )
    input_dropout: Fraction = Field(
        default=0.3, description="locked dropout on the features of words, before the first layer"
    )


# Kim 2014: filters over three, four and five words beside each other, and the largest value of each over the text.
KIM = "([Cr1,3,100 Mp0,0] [Cr1,4,100 Mp0,0] [Cr1,5,100 Mp0,0]) Do0.5"

RNN = RecurrentRecipe(
    conv=Growing(""),
    fold="",
    axis="x",
    summarise=False,
    hidden=100,
    layers=1,
    dropout=0.5,
    pools=True,
)

# Zhou et al. 2015 (C-LSTM): phrases of three words, then the text.
CNN_RNN = RecurrentRecipe(
    conv=Growing("Cr1,3,100"),
    fold="",
    axis="x",
    summarise=False,
    hidden=100,
    layers=1,
    dropout=0.5,
    pools=True,
)


def _kim(model: ModelSpec, _context: PresetContext) -> tuple[Layer, ...]:
    return dropped(model, widened(model, parse_fragment(KIM)))


def _features(table: DocumentSettings) -> int:
    return word_features(table, "document")


def _presets() -> Iterator[Preset]:
    yield Preset(
        "cnn",
        "filters of three widths, and the largest value of each (2014)",
        frozenset({"width", "dropout"}),
        _kim,
    )
    yield from recurrent_presets(RNN, CNN_RNN)


DOCUMENT = TaskSettings(
    name="document",
    summary="a text → its class, labels, or a value",
    settings=DocumentSettings,
    task="tidegate.tasks.document.task:DOCUMENT",
    formats="tidegate.data.text.labelled.formats:LABELLED_TEXTS",
    page="tidegate.report.tasks.document:PAGE",
    check="tidegate.check.kinds.documents:CHECKS",
    defaults={
        "train": {"batch_size": 50, "epochs": 8, "average": 0.99},
        "optimiser": {"name": "adamw", "learning_rate": 2e-3, "clip_norm": 5.0},
        "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
    },
    network=NetworkDefaults(
        preset="cnn",
        recurrent="bilstm",
        unconvolved="bilstm",
        output=Output(0, "softmax", 0),
        kinds=("softmax", "linear"),
        input="features",
    ),
    presets=by_name(*_presets()),
    search={"model.dropout": DROPOUT, "document.input_dropout": DROPOUT},
    features=_features,
)
