"""Tidegate: train, compare and ship CNN, RNN, LSTM, GRU and CNN-RNN models on ordinary CPUs.

Six functions are the public face. They are imported when they are first used, so that ``import tidegate``
(and with it ``tidegate --help``) costs milliseconds, not the seconds of importing torch:

- ``tidegate.train(...)`` trains one model and leaves a run folder; ``tidegate.resume(run)`` goes on with one;
- ``tidegate.load(run)`` opens it: ``.predict(...)``, ``.evaluate(...)``, ``.stream()``, ``.generate(...)``;
- ``tidegate.predict(run, inputs)`` opens it and answers;
- ``tidegate.study(...)`` compares several models under one budget;
- ``tidegate.register(task)`` adds a task of your own.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.api import load, predict, resume, train
    from tidegate.studies.compare import compare as study
    from tidegate.tasks.registry import register

__version__ = "0.1.0"
__all__ = ["__version__", "load", "predict", "register", "resume", "study", "train"]

_FACE = {
    "train": ("tidegate.api", "train"),
    "resume": ("tidegate.api", "resume"),
    "load": ("tidegate.api", "load"),
    "predict": ("tidegate.api", "predict"),
    "study": ("tidegate.studies.compare", "compare"),
    "register": ("tidegate.tasks.registry", "register"),
}


def __getattr__(name: str) -> object:
    if name not in _FACE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, function = _FACE[name]
    value = getattr(import_module(module), function)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    # What a person may call: neither the rooms nor what this file itself imports.
    return sorted(__all__)
