"""Tags for sentences and for whole files: what comes in, and the rows that go out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from tidegate.data.finding import note
from tidegate.data.memory import is_array
from tidegate.data.words.document import Document
from tidegate.data.words.schemes import Scheme
from tidegate.data.words.sentence import Sentence
from tidegate.errors import DataError, Finding
from tidegate.tasks.prediction.inputs import as_list, one_line, unfit
from tidegate.tasks.prediction.rows import DIGITS, Prediction, Predictions
from tidegate.tasks.tag.answers import TagAnswer
from tidegate.tasks.tag.reading import TagReading

EXPECTED = "texts, lists of words, or files as pathlib.Path"


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


@dataclass(frozen=True, repr=False)
class TaggedSentence(Prediction):
    """A sentence with its tags; ``answer`` is all of them, ``confidence`` the mean of theirs.

    Attributes:
        words: As they came.
        tags: One a word, in the scheme of the training data.
        confidences: Probability of each tag, 0 to 1.
        spans: The entities that the tags mark; each tagged word without a scheme.
        alternatives: The best sequences with their log-probabilities, where ``tag.n_best`` asks for several.
    """

    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    confidences: tuple[float, ...] = ()
    spans: tuple[TaggedSpan, ...] = ()
    alternatives: tuple[tuple[tuple[str, ...], float], ...] = ()

    def to_json(self) -> dict[str, object]:
        """Words, tags, entities and confidences."""
        plain = super().to_json()
        if self.error is not None:
            return plain
        spans = [{**asdict(span), "confidence": round(span.confidence, DIGITS)} for span in self.spans]
        plain |= {
            "words": list(self.words),
            "tags": list(self.tags),
            "confidences": [round(one, DIGITS) for one in self.confidences],
            "spans": spans,
        }
        if self.alternatives:
            plain["alternatives"] = [
                {"tags": list(tags), "log_probability": round(score, DIGITS)}
                for tags, score in self.alternatives
            ]
        return plain

    def text(self) -> str:
        """A word and its tag a line."""
        pairs = zip(self.words, self.tags, strict=True)
        return "".join(f"{word}\t{tag}\n" for word, tag in pairs)

    def _shown(self) -> str:
        return " ".join(f"{word}/{tag}" for word, tag in zip(self.words, self.tags, strict=True))


class TaggedSentences(Predictions[TaggedSentence]):
    """Sentences in the order of the inputs; of a file first those that could be tagged, then the others.

    Args:
        parts: What came in.
        rows: What was answered, part by part.
        notes: What a person should know of the inputs.
    """

    def __init__(
        self, parts: Sequence[Part], rows: Sequence[Sequence[TaggedSentence]], notes: Iterable[Finding] = ()
    ) -> None:
        everything = (row for part, some in zip(parts, rows, strict=True) for row in (*some, *part.refused))
        super().__init__(everything, notes)
        self._parts, self._tagged = parts, rows

    def text(self) -> str:
        """Files in their own format: columns with the tags in their column, everything else as it was.

        Lines that are no UTF-8 hold lone surrogates: write it with ``errors="surrogateescape"``.
        """
        return "".join(
            part.document.render([row.tags for row in rows])
            if part.document is not None
            else "".join(f"{row.text()}\n" for row in rows)
            for part, rows in zip(self._parts, self._tagged, strict=True)
        )


@dataclass(frozen=True)
class Part:
    """One input.

    Attributes:
        sentences: To be tagged.
        refused: What of it cannot be used.
        document: The file, if it is one.
        remark: What a person should know of it.
    """

    sentences: Sequence[Sentence] = ()
    refused: Sequence[TaggedSentence] = field(default=())
    document: Document | None = None
    remark: Finding | None = None


def read_parts(inputs: Any, reading: TagReading) -> list[Part]:
    """The sentences of a call's inputs.

    Args:
        inputs: A text with spaces between the words is one sentence, a list of words too, of which none has a space in
            it; a ``Path`` is a file, bytes the content of one; or a sequence of these.
        reading: How files are laid out.

    Raises:
        DataError: An input is of another kind.
    """
    if _is_words(inputs, reading):
        inputs = [inputs]
    return [_part(one, number, reading) for number, one in enumerate(_listed(inputs), start=1)]


def tagged_sentences(parts: Sequence[Part], answers: Sequence[TagAnswer], scheme: Scheme) -> TaggedSentences:
    """What the network said of the sentences of all parts."""
    remaining = iter(answers)
    rows = [[_row(sentence, next(remaining), scheme) for sentence in part.sentences] for part in parts]
    return TaggedSentences(parts, rows, [part.remark for part in parts if part.remark is not None])


def _listed(inputs: Any) -> list[Any]:
    if is_array(inputs):
        inputs = inputs.tolist()
    return as_list(inputs, expected=EXPECTED)


def _is_words(inputs: Any, reading: TagReading) -> bool:
    """Whether a sequence of strings is the words of one sentence, and not several texts."""
    if not isinstance(inputs, list | tuple) or not inputs:
        return False
    strings = [one for one in cast(Sequence[object], inputs) if isinstance(one, str)]
    if len(strings) < len(cast(Sequence[object], inputs)):
        return False
    # Where words are single characters, what is longer is a text that is written without spaces.
    return all(len(one) == 1 if reading.single else len(one.split()) == 1 for one in strings)


def _part(one: Any, number: int, reading: TagReading) -> Part:
    name = f"sentence {number}"
    if isinstance(one, bytes):
        return _file("stdin", one, reading)
    if isinstance(one, Path):
        try:
            content = one.read_bytes()
        except OSError as error:
            return Part(refused=[_refused(str(one), f"the file cannot be read: {error.strerror}")])
        return _file(str(one), content, reading)
    if isinstance(one, str):
        words = tuple("".join(one.split()) if reading.single else one.split())
        what = f"{one!r} was read as a text; for the file of that name give Path({one!r})"
        return _sentence(name, words, note("text-not-file", what, name) if _names_a_file(one) else None)
    if isinstance(one, list | tuple) and all(isinstance(word, str) for word in cast(Iterable[object], one)):
        return _sentence(name, tuple(cast(Iterable[str], one)), None)
    raise unfit(one, name, EXPECTED)


def _names_a_file(text: str) -> bool:
    return len(text) < 1000 and "\0" not in text and Path(text).is_file()


def _sentence(name: str, words: tuple[str, ...], remark: Finding | None) -> Part:
    if not words or not all(words):
        return Part(refused=[_refused(name, "a sentence without words")])
    return Part([Sentence(name, words)], remark=remark)


def _file(name: str, content: bytes, reading: TagReading) -> Part:
    try:
        document = reading.read_input(name, content)
    except DataError as error:
        return Part(refused=[_refused(name, one_line(error))])
    refused = [TaggedSentence(bad.where, finding=bad) for bad in document.bad]
    return Part(document.sentences, refused, document)


def _refused(name: str, reason: str) -> TaggedSentence:
    return TaggedSentence(name, finding=Finding("error", "unreadable", name, reason))


def _row(sentence: Sentence, answer: TagAnswer, scheme: Scheme) -> TaggedSentence:
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
    return TaggedSentence(
        sentence.name,
        answer.text,
        answer.confidence,
        words=sentence.words,
        tags=answer.tags,
        confidences=answer.sure,
        spans=spans,
        alternatives=answer.alternatives,
    )


def files_of(arguments: Iterable[str], stdin: BinaryIO) -> Iterator[Path | bytes]:
    """The files that a command line names; ``-`` is one on ``stdin``."""
    for text in arguments:
        yield stdin.read() if text == "-" else Path(text)
