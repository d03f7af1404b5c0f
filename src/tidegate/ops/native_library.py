"""Finds and loads the native library, or says once why recurrent layers do without it.

Two environment variables: ``TIDEGATE_ENGINE=torch`` asks for torch's engine, and then nothing is loaded or said;
``TIDEGATE_ISA`` (avx512, avx2, portable) asks for an instruction set other than the widest that the machine has.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

# Before the library: it then takes the OpenMP that torch has loaded, which has the same name, and with it torch's pool
# of threads rather than a second one.
import torch  # noqa: F401  # pyright: ignore[reportUnusedImport]

import tidegate.ops
from tidegate.errors import ConfigError
from tidegate.ops.recurrence.native_interface import ABI, Backward, Forward, Problem, Rows, declare

__all__ = [
    "ISAS",
    "Backward",
    "Forward",
    "Problem",
    "Rows",
    "available_isas",
    "isa",
    "library",
    "loaded",
    "use_isa",
]

ISAS = ("avx512", "avx2", "portable")
"""The instruction sets that kernels are written for, widest first."""

FILE_NAME = "libtidegate_native" + {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")


@dataclass
class _Search:
    """The search of this process: not done yet, or the library, or why there is none."""

    outcome: ctypes.CDLL | str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_search = _Search()


def library() -> ctypes.CDLL | None:
    """The native library with its functions declared, loaded at the first call.

    Returns:
        ``None`` where torch's engine is to run: the environment asks for it, or there is no library that can be
        loaded. The latter is said once a process, by the logger ``tidegate``, which prints to stderr unless
        the program has set up logging in its own way.

    Raises:
        ConfigError: ``TIDEGATE_ISA`` names an instruction set that this machine or the library does not have.

    Example:
        >>> native = library()
        >>> native is None or native.tidegate_abi() == 3
        True
    """
    if os.environ.get("TIDEGATE_ENGINE") == "torch":
        return None
    search = _search
    if search.outcome is None:
        with search.lock:
            if search.outcome is None:
                search.outcome = _found(tidegate.ops.__path__)
                if isinstance(search.outcome, str):
                    _announce(search.outcome)
    return None if isinstance(search.outcome, str) else search.outcome


def loaded() -> ctypes.CDLL:
    """The native library where it is known to be there: inside what runs on it."""
    native = library()
    assert native is not None, "an engine asks for the library before it runs on it"
    return native


def isa() -> str:
    """The instruction set in use; ``"none"`` without the library.

    Example:
        >>> isa() in ("none", *ISAS)
        True
    """
    native = library()
    return "none" if native is None else native.tidegate_isa().decode()


def available_isas() -> tuple[str, ...]:
    """The instruction sets that this machine and the library have, widest first; none without the library.

    Example:
        >>> set(available_isas()) <= set(ISAS)
        True
    """
    native = library()
    return () if native is None else _isas_of(native)


def use_isa(name: str) -> None:
    """Take another instruction set from now on: for tests, and not while other calls run.

    Weights that were packed before are invalid after it.

    Raises:
        ConfigError: This machine or the library does not have it.

    Example:
        >>> for name in available_isas():
        ...     use_isa(name)
        ...     assert isa() == name
        >>> if available_isas():
        ...     use_isa(available_isas()[0])
    """
    native = library()
    if native is None or not native.tidegate_use_isa(name.encode()):
        raise _no_such_isa(name, available_isas(), where=None)


def _found(folders: Iterable[str]) -> ctypes.CDLL | str:
    """The library, or why there is none."""
    # An editable install has the modules in one folder of the package and the library in another.
    path = next((path for folder in folders if (path := Path(folder, FILE_NAME)).is_file()), None)
    if path is None:
        return "the native library was not built when tidegate was installed"
    try:
        native = ctypes.CDLL(str(path))
        abi = int(native.tidegate_abi())
        if abi != ABI:
            return f"{path} belongs to another version of tidegate (its ABI is {abi}, not {ABI})"
        declare(native)
    except (OSError, AttributeError) as error:
        return f"{path} cannot be used ({error})"
    name = os.environ.get("TIDEGATE_ISA")
    if name and not native.tidegate_has_isa(name.encode()):
        raise _no_such_isa(name, _isas_of(native), where="environment variable TIDEGATE_ISA")
    return native


def _isas_of(native: ctypes.CDLL) -> tuple[str, ...]:
    return tuple(name for name in ISAS if native.tidegate_has_isa(name.encode()))


def _no_such_isa(name: str, available: tuple[str, ...], *, where: str | None) -> ConfigError:
    return ConfigError(
        "the instruction set is not available here",
        where=where,
        expected=", ".join(available) or "none: there is no native library",
        got=name,
        hint="leave it out: the widest that the machine has is taken",
    )


def _announce(reason: str) -> None:
    # Not warnings.warn: that adds a line of our own source, and a program that makes warnings errors would stop over a
    # machine that is only slower. Without a handler of the program's, logging prints the bare text to stderr.
    # --no-cache-dir, since pip keeps the wheel that it built without a compiler.
    logging.getLogger("tidegate").warning(
        "note: recurrent layers run on torch's engine, which is slower: %s. To mend it: install a C++17 compiler with "
        "OpenMP (such as g++), then install tidegate again with pip's --force-reinstall --no-deps --no-cache-dir",
        reason,
    )
