"""From values to places on paper: ranges with room, round ticks, linear and logarithmic axes."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """One axis.

    Attributes:
        low: Value at ``start``.
        high: Value at ``end``.
        start: Place of the low end, in SVG units.
        end: Place of the high end; less than ``start`` for an axis that points up.
        log: Whether equal distances are equal ratios.
        ceiling: With ``log``: the ratios are of the distance to this value. 90, 99 and 99.9 % lie evenly under 100 %.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False
    ceiling: float | None = None

    def place(self, value: float) -> float:
        """Where a value lies; values outside the range are put at its ends."""
        value = min(max(value, self.low), self.high)
        if self.ceiling is not None:
            share = math.log((self.ceiling - value) / (self.ceiling - self.low))
            share /= math.log((self.ceiling - self.high) / (self.ceiling - self.low))
        elif self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Three to seven round values inside the range."""
        if self.ceiling is not None:
            return [
                self.ceiling - tick for tick in _log_ticks(self.ceiling - self.high, self.ceiling - self.low)
            ]
        return _log_ticks(self.low, self.high) if self.log else _linear_ticks(self.low, self.high)


def linear(values: Iterable[float], start: float, end: float, *, from_zero: bool = False) -> Scale:
    """A linear axis that holds all values, with a little room.

    >>> linear([2, 9], 0, 100, from_zero=True).ticks()
    [0.0, 2.0, 4.0, 6.0, 8.0]
    """
    low, high = _range(values)
    if from_zero and low >= 0:
        low = 0.0
    if high == low:
        low, high = low - (abs(low) or 1) * 0.5, high + (abs(high) or 1) * 0.5
    # Values so small that their difference has no half would make an axis without length.
    room = max((high - low) * 0.04, sys.float_info.min)
    return Scale(low if low == 0 else low - room, high + room, start, end)


def logarithmic(values: Iterable[float], start: float, end: float) -> Scale:
    """A logarithmic axis; values that are not positive lie at its lower end."""
    low, high = _range(value for value in values if value > 0)
    if high == low:
        low, high = low / 2, high * 2
    room = (high / low) ** 0.04
    return Scale(low / room, high * room, start, end, log=True)


def fitting(
    values: Iterable[float],
    start: float,
    end: float,
    *,
    ceiling: float | None = None,
    from_zero: bool = True,
    log: bool = False,
) -> Scale:
    """Logarithmic where values span a factor of 10 or more, else linear.

    An error rate falls from 100 % to 1 %, an accuracy climbs from 10 % to 99 %: on a linear axis the part that matters
    would be a flat line.

    Args:
        values: What the axis must hold.
        start: Place of the low end.
        end: Place of the high end.
        ceiling: The best possible value of a figure that is better when higher; errors are distances to it.
        from_zero: Whether a linear axis without a ceiling begins at 0.
        log: Whether it is logarithmic wherever no value forbids it.
    """
    kept = list(values)
    if ceiling is not None:
        errors = [ceiling - value for value in kept if value < ceiling]
        if not errors or not (_spans(errors) or (log and len(errors) == len(kept))):
            return linear(kept, start, end)
        mirrored = logarithmic(errors, end, start)
        return Scale(ceiling - mirrored.high, ceiling - mirrored.low, start, end, log=True, ceiling=ceiling)
    if kept and (_spans(kept) or (log and min(kept) > 0)):
        return logarithmic(kept, start, end)
    return linear(kept, start, end, from_zero=from_zero)


def tick_text(value: float) -> str:
    """A tick's label, without needless digits.

    >>> [tick_text(value) for value in (0.0005, 0.5, 20.0, 1500.0, 2e6)]
    ['5e-4', '0.5', '20', '1.5k', '2M']
    """
    if 0 < abs(value) < 0.001:
        digits, power = f"{value:.3e}".split("e")
        return f"{float(digits):g}e{int(power)}"
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.4g}{unit}"
    return f"{value:.4g}"


def _spans(values: list[float]) -> bool:
    """Whether all are positive and span a factor of 10; past a thousand million it is rounding that is drawn."""
    return min(values) > 0 and 10 * min(values) <= max(values) <= 1e9 * min(values)


def _tidy(value: float) -> float:
    """The value without what binary fractions add to it."""
    return float(f"{value:.12g}")


def _range(values: Iterable[float]) -> tuple[float, float]:
    kept = [value for value in values if math.isfinite(value)]
    return (min(kept), max(kept)) if kept else (0.0, 1.0)


def _linear_ticks(low: float, high: float) -> list[float]:
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [_tidy(i * step) for i in range(first, last + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = [_tidy(f * 10.0**p) for p in powers for f in factors if low <= f * 10.0**p <= high]
        if len(ticks) <= 7:
            break
    return ticks if len(ticks) > 1 else _linear_ticks(low, high)
