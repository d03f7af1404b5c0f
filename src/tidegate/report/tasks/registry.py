"""Which page belongs to which task."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tidegate.report.tasks.page import TaskPage

_PAGES = {
    name: f"tidegate.report.tasks.{name}:PAGE"
    for name in ("classify", "transcribe", "tag", "language", "forecast", "signal")
}
_ANY = "tidegate.report.tasks.page:ANY"


def page_of(task: str) -> TaskPage[Any, Any]:
    """The page of a task; of one that has none, a page that fits any.

    Pages are imported when they are first asked for: they bring the templates' engine, which most verbs do not need.

    >>> page_of("forecast").words.many, page_of("adding").words.many
    ('windows', 'samples')
    """
    module, _, name = _PAGES.get(task, _ANY).partition(":")
    return getattr(import_module(module), name)
