"""The task ``forecast``: its table, its defaults, its networks and what trials of a study try."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from tidegate.config.presets.families import CELL_KEYS, cnn_preset, mlp_preset, recurrent_presets
from tidegate.config.presets.parts import dense, recurrent
from tidegate.config.presets.preset import Preset, PresetContext, by_name
from tidegate.config.presets.recipes import DenseRecipe, RecurrentRecipe
from tidegate.config.section import Count, Positive, Section
from tidegate.config.tables import ModelSpec
from tidegate.config.task import NetworkDefaults, TaskSettings
from tidegate.network.layers import Convolution, Layer, Output
from tidegate.network.transforms import Growing

Fill = Literal["none", "forward", "linear", "zero", "mask"]
Decoder = Literal["direct", "recursive", "segment", "encoder-decoder"]
Normalise = Literal["none", "last", "revin"]
Level = Annotated[float, Field(gt=0, lt=1)]


def _listed(names: object) -> object:
    return [names] if isinstance(names, str) else names


Names = Annotated[list[str], BeforeValidator(_listed)]
"""One name, or several."""


class ForecastSpec(Section):
    """The task forecast."""

    horizon: Positive | None = Field(
        default=None, description="values to forecast; default: one season, or 12 where there is none"
    )
    lookback: Positive | None = Field(
        default=None,
        description="values before the forecast that the network sees; default: two seasons or the horizon, "
        "whichever is more",
    )
    time: str | list[str] | None = Field(
        default=None,
        description='column of dates or times, or several such as ["year", "month", "day"]; default: look',
    )
    time_format: str | None = Field(
        default=None,
        description="form of the time: a strptime format such as %d/%m/%Y (%q is a quarter), unix-s, unix-ms, unix-us, "
        "unix-ns, excel (days), number (that counts), or row (rows are counted as they stand); default: look",
    )
    zone: str | None = Field(
        default=None,
        description="time zone whose clocks the times were read from, such as Europe/Berlin; default: as the data say",
    )
    series: str | list[str] | None = Field(
        default=None,
        description="column that names the series of a long table, or several; default: look for unique_id and the like",
    )
    target: Names = Field(
        default=[],
        description="columns to forecast; default: y and the like, or all numbers that are no covariates",
    )
    known: Names = Field(
        default=[], description="covariates known for the future too, such as holidays or planned prices"
    )
    observed: Names = Field(default=[], description="covariates known for the past only, such as weather")
    static: Names = Field(default=[], description="columns that are the same at every time of a series")
    frequency: str | None = Field(
        default=None,
        description="step between two rows: 15min, 1h, 1d, 1b (business days), 1w, 1mo, 1q, 1y; days and times such as "
        "mon-sat or mon-fri 09:30-16:00/5min; a number; or rows; default: look",
    )
    fill: Fill = Field(
        default="none",
        description="what stands in gaps and for missing values; none: they are errors; mask: the network is told, and "
        "sees a 0. What was filled in is never scored",
    )
    season: Positive | None = Field(
        default=None, description="steps of a season; default: by the frequency, such as 24 for hours"
    )
    calendar: bool = Field(
        default=True,
        description="tell the network hour, weekday, day and month, whichever vary within a season",
    )
    identity: Count = Field(
        default=0,
        description="features of a learnt vector for each series and target; 0: none, so that new series can be forecast",
    )
    channels: Literal["independent", "joint"] = Field(
        default="independent",
        description="independent: one network forecasts each target from its own past; joint: from that of all targets",
    )
    scaling: Literal["series", "global", "none"] = Field(
        default="series",
        description="subtract the mean and divide by the deviation of the training rows, of each series or of all",
    )
    transform: Literal["none", "log"] = Field(
        default="none", description="log: of the targets, for growth in percent; they must be above 0"
    )
    normalise: Normalise = Field(
        default="last",
        description="of each window: subtract its last value, or its mean and divide by its deviation (RevIN)",
    )
    residual: Literal["none", "seasonal", "linear"] = Field(
        default="none",
        description="what the network corrects; seasonal: the seasonal naive forecast; linear: a linear map of the "
        "window that is learnt with it, and starts as that",
    )
    decoder: Decoder = Field(
        default="direct",
        description="direct: all steps from the last state; recursive: one step after the other; segment: as SegRNN; "
        "encoder-decoder: a second recurrent network over the future",
    )
    segment: Positive | None = Field(
        default=None, description="values of a segment; default: a season, or what divides the lookback"
    )
    loss: Literal["mse", "mae", "huber", "quantile"] = Field(
        default="mse", description="of scaled values; quantile: of the quantiles of `levels` and the median"
    )
    huber_delta: Annotated[float, Field(gt=0)] = Field(
        default=1.0, description="where huber turns from squares to absolute values"
    )
    levels: list[Level] = Field(default=[0.8, 0.95], description="of the intervals; none: []")
    select: Literal["mse", "mae", "smape", "mase"] = Field(
        default="mse", description="the figure of the validation that chooses the best weights"
    )
    recent: Positive | None = Field(
        default=None,
        description="train on forecasts of the last so many training rows of each series only, where older ones mislead",
    )
    train_stride: Positive = Field(
        default=1, description="steps between two windows of training; validation and test take every one"
    )


CNN_RNN = RecurrentRecipe(
    conv=Growing("Cr1,3,64"),
    fold="",
    axis="x",
    summarise=False,
    hidden=128,
    layers=1,
    dropout=0.1,
    state=True,
)

RNN = RecurrentRecipe(
    conv=Growing(""),
    fold="",
    axis="x",
    summarise=False,
    hidden=128,
    layers=1,
    dropout=0.1,
    state=True,
)

# Windows that end at the present: width in time falls as channels rise.
CNN = DenseRecipe(Growing("Cr1,5,64 Mp1,2 Cr1,5,64 Mp1,2 Cr1,3,128"), "Fr256 Do0.1")

MLP = DenseRecipe(Growing(""), "Fr256 Do0.1 Fr256 Do0.1")

# Lin et al. 2023: segments of the past, each made a vector by a linear layer and ReLU, then one recurrent layer over few
# steps. A segment's values are the channels of a column; the embedding is as wide as the layer.
SEGRNN = RecurrentRecipe(
    conv=Growing(""),
    fold="",
    axis="x",
    summarise=False,
    hidden=256,
    layers=1,
    dropout=0.3,
    state=True,
)


def segrnn(model: ModelSpec, _context: PresetContext) -> tuple[Layer, ...]:
    """An embedding of each segment, and recurrent layers over the segments.

    Example:
        >>> from tidegate.network.layers import render_branch
        >>> render_branch(segrnn(ModelSpec(hidden=512), PresetContext(1, None, 1)))
        '[Cr1,1,512 Gfx512 Do0.3]'
    """
    embedding = Convolution("relu", (1, 1), model.hidden or SEGRNN.hidden)
    return (embedding, *recurrent(SEGRNN, "gru", False, model), *dense(model, SEGRNN.dense))


FORECAST = TaskSettings(
    name="forecast",
    summary="time series → their next values, with intervals",
    settings=ForecastSpec,
    task="tidegate.tasks.forecast.task:FORECAST",
    formats="tidegate.data.series.formats:SERIES",
    page="tidegate.report.tasks.forecast:PAGE",
    check="tidegate.check.kinds.series:CHECKS",
    # Series come in one table, which is split by time.
    data_key="source",
    defaults={
        "train": {"batch_size": 64, "epochs": 20, "patience": 5},
        "optimiser": {"name": "adamw", "learning_rate": 1e-3, "clip_norm": 1.0},
        "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
    },
    network=NetworkDefaults(
        preset="gru",
        recurrent="gru",
        unconvolved="gru",
        output=Output(0, "linear", 0),
        kinds=("linear",),
        input="data",
    ),
    presets=by_name(
        mlp_preset(MLP),
        cnn_preset(CNN),
        *recurrent_presets(RNN, CNN_RNN),
        Preset(
            "segrnn",
            "SegRNN (2023): a GRU over segments",
            CELL_KEYS,
            segrnn,
            training={"forecast": {"decoder": "segment", "normalise": "last", "loss": "mae"}},
        ),
    ),
    flags=("horizon", "lookback", "fill"),
    options=("horizon",),
    predict_flags=("out",),
    decodes=True,
)
