"""One sample: an image, wherever it is, and what it should be read as."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.data.source import Source


@dataclass(frozen=True)
class Sample:
    """An image and its target. Exactly one of ``path``, ``pixels`` and ``data`` holds the image.

    Args:
        name: What errors and reports call it: the path relative to the data set, with forward slashes.
        target: The class name, or the text in normal form (``tidegate.data.images.normal_form``). Empty when not known.
        path: An image file.
        pixels: Grey values ``(Y, X)`` or colours ``(Y, X, 3)``.
        data: The bytes of an image file (a member of an archive).

    >>> Sample(name="a.png", target="cat", data=b"").target
    'cat'
    """

    name: str
    target: str
    path: Path | None = None
    pixels: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)
    data: bytes | None = field(default=None, repr=False, compare=False)
    group: str = ""

    def content(self) -> bytes:
        """The bytes that make the image: the same bytes, the same image.

        Raises:
            OSError: The file cannot be read.
        """
        if self.pixels is not None:
            return repr(self.pixels.shape).encode() + self.pixels.tobytes()
        if self.data is not None:
            return self.data
        try:
            return self.path.read_bytes() if self.path is not None else b""
        except ValueError as error:
            # A name with a NUL is none.
            raise OSError(22, str(error)) from error

    @cached_property
    def digest(self) -> bytes | None:
        """Of ``content``, which is read once for all that ask; ``None`` where nothing can be read."""
        if self.path is None and self.pixels is None and self.data is None:
            return None
        try:
            return hashlib.blake2b(self.content(), digest_size=16).digest()
        except OSError:
            # Unreadable files are reported when they are decoded.
            return None


def sample_of(source: Source, name: str, target: str) -> Sample:
    """The sample for one image file of a source: by its path, or by its bytes where it has none.

    Raises:
        OSError: It is in an archive, and cannot be read.
    """
    path = source.file(name)
    return Sample(name, target, data=source.read(name)) if path is None else Sample(name, target, path=path)
