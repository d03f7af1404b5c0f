"""The tables of the tasks on numbers: ``[forecast]`` and ``[signal]``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tidegate.config.section import Count, Positive, Section

Fill = Literal["none", "forward", "linear", "zero", "mask"]
Decoder = Literal["direct", "recursive", "segment", "encoder-decoder"]
Normalise = Literal["none", "last", "revin"]
Level = Annotated[float, Field(gt=0, lt=1)]


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
    series: str | list[str] | None = Field(
        default=None,
        description="column that names the series of a long table, or several; default: look for unique_id and the like",
    )
    target: list[str] = Field(
        default=[],
        description="columns to forecast; default: y and the like, or all numbers that are no covariates",
    )
    known: list[str] = Field(
        default=[], description="covariates known for the future too, such as holidays or planned prices"
    )
    observed: list[str] = Field(default=[], description="covariates known for the past only, such as weather")
    static: list[str] = Field(default=[], description="columns that are the same at every time of a series")
    frequency: str | None = Field(
        default=None,
        description="step between two rows: 15min, 1h, 1d, 1b (business days), 1w, 1mo, 1q, 1y, or rows; default: look",
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


class SignalSpec(Section):
    """The task signal."""

    target: Literal["auto", "class", "value"] = Field(
        default="auto",
        description="what a sequence is answered with; auto: classes, unless labels have decimals",
    )
    label: str | None = Field(
        default=None, description="column of the label of a table; default: label, class or target"
    )
    series: str | None = Field(
        default=None,
        description="column that says which sequence a row of a table is of; default: id and the like",
    )
    time: str | None = Field(
        default=None,
        description="column of the order within a sequence; default: time and the like, or the file's order",
    )
    channels: list[str] = Field(
        default=[], description="columns to read; default: all others that are numbers"
    )
    label_pattern: str | None = Field(
        default=None,
        description="regular expression whose first group is the label in a file's path, such as ([^/]+)_[0-9]+; "
        "default: the folder",
    )
    group: str | None = Field(
        default=None,
        description="column of who or what a sequence is of, or a regular expression whose first group is it in a file's "
        "path; one group is never in two parts",
    )
    rate: Positive | None = Field(
        default=None,
        description="samples a second that sound is brought to; default: its own, which must be one",
    )
    features: Literal["auto", "raw", "log-mel"] = Field(
        default="auto", description="of sound: log-mel energies or the samples themselves; auto: log-mel"
    )
    mels: Positive = Field(default=40, description="bands of log-mel")
    frame: Annotated[float, Field(gt=0)] = Field(default=25, description="milliseconds of a frame of log-mel")
    hop: Annotated[float, Field(gt=0)] = Field(
        default=10, description="milliseconds from one frame to the next"
    )
    missing: Literal["none", "linear", "zero", "mask"] = Field(
        default="none",
        description="what stands for missing values; none: they are errors; mask: 0, and a further channel tells",
    )
    scaling: Literal["channel", "sample", "none"] = Field(
        default="channel",
        description="mean 0 and deviation 1 of each channel: over the training data, or within each sequence",
    )
    window: Positive | None = Field(
        default=None, description="cut sequences into windows of so many steps; default: whole sequences"
    )
    stride: Positive | None = Field(
        default=None, description="steps between two windows; default: half a window"
    )
