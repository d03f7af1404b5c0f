"""The public face: train, resume, load, Model. Imported when first used: ``load`` does without what training needs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.api.forecasting import ForecastTable
    from tidegate.api.model import Model, Prediction, Scores, load
    from tidegate.api.signals import SignalPrediction, SignalStream, StreamAnswer
    from tidegate.api.tagging import TaggedDocument, TaggedSentence, TaggedSpan
    from tidegate.api.training import RunResult, resume, train

__all__ = [
    "ForecastTable",
    "Model",
    "Prediction",
    "RunResult",
    "Scores",
    "SignalPrediction",
    "SignalStream",
    "StreamAnswer",
    "TaggedDocument",
    "TaggedSentence",
    "TaggedSpan",
    "load",
    "resume",
    "train",
]

_HOMES = (
    {"ForecastTable": "tidegate.api.forecasting"}
    | dict.fromkeys(("Model", "Prediction", "Scores", "load"), "tidegate.api.model")
    | dict.fromkeys(("RunResult", "resume", "train"), "tidegate.api.training")
    | dict.fromkeys(("SignalPrediction", "SignalStream", "StreamAnswer"), "tidegate.api.signals")
    | dict.fromkeys(("TaggedDocument", "TaggedSentence", "TaggedSpan"), "tidegate.api.tagging")
)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
