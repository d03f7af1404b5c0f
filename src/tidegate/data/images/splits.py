"""Training, validation and test images from what the user named."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.config.tables import DataSpec
from tidegate.data.images.decode import Geometry
from tidegate.data.images.image_set import ImageSet
from tidegate.data.images.labels import label_findings
from tidegate.data.images.listing import ImageFormats, read_listing
from tidegate.data.images.sample import Sample
from tidegate.data.memory import Reference
from tidegate.data.part_reader import Part, PartReader
from tidegate.data.parts import Role
from tidegate.data.source import find_place
from tidegate.data.splitting import SplitRecord, Splits, shared, split
from tidegate.errors import Finding


def make_splits(
    data: DataSpec, formats: ImageFormats, seed: int, *, stratify: bool = False
) -> tuple[Splits[Sample], SplitRecord]:
    """Read and split.

    Without ``data.valid``, a tenth of the training data is held out; data sets that bring their own validation part (the
    built-in ones) give it. If files cannot be used and ``data.skip_bad`` is off, images are opened too, so that all bad
    files of all parts are listed at once.

    Args:
        data: Paths and split.
        formats: Those that the task reads.
        seed: Of the choice, where ``data.split_seed`` does not say another.
        stratify: Whether targets are classes, and parts take from each class in proportion.

    Raises:
        ConfigError: Keys of ``data`` contradict each other, or name no training data.
        SplitError: There are too few samples, or the numbers do not add up.
        BadFilesError: Files cannot be used and ``data.skip_bad`` is off.
        DataError: A path cannot be read.

    >>> from tidegate.data.images.formats import LINES
    >>> splits, record = make_splits(DataSpec(train="digit-lines"), LINES, seed=0)
    >>> len(splits.train), len(splits.valid), record.how
    (1500, 250, 'digit-lines: its own parts')
    """
    return split(_Images(data, formats, seed, stratify))


class _Images(PartReader[Sample]):
    """Reads lists of images."""

    def __init__(self, data: DataSpec, formats: ImageFormats, seed: int, stratify: bool) -> None:
        super().__init__(data, seed)
        self._formats = formats
        self._stratify = stratify

    def load(self, where: Reference, role: Role) -> Part[Sample]:
        listing = read_listing(self._formats, where, role, self.data.format)
        found = label_findings(listing.samples, str(where), classes=self._formats.classes)
        notes = [*listing.notes, *found]
        return Part(listing.samples, listing.bad, notes)

    def content(self, unit: Sample) -> tuple[bytes, bytes]:
        return unit.digest or b"", unit.target.encode()

    def own_parts(self, path: str) -> Sequence[Role]:
        if "@" in path:
            return ()
        return self._formats.find(find_place(path).source, self.data.format).own_parts

    def classes(self, units: Sequence[Sample]) -> Sequence[str] | None:
        return [sample.target for sample in units] if self._stratify else None

    def leaks(self, train: Sequence[Sample], other: Sequence[Sample], part: str) -> list[Finding]:
        return shared_images(train, other, part)

    def check_all(self, units: Sequence[Sample]) -> list[Finding]:
        return ImageSet(units, Geometry(rows=16, columns=16, ink="none"), cache_bytes=0).check()


def shared_images(train: Sequence[Sample], other: Sequence[Sample], part: str) -> list[Finding]:
    """A warning if images of ``other`` are, byte for byte, in the training data; otherwise nothing.

    >>> print(*shared_images([Sample("a", "x", data=b"1")], [Sample("b", "x", data=b"1")], "test"))
    1 of 1 images of test is in train too, byte for byte: b = a
    """
    return shared(train, other, lambda sample: sample.digest, of=f"images of {part}", alike="byte for byte")
