"""What one kind of data says to the splitter: how a part is read, what its units are, and how they are divided."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar

from tidegate.config.tables import MEMORY, DataSpec
from tidegate.data.division.divide import choose, moved_back, parse_split
from tidegate.data.division.grouping import check_groups, choose_groups, groups_of, with_groups
from tidegate.data.division.train_share import share_count, taken
from tidegate.data.finding import settle
from tidegate.data.memory import Reference, reference
from tidegate.data.parts import Role
from tidegate.errors import BadFilesError, EmptyDataError, Finding, SplitError

VALID_SHARE = 0.1
"""Of the training data, when the user names no validation data."""


class Unit(Protocol):
    """What goes into one part as a whole: an image, a sentence, a sequence."""

    @property
    def name(self) -> str:
        """What errors and split.json call it."""
        ...

    @property
    def group(self) -> str:
        """What it shares with others that must not stand in another part; empty where it stands for itself."""
        ...


U = TypeVar("U", bound=Unit)


@dataclass(frozen=True)
class Part(Generic[U]):
    """One part of the data as it was read: what can be used, what cannot, and what else to know."""

    units: Sequence[U]
    bad: Sequence[Finding] = ()
    notes: Sequence[Finding] = ()


class Cut(NamedTuple, Generic[U]):
    """Units that were divided here."""

    train: list[U]
    valid: list[U]
    test: list[U]
    unused: int = 0
    """Those that are in no part, as ``PartReader.size`` counts them."""
    later: int = 0
    """Those that come after all parts, since this split in time ends earlier."""


class PartReader(ABC, Generic[U]):
    """Reads the parts of one kind of data, and divides what comes in one piece.

    Args:
        data: Paths and split.
        seed: Of what is chosen by chance, where ``data.split_seed`` does not say another.

    Attributes:
        in_order: Whether the end of the data is held out, instead of what the seed chooses.
        draw: The number of this split among those that are made anew; 0 is the usual one.
        bad: What cannot be used, of all parts read.
        notes: What else to know of them.
    """

    units: ClassVar[str] = "samples"
    """What errors and notes call them."""

    def __init__(self, data: DataSpec, seed: int) -> None:
        self.data = data
        self.seed = seed if data.split_seed is None else data.split_seed
        self.in_order = not data.shuffle
        self.draw = 0
        self.bad: list[Finding] = []
        self.notes: list[Finding] = []
        self._found: list[U] = []
        self._paths: list[str] = []

    @abstractmethod
    def load(self, where: Reference, role: Role) -> Part[U]:
        """Read one part of what is behind a path, or in memory.

        Raises:
            DataError: It cannot be read at all.
        """

    @abstractmethod
    def content(self, unit: U) -> tuple[bytes, bytes]:
        """What a unit says, and what it is answered with: other bytes, other data. A run that goes on asks for the same.

        Raises:
            OSError: A file cannot be read.
        """

    def own_parts(self, path: str) -> Sequence[Role]:
        """The parts that the data bring themselves, so that ``data.train`` alone gives them."""
        return ()

    def classes(self, units: Sequence[U]) -> Sequence[str] | None:
        """The class of each, where parts should take from each class in proportion."""
        return None

    def draw_anew(self, number: int) -> None:
        """Make another split than the usual one: other samples, or of data in order an earlier end.

        Args:
            number: Of the split; 0 is the usual one.
        """
        self.draw = number
        if not self.in_order:
            self.seed += number

    def later(self, train: int) -> int:
        """How much of the data this split leaves out at their end: at most half of what training would have.

        Args:
            train: What training has in the usual split, as ``size`` counts.
        """
        return moved_back(self.draw, train // 2) if self.in_order else 0

    @property
    def manner(self) -> str:
        """What else ``split.json`` says of a split that was made here."""
        whole = ", in whole groups" if self.data.group is not None else ""
        return whole + (", the last ones of the data" if self.in_order else "")

    def take(self, units: Sequence[U], count: int, leave: int = 1) -> tuple[list[U], list[U]]:
        """Hold out: the last ones, or those that the seed chooses; always whole groups.

        Args:
            units: To choose from.
            count: How many.
            leave: Parts that are still to be made of the rest.

        Returns:
            The chosen, and the rest.

        Raises:
            SplitError: There are fewer groups than parts.
        """
        groups = groups_of(units)
        if groups is not None:
            classes = self.classes(units)
            chosen = choose_groups(
                groups, count, self.seed, classes=classes, in_order=self.in_order, leave=leave
            )
            pairs = list(zip(units, chosen.tolist(), strict=True))
            return [unit for unit, taken in pairs if taken], [unit for unit, taken in pairs if not taken]
        if self.in_order:
            cut = len(units) - count
            return list(units[cut:]), list(units[:cut])
        return choose(units, count, self.seed, self.classes(units))

    def take_train(self, units: Sequence[U], count: int, asked: int, total: int) -> tuple[list[U], list[U]]:
        """What training gets of the units that are left when the other parts are made, and what is unused.

        Args:
            units: Those that are left.
            count: How many the split gives to training.
            asked: How many it gives to all parts.
            total: How many there were.
        """
        groups = groups_of(units)
        if groups is not None:
            # Groups fill the other parts with more or fewer than asked for, which is no wish to leave some out.
            whole = asked >= total or count >= len(units) or len(set(groups)) < 2
            return (list(units), []) if whole else self.take(units, count, leave=0)
        return (list(units[:count]), list(units[count:])) if self.in_order else self.take(units, count)

    def divide(self, units: Sequence[U], text: str) -> Cut[U]:
        """Divide by ``A/B`` or ``A/B/C``.

        Raises:
            SplitError: It cannot be read, asks for more than there is, or leaves a part empty.
        """
        total = len(units)
        parts = parse_split(text, total)
        later = self.later(parts.train)
        units = units[: total - later]
        test, rest = self.take(units, parts.test, leave=2) if parts.test else ([], units)
        valid, rest = self.take(rest, parts.valid)
        asked = parts.train + parts.valid + parts.test
        train, unused = self.take_train(rest, parts.train, asked, total)
        return Cut(train, valid, test, len(unused), later)

    def hold_out(self, units: Sequence[U]) -> tuple[Cut[U], str]:
        """Hold out a tenth for validation; and how that is said.

        Raises:
            SplitError: There is too little to hold something out.
        """
        path = self.data.train
        if len(units) < 2:
            raise SplitError(
                f"too few {self.units} to hold one out for validation",
                where=str(path),
                expected="2 or more",
                got=str(len(units)),
                hint="pass --valid PATH",
            )
        count = max(1, round(VALID_SHARE * len(units)))
        later = self.later(len(units) - count)
        valid, train = self.take(units[: len(units) - later], count)
        return Cut(train, valid, [], later=later), f"a tenth of {path} held out for validation"

    def thin(self, train: Sequence[U], share: float) -> list[U]:
        """A part of the training data: of data in order the last ones, else by the seed, classes in proportion.

        Raises:
            SplitError: There are not so many, or too few for every class.
        """
        count = share_count(share, len(train), self.units)
        places = taken(
            len(train), count, self.seed,
            classes=self.classes(train), groups=groups_of(train), in_order=self.in_order,
        )  # fmt: skip
        return [train[place] for place in places]

    def leaks(self, train: Sequence[U], other: Sequence[U], part: str) -> list[Finding]:
        """Warnings about what stands in another part too: a test on that measures memory."""
        return []

    def size(self, units: Sequence[U]) -> int:
        """What ``split.json`` counts."""
        return len(units)

    def names(self, units: Sequence[U]) -> list[str] | None:
        """What ``split.json`` calls those that were chosen here."""
        return [unit.name for unit in units]

    def why_unused(self, unused: int, total: int) -> str:
        """The note on what is in no part."""
        return f"{unused} of {total} {self.units} are in no part of the split {self.data.split}"

    def check_all(self, units: Sequence[U]) -> list[Finding]:
        """What else is bad, looked for where the run ends anyway: the user is spared a second round."""
        return []

    def read(self, path: str, role: Role) -> list[U]:
        """Read one part, and gather what is bad and what is notable.

        Raises:
            BadFilesError: Nothing of it can be used.
            EmptyDataError: There is nothing in it.
        """
        where = reference(self.data, "source" if role == "all" else role) if path == MEMORY else path
        part = self.load(where, role)
        path = str(where)
        first = not self._paths
        self._paths.append(path)
        self.bad.extend(part.bad)
        self.notes.extend(found for found in part.notes if found not in self.notes)
        units = with_groups(part.units, self.data.group)
        self._found.extend(units)
        if not part.units:
            if part.bad:
                raise BadFilesError(part.bad, where=path, total=len(part.bad))
            raise EmptyDataError(f"no {self.units}", where=path)
        if self.data.group is not None:
            self.notes.extend(check_groups(units, self.data.group, self.units, path, first=first))
        return list(units)

    def settle(self) -> list[Finding]:
        """Refuse what is bad, or note that it was left out.

        Raises:
            BadFilesError: There is some, and ``data.skip_bad`` is off.
        """
        total = len(self._found) + len(self.bad)
        if self.bad and not self.data.skip_bad:
            self.bad.extend(self.check_all(self._found))
        where = ", ".join(dict.fromkeys(self._paths))
        return settle(self.bad, total=total, where=where, skip_bad=self.data.skip_bad)
