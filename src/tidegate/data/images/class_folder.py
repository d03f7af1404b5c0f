"""Image folders: ``ROOT/CLASS/*.png``. The folder below the root names the class; deeper ones are allowed."""

from __future__ import annotations

from tidegate.data.finding import passed_over, warning
from tidegate.data.images.listing import Listing
from tidegate.data.images.normal_form import class_label
from tidegate.data.images.sample import sample_of
from tidegate.data.parts import Role
from tidegate.data.source import Folder, Source, is_image
from tidegate.errors import DataError, EmptyDataError, Finding

PART_NAMES = frozenset(("train", "valid", "val", "validation", "test", "testing", "training"))


def matches(source: Source) -> bool:
    """A folder or archive with images in it."""
    return bool(source.images)


def read(source: Source, role: Role) -> Listing:
    """List all images below the folder.

    Raises:
        EmptyDataError: There is no image.
        DataError: The folders are splits or lines of text rather than classes.
    """
    del role
    images = source.images
    if not images:
        raise EmptyDataError(
            "no images",
            where=str(source.path),
            expected="ROOT/CLASS/x.png",
            got=f"{len(source.names)} files",
        )
    _refuse_lines(source)
    _refuse_parts(source, images)
    listing = Listing()
    for name in images:
        if "/" in name:
            listing.samples.append(sample_of(source, name, class_label(name.split("/", 1)[0])))
        else:
            listing.refuse("no-class", name, "lies in no class folder")
    listing.notes.extend(passed_over((name for name in source.names if not is_image(name)), source.path))
    listing.notes.extend(_empty_classes(source, {name.split("/", 1)[0] for name in images}))
    return listing


def _refuse_lines(source: Source) -> None:
    if any("/" in name for name in source.images):
        return
    lines = any(name.endswith(".gt.txt") for name in source.names)
    raise DataError(
        "no class folders",
        where=str(source.path),
        expected="one folder a class: ROOT/CLASS/x.png",
        got="images right below the root" + (", with .gt.txt beside them" if lines else ""),
        hint="these look like text lines: use --task transcribe"
        if lines
        else "sort them into folders, or pass a table.csv with path,label",
    )


def _refuse_parts(source: Source, images: list[str]) -> None:
    tops = {name.split("/", 1)[0] for name in images if "/" in name}
    if tops <= PART_NAMES and "train" in tops:
        given = " ".join(
            f"--{top} {source.path / top}" for top in sorted(tops) if top in ("train", "valid", "test")
        )
        raise DataError(
            "the folders are parts of a split, not classes",
            where=str(source.path),
            got=", ".join(sorted(tops)),
            hint=f"pass them one by one: {given}",
        )


def _empty_classes(source: Source, classes: set[str]) -> list[Finding]:
    if not isinstance(source, Folder):
        return []
    folders = sorted(entry.name for entry in source.path.iterdir() if entry.is_dir())
    empty = [name for name in folders if name not in classes and not name.startswith(".")]
    return [warning("empty-class", f"no image in {', '.join(empty)}", source.path.name)] if empty else []
