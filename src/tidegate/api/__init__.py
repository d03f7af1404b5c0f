"""The public face: train, resume, load, predict. Imported when first used: ``load`` does without what training needs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.api.model import Model, Scores, load, predict
    from tidegate.api.training import RunResult, resume, train
    from tidegate.tasks.prediction.rows import Prediction, Predictions

__all__ = ["Model", "Prediction", "Predictions", "RunResult", "Scores", "load", "predict", "resume", "train"]

_HOMES = (
    dict.fromkeys(("Model", "Scores", "load", "predict"), "tidegate.api.model")
    | dict.fromkeys(("RunResult", "resume", "train"), "tidegate.api.training")
    | dict.fromkeys(("Prediction", "Predictions"), "tidegate.tasks.prediction.rows")
)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
