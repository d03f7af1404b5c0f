"""What a tagger's linear part looks at: a word, its neighbours, their further columns, and pairs and triples of them.

These are the features of a CRF that people write by hand. A network learns them slowly; given straight to the tags
beside it, they are learnt at once (Huang, Xu and Yu 2015, section 3.3, after Mikolov et al. 2011).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from tidegate.data.words.sentence import Sentence

Normal = Callable[[str], str]
EDGE = ""
"""What stands beyond both ends of a sentence. No word is empty."""
BETWEEN = "\x1f"


def template_names(columns: int) -> list[str]:
    """What each template is made of: ``w`` words, ``c0`` the first further column, with how far to the right they stand.

    >>> template_names(0)
    ['w-1', 'w+0', 'w+1', 'w-1 w+0', 'w+0 w+1', 'w-1 w+1']
    """
    names = ["w-1", "w+0", "w+1", "w-1 w+0", "w+0 w+1", "w-1 w+1"]
    for number in range(columns):
        c = f"c{number}"
        names += [
            f"{c}-1 {c}+0",
            f"{c}+0 {c}+1",
            f"{c}-1 {c}+0 {c}+1",
            f"{c}-2 {c}-1 {c}+0",
            f"{c}+0 {c}+1 {c}+2",
        ]
        names += [f"w+0 {c}+0", f"{c}-1 w+0", f"w+0 {c}+1"]
    return names


def direct_features(sentence: Sentence, columns: int, normal: Normal) -> list[list[str]]:
    """The value of each template ``(templates, words)``.

    Args:
        sentence: With ``columns`` further columns.
        columns: How many of them there are.
        normal: The form of a word that counts.

    >>> direct_features(Sentence("a", ("The", "tide")), 0, str.lower)[4]
    ['the\\x1ftide', 'tide\\x1f']
    """
    parts = {"w": [normal(word) for word in sentence.words]}
    for number in range(columns):
        parts[f"c{number}"] = [row[number] for row in sentence.features]
    length = len(sentence)
    shifted = {
        f"{name}{shift:+d}": _shifted(values, shift, length)
        for name, values in parts.items()
        for shift in range(-2, 3)
    }
    return [
        [BETWEEN.join(values) for values in zip(*(shifted[part] for part in name.split()), strict=True)]
        for name in template_names(columns)
    ]


def learn_direct(
    sentences: Sequence[Sentence], columns: int, normal: Normal, min_count: int
) -> tuple[tuple[str, ...], ...]:
    """Values of each template that training has often enough, the most frequent first."""
    counters = [Counter[str]() for _ in template_names(columns)]
    for sentence in sentences:
        for counter, values in zip(counters, direct_features(sentence, columns, normal), strict=True):
            counter.update(values)
    return tuple(
        tuple(value for value, count in counter.most_common() if count >= min_count) for counter in counters
    )


def _shifted(values: list[str], shift: int, length: int) -> list[str]:
    return [values[place] if 0 <= place < length else EDGE for place in range(shift, shift + length)]
