"""What a person wants to know of texts before training on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median, pstdev

from tidegate.config.run import RunSpec
from tidegate.data.text.labelled.reader import own_parts, read_labelled
from tidegate.data.text.labelled.targets import Kind, kind_of, value_of
from tidegate.data.text.labelled.text import Text
from tidegate.data.text.labelled.words import Cut, how_written, tokens_of
from tidegate.errors import EmptyDataError
from tidegate.tasks.description import Description
from tidegate.tasks.document.settings import columns_of, table_of


def describe(spec: RunSpec, path: str) -> Description:
    """Texts, their words and answers, of all parts that the data have.

    Raises:
        EmptyDataError: None can be used.
    """
    table, columns = table_of(spec), columns_of(spec)
    train = read_labelled(path, "train", columns)
    if not train.texts:
        got = str(train.bad[0]) if train.bad else None
        raise EmptyDataError("no texts that can be used", where=path, got=got)
    cut = how_written(text.text for text in train.texts) if table.tokens == "auto" else table.tokens
    kind = kind_of(train.texts, table.target, several=train.several)
    lines, bad = describe_texts(train.texts, kind, cut), list(train.bad)
    known = {token.lower() for text in train.texts for token in tokens_of(text.text, cut)}
    for part in own_parts(path)[1:]:
        other = read_labelled(path, part, columns)
        tokens = [token.lower() for text in other.texts for token in tokens_of(text.text, cut)]
        unseen = sum(token not in known for token in tokens) / max(1, len(tokens))
        lines.append(f"{part}: {len(other.texts):,} texts, {unseen:.1%} of their {cut} not in training")
        bad += other.bad
    return Description(lines, bad, train.notes)


def describe_texts(texts: Sequence[Text], kind: Kind, cut: Cut) -> list[str]:
    """Texts, words, answers.

    >>> texts = [Text("a", "The tide is out.", ("low",)), Text("b", "It is in.", ("high",))]
    >>> for line in describe_texts(texts, "class", "words"): print(line)
    2 texts of 4 to 5 words (median 4.5), 7 different
    2 classes; most: low (1); fewest: high (1)
    """
    tokens = [tokens_of(text.text, cut) for text in texts]
    different = len({token.lower() for one in tokens for token in one})
    sizes = [len(one) for one in tokens]
    lengths = f"{min(sizes):,} to {max(sizes):,} {cut} (median {median(sizes):g})"
    return [
        f"{len(texts):,} texts of {lengths}, {different:,} different",
        _answers(texts, kind),
    ]


def _answers(texts: Sequence[Text], kind: Kind) -> str:
    if kind == "value":
        values = [value_of(text.target) for text in texts]
        spread = f"mean {fmean(values):.5g}, deviation {pstdev(values):.5g}"
        return f"values from {min(values):.5g} to {max(values):.5g}, {spread}"
    counts = Counter(label for text in texts for label in text.labels or ()).most_common()
    most, fewest = counts[0], counts[-1]
    ends = f"most: {most[0]} ({most[1]:,}); fewest: {fewest[0]} ({fewest[1]:,})"
    if kind == "class":
        return f"{len(counts):,} classes; {ends}"
    mean = fmean(len(text.labels or ()) for text in texts)
    return f"{len(counts):,} labels, {mean:.2g} a text; {ends}"
