"""The C interface of the native library, for ctypes. ``native/include/tidegate/recurrence.h`` is its manual.

Names and order of the fields are the header's; a test compares them. Pointers to numbers are ``c_void_p``, so
that they take what ``Tensor.data_ptr()`` gives, or ``None``.
"""

from __future__ import annotations

from ctypes import CDLL, POINTER, Structure, c_char_p, c_int64, c_void_p
from typing import Any

ABI = 3
"""The ``TIDEGATE_ABI`` that these declarations are written for."""


class Rows(Structure):
    """Which row of a matrix belongs to step t of sequence b.

    Example:
        >>> padded = Rows(sequence_stride=7, time_stride=1)  # (B, 7, features), sequence after sequence
        >>> padded.sequence is None, padded.sequence_stride
        (True, 7)
    """

    _fields_ = [
        ("sequence", c_void_p),
        ("time", c_void_p),
        ("sequence_stride", c_int64),
        ("time_stride", c_int64),
    ]


class Problem(Structure):
    """What both passes need to know of a call."""

    _fields_ = [
        ("cell", c_int64),
        ("hidden", c_int64),
        ("batch", c_int64),
        ("time", c_int64),
        ("directions", c_int64),
        ("first_reversed", c_int64),
        ("threads", c_int64),
        ("lengths", c_void_p),
        ("rows", Rows),
        ("outputs", Rows),
        ("features", c_int64),
        ("inputs", Rows),
    ]


class Forward(Structure):
    """One direction, forward."""

    _fields_ = [
        ("recurrent", c_void_p),
        ("recurrent_stride", c_int64),
        ("weights", c_void_p),
        ("input_bias", c_void_p),
        ("recurrent_bias", c_void_p),
        ("gates", c_void_p),
        ("new_recurrent", c_void_p),
        ("memories", c_void_p),
        ("hidden_in", c_void_p),
        ("memory_in", c_void_p),
        ("hidden_out", c_void_p),
        ("memory_out", c_void_p),
        ("gates_stride", c_int64),
        ("x", c_void_p),
        ("input", c_void_p),
        ("input_stride", c_int64),
    ]


class Backward(Structure):
    """One direction, backward."""

    _fields_ = [
        ("recurrent", c_void_p),
        ("recurrent_stride", c_int64),
        ("gates", c_void_p),
        ("new_recurrent", c_void_p),
        ("memories", c_void_p),
        ("hidden_in", c_void_p),
        ("memory_in", c_void_p),
        ("d_hidden_out", c_void_p),
        ("d_memory_out", c_void_p),
        ("deltas", c_void_p),
        ("new_deltas", c_void_p),
        ("hidden_before", c_void_p),
        ("d_hidden_in", c_void_p),
        ("d_memory_in", c_void_p),
        ("gates_stride", c_int64),
    ]


STRUCTURES: dict[str, type[Structure]] = {
    "tidegate_rows": Rows,
    "tidegate_problem": Problem,
    "tidegate_forward": Forward,
    "tidegate_backward": Backward,
}
"""The structures by their name in the header."""

# Short, so that a signature stays one line and can be held against the header's.
_number, _address = c_int64, c_void_p
_rows, _problem = POINTER(Rows), POINTER(Problem)
_forward, _backward = POINTER(Forward), POINTER(Backward)

FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "tidegate_abi": (_number, ()),
    "tidegate_isa": (c_char_p, ()),
    "tidegate_has_isa": (_number, (c_char_p,)),
    "tidegate_use_isa": (_number, (c_char_p,)),
    "tidegate_packed_size": (_number, (_number, _number, _number)),
    "tidegate_projects": (_number, (_number, _number, _number)),
    "tidegate_pack": (
        _number,
        (_number, _number, _number, _address, _number, _address, _number, _address, _number),
    ),
    "tidegate_run_forward": (_number, (_problem, _forward, _address, _number, _number)),
    "tidegate_run_backward": (_number, (_problem, _backward, _address, _address, _address)),
    "tidegate_sample": (_number, (_address, _number)),
    "tidegate_sigmoid": (None, (_number, _address, _address)),
    "tidegate_tanh": (None, (_number, _address, _address)),
    "tidegate_move_rows": (
        _number,
        (_number, _number, _number, _address, _address, _rows, _address, _rows, _number, _number),
    ),
}
"""Result and arguments of every function. A structure is passed by ``ctypes.byref``, directions as an array."""


def declare(library: CDLL) -> None:
    """Tell ctypes the types of every function.

    Raises:
        AttributeError: The library lacks one.
    """
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
