"""The result in one figure and one sentence: what was reached, on what, and whether a cheap baseline does as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.report.read import Json, RunFiles
from tidegate.report.study.baseline_notes import unbeaten
from tidegate.report.text.metrics import Measure, measure
from tidegate.report.text.numbers import count
from tidegate.report.text.wording import Wording

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
    figure = measure(str(metrics.get("primary") or _guess(files)), metrics.get("lower_is_better"))
    for split in ("test", "valid"):
        value = (metrics.get(split) or {}).get(figure.key)
        if value is not None:
            return Result(figure, float(value), split)
    seen = [
        float(row["valid"][figure.key]) for row in files.history if figure.key in (row.get("valid") or {})
    ]
    best = (min(seen) if figure.lower_is_better else max(seen)) if seen else None
    return Result(figure, best, "valid")


def headline(files: RunFiles, words: Wording) -> Headline:
    """The result of a run, judged against its baselines."""
    result = result_of(files)
    n = (files.metrics.get("samples") or {}).get(result.split)
    size = f" ({count(n)} {words.one if n == 1 else words.many})" if n else ""
    about = f"{result.measure.name} on {_SPLITS[result.split]}{size}"
    if not files.metrics and result.value is not None:
        about = f"best {about} so far; the run has not finished"
    verdict, good = judge(result.measure, result.value, files.metrics.get("baselines") or {})
    return Headline(result.measure.text(result.value), about, verdict, good)


def judge(figure: Measure, value: float | None, baselines: Mapping[str, Json]) -> tuple[str, bool | None]:
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


def best_baseline(figure: Measure, baselines: Mapping[str, Json]) -> tuple[str, float] | None:
    """Name and value of the best baseline that has this metric."""
    return min(
        _known(figure, baselines),
        key=lambda item: item[1] if figure.lower_is_better else -item[1],
        default=None,
    )


def _known(figure: Measure, baselines: Mapping[str, Json]) -> list[tuple[str, float]]:
    return [
        (name, float(values[figure.key]))
        for name, values in baselines.items()
        if values.get(figure.key) is not None
    ]


def _guess(files: RunFiles) -> str:
    """The primary metric of a run that has no final figures: the first that its validations hold, loss aside."""
    valid: Json = files.history[-1].get("valid") or {} if files.history else {}
    return next((key for key in valid if key != "loss"), "loss")
