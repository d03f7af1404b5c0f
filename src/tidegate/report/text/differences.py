"""Differences of a metric as people read them."""

from __future__ import annotations

from tidegate.report.text.metrics import Measure

_THIN = "\u202f"


def gap(measure: Measure, value: float | None) -> str:
    """The size of a difference: points of a share, else to three digits in the metric's unit.

    >>> from tidegate.report.text.metrics import measure
    >>> gap(measure("f1"), -0.0194).split(), gap(measure("perplexity"), 0.31245)
    (['1.94', 'points'], '0.312')
    >>> gap(measure("smape"), 0.1012)
    '0.101 points'
    """
    if value is None:
        return "–"
    size = abs(value)
    if measure.percent:
        return f"{size * 100:.2f} points"
    # "0.1 %" of what is in percent already would read as a tenth of a percent of it.
    if measure.unit == "%":
        return f"{size:.3g} points"
    return f"{size:.3g}{_THIN}{measure.unit}" if measure.unit else f"{size:.3g}"


def signed(measure: Measure, value: float | None) -> str:
    """A difference with its sign, in the unit of a table's column.

    >>> from tidegate.report.text.metrics import measure
    >>> signed(measure("f1"), -0.0194), signed(measure("cer"), 0.002)
    ('−1.94', '+0.20')
    """
    if value is None:
        return "–"
    number = f"{abs(value) * 100:.2f}" if measure.percent else f"{abs(value):.3g}"
    return f"{'−' if value < 0 else '+'}{number}"


def span(measure: Measure, low: float | None, high: float | None, *, signs: bool = False) -> str:
    """An interval; empty where there is none.

    >>> from tidegate.report.text.metrics import measure
    >>> span(measure("f1"), 0.94, 0.95), span(measure("f1"), -0.001, 0.02, signs=True)
    ('94.00 to 95.00', '−0.10 to +2.00')
    """
    if low is None or high is None:
        return ""
    if signs:
        return f"{signed(measure, low)} to {signed(measure, high)}"
    return f"{measure.number(low)} to {measure.number(high)}"


def chance(p: float | None) -> str:
    """A p value to two digits, never 0.

    >>> chance(0.03217), chance(0.00001), chance(None)
    ('0.032', '< 0.001', '–')
    """
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def joined(names: list[str], last: str = "and") -> str:
    """Names in a sentence.

    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}" if names else ""
