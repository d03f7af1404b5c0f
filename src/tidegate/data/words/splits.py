"""Training, validation and test sentences from what the user named."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.config.tables import DataSpec
from tidegate.data.finding import note
from tidegate.data.memory import Reference
from tidegate.data.part_reader import Part, PartReader
from tidegate.data.parts import Role
from tidegate.data.source import find_place
from tidegate.data.splitting import SplitRecord, Splits, shared, split
from tidegate.data.words.files import own_parts, part_less, read_documents
from tidegate.data.words.reader import Reader
from tidegate.data.words.sentence import Sentence
from tidegate.errors import DataError, Finding


def make_sentence_splits(data: DataSpec, reader: Reader, seed: int) -> tuple[Splits[Sentence], SplitRecord]:
    """Read and split.

    Without ``data.valid``, a tenth of the training data is held out; folders with files of their own for validation
    and testing give them. With ``data.shuffle`` a seed chooses what is held out; without it is the end of
    the data: validation last, or before the test part.

    Args:
        data: Paths and split.
        reader: Of one file (``sentence_reader``).
        seed: Of the choice, where ``data.split_seed`` does not say another.

    Raises:
        ConfigError: Keys of ``data`` contradict each other, or name no training data.
        SplitError: There are too few sentences, or the numbers do not add up.
        BadFilesError: Sentences have bad lines and ``data.skip_bad`` is off; those of all parts are listed at once.
        DataError: A path or file cannot be read, or sentences have no tags.
    """
    splits, record = split(_Sentences(data, reader, seed))
    for part in (splits.train, splits.valid, splits.test or []):
        _refuse_untagged(part)
    return splits, record


class _Sentences(PartReader[Sentence]):
    """Reads files of sentences."""

    units = "sentences"

    def __init__(self, data: DataSpec, reader: Reader, seed: int) -> None:
        super().__init__(data, seed)
        self._reader = reader

    def load(self, where: Reference, role: Role) -> Part[Sentence]:
        documents = read_documents(where, role, self._reader)
        apart = part_less(find_place(where).source) if role != "all" and isinstance(where, str) else []
        return Part(
            [sentence for document in documents for sentence in document.sentences],
            [entry for document in documents for entry in document.bad],
            [note("no-part", f"{name} is in no part, by its name", str(where)) for name in apart],
        )

    def content(self, unit: Sentence) -> tuple[bytes, bytes]:
        columns = [unit.words, *zip(*unit.features, strict=True)]
        words = "\n".join("\t".join(column) for column in columns)
        return words.encode("utf-8", "surrogatepass"), "\t".join(unit.tags).encode("utf-8", "surrogatepass")

    def own_parts(self, path: str) -> Sequence[Role]:
        return own_parts(find_place(path).source)

    def leaks(self, train: Sequence[Sentence], other: Sequence[Sentence], part: str) -> list[Finding]:
        return shared_sentences(train, other, part)


def shared_sentences(train: Sequence[Sentence], other: Sequence[Sentence], part: str) -> list[Finding]:
    """A warning if sentences of ``other`` are, word for word, in the training data; otherwise nothing.

    >>> train = [Sentence("a.txt:1", ("yes", "."))]
    >>> print(*shared_sentences(train, [Sentence("b.txt:9", ("yes", ".")), Sentence("b.txt:12", ("no",))], "test"))
    1 of 2 sentences of test is in train too, word for word: b.txt:9 = a.txt:1
    """
    return shared(
        train, other, lambda sentence: sentence.words, of=f"sentences of {part}", alike="word for word"
    )


def _refuse_untagged(sentences: Sequence[Sentence]) -> None:
    untagged = [one for one in sentences if not one.tags]
    if untagged:
        raise DataError(
            "sentences without tags",
            where=untagged[0].file,
            expected="a tag for every word",
            got=f"{len(untagged)} of {len(sentences)} sentences have none, the first at {untagged[0].name}",
            hint="choose the column that holds the tags",
        )
