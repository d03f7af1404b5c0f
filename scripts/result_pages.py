"""Write the tables of docs/reference/run-folder.md and study-folder.md from the types of results: `make docs`.

A table stands between `<!-- fields of MODULE:NAME -->` and `<!-- end -->`. A test checks that the pages are current.
"""

from __future__ import annotations

import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from textwrap import dedent

from tidegate.results.record import Record

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
PAGES = (FOLDER / "run-folder.md", FOLDER / "study-folder.md")
_TABLE = re.compile(r"<!-- fields of ([\w.]+):(\w+) -->\n.*?<!-- end -->\n", re.DOTALL)
_ENTRY = re.compile(r"^(\w+): (.*(?:\n {4,}.*)*)", re.MULTILINE)


def page(text: str) -> str:
    """A page with its tables written anew."""
    return _TABLE.sub(_table, text)


def documented(record: type[Record]) -> dict[str, str]:
    """What the docstrings of a type and of those that it extends say of each field."""
    found: dict[str, str] = {}
    for kind in reversed(record.__mro__):
        _, _, attributes = dedent("    " + (kind.__doc__ or "")).partition("Attributes:\n")
        for name, told in _ENTRY.findall(dedent(attributes)):
            found[name] = " ".join(told.split())
    return {field.name: found[field.name] for field in fields(record)}  # pyright: ignore[reportArgumentType]


def _table(match: re.Match[str]) -> str:
    module, name = match.groups()
    record = getattr(import_module(f"tidegate.results.{module}"), name)
    rows = [f"| `{field}` | {told} |\n" for field, told in documented(record).items()]
    return f"<!-- fields of {module}:{name} -->\n| field | holds |\n|---|---|\n{''.join(rows)}<!-- end -->\n"


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(page(path.read_text("utf-8")), encoding="utf-8")
        print(path)
