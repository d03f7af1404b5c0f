"""Which words an answer hangs on: what it loses without each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tidegate.data.words.sentence import Sentence

MOST_WORDS = 60
"""Words of a text that are left out one by one; the first ones."""

Scores = Callable[[Sequence[Sentence]], Sequence[float]]


def word_weights(sentence: Sentence, scores: Scores) -> list[float]:
    """How much smaller the score of an answer is without each word; below 0: the word speaks against it.

    Args:
        sentence: Of a text.
        scores: Of texts, for the answer that was given to this one.

    Returns:
        One for each of the first words. Of a single word nothing can be said: none.

    >>> word_weights(Sentence("a", ("not", "bad")), lambda texts: [float("bad" in one.words) for one in texts])
    [0.0, 1.0]
    """
    if len(sentence) < 2:
        return []
    shorter = [
        Sentence(sentence.name, sentence.words[:place] + sentence.words[place + 1 :])
        for place in range(min(len(sentence), MOST_WORDS))
    ]
    whole, *without = scores([sentence, *shorter])
    return [whole - one for one in without]
