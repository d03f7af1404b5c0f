"""The cells of recurrent layers, as data: whoever needs a list of cells iterates over ``CELLS``.

A cell is its record here and its equations in ``tidegate.ops.recurrence.equations``, which joins the two. Presets, VGSL
letters, sizes, studies' contrasts and reports' words follow from the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal


@dataclass(frozen=True)
class CellNote:
    """What the literature says of a cell, for who must choose, and where."""

    text: str
    source: str


@dataclass(frozen=True)
class CellRecord:
    """One cell.

    Attributes:
        name: In ``model.cell`` and in results.
        word: In the names of presets.
        title: For people, where the field has another way to write it.
        letter: In VGSL.
        gates: Row blocks of every weight, top to bottom. A vanilla RNN has no gates: its one block is the new hidden
            state.
        states: What is carried from step to step. The first is also what a step gives.
        reads_state: Whether gates read the state before, by a recurrent matrix and a bias of its own.
        keeps: The gate that is 1 where the state is kept.
        writes: The gate that is 1 where the state is written.
        notes: What the literature says of it.
    """

    name: str
    word: str
    title: str
    letter: str
    gates: tuple[str, ...]
    states: tuple[str, ...] = ("hidden",)
    reads_state: bool = True
    keeps: str | None = None
    writes: str | None = None
    notes: tuple[CellNote, ...] = ()


_ELMAN = CellRecord(
    "elman",
    word="rnn",
    title="vanilla RNN",
    letter="R",
    gates=("hidden",),
    notes=(
        CellNote(
            "One matrix a step and no gates: the least memory and the fewest operations for its width.",
            "Elman 1990, Finding structure in time",
        ),
        CellNote(
            "Its gradient shrinks or grows exponentially with distance: beyond some tens of steps it learns little.",
            "Bengio, Simard and Frasconi 1994, Learning long-term dependencies with gradient descent is difficult",
        ),
    ),
)
_LSTM = CellRecord(
    "lstm",
    word="lstm",
    title="LSTM",
    letter="L",
    gates=("input", "forget", "cell", "output"),
    states=("hidden", "cell"),
    keeps="forget",
    writes="input",
    notes=(
        CellNote(
            "Its memory cell carries gradients over hundreds of steps. Four blocks of weights, two states: the largest "
            "cell for its width.",
            "Hochreiter and Schmidhuber 1997, Long short-term memory",
        ),
        CellNote(
            "It can count, as for nesting; a GRU cannot without end.",
            "Weiss, Goldberg and Yahav 2018, On the practical computational power of finite precision RNNs",
        ),
    ),
)
_GRU = CellRecord(
    "gru",
    word="gru",
    title="GRU",
    letter="G",
    gates=("reset", "update", "new"),
    keeps="update",
    notes=(
        CellNote(
            "Two gates and one state: three quarters of an LSTM's weights for the same width.",
            "Cho et al. 2014, Learning phrase representations using RNN encoder–decoder",
        ),
        CellNote(
            "Which of LSTM and GRU is better hangs on the task; neither is in general.",
            "Chung et al. 2014, Empirical evaluation of gated recurrent neural networks on sequence modeling",
        ),
    ),
)

_FENG = "Feng et al. 2024, Were RNNs all we needed?"
_MINGRU = CellRecord(
    "mingru",
    word="mingru",
    title="minGRU",
    letter="Mg",
    gates=("update", "new"),
    reads_state=False,
    writes="update",
    notes=(
        CellNote(
            "Its gate sees the input only, not the state: two blocks of weights, no recurrent matrix, and all steps of "
            "training at once. What it forgets cannot hang on what it holds.",
            _FENG,
        ),
    ),
)
_MINLSTM = CellRecord(
    "minlstm",
    word="minlstm",
    title="minLSTM",
    letter="Ml",
    gates=("input", "forget", "new"),
    reads_state=False,
    keeps="forget",
    writes="input",
    notes=(
        CellNote(
            "As a minGRU, with two gates that share one between keeping and writing, and no memory cell: three blocks of "
            "weights.",
            _FENG,
        ),
    ),
)

CELLS: Mapping[str, CellRecord] = {cell.name: cell for cell in (_ELMAN, _LSTM, _GRU, _MINGRU, _MINLSTM)}
"""Every cell by name, the oldest first: a study asks of each what it brings over those before it."""

if TYPE_CHECKING:
    Cell = str
else:  # So that a configuration refuses other names, and its schema lists these.
    Cell = Literal[tuple(CELLS)]
