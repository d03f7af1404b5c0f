"""The result in one figure and one sentence: what was reached, on what, and whether a cheap baseline does as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.report.read import RunFiles
from tidegate.report.study.baseline_notes import unbeaten
from tidegate.report.text.metrics import Measure, measure
from tidegate.report.text.numbers import count
from tidegate.report.text.wording import Wording
from tidegate.results.record import Values

_SPLITS = {"test": "the test split", "valid": "the validation split"}


@dataclass(frozen=True)
class Headline:
    """What a reader sees first.

    Attributes:
        value: The primary metric, or a dash.
        about: What the value is, and of what.
        verdict: Whether it beats the baselines, as a sentence.
        good: Whether it does; ``None`` where nothing can be said.
    """

    value: str
    about: str
    verdict: str
    good: bool | None


@dataclass(frozen=True)
class Result:
    """The primary metric of a run, with the split that it stands for."""

    measure: Measure
    value: float | None
    split: str


def result_of(files: RunFiles) -> Result:
    """The primary metric on the test split; on the validation split where there is no test, or no final figures yet."""
    metrics = files.metrics
    if metrics is not None:
        figure = measure(metrics.primary, metrics.lower_is_better)
        for split, values in (("test", metrics.test or {}), ("valid", metrics.valid)):
            value = values.get(figure.key)
            if value is not None:
                return Result(figure, value, split)
    else:
        figure = measure(_guess(files))
    seen = [value for line in files.history if (value := line.valid.get(figure.key)) is not None]
    best = (min(seen) if figure.lower_is_better else max(seen)) if seen else None
    return Result(figure, best, "valid")


def headline(files: RunFiles, words: Wording) -> Headline:
    """The result of a run, judged against its baselines."""
    result = result_of(files)
    metrics = files.metrics
    n = metrics.samples.get(result.split) if metrics else None
    size = f" ({count(n)} {words.one if n == 1 else words.many})" if n else ""
    about = f"{result.measure.name} on {_SPLITS[result.split]}{size}"
    if not metrics and result.value is not None:
        about = f"best {about} so far; the run has not finished"
    verdict, good = judge(result.measure, result.value, metrics.baselines if metrics else {})
    return Headline(result.measure.text(result.value), about, verdict, good)


def judge(figure: Measure, value: float | None, baselines: Mapping[str, Values]) -> tuple[str, bool | None]:
    """Compare a result with the best baseline of the same metric.

    Returns:
        A sentence, and whether the result is strictly better (``None``: there is nothing to compare).
    """
    best = best_baseline(figure, baselines)
    if value is None or best is None:
        return "No baseline was measured, so nothing cheap stands beside this figure.", None
    name, reached = best
    if figure.better(value, reached):
        known = len(_known(figure, baselines))
        whole = "It beats the baseline" if known == 1 else f"It beats all {known} baselines; the best is"
        return f"{whole} “{name}”, which reaches {figure.text(reached)}.", True
    beaten = [other for other, there in _known(figure, baselines) if figure.better(value, there)]
    also = f" It does beat {', '.join(f'“{other}”' for other in beaten)}." if beaten else ""
    why = unbeaten(name, value, reached)
    told = f"{why}: the network does not beat" if why else "It does not beat"
    return f"{told} the baseline “{name}”, which reaches {figure.text(reached)}.{also}", False


def best_baseline(figure: Measure, baselines: Mapping[str, Values]) -> tuple[str, float] | None:
    """Name and value of the best baseline that has this metric."""
    return min(
        _known(figure, baselines),
        key=lambda item: item[1] if figure.lower_is_better else -item[1],
        default=None,
    )


def _known(figure: Measure, baselines: Mapping[str, Values]) -> list[tuple[str, float]]:
    return [
        (name, value) for name, values in baselines.items() if (value := values.get(figure.key)) is not None
    ]


def _guess(files: RunFiles) -> str:
    """The primary metric of a run that has no final figures: the first that its validations hold, loss aside."""
    valid = files.history[-1].valid if files.history else {}
    return next((key for key in valid if key != "loss"), "loss")
