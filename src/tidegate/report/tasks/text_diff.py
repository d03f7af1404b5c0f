"""What differs between a reference and an answer, character by character."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape
from rapidfuzz.distance import Levenshtein

from tidegate.report.text.escape import visible


@dataclass(frozen=True)
class Difference:
    """The two lines with what differs marked: ``del`` in the reference, ``ins`` in the answer."""

    reference: Markup
    answer: Markup


def difference(reference: str, answer: str) -> Difference:
    """Align two texts with the fewest edits (Levenshtein 1966), as the error rate counts them, and mark them.

    >>> difference("tide", "tjd").answer
    Markup('t<ins title="i read as j">j</ins>d<ins class="gap" title="e was missed">‸</ins>')
    """
    if reference and not answer:
        nothing = Markup('<ins class="gap">(nothing)</ins>')
        return Difference(Markup("<del>{}</del>").format(visible(reference)), nothing)
    left: list[Markup] = []
    right: list[Markup] = []
    for step in Levenshtein.opcodes(reference, answer):
        was = reference[step.src_start : step.src_end]
        got = answer[step.dest_start : step.dest_end]
        if step.tag == "equal":
            left.append(escape(was))
            right.append(escape(got))
            continue
        if was:
            left.append(Markup("<del>{}</del>").format(visible(was)))
        right.append(_marked(was, got))
    return Difference(Markup("").join(left), Markup("").join(right))


def _marked(was: str, got: str) -> Markup:
    if not got:
        return Markup('<ins class="gap" title="{} was missed">‸</ins>').format(visible(was))
    title = f"{visible(was)} read as {visible(got)}" if was else f"{visible(got)} is not there"
    return Markup('<ins title="{}">{}</ins>').format(title, visible(got))
