"""From templates and values to one HTML file that needs nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tidegate.files import write_text
from tidegate.report.text.numbers import count, duration, short

_CONTROLS = {code: "\ufffd" for code in range(32) if chr(code) not in "\t\n\r"}


def write_page(path: Path, template: str, **values: object) -> Path:
    """Fill a template and write it.

    Args:
        path: Where to; written whole or not at all.
        template: Name of a file in ``templates/``.
        values: What the template reads. Text is escaped, unless it is ``Markup`` that this room made.

    Raises:
        OutputError: The file cannot be written.
    """
    write_text(path, _allowed(filled(template, **values)))
    return path


def filled(template: str, **values: object) -> Markup:
    """A filled template; one that extends no other is a part of a page."""
    return Markup(_environment().get_template(template).render(**values))


def read_templates() -> None:
    """Read all templates, for processes that are forked from this one: each would read them anew."""
    environment = _environment()
    for name in environment.list_templates(["html"]):
        environment.get_template(name)


@cache
def _environment() -> Environment:
    """The engine with its templates: to read them takes longer than to fill one."""
    environment = Environment(
        loader=PackageLoader("tidegate.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=count, duration=duration, short=short)
    return environment


def _allowed(page: str) -> str:
    """Without what HTML and UTF-8 cannot hold: control characters, and halves of surrogate pairs."""
    return page.translate(_CONTROLS).encode("utf-8", "replace").decode("utf-8")
