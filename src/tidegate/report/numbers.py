"""Numbers as people read them: counts, durations, speeds, and a mean with its spread."""

from __future__ import annotations

from tidegate.report.measures import Measure

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


def spread(measure: Measure, mean: float | None, deviation: float | None, n: int) -> str:
    """A mean with its sample standard deviation; with one seed there is none, and no ± is shown.

    >>> from tidegate.report.measures import measure
    >>> spread(measure("cer"), 0.0131, 0.0008, 3).split()
    ['1.31', '±', '0.08', '%']
    >>> spread(measure("cer"), 0.0131, None, 1).split()
    ['1.31', '%']
    """
    if deviation is None or n < 2 or mean is None:
        return measure.text(mean)
    unit = f"{_THIN}%" if measure.percent else ""
    return f"{measure.number(mean)} ± {measure.number(deviation)}{unit}"
