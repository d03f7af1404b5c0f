"""docs/reference/findings.md explains every code that a finding can have, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import tidegate
from tidegate.check.contract import PAGE

SOURCE = Path(tidegate.__file__).parent
ROOT = Path(__file__).parents[2]
PLACES = {"Finding": 1, "found": 1, "note": 0, "warning": 0, "refuse": 0}
"""Which argument of a call is the code."""
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def codes(tree: ast.AST) -> Iterator[str]:
    """Codes that a file's calls name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            place = PLACES.get(name)
            if place is not None and len(node.args) > place:
                code = node.args[place]
                if isinstance(code, ast.Constant) and CODE.fullmatch(str(code.value)):
                    yield str(code.value)


def test_every_code_has_an_entry_and_every_entry_is_a_code() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted(SOURCE.rglob("*.py"))]
    used = {code for tree in trees for code in codes(tree)}
    assert {"too-narrow", "leak", "no-label"} < used
    strings = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    text = (ROOT / PAGE).read_text("utf-8")
    entries = re.findall(r"^## (\S+)$", text, re.MULTILINE)
    assert not used - set(entries), "codes without an entry"
    assert not [entry for entry in entries if entry not in strings], "entries of no code"
    assert entries == sorted(entries), "entries stand in the order of the alphabet"


def test_entries_say_what_it_means_and_what_to_do() -> None:
    text = (ROOT / PAGE).read_text("utf-8")
    for entry in text.split("\n## ")[1:]:
        paragraphs = [part for part in entry.split("\n\n")[1:] if part.strip()]
        assert len(paragraphs) == 2, entry
