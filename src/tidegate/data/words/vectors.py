"""Pretrained word vectors from text files: GloVe, word2vec's text format, fastText's ``.vec``, packed by gzip or not.

A line is a word and F numbers. word2vec and fastText begin with a line ``N F``; GloVe does not. Only the vectors of
wanted words are kept, so a file of gigabytes needs the memory of a vocabulary.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from tidegate.border import reason
from tidegate.data.finding import note, warning
from tidegate.errors import DataError, EmptyDataError, Finding

SHOWN = 20
"""Bad lines that an error lists; the rest are counted."""
_FIRST_LINES = 100
"""Lines that decide, without a header, how many numbers a line has."""
_BINARY_START = {
    b"PK\x03\x04": "a zip archive: unpack it first",
    b"\xba\x16\x4f\x2f": "a fastText model (.bin): take the .vec",
}


@dataclass(frozen=True)
class Vectors:
    """Vectors of the wanted words that were found.

    Args:
        words: In the order in which they were wanted.
        matrix: Their vectors (N, F).
        exact: How many were found as they are.
        missing: Wanted words without a vector.
        notes: The coverage, and what else a person should know.
    """

    words: tuple[str, ...]
    matrix: NDArray[np.float32]
    exact: int
    missing: tuple[str, ...]
    notes: list[Finding] = field(default_factory=list[Finding])

    @property
    def lowered(self) -> int:
        """How many were found in lower case only."""
        return len(self.words) - self.exact


def read_vectors(path: Path, wanted: Iterable[str], *, skip_bad: bool = False) -> Vectors:
    """Read the vectors of some words.

    A word that is not in the file gets the vector of its lower-case form, if that is there. Words may hold spaces
    (fastText, GloVe 840B): the last F columns are the numbers. Of two lines for one word, the first counts. Numbers are
    checked in the lines of wanted words; the number of columns and the encoding in all.

    Args:
        path: The file.
        wanted: A vocabulary.
        skip_bad: Leave bad lines out, and note it.

    Raises:
        DataError: The file cannot be opened or unpacked, is binary, or has bad lines and ``skip_bad`` is off: all are
            counted, the first 20 listed.
        EmptyDataError: It has no line.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "small.vec"
    ...     _ = path.write_text("3 2\\nthe 0.5 1\\nof 0 1\\nNew York 2 3\\n")
    ...     vectors = read_vectors(path, ["The", "New York", "cat"])
    >>> vectors.words, vectors.matrix.tolist(), vectors.missing
    (('The', 'New York'), [[0.5, 1.0], [2.0, 3.0]], ('cat',))
    """
    words = list(dict.fromkeys(wanted))
    keys = {form.encode("utf-8", "surrogateescape") for word in words for form in (word, word.lower())}
    with _opened(path) as file:
        reading = _Reading(path, keys)
        reading.read(file)
    reading.refuse_bad(skip_bad)
    return _assembled(words, reading)


class _Reading:
    """One pass over a file of vectors."""

    def __init__(self, path: Path, keys: set[bytes]) -> None:
        self.path = path
        self.size = 0
        self.found: dict[bytes, NDArray[np.float32]] = {}
        self.bad: list[Finding] = []
        self.bad_count = 0
        self.lines = 0
        self.repeated = 0
        self.header: tuple[int, int] | None = None
        self._keys = keys

    def read(self, file: BinaryIO) -> None:
        first = list(islice(file, _FIRST_LINES))
        if not b"".join(first).strip():
            raise EmptyDataError("the file of vectors is empty", where=str(self.path))
        self._refuse_binary(first)
        self.header = _header(first)
        self.size = self.header[1] if self.header else _usual_size(first)
        for number, line in enumerate(chain(first, file), start=1):
            line = line.rstrip()
            if line and (number > 1 or self.header is None):
                self.lines += 1
                self._read_line(number, line)

    def _read_line(self, number: int, line: bytes) -> None:
        # Counting spaces is enough for most lines; the others hold tabs, runs of spaces, or words with spaces.
        if line.count(b" ") == self.size and b"\t" not in line and b"  " not in line and line[:1] != b" ":
            word, rest = line[: line.index(b" ")], None
        else:
            rest = line.rsplit(None, self.size)
            word = rest[0].strip() if len(rest) == self.size + 1 else b""
            extra = _numbers_after(word)
            if not word or extra:
                got = self.size + extra if word else max(len(rest) - 1, 0)
                self._refuse(number, f"{self.size} numbers expected, got {got}: {_shown(line)}")
                return
        if not word.isascii() and (reason := _why_not_utf8(word)):
            self._refuse(number, reason)
        elif word in self._keys:
            self._keep(number, word, rest[1:] if rest is not None else line.split(b" ")[1:])

    def _keep(self, number: int, word: bytes, cells: list[bytes]) -> None:
        if word in self.found:
            self.repeated += 1
            return
        try:
            values = [float(cell) for cell in cells]
        except ValueError:
            wrong = next(cell for cell in cells if not _is_number(cell))
            self._refuse(number, f"a number expected, got {_shown(wrong)}")
            return
        if not all(map(math.isfinite, values)):
            self._refuse(number, "a number is not finite")
            return
        self.found[word] = np.array(values, dtype=np.float32)

    def _refuse(self, number: int, reason: str) -> None:
        self.bad_count += 1
        if len(self.bad) < SHOWN:
            self.bad.append(Finding("error", "bad-line", f"{self.path.name}:{number}", reason))

    def _refuse_binary(self, first: list[bytes]) -> None:
        start = b"".join(first[:2])
        kind = next((what for magic, what in _BINARY_START.items() if start.startswith(magic)), None)
        if kind is None and b"\x00" in b"".join(first):
            kind = "binary"
        if kind is not None:
            raise DataError(
                "the vectors cannot be read",
                where=str(self.path),
                expected="text: a word and its numbers on each line (GloVe, word2vec text, fastText .vec)",
                got=kind,
                hint="convert it to text (gensim: save_word2vec_format(…, binary=False)), or unpack it",
            )

    def refuse_bad(self, skip_bad: bool) -> None:
        if self.bad_count and not skip_bad:
            raise DataError(
                f"{self.bad_count:,} of {self.lines:,} lines of vectors cannot be read",
                where=str(self.path),
                got="\n".join(self._bad_lines()),
                hint="mend or remove them, or leave them out (data.skip_bad = true)",
            )

    def _bad_lines(self) -> list[str]:
        more = [f"… and {self.bad_count - len(self.bad):,} more"] if self.bad_count > len(self.bad) else []
        return [*(str(one) for one in self.bad), *more]

    def notes(self) -> list[Finding]:
        notes: list[Finding] = []
        if self.bad_count:
            listed = "; ".join(self._bad_lines())
            what = f"left out {self.bad_count:,} of {self.lines:,} lines of vectors: {listed}"
            notes.append(note("left-out", what))
        if self.header is not None and self.header[0] != self.lines:
            what = f"{self.path.name} says that it has {self.header[0]:,} words, and has {self.lines:,}"
            notes.append(warning("wrong-count", what))
        if self.repeated:
            what = f"{self.repeated:,} more lines for words that had one; the first counts"
            notes.append(note("repeated", what, self.path.name))
        return notes


def _assembled(words: list[str], reading: _Reading) -> Vectors:
    rows: list[NDArray[np.float32]] = []
    found: list[str] = []
    exact = 0
    for word in words:
        as_is = reading.found.get(word.encode("utf-8", "surrogateescape"))
        row = (
            as_is if as_is is not None else reading.found.get(word.lower().encode("utf-8", "surrogateescape"))
        )
        if row is not None:
            exact += as_is is not None
            found.append(word)
            rows.append(row)
    matrix = np.stack(rows) if rows else np.zeros((0, reading.size), np.float32)
    kept = set(found)
    missing = tuple(word for word in words if word not in kept)
    coverage = (
        f"vectors of {reading.size} numbers for {len(found):,} of {len(words):,} words "
        f"({_share(len(found), len(words))}): {_share(exact, len(words))} as they are, "
        f"{_share(len(found) - exact, len(words))} in lower case; {_share(len(missing), len(words))} have none"
    )
    return Vectors(
        tuple(found),
        matrix,
        exact,
        missing,
        [note("coverage", coverage, reading.path.name), *reading.notes()],
    )


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else "0.0 %"


@contextmanager
def _opened(path: Path) -> Generator[BinaryIO]:
    """The file, unpacked as it is read. What the system or gzip refuse becomes a ``DataError``."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            yield cast("BinaryIO", gzip.GzipFile(fileobj=file)) if packed else file
    except (OSError, EOFError, zlib.error, MemoryError) as error:
        got = reason(error)
        raise DataError(
            "the vectors cannot be read",
            where=str(path),
            got=got,
            hint="check the path, or get the file again",
        ) from error


