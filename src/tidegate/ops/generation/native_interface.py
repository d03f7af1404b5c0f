"""What ``native/include/tidegate/generate.h`` declares, for ctypes."""

from __future__ import annotations

from ctypes import CDLL, POINTER, Structure, c_double, c_int64, c_uint64, c_void_p
from typing import Any

BAD_SYMBOL, NOT_FINITE = 16, 17
"""What functions answer, beside those of the recurrence kernels: 0 all is well, 2 a bad argument, 3 no memory."""


class Layer(Structure):
    """One layer."""

    _fields_ = [
        ("cell", c_int64),
        ("hidden", c_int64),
        ("input", c_void_p),
        ("recurrent", c_void_p),
        ("input_bias", c_void_p),
        ("recurrent_bias", c_void_p),
    ]


class Model(Structure):
    """A whole model."""

    _fields_ = [
        ("symbols", c_int64),
        ("embedding_size", c_int64),
        ("layers", c_int64),
        ("tabled", c_int64),
        ("embedding", c_void_p),
        ("layer", POINTER(Layer)),
        ("projection", c_void_p),
        ("output", c_void_p),
        ("output_bias", c_void_p),
    ]


class NativeSampling(Structure):
    """How symbols are drawn."""

    _fields_ = [
        ("temperature", c_double),
        ("top_p", c_double),
        ("top_k", c_int64),
        ("seed", c_uint64),
        ("never", c_void_p),
        ("stop", c_void_p),
    ]


STRUCTURES: dict[str, type[Structure]] = {
    "tidegate_generation_layer": Layer,
    "tidegate_generation_model": Model,
    "tidegate_sampling": NativeSampling,
}
"""The structures by their name in the header."""

_number, _position, _address = c_int64, c_uint64, c_void_p
_model, _sampling = POINTER(Model), POINTER(NativeSampling)

FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "tidegate_generation_size": (_number, (_model,)),
    "tidegate_generation_pack": (_number, (_model, _address)),
    "tidegate_generation_read": (_number, (_model, _address, _address, _address, _number, _address)),
    "tidegate_generation_write": (
        _number,
        (_model, _address, _address, _sampling, _position, _address, _number, _address),
    ),
    "tidegate_generation_choose": (_number, (_number, _address, _sampling, _position, _address)),
}
"""Result and arguments of every function."""


def declare_generation(library: CDLL) -> None:
    """Tell ctypes the types of every function.

    Raises:
        AttributeError: The library lacks one.
    """
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
