"""What a tag scheme forbids: told of tags that came, and as a mask for tags that a model may say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tidegate.data.words.schemes import OUTSIDE, Scheme, split_tag
from tidegate.data.words.sentence import Sentence
from tidegate.errors import Finding


def problems(tags: Sequence[str], scheme: Scheme) -> list[tuple[int, str]]:
    """What in the tags of one sentence breaks the scheme.

    Returns:
        The word's index, from 0, and the reason, for every tag that does.

    >>> problems(["O", "I-PER"], Scheme("iob2"))
    [(1, 'I-PER without a B-PER before it')]
    """
    found: list[tuple[int, str]] = []
    before = OUTSIDE
    for index, tag in enumerate(tags):
        after = tags[index + 1] if index + 1 < len(tags) else OUTSIDE
        reasons = (_why_not_after(before, tag, scheme), _why_not_before(tag, after, scheme))
        found.extend((index, reason) for reason in reasons if reason)
        before = tag
    return found


def scheme_problems(sentences: Iterable[Sentence], scheme: Scheme) -> list[Finding]:
    """Every tag that breaks the scheme: its file and line, and the reason.

    >>> scheme_problems([Sentence("a.txt:1", ("in", "London"), ("O", "I-LOC"), (), (1, 2))], Scheme("iob2"))
    [Finding(severity='warning', code='broken-scheme', where='a.txt:2', what='I-LOC without a B-LOC before it', hint='')]
    """
    return [
        Finding("warning", "broken-scheme", sentence.line_of(position), reason)
        for sentence in sentences
        for position, reason in problems(sentence.tags, scheme)
    ]


def allowed_transitions(
    tags: Sequence[str], scheme: Scheme
) -> tuple[list[list[bool]], list[bool], list[bool]]:
    """Which tag may follow which, begin a sentence, and end it: the mask of a conditional random field.

    Exactly the sequences without ``problems`` are allowed.

    Args:
        tags: The K tags of the model, in its order (``Scheme.inventory``, or those that training saw).
        scheme: That the tags are written in.

    Returns:
        Three masks: from tag to tag (K, K), at the start (K), and at the end (K).

    >>> between, start, end = allowed_transitions(["O", "B-X", "I-X"], Scheme("iob2"))
    >>> between
    [[True, True, False], [True, True, True], [True, True, True]]
    >>> start, end
    ([True, True, False], [True, True, True])
    """

    def fits(before: str, after: str) -> bool:
        return not _why_not_after(before, after, scheme) and not _why_not_before(before, after, scheme)

    between = [[fits(before, after) for after in tags] for before in tags]
    return between, [fits(OUTSIDE, tag) for tag in tags], [fits(tag, OUTSIDE) for tag in tags]


def _why_not_after(before: str, tag: str, scheme: Scheme) -> str:
    """Why a tag may not follow another one."""
    if scheme.name == "none" or tag == OUTSIDE:
        return ""
    letter, label = split_tag(tag)
    if letter not in scheme.letters:
        return f"{tag} is no tag of {scheme.name}"
    goes_on = _opened_by(before, label, scheme)
    if scheme.name == "iob1":
        late = letter == "B" and not goes_on
        return f"{tag} without a span of the same label right before it, as iob1 has it" if late else ""
    needs = letter == "I" if scheme.name == "iob2" else letter in (scheme.inside, scheme.end)
    return f"{tag} without a {_named('B', label)} before it" if needs and not goes_on else ""


def _why_not_before(tag: str, after: str, scheme: Scheme) -> str:
    """Why a tag may not stand before another one: only ``bioes`` says where a span must end."""
    letter, label = split_tag(tag)
    if scheme.name != "bioes" or letter not in ("B", scheme.inside):
        return ""
    letter_after, label_after = split_tag(after)
    if letter_after in (scheme.inside, scheme.end) and label_after == label:
        return ""
    return f"{tag} without an {_named(scheme.end, label)} after it"


def _opened_by(before: str, label: str, scheme: Scheme) -> bool:
    """Whether the tag before leaves a span of this label open (in IOB: is part of one)."""
    letter_before, label_before = split_tag(before)
    return letter_before in ("B", scheme.inside) and label_before == label


def _named(letter: str, label: str) -> str:
    return f"{letter}-{label}" if label else letter
