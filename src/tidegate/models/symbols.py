"""How many answers the output layer gives."""

from __future__ import annotations

from dataclasses import replace

from tidegate.network.layers import Architecture, Output


def answers(output: Output, symbols: int) -> int:
    """K: the symbols of the data, and under CTC the blank, which takes index 0.

    Example:
        >>> answers(Output(1, "ctc", 0), symbols=10), answers(Output(0, "softmax", 0), symbols=10)
        (11, 10)
    """
    return symbols + 1 if output.kind == "ctc" else symbols


def with_symbols(architecture: Architecture, symbols: int) -> Architecture:
    """The architecture with an output of 0 symbols filled in; one that names its number keeps it.

    In a string, ``O1c11`` is 11 answers: 10 symbols and the blank, as in Tesseract and kraken.
    """
    last = architecture.layers[-1] if architecture.layers else None
    if not isinstance(last, Output) or last.symbols:
        return architecture
    filled = replace(last, symbols=answers(last, symbols))
    return replace(architecture, layers=(*architecture.layers[:-1], filled))
