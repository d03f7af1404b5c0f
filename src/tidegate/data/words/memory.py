"""Tagged sentences that a caller holds: a list of (words, tags), or all words and all tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from tidegate.data.memory import InMemory, described, is_array
from tidegate.data.text_lines import TextLines
from tidegate.data.words.document import Document
from tidegate.data.words.sentence import Sentence
from tidegate.errors import Finding

EXPECTED = "a list of (words, tags), a tag for each word, or (list of words for each sentence, list of tags for each)"


def sentences_in_memory(held: InMemory) -> Document:
    """The sentences, as a file of them would give them.

    Raises:
        DataError: It is nothing of the kind.
        EmptyDataError: There is no sentence.

    >>> found = sentences_in_memory(InMemory([(["the", "tide"], ["DT", "NN"]), (["ebbs"], ["VBZ", "O"])]))
    >>> found.sentences[0].target, str(found.bad[0])
    ('DT NN', 'sentence 2: has 1 words and 2 tags')
    """
    document = Document(held.name, [], [], TextLines("", []), None)
    for index, (words, tags) in enumerate(held.pairs("sentences", "tags", EXPECTED)):
        name = held.place("sentence", index)
        reason = _why_not(words, tags)
        if reason is None:
            document.sentences.append(Sentence(name, tuple(map(str, words)), tuple(map(str, tags))))
        else:
            document.bad.append(Finding("error", "bad-sentence", name, reason))
    return document


def _why_not(words: Any, tags: Any) -> str | None:
    """Why words and tags are no sentence."""
    for one, what in ((words, "words"), (tags, "tags")):
        if not isinstance(one, list | tuple) and not is_array(one):
            return f"has no list of {what}, but {described(one)}"
        wrong = next((each for each in cast(Sequence[Any], one) if not isinstance(each, str)), None)
        if wrong is not None:
            return f"has among its {what} {described(wrong)}; texts were expected"
        if any(not each.strip() for each in cast(Sequence[str], one)):
            return f"has an empty text among its {what}"
    if len(words) != len(tags):
        return f"has {len(words)} words and {len(tags)} tags"
    return None if len(words) else "has no words"
