"""``RunSpec``: everything that a run needs to know, and the only description of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tidegate.config.section import Section
from tidegate.config.tables import (
    AugmentSpec,
    DataSpec,
    InitialiseSpec,
    ModelSpec,
    OptimiserSpec,
    ScheduleSpec,
    TrainSpec,
)
from tidegate.config.tasks.classify import ClassifySpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.config.tasks.language import LanguageSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.config.tasks.tag import TagSpec
from tidegate.config.tasks.transcribe import TranscribeSpec


class RunSpec(Section):
    """One run, complete.

    >>> RunSpec(task="classify").train.batch_size
    16
    """

    task: str = Field(description="classify, transcribe, tag, language, forecast or signal")
    seed: Annotated[int, Field(ge=0)] = Field(
        default=0, description="of the split, the weights, the order and the augmentation"
    )
    data: DataSpec = DataSpec()
    model: ModelSpec = ModelSpec()
    train: TrainSpec = TrainSpec()
    optimiser: OptimiserSpec = OptimiserSpec()
    schedule: ScheduleSpec = ScheduleSpec()
    augment: AugmentSpec = AugmentSpec()
    initialise: InitialiseSpec = InitialiseSpec()
    classify: ClassifySpec = ClassifySpec()
    transcribe: TranscribeSpec = TranscribeSpec()
    tag: TagSpec = TagSpec()
    language: LanguageSpec = LanguageSpec()
    forecast: ForecastSpec = ForecastSpec()
    signal: SignalSpec = SignalSpec()
    own: dict[str, bool | int | float | str] = Field(
        default={}, description="keys of a task of your own (see `tidegate.register`)"
    )
