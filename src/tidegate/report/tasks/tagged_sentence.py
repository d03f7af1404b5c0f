"""Sentences with their tags: the spans that a tagger found, and where it is wrong, what would have been right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from tidegate.data.words.schemes import OUTSIDE, Scheme, Span, split_tag
from tidegate.report.text.escape import clipped, gap, printable
from tidegate.results.analysis.tag import TaggedSample

_THIN = "\u202f"
# A label stays on the line of the last word before it.
_KEPT = "\u00a0"
_WRONG = Markup('<b role="img" aria-label="wrong">✗</b>')


@dataclass(frozen=True)
class Tagged:
    """One sentence of error_analysis.json.

    Attributes:
        words: As many as are shown.
        reference: Spans that are right.
        predicted: Spans that the tagger found.
        sure: The probability of each word's tag, 0 to 1; ``None`` where it is not told.
        wrong: Words whose tag is not that of the reference.
    """

    words: tuple[str, ...]
    reference: tuple[Span, ...]
    predicted: tuple[Span, ...]
    sure: tuple[float | None, ...]
    wrong: int = 0


def scheme_of(samples: Sequence[TaggedSample]) -> Scheme:
    """How the tags of some sentences are read: as spans of words, or, if they do not look so, one by one.

    >>> def sample(*tags):
    ...     return TaggedSample(name="", words=tags, reference=tags, predicted=tags, length=len(tags))
    >>> scheme_of([sample("B-NP", "O")]).name, scheme_of([sample("DT", "NN")]).name
    ('iob2', 'none')
    """
    tags = [tag for sample in samples for tag in (*sample.reference, *sample.predicted)]
    # Spans are read alike in every scheme that has any.
    return Scheme("iob2" if all(split_tag(tag)[0] for tag in tags) else "none")


def tagged(sample: TaggedSample, scheme: Scheme) -> Tagged:
    """Read one entry of error_analysis.json; a tag that is missing counts as outside."""
    words = tuple(clipped(printable(word)) for word in sample.words)
    sure = sample.sure[: len(words)]
    reference, predicted = (_tags(tags, len(words)) for tags in (sample.reference, sample.predicted))
    return Tagged(
        words,
        tuple(scheme.to_spans(reference)),
        tuple(scheme.to_spans(predicted)),
        (*sure, *[None] * (len(words) - len(sure))),
        sum(right != given for right, given in zip(reference, predicted, strict=True)),
    )


def answered(sentence: Tagged) -> Markup:
    """The sentence as it was tagged. Where that is wrong, a box holds both: what was said, and what is right.

    A box reaches from one place where no span of either goes on to the next such place, so that it is as small as can be.

    >>> answered(Tagged(("tide",), (Span(0, 1, "NP"),), (Span(0, 1, "NP"),), (0.9,)))
    Markup('<span class="span" title="NP, confidence 90\\u202f%">tide\xa0<small>NP</small></span>')
    """
    inside = {
        i for span in (*sentence.predicted, *sentence.reference) for i in range(span.start + 1, span.end)
    }
    cuts = [i for i in range(len(sentence.words) + 1) if i not in inside]
    parts: list[Markup] = []
    for start, end in pairwise(cuts):
        given, right = (_within(spans, start, end) for spans in (sentence.predicted, sentence.reference))
        stretch = Span(start, end, "")
        parts.append(
            _run(sentence, stretch, given, confident=False)
            if given == right
            else _slip(sentence, stretch, given, right)
        )
        if end < len(sentence.words):
            parts.append(Markup(gap(sentence.words[end - 1], sentence.words[end])))
    return Markup("").join(parts)


def meant(sentence: Tagged) -> Markup:
    """The sentence as it is tagged in the data."""
    unsure = Tagged(sentence.words, sentence.reference, sentence.reference, (None,) * len(sentence.words))
    return answered(unsure)


def confidence(sentence: Tagged) -> str:
    """The mean over words, and the word whose tag is least sure; empty where it is not told.

    >>> confidence(Tagged(("a", "tide"), (), (), (1.0, 0.5))).replace("\u202f", " ")
    'mean confidence 75 %, lowest 50 % at “tide”'
    """
    known = [
        (sure, word) for sure, word in zip(sentence.sure, sentence.words, strict=True) if sure is not None
    ]
    if not known:
        return ""
    lowest, word = min(known)
    mean = sum(sure for sure, _ in known) / len(known)
    return f"mean confidence {_share(mean)}, lowest {_share(lowest)} at “{clipped(word, 24)}”"


def _tags(tags: Sequence[str], length: int) -> list[str]:
    tags = [clipped(printable(tag), 40) for tag in tags[:length]]
    return [*tags, *[OUTSIDE] * (length - len(tags))]


def _within(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    return [span for span in spans if start <= span.start < end]


def _slip(sentence: Tagged, stretch: Span, given: Sequence[Span], meant: Sequence[Span]) -> Markup:
    whole = len(meant) == 1 and meant[0][:2] == stretch[:2]
    if not meant:
        right = Markup("no entity")
    elif whole and (not given or given[0][:2] == stretch[:2]):
        right = Markup("<small>{}</small>").format(meant[0].label or "one entity")
    else:
        right = _run(sentence, stretch, meant, confident=False)
    return Markup(
        '<span class="slip"><span class="said">{} {}</span> <span class="meant"><i>right:</i> {}</span></span>'
    ).format(_WRONG, _run(sentence, stretch, given, confident=True), right)


def _run(sentence: Tagged, stretch: Span, spans: Sequence[Span], *, confident: bool) -> Markup:
    """Words from one place to another, those of each span grouped; ``confident`` writes how sure, beside the label."""
    parts: list[Markup] = []
    place = stretch.start
    for span in [*spans, Span(stretch.end, stretch.end, "")]:
        if place < span.start:
            parts.append(_words(sentence, place, span.start))
        if span.start < span.end:
            parts.append(_span(sentence, span, confident=confident))
        place = span.end
    return Markup(" ").join(parts)


def _span(sentence: Tagged, span: Span, *, confident: bool) -> Markup:
    known = [probability for probability in sentence.sure[span.start : span.end] if probability is not None]
    sure = _share(min(known)) if known else ""
    label = f"{span.label}{_KEPT}{sure}".strip() if confident else span.label
    return Markup('<span class="span"{}>{}{}</span>').format(
        Markup(' title="{}"').format(f"{span.label or 'one entity'}, confidence {sure}") if sure else "",
        _words(sentence, span.start, span.end),
        Markup("{}<small>{}</small>").format(_KEPT, label) if label else "",
    )


def _words(sentence: Tagged, start: int, end: int) -> Markup:
    words = sentence.words[start:end]
    spaces = [*(gap(word, following) for word, following in pairwise(words)), ""]
    return Markup("").join(Markup("{}{}").format(*pair) for pair in zip(words, spaces, strict=True))


def _share(value: float) -> str:
    return f"{value * 100:.0f}{_THIN}%"
