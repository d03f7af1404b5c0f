"""Image tables: an image and its class in each row, paths relative to the file, with a header or without."""

from __future__ import annotations

from tidegate.data.images.listing import Listing
from tidegate.data.images.normal_form import class_label
from tidegate.data.images.tables import label_table
from tidegate.data.images.tables.label_table import LABEL_NAMES
from tidegate.data.parts import Role
from tidegate.data.source import Source


def matches(source: Source) -> bool:
    """One file that ends like a table."""
    return label_table.matches(source)


def read(source: Source, role: Role) -> Listing:
    """List the rows of the table.

    Raises:
        EmptyDataError: The table has no rows.
        DataError: It cannot be read, or its header names no path and label.
    """
    del role
    return label_table.read(source, LABEL_NAMES, class_label, missing=True)
