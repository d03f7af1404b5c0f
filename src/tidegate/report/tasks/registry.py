"""Which page belongs to which task."""

from __future__ import annotations

from importlib import import_module

from tidegate.report.tasks.page import TaskPage

_PAGES = {
    name: f"tidegate.report.tasks.{name}"
    for name in ("classify", "transcribe", "tag", "language", "forecast", "signal")
}


def page_of(task: str) -> TaskPage:
    """The page of a task; of one that has none, a page that fits any.

    >>> page_of("forecast").words.many, page_of("adding").words.many
    ('windows', 'samples')
    """
    return import_module(_PAGES[task]).PAGE if task in _PAGES else TaskPage()
