"""What a person wants to know of tagged sentences before training on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tidegate.config.run import RunSpec
from tidegate.data.source import find_place
from tidegate.data.words.columns import looks_like_positions
from tidegate.data.words.files import own_parts, read_documents
from tidegate.data.words.scheme_detection import find_scheme
from tidegate.data.words.scheme_rules import scheme_problems
from tidegate.data.words.sentence import Sentence
from tidegate.errors import DataError, EmptyDataError
from tidegate.tasks.description import Description
from tidegate.tasks.tag.reading import TagReading


def describe(spec: RunSpec, path: str) -> Description:
    """Sentences, words, tags and their scheme, of all parts that the data have."""
    reader = TagReading.of(spec).reader()
    documents = read_documents(path, "train", reader)
    train = [sentence for document in documents for sentence in document.sentences]
    bad = [one for document in documents for one in document.bad]
    if not train:
        raise EmptyDataError("no sentences that can be used", where=path, got=bad[0].what if bad else None)
    lines = describe_sentences(train)
    known = {word for sentence in train for word in sentence.words}
    for part in own_parts(find_place(path).source)[1:]:
        others = [one for document in read_documents(path, part, reader) for one in document.sentences]
        words = [word for sentence in others for word in sentence.words]
        unseen = sum(word not in known for word in words) / max(1, len(words))
        lines.append(
            f"{part}: {len(others):,} sentences, {len(words):,} words, {unseen:.1%} of them not in training"
        )
    return Description(lines, bad)


def describe_sentences(sentences: Sequence[Sentence]) -> list[str]:
    """Words, tags, and how these mark where something begins.

    Args:
        sentences: Of the training part.

    >>> from tidegate.data.words.sentence import Sentence
    >>> describe_sentences([Sentence("a.txt:1", ("in", "York"), ("O", "B-LOC"))])[1]
    '2 tags, scheme iob2; most: O (1); fewest: B-LOC (1)'
    """
    words = Counter(word for sentence in sentences for word in sentence.words)
    once = sum(count == 1 for count in words.values()) / len(words)
    longest = max(sentences, key=len)
    return [
        f"{len(sentences):,} sentences, {words.total():,} words, {len(words):,} different ({once:.0%} of these once)",
        *_tags(sentences),
        f"longest sentence: {len(longest):,} words ({longest.name})",
    ]


def _tags(sentences: Sequence[Sentence]) -> list[str]:
    tags = Counter(tag for sentence in sentences for tag in sentence.tags)
    if not tags:
        return ["no tags: training needs some"]
    try:
        scheme = find_scheme(sentences)
    except DataError as error:
        mixed = "; ".join((error.got or "").splitlines())
        return [f"{len(tags)} tags; {error.what}, so tag.scheme must say which to read: {mixed}"]
    most, fewest = tags.most_common()[0], tags.most_common()[-1]
    lines = [
        f"{len(tags)} tags, scheme {scheme.name}; "
        f"most: {most[0]} ({most[1]:,}); fewest: {fewest[0]} ({fewest[1]:,})"
    ]
    slips = scheme_problems(sentences, scheme)
    if slips:
        lines.append(f"tags that break the scheme: {len(slips):,}, {slips[0].where} first: {slips[0].what}")
    if looks_like_positions(sentences):
        lines.append("words are single characters with their positions, which become a column of their own")
    return lines
