"""Which scheme a file's tags are written in, and what is wrong where they follow none, or several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tidegate.data.words.schemes import OUTSIDE, Scheme, split_tag
from tidegate.data.words.sentence import Sentence
from tidegate.errors import DataError

SLIPS = 0.05
"""Share of spans that may break a scheme before a file counts as mixed."""
_INSIDES, _ENDS, _SINGLES = "IM", "EL", "SUW"


@dataclass(frozen=True)
class Kind:
    """One kind of tag, how often it came, and where first: indices of the sequence and in it, from 0."""

    what: str
    count: int
    sequence: int
    position: int


@dataclass(frozen=True)
class Detected:
    """What ``detect_scheme`` found.

    Args:
        scheme: The scheme; none if there are several in the tags.
        kinds: The kinds of tag that contradict each other, if there are several schemes.
    """

    scheme: Scheme | None
    kinds: tuple[Kind, ...] = ()


@dataclass
class _Census:
    """Kinds of tag, counted, and the place of the first of each."""

    counts: Counter[str] = field(default_factory=Counter[str])
    first: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    prefixed: set[str] = field(default_factory=set[str])
    plain: set[str] = field(default_factory=set[str])

    def add(self, kind: str, sequence: int, position: int) -> None:
        self.counts[kind] += 1
        self.first.setdefault(kind, (sequence, position))

    def kinds(self, wanted: Iterable[str]) -> tuple[Kind, ...]:
        return tuple(Kind(one, self.counts[one], *self.first[one]) for one in wanted if self.counts[one])


_PREFIXED, _PLAIN = "with a letter before its label", "without a letter before its label"
_B_FIRST, _I_FIRST = "B begins a span, as in iob2", "I begins a span, as in iob1"
_CLOSED, _OPEN = (
    "a span's last word is marked, as in bioes",
    "a span's last word is not marked, as in iob1 and iob2",
)


def detect_scheme(sequences: Iterable[Sequence[str]]) -> Detected:
    """Find the scheme of tags, with its letters.

    Letters alone (``B``, ``I``) count as tags of ``none``, since that is what parts of speech may be called.

    Args:
        sequences: The tags of all sentences.

    >>> detect_scheme([["B-PER", "L-PER", "O", "U-LOC"]]).scheme
    Scheme(name='bioes', inside='I', end='L', single='U')
    >>> detect_scheme([["B-PER", "O"], ["I-PER", "O"]]).scheme is None
    True
    """
    census = _Census()
    for number, tags in enumerate(sequences):
        _count(census, number, tags)
    if not census.prefixed:
        return Detected(Scheme("none"))
    if census.plain:
        return _with_plain(census)
    letters = {letter for letter in "BIMELSUW" if census.counts[letter]}
    for family in (_INSIDES, _ENDS, _SINGLES):
        if len(letters & set(family)) > 1:
            return Detected(None, census.kinds(letter for letter in family))
    if letters <= {"B", "I"}:
        return _one_of(census, ("iob2", _B_FIRST), ("iob1", _I_FIRST))
    return _one_of(census, ("bioes", _CLOSED), ("", _OPEN), letters)


def _count(census: _Census, number: int, tags: Sequence[str]) -> None:
    letter_before, label_before = OUTSIDE, ""
    pairs = [split_tag(tag) for tag in tags]
    for at, (letter, label) in enumerate(pairs):
        if tags[at] != OUTSIDE:
            prefixed = bool(letter and letter != OUTSIDE and label)
            (census.prefixed if prefixed else census.plain).add(tags[at])
            census.add(_PREFIXED if prefixed else _PLAIN, number, at)
            census.add(letter, number, at)
            same = letter_before in ("B", "I") and label_before == label
            if letter in ("B", "I") and not same:
                census.add(_B_FIRST if letter == "B" else _I_FIRST, number, at)
            after = pairs[at + 1] if at + 1 < len(pairs) else (OUTSIDE, "")
            if letter in _ENDS or letter in _SINGLES:
                census.add(_CLOSED, number, at)
            elif after[1] != label or after[0] not in _INSIDES + _ENDS:
                census.add(_OPEN, number, at)
        letter_before, label_before = letter, label


def _with_plain(census: _Census) -> Detected:
    labels = {split_tag(tag)[1] for tag in census.prefixed}
    letters_alone = any(split_tag(tag)[0] for tag in census.plain)
    if not labels & census.plain and not letters_alone and len(census.plain) > len(census.prefixed):
        # Parts of speech, one of which happens to look like LETTER-LABEL.
        return Detected(Scheme("none"))
    return Detected(None, census.kinds((_PREFIXED, _PLAIN)))


def _one_of(
    census: _Census, one: tuple[str, str], other: tuple[str, str], letters: set[str] | None = None
) -> Detected:
    """The scheme that nearly all spans keep to."""
    total = census.counts[one[1]] + census.counts[other[1]]
    if census.counts[other[1]] <= SLIPS * total:
        return Detected(_lettered(letters) if letters else Scheme("iob2"))
    if census.counts[one[1]] <= SLIPS * total and not letters:
        return Detected(Scheme("iob1"))
    return Detected(None, census.kinds((one[1], other[1])))


def _lettered(letters: set[str]) -> Scheme:
    """BIOES with the letters of the file; those that did not come are the usual ones beside the others."""
    end = "L" if letters & {"L", "U"} else "E"
    single = next((one for one in _SINGLES if one in letters), "U" if end == "L" else "S")
    inside = next((one for one in _INSIDES if one in letters), "M" if single == "W" else "I")
    return Scheme("bioes", inside, next((one for one in _ENDS if one in letters), end), single)


def find_scheme(sentences: Sequence[Sentence]) -> Scheme:
    """The scheme of all training sentences.

    Raises:
        DataError: Their tags mix schemes; the first line of each kind is named.

    >>> find_scheme([Sentence("a.txt:1", ("in", "London"), ("O", "B-LOC"), (), (1, 2))])
    Scheme(name='iob2', inside='I', end='E', single='S')
    """
    detected = detect_scheme(sentence.tags for sentence in sentences)
    if detected.scheme is not None:
        return detected.scheme
    lines: list[str] = []
    for kind in detected.kinds:
        sentence = sentences[kind.sequence]
        what = f"the letter {kind.what}" if len(kind.what) == 1 else kind.what
        tag = sentence.tags[kind.position]
        lines.append(f"{sentence.line_of(kind.position)}: {tag}: {what} ({kind.count:,} in all)")
    raise DataError(
        "the tags mix several schemes",
        where=", ".join(
            dict.fromkeys(sentences[kind.sequence].name.rpartition(":")[0] for kind in detected.kinds)
        ),
        expected="one of iob1, iob2, bioes (or BILOU, BMES, BMEWO), or tags without letters",
        got="\n".join(lines),
        hint="mend these lines, or name the scheme that the tags should be read by",
    )
