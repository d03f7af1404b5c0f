"""A paragraph of methods that a paper can quote: what was done, with the sources, from the results alone."""

from __future__ import annotations

from tidegate.report.study.phrases import error_of, margin_words
from tidegate.report.text.differences import joined
from tidegate.report.text.metrics import Measure
from tidegate.results.comparison import Comparison
from tidegate.results.study import StudyResults

_SPLITS = {
    "official": "All runs were tested on the official test part, so that the result is about this split.",
    "one": "All runs used one split, so that the result is about this split.",
    "resampled": "Each seed had a split of its own, the same for all arms; variances of paired differences were "
    "corrected for the overlap of training parts (Nadeau and Bengio 2003). Settings were searched on the first "
    "two of these splits, whose validation samples may be test samples of others.",
    "time": "The parts are blocks of time, a different origin for each seed.",
}
_MATCHED = {"parameters": "made equally large in parameters", "flops": "made equally large in FLOPs"}


def methods(results: StudyResults, figure: Measure) -> str:
    """The paragraph; empty for a study without a comparison."""
    comparison = results.comparison
    if comparison is None:
        return ""
    return " ".join(
        text
        for text in (
            _runs(results, comparison),
            _search(results),
            _SPLITS[comparison.splits],
            _scale(comparison, figure),
            _tests(comparison, figure),
            _looks(comparison),
        )
        if text
    )


def _runs(results: StudyResults, comparison: Comparison) -> str:
    counts = sorted({row.n for row in comparison.arms})
    seeds = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    arms = joined([row.arm for row in comparison.arms])
    matched = _MATCHED.get(results.design.match)
    size = f" The networks were {matched}." if matched else ""
    budget = results.budget
    units = (
        (budget.epochs, "epochs"),
        (budget.steps, "steps"),
        (budget.examples, "examples"),
        (budget.max_time, "seconds"),
    )
    spent = [f"{value:g} {name}" for value, name in units if value]
    given = f" for {joined(spent, 'or')}" if spent else ""
    return f"We trained {len(comparison.arms)} networks ({arms}) with {seeds} seeds each{given}.{size}"


def _search(results: StudyResults) -> str:
    tune = results.design.tune
    if not tune:
        return "Settings were not searched."
    again = ", of which the two best ran again with a second seed" if tune > 1 else ""
    return (
        f"For each, {tune} settings from a scrambled Sobol sequence were tried on the validation part{again}; "
        "the best were trained anew with other seeds, and the test part was read once a run."
    )


def _scale(comparison: Comparison, figure: Measure) -> str:
    if figure.logarithm:
        return f"We compared means of {figure.label} (the logarithm of perplexity)."
    error = error_of(figure)
    return (
        f"We compared means of the logarithm of the error ({error}), with variances over seeds moderated over "
        f"networks (Smyth 2004){_sampled(comparison)}."
    )


def _sampled(comparison: Comparison) -> str:
    drawn = comparison.sampling
    if drawn is None:
        return ""
    units = f"{drawn.unit}s" if drawn.unit else "samples"
    return f" and the variance from drawing the {drawn.units:,} test {units} added (Miller 2024)"


def _tests(comparison: Comparison, figure: Measure) -> str:
    level = f"{(1 - comparison.alpha) * 100:.4g}"
    return (
        f"Networks were compared with the best one by Hsu’s procedure (1984; Dunnett’s critical values), all statements "
        f"together at {level} %; differences below {margin_words(comparison.margin, figure)} were taken not to matter, "
        "a margin that was fixed beforehand."
    )


def _looks(comparison: Comparison) -> str:
    if comparison.status == "exploratory":
        return "Seeds were added outside the planned looks, so that this analysis is exploratory."
    if comparison.status == "first look":
        return "With three seeds or fewer no verdict was given."
    return "Looks were planned at 3, 5, 10 and 20 seeds, the error of 5 % spent over them."
