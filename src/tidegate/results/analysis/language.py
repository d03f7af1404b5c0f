"""The error analysis of `language`."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.results.analysis.samples import ErrorAnalysis
from tidegate.results.record import Record


@dataclass(frozen=True)
class Written(Record):
    """A text that the model wrote.

    Attributes:
        prompt: what it was given
        temperature: under 1 it keeps closer to what it is surest of
        text: how it went on
    """

    prompt: str
    temperature: float
    text: str


@dataclass(frozen=True)
class Symbol(Record):
    """One symbol of a passage.

    Attributes:
        text: the symbol
        nats: what it cost
    """

    text: str
    nats: float | None


@dataclass(frozen=True)
class CostlySymbol(Record):
    """A symbol with a large share of the loss.

    Attributes:
        text: the symbol
        count: how often it comes
        nats: what it costs on average
        share: of the whole loss
    """

    text: str
    count: int
    nats: float | None
    share: float | None


@dataclass(frozen=True, kw_only=True)
class LanguageAnalysis(ErrorAnalysis):
    """Texts, and what was not expected.

    Attributes:
        definition: what a symbol is
        written: three texts, the coldest first
        passage: symbols from the middle of the beginning of the split
        costly: the 20 symbols with the largest share of the loss
        looked_at: how many symbols at the beginning of the split the last two are from
    """

    definition: str = ""
    written: tuple[Written, ...] = ()
    passage: tuple[Symbol, ...] = ()
    costly: tuple[CostlySymbol, ...] = ()
    looked_at: int | None = None
