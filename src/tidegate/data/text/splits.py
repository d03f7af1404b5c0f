"""Training, validation and test text from what the user named. Text is split in order: what comes later is not known
earlier, and a passage never stands in two parts.
"""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.config.tables import DataSpec
from tidegate.data.division.divide import cut_points
from tidegate.data.division.grouping import too_few_groups
from tidegate.data.division.train_share import share_count
from tidegate.data.memory import InMemory, Reference
from tidegate.data.part_reader import Cut, Part, PartReader
from tidegate.data.parts import Role
from tidegate.data.splitting import SplitRecord, Splits, shared, split
from tidegate.data.text.documents import Text, TextFiles, find_texts, read_texts
from tidegate.data.text.formats import TEXTS
from tidegate.data.text.memory import documents_in_memory
from tidegate.errors import DataError, EmptyDataError, Finding

HELD_OUT = "0.9/0.1"
"""Training and validation text, when the user names no validation text."""


def make_text_splits(data: DataSpec) -> tuple[Splits[Text], SplitRecord]:
    """Read and split.

    ``data.source`` is cut by ``data.split``, or parted as its own file names say. ``data.train`` without
    ``data.valid`` gives its own validation part, or else its last tenth. Nothing is drawn by chance. A document that a
    cut goes through stands in two parts, each with its own piece.

    Args:
        data: Its paths, ``split``, ``format`` and ``skip_bad``.

    Returns:
        The documents, and the record, whose counts are characters (``bad``: files).

    Raises:
        ConfigError: Keys of ``data`` contradict each other, or name no training data.
        SplitError: The split cannot be made of a text of this length.
        DataError: A path cannot be read; a file is empty or not UTF-8, and ``data.skip_bad`` is off.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "input.txt").write_text("0123456789" * 2, encoding="utf-8")
    ...     splits, record = make_text_splits(DataSpec(source=folder, split="0.8/0.1/0.1"))
    >>> splits.valid, record.counts
    ([Text(name='input.txt', text='67', group='')], {'train': 16, 'valid': 2, 'test': 2, 'bad': 0, 'unused': 0})
    """
    TEXTS.check(data.format)
    return split(_Texts(data), needs_split=False)


class _Texts(PartReader[Text]):
    """Reads text files, and cuts them in order."""

    units = "documents"

    def __init__(self, data: DataSpec) -> None:
        super().__init__(data, 0)
        self.in_order = True
        self._files: dict[str, TextFiles] = {}

    def load(self, where: Reference, role: Role) -> Part[Text]:
        if isinstance(where, InMemory):
            held = documents_in_memory(where)
            return Part(held.texts, held.bad, held.notes)
        files = self._find(where)
        listing = read_texts(files, role)
        if files.source.is_file and listing.bad:
            # One file that the user named: no list, and nothing to leave out.
            raise _refused(where, listing.bad[0].what)
        return Part(listing.texts, listing.bad, [*files.notes, *listing.notes])

    def content(self, unit: Text) -> tuple[bytes, bytes]:
        return unit.text.encode("utf-8", "surrogatepass"), b""

    def own_parts(self, path: str) -> Sequence[Role]:
        return list(self._find(path).parts)

    @property
    def manner(self) -> str:
        return " in order"

    def _find(self, path: str) -> TextFiles:
        if path not in self._files:
            self._files[path] = find_texts(path)
        return self._files[path]

    def divide(self, units: Sequence[Text], text: str) -> Cut[Text]:
        length = self.size(units)
        usual = cut_points(text, length)
        later = self.later(usual[0])
        ends = self._whole_groups(units, [end - later for end in usual])
        train, valid, test = _cut(units, [*ends, ends[-1]][:3])
        return Cut(train, valid, test, length - usual[-1], later)

    def _whole_groups(self, units: Sequence[Text], ends: list[int]) -> list[int]:
        """The ends of parts, moved to the nearest places between two groups where there are groups."""
        if self.data.group is None:
            return ends
        length = self.size(units)
        places = _between_groups(units)
        moved: list[int] = []
        for end in ends:
            free = [place for place in places if place > max(moved, default=0)]
            if end < length and not free:
                raise too_few_groups([one.group for one in units], len(ends))
            moved.append(end if end == length else min(free, key=lambda place: abs(place - end)))
        return moved

    def hold_out(self, units: Sequence[Text]) -> tuple[Cut[Text], str]:
        return self.divide(units, HELD_OUT), f"{self.data.train or self.data.source} split {HELD_OUT}"

    def thin(self, train: Sequence[Text], share: float) -> list[Text]:
        whole = self.size(train)
        return _cut(train, [whole - share_count(share, whole, "characters"), whole])[1]

    def leaks(self, train: Sequence[Text], other: Sequence[Text], part: str) -> list[Finding]:
        return shared(train, other, lambda text: text.text, of=f"documents of {part}", alike="word for word")

    def size(self, units: Sequence[Text]) -> int:
        return sum(len(one.text) for one in units)

    def names(self, units: Sequence[Text]) -> list[str] | None:
        # The numbers say where the cuts are; a document may be in two parts.
        return None

    def why_unused(self, unused: int, total: int) -> str:
        return f"the last {unused:,} of {total:,} characters are in no part"


def _refused(path: str, reason: str) -> DataError:
    kind = EmptyDataError if reason.startswith(("is empty", "holds nothing")) else DataError
    return kind(f"the file {reason}", where=path, expected="plain text in UTF-8")


def _between_groups(texts: Sequence[Text]) -> list[int]:
    """Where documents end, in characters of all of them, behind which no group of theirs comes again."""
    last = {one.group: place for place, one in enumerate(texts) if one.group}
    places: list[int] = []
    at = reach = 0
    for place, one in enumerate(texts[:-1]):
        at += len(one.text)
        reach = max(reach, last.get(one.group, place))
        if reach == place:
            places.append(at)
    return places


def _cut(texts: Sequence[Text], ends: Sequence[int]) -> list[list[Text]]:
    """The documents between each end and the one before it, in characters of all of them."""
    parts: list[list[Text]] = []
    for start, end in zip([0, *ends], ends, strict=False):
        at = 0
        part: list[Text] = []
        for one in texts:
            piece = one.text[max(0, start - at) : max(0, end - at)]
            part.extend([Text(one.name, piece)] if piece else [])
            at += len(one.text)
        parts.append(part)
    return parts
