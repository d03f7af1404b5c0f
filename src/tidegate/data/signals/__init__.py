"""Sequences of channels: formats, labels, windows, groups, the parts of a run."""
