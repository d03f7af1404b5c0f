"""How differences, margins and splits of a study are said in a sentence."""

from __future__ import annotations

from tidegate.report.text.differences import gap
from tidegate.report.text.metrics import Measure
from tidegate.results.comparison import Comparison, Margin
from tidegate.results.effects import Difference, Estimate

_THIN = "\u202f"
_LARGE = 1.25
"""From here on a factor says more than a percentage."""

_WHERE = {
    "official": "on this split",
    "one": "on this split",
    "resampled": "over splits drawn anew",
    "time": "over these blocks of time",
}


def where(comparison: Comparison) -> str:
    """What the verdict is about: one split, or many."""
    return _WHERE[comparison.splits]


def error_of(figure: Measure) -> str:
    """The error that a factor is of.

    >>> from tidegate.report.text.metrics import measure
    >>> error_of(measure("cer")), error_of(measure("f1")), error_of(measure("nats_per_symbol"))
    ('CER', '1 − F1', 'perplexity')
    """
    if figure.logarithm:
        return "perplexity"
    return figure.label if figure.lower_is_better else f"1 − {figure.label}"


def margin_words(margin: Margin, figure: Measure) -> str:
    """How large a difference has to be to matter.

    >>> from tidegate.report.text.metrics import measure
    >>> margin_words(Margin(0.1, "relative", set=False, size=0.004, factor=1.1), measure("cer"))
    '10\\u202f% of CER'
    """
    if margin.kind == "relative":
        return f"{margin.value * 100:g}{_THIN}% of {error_of(figure)}"
    return gap(figure, margin.value)


def margin_sentence(comparison: Comparison, figure: Measure) -> str:
    """What counts as a difference, where it is from, and what it comes to at the best arm's mean."""
    margin = comparison.margin
    why = "as it was set" if margin.set else "the usual one of this metric"
    size = f", here {gap(figure, margin.size)}" if margin.kind == "relative" else ""
    return f"The margin, below which a difference does not matter, is {margin_words(margin, figure)} ({why}){size}."


def seed_range(needed: tuple[int, int]) -> str:
    """How many seeds a study would need.

    >>> seed_range((10, 20)), seed_range((5, 5))
    ('10 to 20 seeds', '5 seeds')
    """
    low, high = needed
    return f"{low} seeds" if low == high else f"{low} to {high} seeds"


def times(factor: Estimate) -> str:
    """A factor with its interval.

    >>> times(Estimate(2.63, 1.92, 3.6)), times(Estimate(1.034))
    ('2.63 × (1.92 to 3.60)', '1.03 ×')
    """
    if factor.low is None or factor.high is None:
        return f"{factor.value:.2f} ×"
    return f"{factor.value:.2f} × ({factor.low:.2f} to {factor.high:.2f})"


def changes(difference: Difference, figure: Measure) -> str:
    """What a part of a network does to the error, as the predicate of a sentence.

    >>> from tidegate.report.text.metrics import measure
    >>> third = Difference(Estimate(-0.06, -0.08, -0.03), Estimate(1 / 3, 0.25, 0.5))
    >>> changes(third, measure("cer"))
    'divides CER by 3.00 (95\\u202f% interval 2.00 to 4.00)'
    >>> changes(Difference(Estimate(0.1, 0.05, 0.15), Estimate(1.1, 1.05, 1.16)), measure("mse"))
    'raises MSE by 10\\u202f% (95\\u202f% interval 5 to 16)'
    """
    factor = difference.factor
    if factor is None or figure.logarithm:
        return _by_points(difference.points, figure)
    lower = factor.value < 1
    turned = _inverse(factor) if lower else factor
    name = error_of(figure)
    if turned.value >= _LARGE:
        verb = "divides" if lower else "multiplies"
        return f"{verb} {name} by {turned.value:.2f}{_interval(turned, '.2f')}"
    return f"{'lowers' if lower else 'raises'} {name} by {_share(factor)}"


def _share(factor: Estimate) -> str:
    """A factor near 1 as a percentage of the error; an interval that covers none keeps its signs."""
    size = f"{abs(factor.value - 1) * 100:.2g}{_THIN}%"
    if factor.low is None or factor.high is None:
        return size
    ends = [(end - 1) * 100 for end in (factor.low, factor.high)]
    if ends[0] * ends[1] > 0:
        ends = sorted(abs(end) for end in ends)
        return f"{size} (95{_THIN}% interval {ends[0]:.2g} to {ends[1]:.2g})"
    return f"{size} (95{_THIN}% interval {ends[0]:+.2g} to {ends[1]:+.2g})".replace("-", "−")


def _by_points(points: Estimate, figure: Measure) -> str:
    better = (points.value < 0) == figure.lower_is_better
    verb = (
        ("lowers" if better else "raises") if figure.lower_is_better else ("raises" if better else "lowers")
    )
    ends = sorted(abs(end) for end in (points.low, points.high) if end is not None)
    interval = (
        f" (95{_THIN}% interval {gap(figure, ends[0])} to {gap(figure, ends[1])})" if len(ends) == 2 else ""
    )
    return f"{verb} {figure.inside.split(',')[0]} by {gap(figure, points.value)}{interval}"


def _inverse(factor: Estimate) -> Estimate:
    low = None if factor.high is None else 1 / factor.high
    high = None if factor.low is None else 1 / factor.low
    return Estimate(1 / factor.value, low, high)


def _interval(estimate: Estimate, form: str) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f" (95{_THIN}% interval {estimate.low:{form}} to {estimate.high:{form}})"
