"""The declarations for ctypes say what the header says."""

from __future__ import annotations

import re
from ctypes import c_char_p, c_int64, c_void_p
from pathlib import Path

import pytest

from tidegate.ops.recurrence.native_interface import ABI, FUNCTIONS, STRUCTURES

HEADER = Path(__file__).parents[3] / "native/include/tidegate/recurrence.h"


def header() -> str:
    """The header without its comments."""
    return re.sub(r"/\*.*?\*/", "", HEADER.read_text(encoding="utf-8"), flags=re.DOTALL)


def c_type(declaration: str) -> object:
    """The ctypes type of ``const float *name``, as the declarations write it."""
    base, star = re.match(r"(?:const )?(\w+) ?(\*?)", declaration.strip()).groups()  # type: ignore[union-attr]
    if star:
        return {"char": c_char_p}.get(base, STRUCTURES.get(base, c_void_p))
    return {"int64_t": c_int64, "void": None}.get(base, STRUCTURES.get(base))


def test_the_abi_is_the_headers() -> None:
    assert f"#define TIDEGATE_ABI {ABI}\n" in header()


@pytest.mark.parametrize("name", STRUCTURES)
def test_fields_stand_in_the_order_of_the_header(name: str) -> None:
    body = re.search(rf"typedef struct {name} \{{(.*?)\}} {name};", header(), re.DOTALL)
    assert body is not None
    fields = [line.strip() for line in body[1].split(";") if line.strip()]
    expected = [(re.findall(r"\w+", field)[-1], c_type(field)) for field in fields]
    assert list(STRUCTURES[name]._fields_) == expected


def test_every_function_of_the_header_is_declared_with_its_types() -> None:
    found = re.findall(r"TIDEGATE_API ((?:const )?\w+ \*?)(tidegate_\w+)\((.*?)\);", header(), re.DOTALL)
    expected = {
        name: (c_type(result), () if words.strip() == "void" else tuple(map(c_type, words.split(","))))
        for result, name, words in found
    }
    declared = {
        name: (result, tuple(getattr(kind, "_type_", kind) if _structure(kind) else kind for kind in kinds))
        for name, (result, kinds) in FUNCTIONS.items()
    }
    assert declared == expected


def _structure(kind: object) -> bool:
    return getattr(kind, "_type_", None) in STRUCTURES.values()
