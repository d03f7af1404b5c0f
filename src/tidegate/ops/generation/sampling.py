"""The specification of sampling: which symbol follows, from the scores of all, for every engine alike.

1. Symbols in ``never`` are left out. Of the others, no score may be NaN or infinite; all but one may be minus infinity.
2. Temperature 0: the greatest score, the first of equal ones. Done. Else the order of symbols is by score, the
   greatest first, and the lower number first among equal ones.
3. ``top_k``: the first k in that order are kept (Fan, Lewis and Dauphin 2018, section 3).
4. Weight of a symbol: exp((score - greatest score) / temperature), in double precision.
5. ``top_p`` below 1: of these, the shortest beginning in that order whose weights reach ``top_p`` times the sum of the
   weights of all of them is kept (nucleus sampling: Holtzman et al. 2020, section 3.1).
6. Kept symbols in the order of their numbers: the first whose running sum of weights exceeds u times the whole sum.

Every sum adds one number after another: in step 5 the nucleus in order of score, elsewhere in order of number.

u comes from the seed and the position alone: number ``position`` of the SplitMix64 sequence (Steele, Lea and Flood 2014,
"Fast splittable pseudorandom number generators") that begins at the mixed seed, its upper 53 bits over 2^53. So a text
does not depend on how it is cut into pieces.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import ConfigError, DivergenceError

_GOLDEN = 0x9E3779B97F4A7C15
_64_BITS = (1 << 64) - 1


@dataclass(frozen=True)
class Sampling:
    """How symbols are drawn, and when to stop.

    Attributes:
        temperature: Scores are divided by it, 0 or more. 1: as the model learnt; below 1: safer; 0: always the likeliest.
        top_k: Only so many of the likeliest, 1 or more; ``None``: all.
        top_p: Only the likeliest that together have this probability, above 0 up to 1; ``None``: all.
        seed: 0 to 2^64 - 1. The same seed gives the same text.
        never: Symbols that are not written, such as the one for unknown words.
        stop: Symbols after which nothing more is written.

    Raises:
        ConfigError: A value outside its range.

    Example:
        >>> Sampling(temperature=0.8, top_k=40, seed=1).top_k
        40
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0
    never: tuple[int, ...] = ()
    stop: frozenset[int] = field(default_factory=frozenset[int])

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < math.inf:
            raise _bad("temperature", "0 or more", self.temperature, "0 always takes the likeliest symbol")
        if self.top_k is not None and self.top_k < 1:
            raise _bad("top_k", "1 or more", self.top_k, "leave it out to choose from all symbols")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise _bad("top_p", "above 0, up to 1", self.top_p, "leave it out to choose from all symbols")
        if not 0 <= self.seed <= _64_BITS:
            raise _bad("seed", "0 to 2^64 - 1", self.seed, None)

    def check(self, symbols: int) -> None:
        """See whether it suits a model.

        Args:
            symbols: K, of the model.

        Raises:
            ConfigError: ``never`` or ``stop`` name symbols that there are not, or nothing is left to write.
        """
        for name, named in (("never", self.never), ("stop", self.stop)):
            strange = sorted(k for k in named if not 0 <= k < symbols)
            if strange:
                raise _bad(name, f"symbols from 0 to {symbols - 1}", strange, None)
        if len(set(self.never)) == symbols:
            raise _bad("never", "at least one symbol left to write", f"all {symbols}", "name fewer")


def uniform(seed: int, position: int) -> float:
    """The random number of a position, from 0 to below 1.

    Args:
        seed: Of the whole text.
        position: Of the symbol in it, from 0.

    Example:
        >>> uniform(0, 0) == (0xE220A8397B1DCDAF >> 11) / 2**53  # SplitMix64 of 0 begins with this number
        True
    """
    return (_mixed((_mixed(seed) + (position + 1) * _GOLDEN) & _64_BITS) >> 11) / 2**53


def _mixed(z: int) -> int:
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & _64_BITS
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & _64_BITS
    return z ^ (z >> 31)


def choose(scores: NDArray[np.float32], sampling: Sampling, position: int) -> int:
    """Draw one symbol, as the specification at the head of this file says.

    Args:
        scores: ``(K,)``, unnormalised.
        sampling: How.
        position: Of the symbol in the text, from 0.

    Raises:
        DivergenceError: The scores are not finite.

    Example:
        >>> import numpy as np
        >>> scores = np.array([0.0, 2.0, 1.0], dtype=np.float32)
        >>> choose(scores, Sampling(temperature=0), 0), choose(scores, Sampling(temperature=0, never=(1,)), 0)
        (1, 2)
    """
    never = set(sampling.never)
    allowed = [k for k in range(len(scores)) if k not in never]
    known = {k: float(scores[k]) for k in allowed}
    if any(not score < math.inf for score in known.values()) or max(known.values()) == -math.inf:
        raise not_finite(position)
    order = sorted(allowed, key=lambda k: (-known[k], k))
    if sampling.temperature == 0:
        return order[0]
    order = order[: sampling.top_k]
    greatest = known[order[0]]
    weights = {k: math.exp((known[k] - greatest) / sampling.temperature) for k in order}
    if sampling.top_p is not None and sampling.top_p < 1:
        order = _nucleus(order, weights, sampling.top_p)
    kept = sorted(order)
    target = uniform(sampling.seed, position) * _sum(weights[k] for k in kept)
    reached = 0.0
    for k in kept:
        reached += weights[k]
        if reached > target:
            return k
    return kept[-1]


def not_finite(position: int) -> DivergenceError:
    """The error of a model that gives no numbers to draw from."""
    return DivergenceError(
        "the model's scores are not finite",
        where=f"symbol {position + 1} of the text",
        got="NaN or infinity",
        hint="its weights hold such numbers, or very large ones: take an earlier checkpoint",
    )


def _nucleus(order: list[int], weights: dict[int, float], top_p: float) -> list[int]:
    enough = top_p * _sum(weights[k] for k in sorted(order))
    reached = 0.0
    for count, k in enumerate(order, start=1):
        reached += weights[k]
        if reached >= enough:
            return order[:count]
    return order


def _sum(numbers: Iterable[float]) -> float:
    """One after another: Python's own ``sum`` compensates rounding from 3.12 on, and the other engines do not."""
    total = 0.0
    for number in numbers:
        total += number
    return total


def _bad(name: str, expected: str, got: object, hint: str | None) -> ConfigError:
    return ConfigError("sampling cannot be done so", where=name, expected=expected, got=f"{got}", hint=hint)
