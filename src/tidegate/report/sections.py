"""Sections of a run's page that several tasks have: samples, mistakes, confusions, errors by length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tidegate.report.charts.bars import confusion_bars, length_bars
from tidegate.report.page import filled
from tidegate.report.samples import Shown, matrix_rows
from tidegate.report.text.metrics import Measure
from tidegate.report.text.wording import Wording
from tidegate.results.analysis.samples import Confusion, ErrorAnalysis, LengthGroup


@dataclass(frozen=True)
class Section:
    """A part of a page with a heading of its own.

    Attributes:
        anchor: Its name within the page.
        title: In the navigation.
        html: All of it.
    """

    anchor: str
    title: str
    html: Markup


@dataclass(frozen=True)
class SampleStyle:
    """How samples are laid out.

    Attributes:
        run: CSS classes of their list on a run's page: ``lines`` below each other, or ``tiles``.
        study: Further ones of the list on a study's page.
        sentences: Whether an answer is a sentence that needs nothing beside it.
        marks: What marks in it mean, for the line above.
    """

    run: str = "lines"
    study: str = ""
    sentences: bool = False
    marks: str = ""


def section(anchor: str, title: str, template: str, **values: object) -> Section:
    """A section from a template of ``templates/sections``."""
    return Section(anchor, title, filled(f"sections/{template}.html", **values))


def split_of(analysis: ErrorAnalysis) -> str:
    """The split that samples are from, as it is said."""
    return "test" if analysis.split == "test" else "validation"


def sample_sections(
    samples: Sequence[Shown],
    worst: Sequence[Shown],
    words: Wording,
    style: SampleStyle,
    split: str,
    *,
    farthest: bool = False,
) -> list[Section]:
    """Samples not picked by their result, then the worst ones; ``farthest`` for values, which are never wrong."""
    shared = {"words": words, "style": style}
    found = (
        [section("samples", "Samples", "samples", split=split, samples=samples, **shared)] if samples else []
    )
    if worst:
        short, heading = ("Farthest off", "Farthest off") if farthest else ("Mistakes", "Worst mistakes")
        found.append(section("worst", short, "worst", heading=heading, samples=worst, **shared))
    return found


def confusion_sections(
    confusions: Sequence[Confusion],
    words: Wording,
    change: Callable[[str, str], str],
    classes: Sequence[str] = (),
    matrix: Sequence[Sequence[int]] = (),
) -> list[Section]:
    """What was taken for what, as a matrix where there are classes, and as bars."""
    rows, bars = matrix_rows(classes, matrix), confusion_bars(confusions, change)
    if not rows and not bars:
        return []
    values = {"words": words, "classes": classes, "matrix": rows, "confusions": bars}
    return [section("confusions", "Confusions", "confusions", **values)]


def length_sections(groups: Sequence[LengthGroup], words: Wording, figure: Measure) -> list[Section]:
    """The error of short and long samples."""
    bars = length_bars(groups, figure)
    return (
        [section("lengths", "By length", "lengths", words=words, figure=figure, lengths=bars)] if bars else []
    )