def _header(first: list[bytes]) -> tuple[int, int] | None:
    """``N F`` of word2vec and fastText. A vector of one number may look like it; then the second line decides."""
    cells = first[0].split()
    if len(cells) != 2 or not all(cell.isdigit() for cell in cells):
        return None
    size = int(cells[1])
    following = len(first[1].split()) if len(first) > 1 else size + 1
    return None if following == 2 and size != 1 else (int(cells[0]), size)


def _usual_size(first: list[bytes]) -> int:
    counts = Counter(len(line.split()) - 1 for line in first if line.strip())
    return max(counts.most_common(1)[0][0], 1)


def _numbers_after(word: bytes) -> int:
    """How many numbers stand at the end of what should be a word: of a line with too many."""
    count = 0
    for cell in reversed(word.split()[1:]):
        # Whole numbers and dots may be parts of a word with spaces; 0.25 is hardly.
        if b"." not in cell or not _is_number(cell):
            break
        count += 1
    return count


def _is_number(cell: bytes) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _why_not_utf8(word: bytes) -> str | None:
    try:
        word.decode()
    except UnicodeDecodeError as error:
        return f"is not UTF-8 (byte 0x{word[error.start]:02x} at position {error.start} of the line)"
    return None


def _shown(text: bytes) -> str:
    shown = text[:40].decode("utf-8", "replace")
    return repr(shown if len(text) <= 40 else shown + "…")
