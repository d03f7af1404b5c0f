"""model.json: what a model is besides its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tidegate.results.record import Record


@dataclass(frozen=True, kw_only=True)
class ModelDescription(Record):
    """What makes a network again, ready for its weights, and what it is asked by.

    Attributes:
        format: of the folder
        task: name of the task
        problem: what the task learnt from its data, as below
        spec: the complete configuration
    """

    format: Literal[1] = 1
    task: str
    problem: dict[str, Any]
    spec: dict[str, Any]

    @property
    def network(self) -> str:
        """As a VGSL string; empty where the task keeps none."""
        return str(self.problem.get("architecture", ""))
