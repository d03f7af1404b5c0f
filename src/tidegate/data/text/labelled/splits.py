"""Training, validation and test texts from what the user named."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.config.tables import DataSpec
from tidegate.data.memory import Reference
from tidegate.data.part_reader import Part, PartReader
from tidegate.data.parts import Role
from tidegate.data.splitting import SplitRecord, Splits, shared, split
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.formats import LABELLED_TEXTS
from tidegate.data.text.labelled.reader import own_parts, read_labelled
from tidegate.data.text.labelled.text import Text
from tidegate.errors import Finding


def make_text_splits(
    data: DataSpec, columns: TextColumns, seed: int
) -> tuple[Splits[Text], SplitRecord, bool]:
    """Read and split, and say whether some answers are lists of labels.

    Without ``data.valid``, a tenth of the training data is held out, class by class; folders with files of their own for
    validation and testing give them.

    Raises:
        ConfigError: Keys of ``data`` contradict each other, name no training data, or no such format.
        SplitError: There are too few texts, or the numbers do not add up.
        BadFilesError: Texts cannot be used and ``data.skip_bad`` is off; those of all parts are listed at once.
        DataError: A path or file cannot be read.
    """
    LABELLED_TEXTS.check(data.format)
    reader = _Texts(data, columns, seed)
    splits, record = split(reader)
    return splits, record, reader.several


class _Texts(PartReader[Text]):
    """Reads tables, JSON lines and folders."""

    units = "texts"

    def __init__(self, data: DataSpec, columns: TextColumns, seed: int) -> None:
        super().__init__(data, seed)
        self.several = False
        self._columns = columns

    def load(self, where: Reference, role: Role) -> Part[Text]:
        found = read_labelled(where, role, self._columns)
        self.several = self.several or found.several
        return Part(found.texts, found.bad, found.notes)

    def content(self, unit: Text) -> tuple[bytes, bytes]:
        labels = repr(unit.labels) if self.several else unit.target
        return unit.text.encode("utf-8", "surrogatepass"), labels.encode("utf-8", "surrogatepass")

    def own_parts(self, path: str) -> Sequence[Role]:
        return own_parts(path)

    def classes(self, units: Sequence[Text]) -> Sequence[str] | None:
        # Values and sets of labels are classes with few texts each: of these a share cannot be taken.
        targets = [text.target for text in units]
        return None if self.several or 2 * len(set(targets)) > len(targets) else targets

    def leaks(self, train: Sequence[Text], other: Sequence[Text], part: str) -> list[Finding]:
        return shared_texts(train, other, part)


def shared_texts(train: Sequence[Text], other: Sequence[Text], part: str) -> list[Finding]:
    """A warning if texts of ``other`` are in the training data, but for case and white space; otherwise nothing.

    >>> print(*shared_texts([Text("a:1", "Ebb  tide", ("x",))], [Text("b:9", "ebb tide", ("x",))], "test"))
    1 of 1 texts of test is in train too, but for case and white space: b:9 = a:1
    """
    plain = "but for case and white space"
    return shared(
        train, other, lambda text: " ".join(text.text.lower().split()), of=f"texts of {part}", alike=plain
    )
