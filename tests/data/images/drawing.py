"""Small files for the tests of the readers."""

from __future__ import annotations

import gzip
import io
import struct
from pathlib import Path

import numpy as np
from PIL import Image


def paper(rows: int = 20, columns: int = 60) -> np.ndarray:
    """Grey values of a dark bar on light paper."""
    values = np.full((rows, columns), 240, np.uint8)
    values[rows // 3 : 2 * rows // 3, columns // 4 : columns // 2] = 20
    return values


def save(path: Path, values: np.ndarray | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(paper() if values is None else values).save(path)
    return path


def line(folder: Path, name: str, text: str | bytes = "text", suffix: str = ".gt.txt") -> None:
    save(folder / f"{name}.png")
    content = text if isinstance(text, bytes) else text.encode()
    (folder / f"{name}{suffix}").write_bytes(content)


def png(values: np.ndarray | None = None) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(paper() if values is None else values).save(stream, "PNG")
    return stream.getvalue()


def idx(path: Path, values: np.ndarray, *, zipped: bool = True, magic: int | None = None) -> Path:
    head = struct.pack(">I", 0x0800 + values.ndim if magic is None else magic)
    content = head + struct.pack(f">{values.ndim}I", *values.shape) + values.astype(np.uint8).tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if zipped else content)
    return path


def idx_folder(folder: Path, *, train: int = 6, test: int = 4) -> Path:
    chance = np.random.default_rng(0)
    for part, count in (("train", train), ("t10k", test)):
        idx(folder / f"{part}-images-idx3-ubyte.gz", chance.integers(0, 256, (count, 5, 4)))
        idx(folder / f"{part}-labels-idx1-ubyte.gz", np.arange(count) % 3)
    return folder
