"""Which page belongs to which task: the one that its record names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.config.registry import BUILT_IN, settings_of, task_names
from tidegate.config.task import referenced

if TYPE_CHECKING:
    from tidegate.report.tasks.page import TaskPage

_ANY = "tidegate.report.tasks.page:ANY"


def page_of(task: str) -> TaskPage[Any, Any]:
    """The page of a task; of one that has none, a page that fits any.

    Pages are imported when they are first asked for: they bring the templates' engine, which most verbs do not need.

    >>> page_of("forecast").words.many, page_of("adding").words.many
    ('windows', 'samples')
    """
    # A run of a task that this process does not know can be shown all the same.
    known = task in BUILT_IN or task in task_names()
    return referenced((settings_of(task).page if known else None) or _ANY)
