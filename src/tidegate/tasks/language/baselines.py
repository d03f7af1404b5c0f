"""Cheap baselines of a language model: how often a symbol occurs, and how often behind the few before it.

Kneser and Ney 1995, modified and interpolated as by Chen and Goodman 1998 (section 3): a model of order n takes a
discount off each count, one for counts of 1, of 2 and of 3 or more, and gives what it took to the model of order n - 1.
All but the highest order count in how many different contexts a sequence occurs, not how often. The lowest is mixed with
the uniform distribution over all K symbols, so that none is impossible.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import ConfigError, EmptyDataError

ORDERS = {"bytes": 5, "characters": 5, "words": 3, "bpe": 3}
"""Usual orders by the kind of token."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def unigram(train: NDArray[np.integer], test: NDArray[np.integer], symbols: int) -> float:
    """Nats per token of the frequencies in training, each count one higher, so that no symbol is impossible.

    Args:
        train: Numbers of the training text, ``(T,)``.
        test: Numbers of another text, ``(T,)``.
        symbols: K, of which the numbers are.

    Raises:
        EmptyDataError: There is no token to predict.
        ValueError: A number is not below K.

    >>> round(unigram(np.array([0, 0, 1]), np.array([0, 1]), symbols=2), 4)  # 3/5 and 2/5
    0.7136
    """
    known, asked = _checked(train, symbols), _checked(test, symbols)
    counts = np.bincount(known, minlength=symbols) + 1.0
    return _mean_nats(np.log(counts[asked] / counts.sum()))


def kneser_ney(train: NDArray[np.integer], test: NDArray[np.integer], symbols: int, order: int = 5) -> float:
    """Nats per token of an interpolated modified Kneser-Ney model.

    Each token of ``test`` is predicted once, from those before it there: the first has no context, the second one token.

    Args:
        train: Numbers of the training text, ``(T,)``.
        test: Numbers of another text, ``(T,)``.
        symbols: K, of which the numbers are.
        order: n, tokens of context plus one; see ``ORDERS``.

    Raises:
        ConfigError: ``order`` is below 1.
        EmptyDataError: There is no token to predict.
        ValueError: A number is not below K.

    >>> text = np.tile(np.array([0, 1, 2]), 50)
    >>> kneser_ney(text, text, symbols=3, order=3) < unigram(text, text, symbols=3) / 10
    True
    """
    return _mean_nats(KneserNey.fit(train, symbols, order).log_probabilities(test))


@dataclass(frozen=True)
class KneserNey:
    """A fitted model.

    Args:
        symbols: K.
        grams: The sequences of each length, from 1 to the order.
    """

    symbols: int
    grams: tuple[Grams, ...]

    @classmethod
    def fit(cls, train: NDArray[np.integer], symbols: int, order: int) -> KneserNey:
        """Count a training text.

        Raises:
            ConfigError: ``order`` is below 1.
            ValueError: A number is not below K.
        """
        if order < 1:
            raise ConfigError("no such order of an n-gram", expected="1 or more", got=str(order))
        known = _checked(train, symbols)
        grams: list[Grams] = []
        contexts = np.zeros(len(known), np.int64)
        shorter: _Found | None = None
        for length in range(1, order + 1):
            found = _find(contexts, known, length, symbols)
            if shorter is not None:
                grams.append(_settle(shorter, _continuations(shorter, found)))
            shorter = found
            contexts = found.places
        assert shorter is not None
        grams.append(_settle(shorter, shorter.counts))
        return cls(symbols, tuple(grams))

    def log_probabilities(self, text: NDArray[np.integer]) -> Floats:
        """Of each token of a text, given those before it; natural logarithms, ``(T,)``.

        Raises:
            ValueError: A number is not below K.
        """
        asked = _checked(text, self.symbols)
        chance = np.full(len(asked), 1 / self.symbols)
        # Of the sequence that starts at each place, one token shorter than the present: its row, or -1 if it is new.
        contexts = np.zeros(len(asked), np.int64)
        for length, grams in enumerate(self.grams, start=1):
            if length > len(asked):
                break
            contexts = contexts[: len(asked) - length + 1]
            rows = grams.find(contexts, asked[length - 1 :], self.symbols)
            ends = slice(length - 1, None)
            chance[ends] = grams.interpolate(contexts, rows, chance[ends])
            contexts = rows
        return np.log(chance)


