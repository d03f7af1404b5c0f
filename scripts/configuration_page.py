"""Write docs/reference/configuration.md from ``RunSpec``: `make docs`. A test checks that the page is current."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from tidegate.config.keys import keys_of
from tidegate.config.registry import BUILT_IN, settings_of
from tidegate.config.run import RunSpec
from tidegate.config.study import StudyTable
from tidegate.config.task import PARAMS, Params

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "configuration.md"

HEAD = """\
# Configuration

<!-- Written by scripts/configuration_page.py (`make docs`); change the descriptions in tables.py and tasks/ of
src/tidegate/config. -->

A run is described by one TOML file, by flags, or by both. What wins, from the weakest: the defaults below, those of
the task and of the preset, the file, flags, `--set KEY=VALUE`. `tidegate init` writes a file with all of this as
comments. An unknown key is an error that names the nearest one. `"none"` unsets a number that may be unset.
"""

STUDY = """\
The same file may say how `tidegate study` compares networks on it; `tidegate train` passes over this table.
"""

SIGNS = {Ge: ("ge", "≥"), Gt: ("gt", ">"), Le: ("le", "≤"), Lt: ("lt", "<")}


def page() -> str:
    """The whole page."""
    study = section("study", StudyTable.model_fields, StudyTable)
    return "\n".join([HEAD, *run_sections(), STUDY, *study, *task_defaults()]) + "\n"


def run_sections() -> Iterator[str]:
    """The keys at the top, the tables of every run, and those of the tasks."""
    keys = keys_of(None)
    yield from section("", keys.top)
    for name, fields in keys.tables.items():
        if name == PARAMS:
            yield f"## [{PARAMS}]\n\n{doc(Params)} Any key; true, false, a number or a text.\n"
            continue
        shared = RunSpec.model_fields.get(name)
        yield from section(name, fields, shared.annotation if shared else settings_of(name).settings)


def section(name: str, fields: Mapping[str, FieldInfo], of: type | None = None) -> Iterator[str]:
    """A table of keys."""
    yield f"## [{name}]\n" if name else "## At the top\n"
    if of is not None:
        yield f"{doc(of)}\n"
    yield "| key | values | default | meaning |\n|---|---|---|---|"
    for key, field in fields.items():
        cells = (f"`{key}`", kind(field), default(field), (field.description or "").replace("|", "\\|"))
        yield f"| {' | '.join(cells)} |"
    yield ""


def doc(of: type) -> str:
    """The first line of what a class says of itself."""
    return (of.__doc__ or "").strip().splitlines()[0]


def kind(field: FieldInfo) -> str:
    """The values that a key takes, in words."""
    limits = list(field.metadata)
    names = list(dict.fromkeys(words(field.annotation, limits)))
    bounds = [
        f"{sign} {getattr(limit, attribute):g}"
        for limit in limits
        for attribute, sign in [SIGNS.get(type(limit), ("", ""))]
        if attribute
    ]
    return " ".join([" \\| ".join(names), *([", ".join(bounds)] if bounds else [])])


def words(annotation: object, limits: list[object]) -> Iterator[str]:
    """The parts of a type, in words; bounds inside it are put on the list."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        limits.extend(limit for one in metadata for limit in getattr(one, "metadata", [one]))
        yield from words(inner, limits)
    elif origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from words(part, limits)
    elif origin is Literal:
        yield from (f"`{value}`" for value in get_args(annotation))
    elif annotation is not NoneType:
        yield {
            int: "integer",
            float: "number",
            str: "text",
            bool: "`true`, `false`",
            list: "list",
            dict: "table",
        }[get_origin(annotation) or annotation]  # pyright: ignore


def default(field: FieldInfo) -> str:
    """The default as TOML shows it; nothing where a key is not set."""
    if field.is_required() or field.default is None:
        return ""
    value = field.default
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def task_defaults() -> Iterator[str]:
    """What each task sets besides."""
    yield "## Defaults of the tasks\n"
    yield "| task | keys |\n|---|---|"
    for name in BUILT_IN:
        keys = [
            f"`{table}.{key} = {value}`"
            for table, values in settings_of(name).defaults.items()
            for key, value in values.items()
        ]
        yield f"| `{name}` | {', '.join(keys)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
