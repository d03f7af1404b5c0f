"""Tags for sentences and for whole files, from a trained tagger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tidegate.data.words.document import Document
from tidegate.data.words.schemes import Scheme
from tidegate.data.words.sentence import Sentence
from tidegate.errors import DataError, Finding
from tidegate.tasks.tag_answers import TagAnswer


@dataclass(frozen=True)
class TaggedSpan:
    """An entity: words ``start`` to ``end``, which is not part of it.

    Attributes:
        start: From 0.
        end: Behind the last word.
        label: What it is.
        text: Its words.
        confidence: The lowest probability of a tag in it, 0 to 1.
    """

    start: int
    end: int
    label: str
    text: str
    confidence: float


@dataclass(frozen=True)
class TaggedSentence:
    """A sentence with its tags.

    Attributes:
        name: File and line, or its place among those asked for.
        words: As they came.
        tags: One a word, in the scheme of the training data.
        confidences: Probability of each tag, 0 to 1.
        spans: The entities that the tags mark; each tagged word without a scheme.
        alternatives: The best sequences with their log-probabilities, where ``tag.n_best`` asks for several.
    """

    name: str
    words: tuple[str, ...]
    tags: tuple[str, ...]
    confidences: tuple[float, ...]
    spans: tuple[TaggedSpan, ...]
    alternatives: tuple[tuple[tuple[str, ...], float], ...] = ()


@dataclass(frozen=True)
class TaggedDocument:
    """A file with its tags.

    Attributes:
        name: The file.
        text: In the file's own format: columns with the tags in their column, everything else as it was. Lines that are
            no UTF-8 hold lone surrogates: write it with ``errors="surrogateescape"``.
        sentences: Those that could be tagged.
        bad: Those that could not, and why.
    """

    name: str
    text: str
    sentences: list[TaggedSentence]
    bad: list[Finding]


def tagged_sentence(sentence: Sentence, answer: TagAnswer, scheme: Scheme) -> TaggedSentence:
    """A sentence with what the network said of it."""
    spans = tuple(
        TaggedSpan(
            span.start,
            span.end,
            span.label,
            " ".join(sentence.words[span.start : span.end]),
            min(answer.sure[span.start : span.end]),
        )
        for span in scheme.to_spans(answer.tags)
    )
    return TaggedSentence(sentence.name, sentence.words, answer.tags, answer.sure, spans, answer.alternatives)


def tagged_document(document: Document, sentences: list[TaggedSentence]) -> TaggedDocument:
    """A file with its tags put in."""
    text = document.render([sentence.tags for sentence in sentences])
    return TaggedDocument(document.name, text, sentences, document.bad)


def asked(sentences: Sequence[str | Sequence[str]]) -> list[Sentence]:
    """Sentences from Python: texts with spaces between the words, or lists of words.

    Raises:
        DataError: A sentence has no words.
    """
    made: list[Sentence] = []
    for number, one in enumerate(sentences, start=1):
        words = tuple(one.split() if isinstance(one, str) else one)
        if not words or not all(words):
            raise DataError("a sentence without words", where=f"sentence {number}", got=repr(one))
        made.append(Sentence(f"sentence {number}", words))
    return made


def content_of(path: Path | str | bytes) -> tuple[str, bytes]:
    """A file's name and its bytes; bytes are themselves.

    Raises:
        DataError: The file cannot be read.
    """
    if isinstance(path, bytes):
        return "stdin", path
    try:
        return str(path), Path(path).read_bytes()
    except OSError as error:
        raise DataError(
            "the file cannot be read", where=str(path), got=error.strerror, hint="check the path"
        ) from error
