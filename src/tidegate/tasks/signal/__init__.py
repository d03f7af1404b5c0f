"""Sequences of channels to classes or values."""
