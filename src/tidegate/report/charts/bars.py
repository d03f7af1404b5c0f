"""Tables with a bar in every row: confusions, errors by length, figures by label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tidegate.report.text.escape import clipped, printable, visible
from tidegate.report.text.metrics import Measure, measure
from tidegate.report.text.numbers import count
from tidegate.results.analysis.samples import Confusion, Label, LengthGroup

_LONGEST = 40


@dataclass(frozen=True)
class Bar:
    """One row: ``share`` is the bar's length between 0 and 1."""

    label: str
    note: str
    values: tuple[str, ...]
    share: float


def confusion_bars(
    confusions: Sequence[Confusion], change: Callable[[str, str], str], most: int = 20
) -> list[Bar]:
    """The most frequent confusions, longest bar first; ``change`` puts one into words."""
    rows = sorted(confusions, key=lambda row: -row.count)[:most]
    largest = max((row.count for row in rows), default=1)
    return [
        Bar(
            label=f"{symbol(row.reference)} → {symbol(row.predicted)}",
            note=change(row.reference, row.predicted),
            values=(count(row.count),),
            share=row.count / largest,
        )
        for row in rows
    ]


def length_bars(groups: Sequence[LengthGroup], figure: Measure) -> list[Bar]:
    """The error of short and long samples; ``figure`` is what ``error_of`` gives."""
    largest = max((group.value or 0.0 for group in groups), default=0.0) or 1.0
    return [
        Bar(
            label=group.length,
            note=f"{count(group.samples)} {'sample' if group.samples == 1 else 'samples'}",
            values=(figure.text(group.value),),
            share=(group.value or 0.0) / largest,
        )
        for group in groups
    ]


def error_of(primary: Measure, *, of_values: bool = False) -> Measure:
    """The error that groups by length are of: the primary figure, or the mean of what is wrong with each sample.

    >>> [error_of(measure(key)).label for key in ("cer", "accuracy")], error_of(measure("r2"), of_values=True).label
    (['CER', 'Errors'], 'MAE')
    """
    if of_values:
        return measure("mae")
    if primary.lower_is_better:
        return primary
    return Measure("error", "Errors", "share of errors", lower_is_better=True, percent=True)


def label_bars(labels: Sequence[Label]) -> list[Bar]:
    """How often each label is there, and its precision, recall and F1; a bar is as long as F1 is high."""
    return [
        Bar(
            label=symbol(row.label),
            note="",
            values=(
                count(row.count),
                *(measure("f1").text(value) for value in (row.precision, row.recall, row.f1)),
            ),
            share=row.f1,
        )
        for row in labels
    ]


def symbol(text: str) -> str:
    """A symbol or a label that can be seen, whatever is in it.

    >>> symbol(" "), symbol("")
    ('␣', '∅')
    """
    return clipped(visible(printable(text)), _LONGEST) or "∅"
