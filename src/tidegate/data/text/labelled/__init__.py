"""Texts with a class, labels or a value: tables, JSON lines, a folder a class."""
