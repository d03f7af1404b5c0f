"""What a language model writes, how it expects a passage, and which symbols cost most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

from tidegate.report.charts.bars import Bar
from tidegate.report.text.escape import LONGEST_WORD, clipped, named, printable, visible
from tidegate.report.text.numbers import count
from tidegate.results.analysis.language import CostlySymbol, Symbol, Written

LEVELS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Nats where the next shade begins: the same in every report, so that two can be laid side by side."""
_DEAREST = 10
_BEFORE = 24
_SHARES = tuple(math.exp(-level) for level in LEVELS)


@dataclass(frozen=True)
class ShownText:
    """A text that the model wrote: what it was given, and how it went on."""

    temperature: str
    prompt: str
    text: str


@dataclass(frozen=True)
class ShownSymbol:
    """One symbol of a passage.

    Attributes:
        text: As it is shown: a line break has a sign before it.
        title: Its surprise in words.
        level: Its shade, 0 to 5.
    """

    text: str
    title: str
    level: int


@dataclass(frozen=True)
class Shade:
    """One shade of the legend."""

    level: int
    label: str


@dataclass(frozen=True)
class Place:
    """A symbol that was hardly expected, with what stands before it."""

    before: str
    text: str
    nats: str
    chance: str


def written(samples: Sequence[Written]) -> list[ShownText]:
    """The texts of error_analysis.json, coldest first as they are there; white space is kept."""
    return [
        ShownText(f"{item.temperature:g}", printable(item.prompt), printable(item.text)) for item in samples
    ]


def passage(symbols: Sequence[Symbol]) -> list[ShownSymbol]:
    """A passage, each symbol with the shade of its surprise.

    >>> passage([Symbol("e", 0.693)])[0].title.replace("\\u202f", " ")
    'e: 0.69 nats, expected with 50 %'
    """
    return [
        ShownSymbol(
            _broken(_text(item)),
            f"{clipped(_named(_text(item)), 40)}: {item.nats:.2f} nats, expected with {_chance(item.nats)}",
            sum(item.nats >= level for level in LEVELS),
        )
        for item in symbols
        if item.nats is not None
    ]


def legend() -> list[Shade]:
    """What each shade means.

    >>> legend()[0].label.replace("\\u202f", " ")
    'under 0.5 nats: expected with over 61 %'
    """
    first = f"under {LEVELS[0]:g} nats: expected with over {_share(_SHARES[0])}"
    middle = [
        f"{low:g} to {high:g}: {_share(most)} to {_share(least)}"
        for low, high, most, least in zip(LEVELS, LEVELS[1:], _SHARES, _SHARES[1:], strict=False)
    ]
    last = f"{LEVELS[-1]:g} and over: under {_share(_SHARES[-1])}"
    return [Shade(level, label) for level, label in enumerate((first, *middle, last))]


def dearest(symbols: Sequence[Symbol]) -> list[Place]:
    """The places of a passage that the model expected least: the shades as a table, for eyes and ears alike."""
    known = [(i, item.nats) for i, item in enumerate(symbols) if item.nats is not None]
    return [
        Place(
            visible("".join(_text(item) for item in symbols[max(0, i - _BEFORE) : i])[-_BEFORE:]),
            clipped(visible(_text(symbols[i])), 40),
            f"{nats:.2f}",
            _chance(nats),
        )
        for i, nats in nlargest(_DEAREST, known, key=lambda pair: pair[1])
    ]


def costly_bars(symbols: Sequence[CostlySymbol], definition: str) -> list[Bar]:
    """The symbols that the whole loss is made of; bars are as long as their share.

    Args:
        symbols: Rows of error_analysis.json.
        definition: What a token is. Words carry the space behind them, which is none of theirs.
    """
    largest = max((row.share or 0.0 for row in symbols), default=0.0) or 1.0
    words = definition.startswith("token = word")
    bars: list[Bar] = []
    for row in symbols:
        text = _text(row).removesuffix(" ") if words else _text(row)
        bars.append(
            Bar(
                label=clipped(visible(text), 40) or "∅",
                note="" if named(text) == text else named(text),
                values=(
                    count(row.count),
                    "–" if row.nats is None else f"{row.nats:.2f}",
                    "–" if row.share is None else _share(row.share),
                ),
                share=(row.share or 0.0) / largest,
            )
        )
    return bars


def _text(item: Symbol | CostlySymbol) -> str:
    return clipped(printable(item.text), LONGEST_WORD)


def _named(text: str) -> str:
    return named(text) if len(text) == 1 else visible(text)


def _broken(text: str) -> str:
    return text.replace("\n", "↵\n")


def _chance(nats: float) -> str:
    return _share(math.exp(-nats))


def _share(share: float) -> str:
    """A share with two digits, however small: small ones are what surprise is about."""
    if share < 1e-5:
        return "under 0.001\u202f%"
    return f"{share * 100:.0f}\u202f%" if share >= 0.995 else f"{float(f'{share * 100:.2g}'):g}\u202f%"
