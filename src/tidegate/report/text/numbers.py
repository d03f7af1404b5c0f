"""Numbers as people read them: counts, durations, speeds, and a mean with its spread."""

from __future__ import annotations

import math

from tidegate.report.text.metrics import Measure

_THIN = "\u202f"


def count(value: float | None) -> str:
    """A whole number with thin spaces between thousands.

    >>> count(1234567).split()
    ['1', '234', '567']
    """
    return "–" if value is None else f"{value:,.0f}".replace(",", _THIN)


def short(value: float | None) -> str:
    """A number to three digits with k, M, G.

    >>> [short(value).split() for value in (87, 1_234_567, 45_600_000_000)]
    [['87'], ['1.23', 'M'], ['45.6', 'G']]
    """
    if value is None:
        return "–"
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{float(f'{value / limit:.3g}'):g}{_THIN}{unit}"
    return f"{float(f'{value:.3g}'):g}"


def duration(seconds: float | None) -> str:
    """Seconds as a person says them.

    >>> [duration(value).split() for value in (3.21, 75, 3725)]
    [['3.2', 's'], ['1', 'min', '15', 's'], ['1', 'h', '2', 'min']]
    """
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f}{_THIN}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{_THIN}min {rest}{_THIN}s"
    return f"{minutes // 60}{_THIN}h {minutes % 60}{_THIN}min"


def plain(value: float | None, largest: float | None = None, digits: int = 5) -> str:
    """A value of the data to some significant digits, without an exponent where it can be read so.

    Args:
        value: What to show; ``None`` is a dash.
        largest: The largest of those beside it, so that all have the same decimals; default: itself.
        digits: Of the largest.

    >>> plain(1234567.8).split(), plain(0.123456), plain(3.0, 1250.0), plain(None)
    (['1', '234', '568'], '0.12346', '3.0', '–')
    """
    if value is None:
        return "–"
    size = abs(largest if largest is not None else value)
    if not 1e-4 <= size < 1e9:
        return f"{value:.{digits}g}"
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    return f"{value:,.{decimals}f}".replace(",", _THIN).replace("-", "−")


def spread(measure: Measure, mean: float | None, deviation: float | None, n: int) -> str:
    """A mean with its sample standard deviation; with one seed there is none, and no ± is shown.

    >>> from tidegate.report.text.metrics import measure
    >>> spread(measure("cer"), 0.0131, 0.0008, 3).split()
    ['1.31', '±', '0.08', '%']
    >>> spread(measure("cer"), 0.0131, None, 1).split()
    ['1.31', '%']
    """
    if deviation is None or n < 2 or mean is None:
        return measure.text(mean)
    unit = f"{_THIN}{measure.shown_in}" if measure.shown_in else ""
    return f"{measure.number(mean)} ± {measure.number(deviation)}{unit}"
