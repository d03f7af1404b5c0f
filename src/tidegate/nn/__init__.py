"""Layers that carry lengths, and drop-in replacements for torch's recurrent layers."""

from tidegate.nn.dropin import GRU, LSTM, RNN

__all__ = ["GRU", "LSTM", "RNN"]
