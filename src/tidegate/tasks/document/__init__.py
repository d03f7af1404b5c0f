"""``document``: a text → its class, labels, or a value."""
