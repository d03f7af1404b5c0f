"""``RunSpec``: everything that a run needs to know, and the only description of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, cast

from pydantic import (
    Field,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from tidegate.config.registry import BUILT_IN, settings_of
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
from tidegate.config.task import PARAMS, Parameter, Params

Table = TypeVar("Table", bound=Section)
OWN = "table"
"""The field of ``RunSpec`` that holds the table of its task."""


class RunSpec(Section):
    """One run, complete.

    The table of the run's task is under the task's name wherever a specification is read or written; code asks for it by
    its class. Tables of other tasks are no part of a run.

    >>> from tidegate.config.tasks.tag import TagSpec
    >>> spec = RunSpec.model_validate({"task": "tag", "tag": {"case": 4}})
    >>> spec.train.batch_size, spec.settings(TagSpec).case, spec.model_dump()["tag"]["case"]
    (16, 4, 4)
    """

    task: str = Field(description=", ".join(BUILT_IN))
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
    table: SerializeAsAny[Section] = Section()

    def settings(self, kind: type[Table]) -> Table:
        """The table of the run's task.

        Args:
            kind: Its class.

        Raises:
            TypeError: The run is of another task.
        """
        if not isinstance(self.table, kind):
            raise TypeError(f"a run of {self.task} has {type(self.table).__name__}, and no {kind.__name__}")
        return self.table

    @property
    def params(self) -> Mapping[str, Parameter]:
        """The keys of a task that was registered without a table of its own.

        Raises:
            TypeError: The task has one.
        """
        return self.settings(Params).model_extra or {}

    @property
    def table_name(self) -> str:
        """What the table of the run's task is called in files."""
        return PARAMS if isinstance(self.table, Params) else self.task

    def with_settings(self, **values: Any) -> RunSpec:
        """The same run with other values in the table of its task, which are not checked.

        >>> RunSpec(task="signal").with_settings(window=9).model_dump()["signal"]["window"]
        9
        """
        return self.model_copy(update={OWN: self.table.model_copy(update=values)})

    @model_validator(mode="before")
    @classmethod
    def _taken(cls, values: object) -> object:
        """The table of the task, from its own name to the field."""
        if not isinstance(values, Mapping):
            return values
        given = dict(cast("Mapping[str, object]", values))
        task = given.get("task")
        if isinstance(task, str):
            given[OWN] = given.pop(settings_of(task).table, {})
        return given

    @field_validator(OWN, mode="before")
    @classmethod
    def _checked(cls, value: object, info: ValidationInfo) -> object:
        task = info.data.get("task")
        # Without a task there is nothing to check by, and the error is the task's.
        return value if task is None else settings_of(task).settings.model_validate(value, strict=True)

    @model_serializer(mode="wrap")
    def _named(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values = handler(self)
        if OWN in values:
            values[self.table_name] = values.pop(OWN)
        return values
