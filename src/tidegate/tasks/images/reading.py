"""What classify and transcribe share: reading the images that a specification or a command names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tidegate.config.compile import check_data, compile_model
from tidegate.config.run import RunSpec
from tidegate.data.division.grouping import with_groups
from tidegate.data.images.decode import Geometry
from tidegate.data.images.image_set import ImageSet, blank_images, suspicious
from tidegate.data.images.listing import ImageFormats, read_listing
from tidegate.data.images.load import Check, Loaded, keep_good, load_splits, settle
from tidegate.data.images.sample import Sample
from tidegate.data.memory import Reference
from tidegate.data.splitting import Splits
from tidegate.errors import ConfigError, DataError, EmptyDataError, Finding
from tidegate.network.layers import Architecture

LARGEST_SIDE = 64
"""Images of several sizes are scaled to a square of this side, unless the user says otherwise."""


@dataclass(frozen=True)
class Inputs:
    """Images that can be used, those that cannot, and what to tell about them."""

    images: ImageSet
    bad: list[Finding] = field(default_factory=list[Finding])
    notes: list[Finding] = field(default_factory=list[Finding])

    @property
    def targets(self) -> list[str]:
        """The answers that the images should get."""
        return [sample.target for sample in self.images.samples]


def cache_bytes(spec: RunSpec) -> int:
    """The memory that a specification allows for decoded images."""
    return int(spec.data.cache_megabytes * 2**20)


def load_parts(
    splits: Splits[Sample], geometry: Geometry, spec: RunSpec, check: Check
) -> tuple[dict[str, Inputs], Loaded]:
    """Decode all parts of a run's data.

    Raises:
        BadFilesError: Some samples cannot be used, and ``data.skip_bad`` is off.
        EmptyDataError: A part has no sample left.
    """
    loaded = load_splits(
        splits, geometry, cache_bytes=cache_bytes(spec), skip_bad=spec.data.skip_bad, check=check
    )
    parts = {"train": loaded.train, "valid": loaded.valid, "test": loaded.test}
    return {name: Inputs(images) for name, images in parts.items() if images is not None}, loaded


def open_labelled(
    where: Reference,
    spec: RunSpec,
    geometry: Geometry,
    formats: ImageFormats,
    *,
    skip_bad: bool,
    check: Check | None,
) -> Inputs:
    """Images with answers, as ``evaluate`` reads them; of an IDX folder the ``t10k-*`` part.

    Raises:
        DataError: The path cannot be read.
        BadFilesError: Some samples cannot be used, and ``skip_bad`` is off.
        EmptyDataError: Nothing is left.
    """
    listing = read_listing(formats, where, "test")
    samples = with_groups(listing.samples, spec.data.group)
    found, refused = keep_good(ImageSet(samples, geometry, cache_bytes(spec)), check)
    bad = [*listing.bad, *refused]
    notes = [
        *listing.notes,
        *settle(bad, total=len(listing.samples) + len(listing.bad), where=str(where), skip_bad=skip_bad),
    ]
    if not len(found):
        raise EmptyDataError("no sample can be used", where=str(where), got=f"{len(bad)} bad ones")
    notes += blank_images(found, str(where))
    if geometry.columns is None or geometry.keep_aspect:
        notes += suspicious(found)
    return Inputs(found, bad, notes)


def line_input(spec: RunSpec) -> tuple[Architecture, Geometry]:
    """The network for lines, and what their images are brought to for it.

    Raises:
        ConfigError: Data and network do not agree on the size of images.
    """
    wanted = spec.data
    architecture = compile_model(
        spec.model, spec.task, rows=wanted.rows, columns=wanted.columns, channels=wanted.channels
    )
    check_data(wanted, architecture)
    size = architecture.input
    assert size.rows is not None
    return architecture, Geometry(
        size.rows, size.columns, size.channels, wanted.ink, wanted.trim, keep_aspect=size.columns is not None
    )


def class_input(spec: RunSpec, train: Sequence[Sample]) -> tuple[Architecture, Geometry]:
    """The network for images with classes, for the size that its input block, the user or the data decide, in this order;
    and what images are brought to for it.

    Raises:
        ConfigError: Data and network do not agree on the size of images.
        DataError: None of the images looked at can be read.
    """
    wanted = spec.data
    rows, columns, channels = wanted.rows, wanted.columns, wanted.channels
    if None in (rows, columns, channels):
        usual = usual_size(train)
        rows, columns, channels = rows or usual[0], columns or usual[1], channels or usual[2]
    architecture = compile_model(spec.model, spec.task, rows=rows, columns=columns, channels=channels)
    check_data(wanted, architecture)
    size = architecture.input
    assert size.rows is not None
    ink = "none" if wanted.ink == "auto" else wanted.ink
    return architecture, Geometry(size.rows, size.columns, size.channels, ink, wanted.trim)


def usual_size(samples: Sequence[Sample]) -> tuple[int, int, int]:
    """Rows, columns and channels that suit a data set: its own size where all agree and it is small.

    Raises:
        DataError: None of the images looked at can be read.
    """
    some = samples[:: max(1, len(samples) // 50)]
    probe = ImageSet(some, Geometry(32, 32, channels=3, ink="none"), cache_bytes=2**24)
    bad = probe.check()
    probe = probe.usable()
    if not len(probe):
        raise DataError("no image can be read", where=bad[0].where, got=bad[0].what)
    pictures = [probe.image(i) for i in range(len(probe))]  # (3, 32, 32)
    grey = all((picture[0] == picture[1]).all() and (picture[1] == picture[2]).all() for picture in pictures)
    (size, count), *_ = Counter(probe.original_sizes()).most_common(1)
    own = count == len(probe) and max(size) <= 2 * LARGEST_SIDE
    rows, columns = size if own else (LARGEST_SIDE, LARGEST_SIDE)
    return rows, columns, 1 if grey else 3


def check_restored(geometry: Geometry, architecture: Architecture) -> None:
    """Refuse a model file whose parts contradict each other.

    Raises:
        ConfigError: Images would not be of the size that the network takes.
    """
    size = architecture.input
    if (geometry.rows, geometry.columns, geometry.channels) != (size.rows, size.columns, size.channels):
        raise ConfigError(
            "the geometry of the images is not that of the network",
            expected=f"rows {size.rows}, columns {size.columns}, channels {size.channels}",
            got=f"rows {geometry.rows}, columns {geometry.columns}, channels {geometry.channels}",
        )


def with_size(spec: RunSpec, geometry: Geometry) -> RunSpec:
    """The specification with the size that network or data decided written in, so that config.toml is complete."""
    size = {"rows": geometry.rows, "columns": geometry.columns, "channels": geometry.channels}
    return spec.model_copy(update={"data": spec.data.model_copy(update=size)})
