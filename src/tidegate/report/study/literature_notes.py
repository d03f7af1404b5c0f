"""What the literature says of each kind of network, for who must choose: it holds whatever a study measures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tidegate.network.cells import CELLS
from tidegate.report.tasks.page import TaskPage
from tidegate.results.study import StudyArm


@dataclass(frozen=True)
class Note:
    """One piece of advice, and where it is from."""

    about: str
    text: str
    source: str


_BAI = "Bai, Kolter and Koltun 2018, An empirical evaluation of generic convolutional and recurrent networks"
_LECUN = "LeCun et al. 1998, Gradient-based learning applied to document recognition"
_SCHUSTER = "Schuster and Paliwal 1997, Bidirectional recurrent neural networks"

_FORWARD = Note(
    "one direction",
    "Answers while the input goes on: a step costs the same whatever came before; only the state is kept.",
    _SCHUSTER,
)
_BOTH = (
    "Every answer sees what follows: the whole input must be there before the first answer. No streaming, and twice "
    "the work.",
    _SCHUSTER,
)
_FRONT = (
    "Learns local shapes once for all places and shortens the sequence, which makes what follows cheaper.",
    _LECUN,
)
_CNN = Note(
    "cnn alone",
    "All places at once, so that training uses every core; it sees no further than its receptive field.",
    _BAI,
)


def suitability(arms: Iterable[StudyArm], page: TaskPage[Any, Any]) -> list[Note]:
    """Notes on the kinds of network that a study compared.

    Args:
        arms: Of the study.
        page: Of the study's task, which may know more than what holds in general.

    Example:
        >>> from tidegate.report.tasks.page import SamplePage
        >>> traits = {"cell": "gru", "direction": "both", "network": "rnn"}
        >>> notes = suitability([StudyArm(arm="bigru", runs=(), n=0, traits=traits)], SamplePage())
        >>> [note.about for note in notes]
        ['gru', 'gru', 'both directions']
    """
    signature = [arm.traits for arm in arms]
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
        notes.append(Note("both directions", *(page.both_directions or _BOTH)))
    networks = {one.get("network") for one in signature}
    if "cnn-rnn" in networks:
        notes.append(Note("cnn front end", *(page.front_end or _FRONT)))
    if "cnn" in networks:
        notes.append(_CNN)
    return notes
