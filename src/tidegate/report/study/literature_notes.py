"""What the literature says of each kind of network, for who must choose: it holds whatever a study measures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.network.cells import CELLS
from tidegate.report.read import Json


@dataclass(frozen=True)
class Note:
    """One piece of advice, and where it is from."""

    about: str
    text: str
    source: str


_BAI = "Bai, Kolter and Koltun 2018, An empirical evaluation of generic convolutional and recurrent networks"
_COLLOBERT = "Collobert et al. 2011, Natural language processing (almost) from scratch"
_GRAVES = "Graves et al. 2009, A novel connectionist system for unconstrained handwriting recognition"
_HUANG = "Huang, Xu and Yu 2015, Bidirectional LSTM-CRF models for sequence tagging"
_LECUN = "LeCun et al. 1998, Gradient-based learning applied to document recognition"
_ORDONEZ = (
    "Ordóñez and Roggen 2016, Deep convolutional and LSTM recurrent neural networks for activity recognition"
)
_SCHUSTER = "Schuster and Paliwal 1997, Bidirectional recurrent neural networks"
_SHI = "Shi, Bai and Yao 2017, An end-to-end trainable neural network for image-based sequence recognition"

_FORWARD = Note(
    "one direction",
    "Answers while the input goes on: a step costs the same whatever came before; only the state is kept.",
    _SCHUSTER,
)
_BOTH = {
    "": (
        "Every answer sees what follows: the whole input must be there before the first answer. No streaming, and twice "
        "the work.",
        _SCHUSTER,
    ),
    "forecast": (
        "It may read the seen window both ways; over the future it would read the answer.",
        _SCHUSTER,
    ),
    "language": ("It would see the symbol that it is to foretell: refused.", _SCHUSTER),
    "tag": (
        "A word's tag hangs on the words after it as well, and a sentence is complete when it is tagged.",
        _HUANG,
    ),
    "transcribe": (
        "A line is complete when it is read, and a character's shape hangs on both its neighbours.",
        _GRAVES,
    ),
}
_FRONT = {
    "": (
        "Learns local shapes once for all places and shortens the sequence, which makes what follows cheaper.",
        _LECUN,
    ),
    "transcribe": (
        "Takes the place of features made by hand; it and the recurrent layers are learnt together.",
        _SHI,
    ),
    "signal": ("Filters the channels and shortens the sequence before the recurrent layers.", _ORDONEZ),
    "tag": ("Sees a window of words; what lies beyond it the recurrent layers must carry.", _COLLOBERT),
}
_CNN = Note(
    "cnn alone",
    "All places at once, so that training uses every core; it sees no further than its receptive field.",
    _BAI,
)


def suitability(arms: Iterable[Json], task: str) -> list[Note]:
    """Notes on the kinds of network that a study compared.

    Args:
        arms: Entries of results.json, with ``traits``.
        task: Of the study.

    Example:
        >>> notes = suitability([{"traits": {"cell": "gru", "direction": "both", "network": "rnn"}}], "tag")
        >>> [note.about for note in notes]
        ['gru', 'gru', 'both directions']
    """
    signature = [arm.get("traits") or {} for arm in arms]
    cells = {one.get("cell") for one in signature}
    notes = [
        Note(cell.word, note.text, note.source)
        for name, cell in CELLS.items()
        if name in cells
        for note in cell.notes
    ]
    directions = {one.get("direction") for one in signature}
    if "forward" in directions:
        notes.append(_FORWARD)
    if "both" in directions:
        notes.append(Note("both directions", *_BOTH.get(task, _BOTH[""])))
    networks = {one.get("network") for one in signature}
    if "cnn-rnn" in networks:
        notes.append(Note("cnn front end", *_FRONT.get(task, _FRONT[""])))
    if "cnn" in networks:
        notes.append(_CNN)
    return notes