@dataclass(frozen=True)
class Grams:
    """All sequences of one length that training holds.

    Args:
        keys: Row of the context (one token shorter) times K plus the last token, sorted; places here are rows.
        discounted: Counts less their discounts.
        totals: Of each context: the sum of its sequences' counts.
        given: Of each context: the sum of their discounts.
    """

    keys: Integers
    discounted: Floats
    totals: Floats
    given: Floats

    def find(self, contexts: Integers, last: Integers, symbols: int) -> Integers:
        """Rows of sequences, or -1."""
        if not len(self.keys):
            return np.full(len(last), -1)
        wanted = contexts * symbols + last
        rows = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where((contexts >= 0) & (self.keys[rows] == wanted), rows, -1)

    def interpolate(self, contexts: Integers, rows: Integers, shorter: Floats) -> Floats:
        """Chances in these contexts; where one was never seen, those of the shorter context stay."""
        if not len(self.keys):
            return shorter
        totals = np.where(contexts >= 0, self.totals[contexts], 0.0)
        own = np.where(rows >= 0, self.discounted[rows], 0.0)
        seen = totals > 0
        mixed = (own + self.given[contexts] * shorter) / np.where(seen, totals, 1.0)
        return np.where(seen, mixed, shorter)


@dataclass(frozen=True)
class _Found:
    """Distinct sequences, before they are discounted; ``places`` has the row at each place of the text."""

    keys: Integers
    first: Integers
    places: Integers
    counts: Integers
    contexts: int
    symbols: int


def _find(contexts: Integers, text: Integers, length: int, symbols: int) -> _Found:
    count = max(0, len(text) - length + 1)
    wanted = contexts[:count] * symbols + text[len(text) - count :]
    keys, first, places, counts = np.unique(
        wanted, return_index=True, return_inverse=True, return_counts=True
    )
    return _Found(keys, first, places, counts, int(contexts.max(initial=0)) + 1, symbols)


def _continuations(shorter: _Found, longer: _Found) -> Integers:
    """In how many contexts each sequence occurs: how many distinct ones, one token longer, end in it."""
    return np.bincount(shorter.places[longer.first + 1], minlength=len(shorter.keys))


def _settle(found: _Found, counts: Integers) -> Grams:
    discounts = np.array(_discounts(counts))[np.minimum(counts, 3)]
    context = found.keys // found.symbols
    return Grams(
        keys=found.keys,
        discounted=(counts - discounts).astype(np.float64),
        totals=np.bincount(context, counts, minlength=found.contexts).astype(np.float64),
        given=np.bincount(context, discounts, minlength=found.contexts).astype(np.float64),
    )


def _discounts(counts: Integers) -> tuple[float, float, float, float]:
    """For counts of 0, 1, 2, and 3 or more (Chen and Goodman 1998, equation 26)."""
    one, two, three, four = (int(np.count_nonzero(counts == times)) for times in (1, 2, 3, 4))
    if one and two and three:
        share = one / (one + 2 * two)
        found = (1 - 2 * share * two / one, 2 - 3 * share * three / two, 3 - 4 * share * four / three)
        if all(0 <= discount <= times for times, discount in enumerate(found, start=1)):
            return (0.0, *found)
    # Too few or strange counts of counts, as of the single letters of a long text: KenLM's own fallback.
    return (0.0, 0.5, 1.0, 1.5)


def _checked(numbers: NDArray[np.integer], symbols: int) -> Integers:
    if len(numbers) and not 0 <= int(numbers.min()) <= int(numbers.max()) < symbols:
        raise ValueError(f"numbers from {numbers.min()} to {numbers.max()} of {symbols} symbols")
    return numbers.astype(np.int64)


def _mean_nats(logarithms: Floats) -> float:
    if not len(logarithms):
        raise EmptyDataError("no tokens to predict", expected="one or more")
    return math.fsum(-logarithms) / len(logarithms)
