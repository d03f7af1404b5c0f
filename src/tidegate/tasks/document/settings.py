"""The table of the task in a run's specification."""

from __future__ import annotations

from tidegate.config.run import RunSpec
from tidegate.config.tasks.document import DocumentSettings
from tidegate.data.text.labelled.columns import TextColumns


def table_of(spec: RunSpec) -> DocumentSettings:
    """``[document]``."""
    return spec.settings(DocumentSettings)


def columns_of(spec: RunSpec) -> TextColumns:
    """Which columns hold texts and answers."""
    table = table_of(spec)
    return TextColumns(table.text, table.label, table.separator, table.target in ("class", "labels"))
