"""Which validation is the best one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tidegate.config.tables import OptimiserSpec, ScheduleSpec
from tidegate.tasks.contract import Goal
from tidegate.training.loop import Trainer
from tidegate.training.progress import Progress


def remembered(*validations: tuple[float, float]) -> list[bool]:
    """Whether each validation, an accuracy and a loss, is the best yet."""
    spec = SimpleNamespace(optimiser=OptimiserSpec(), schedule=ScheduleSpec())
    trainer = cast(
        Any,
        SimpleNamespace(
            progress=Progress(), goal=Goal("accuracy", False), average=None, spec=spec, _averaging=True
        ),
    )
    return [Trainer._remember(trainer, accuracy, loss) for accuracy, loss in validations]


@pytest.mark.parametrize(
    ("validations", "best"),
    [
        ([(0.5, 0.7), (0.6, 0.9)], [True, True]),
        ([(0.6, 0.7), (0.5, 0.1)], [True, False]),
        ([(0.6, 0.7), (0.6, 0.6)], [True, True]),
        ([(0.6, 0.7), (0.6, 0.7)], [True, False]),
        ([(0.6, 0.7), (0.6, 0.8), (0.6, 0.75)], [True, False, False]),
    ],
)
def test_accuracy_decides_and_the_loss_among_equals(
    validations: list[tuple[float, float]], best: list[bool]
) -> None:
    assert remembered(*validations) == best
