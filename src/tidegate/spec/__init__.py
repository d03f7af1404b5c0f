"""What to build and run, as data: configurations, layer records, VGSL, presets, shapes. Imports no torch.

The public names are imported when they are first used, so that writing a file does not load pydantic. Two
more are called as their file: ``tidegate.spec.resolve.resolve`` and ``tidegate.spec.trace.trace``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.spec.compile import compile_model
    from tidegate.spec.layers import Architecture
    from tidegate.spec.presets import PRESETS
    from tidegate.spec.run import RunSpec
    from tidegate.spec.trace import out_shape, steps
    from tidegate.spec.vgsl import parse, parse_fragment, render

__all__ = [
    "PRESETS",
    "Architecture",
    "RunSpec",
    "compile_model",
    "out_shape",
    "parse",
    "parse_fragment",
    "render",
    "steps",
]

_HOME = {
    "PRESETS": "presets",
    "Architecture": "layers",
    "RunSpec": "run",
    "compile_model": "compile",
    "out_shape": "trace",
    "parse": "vgsl",
    "parse_fragment": "vgsl",
    "render": "vgsl",
    "steps": "trace",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"tidegate.spec.{_HOME[name]}"), name)
    globals()[name] = value
    return value
