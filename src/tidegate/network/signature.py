"""What tells one network from another in a word each: its cell, its direction, what stands before it.

A study compares arms that differ in one trait only, so the traits are read off the layers, whichever way an arm was
named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tidegate.network.layers import (
    Architecture,
    Convolution,
    Dropout,
    Layer,
    Output,
    Parallel,
    Recurrence,
    Reshape,
)


def signature(architecture: Architecture) -> dict[str, str]:
    """The traits of a network.

    Returns:
        ``cell``: elman, lstm, gru, mixed or none; ``direction``: forward, reverse, both or none; ``front``: cnn or none,
        whether convolutions wider than one position stand before the first recurrent layer; ``network``: rnn, cnn,
        cnn-rnn or other; ``rest``: what else there is, with sizes, cells and directions left out. Arms whose
        ``rest`` differs differ in more than a trait.

    Example:
        >>> from tidegate.network.vgsl import parse
        >>> signature(parse("[1,48,0,1 Cr3,3,32 Mp2,2 S1(1x0)1,3 Lbx100 O1c0]"))
        {'cell': 'lstm', 'direction': 'both', 'front': 'cnn', 'network': 'cnn-rnn', 'rest': 'R O1c'}
        >>> signature(parse("[1,1,0,0 Gfx64 Do0.3 Gfx64 O1f0]"))["rest"]
        'R R O1f'
    """
    flat = list(_flat(architecture.layers))
    recurrent = [layer for layer in flat if isinstance(layer, Recurrence)]
    convolved = any(isinstance(layer, Convolution) and max(layer.kernel) > 1 for layer in _before(flat))
    networks = ("cnn-rnn", "rnn") if recurrent else ("cnn", "other")
    return {
        "cell": _one({layer.cell for layer in recurrent}),
        "direction": _one({layer.direction for layer in recurrent}),
        "front": "cnn" if convolved else "none",
        "network": networks[0] if convolved else networks[1],
        "rest": _rest(architecture.layers),
    }


def _one(names: set[str]) -> str:
    return next(iter(names)) if len(names) == 1 else "mixed" if names else "none"


def _flat(layers: Sequence[Layer]) -> Iterator[Layer]:
    for layer in layers:
        if isinstance(layer, Parallel):
            for branch in layer.branches:
                yield from _flat(branch)
        else:
            yield layer


def _before(layers: Sequence[Layer]) -> Iterator[Layer]:
    for layer in layers:
        if isinstance(layer, Recurrence):
            return
        yield layer


def _rest(layers: Sequence[Layer]) -> str:
    """From the first recurrent layer on, for a network that has one."""
    if not any(isinstance(layer, Recurrence) for layer in _flat(layers)):
        return " ".join(_word(layer) for layer in layers)
    first = next(
        i
        for i, layer in enumerate(layers)
        if any(isinstance(record, Recurrence) for record in _flat([layer]))
    )
    return " ".join(_word(layer) for layer in layers[first:] if not isinstance(layer, Dropout | Reshape))


def _word(layer: Layer) -> str:
    if isinstance(layer, Recurrence):
        return "Rs" if layer.summarise else "R"
    if isinstance(layer, Output):
        return replace(layer, symbols=0).render().rstrip("0123456789")
    if isinstance(layer, Parallel):
        return "(" + " ".join("[" + " ".join(map(_word, branch)) + "]" for branch in layer.branches) + ")"
    return layer.render()
