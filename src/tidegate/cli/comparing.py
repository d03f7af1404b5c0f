"""``tidegate report --compare``: two arms of a study, or two runs sample by sample."""

from __future__ import annotations

from pathlib import Path

from tidegate.cli.printing import print_json, print_pairs, print_table, print_warnings
from tidegate.errors import ConfigError
from tidegate.report.kind import expect, kind_of
from tidegate.report.study.phrases import changes, margin_sentence, times
from tidegate.report.text.differences import chance, signed, span
from tidegate.report.text.metrics import measure
from tidegate.results.comparison import Comparison, PairComparison
from tidegate.results.effects import Difference
from tidegate.results.pairing import RunPair
from tidegate.results.study import StudyResults

_CUT = 48
"""So much of an answer fits beside another one."""


def print_compared(folder: Path, other: str, form: str) -> None:
    """Print a comparison as text, or as JSON.

    Args:
        folder: Of a study, or of a run.
        other: Two arms ``A,B`` of the study; or the folder of another run.
        form: ``json``, or anything else for text.

    Raises:
        ConfigError: An arm is not there, or the folder holds several studies.
        DataError: The runs were not measured on the same samples.
    """
    kind = kind_of(folder)
    if kind == "collection":
        raise ConfigError(
            "arms are compared within one study",
            where=str(folder),
            hint=f"name one of its studies: tidegate report {folder}/NAME --compare A,B",
        )
    if kind == "study":
        comparison, pair = _pair(folder, other)
        print_json(pair.to_json()) if form == "json" else _print_arms(comparison, pair)
        return
    # NumPy and SciPy take longer to import than the command line to answer.
    from tidegate.studies.analysis.run_pair import compare_runs

    expect(Path(other), "run")
    runs = compare_runs(folder, Path(other))
    print_json(runs.to_json()) if form == "json" else _print_runs(runs)


def _pair(study: Path, names: str) -> tuple[Comparison, PairComparison]:
    comparison = StudyResults.read(study / "results.json").comparison
    if comparison is None:
        raise ConfigError(
            "this study has compared nothing yet",
            where=str(study),
            expected="two arms or more with a result",
            hint=f"go on with it: tidegate study --out {study}",
        )
    wanted = [name.strip() for name in names.split(",")]
    arms = [arm.arm for arm in comparison.arms]
    if len(set(wanted)) != 2 or not set(wanted) <= set(arms):
        raise ConfigError(
            "these are not two arms of the study",
            where=f"--compare {names}",
            expected=f"two of {', '.join(arms)}",
            got=", ".join(wanted),
            hint=f"--compare {arms[0]},{arms[1]}",
        )
    pair = next(pair for pair in comparison.pairs if {pair.a, pair.b} == set(wanted))
    return comparison, pair


def _print_arms(comparison: Comparison, pair: PairComparison) -> None:
    figure = measure(comparison.metric, comparison.lower_is_better)
    arms = {arm.arm: arm for arm in comparison.arms}
    means = [(name, arms[name].mean, arms[name].n) for name in (pair.a, pair.b)]
    rows = [
        (name, figure.text(mean.value), span(figure, mean.low, mean.high), str(seeds))
        for name, mean, seeds in means
    ]
    print_table(("arm", f"{comparison.split} {comparison.metric}", "95 % interval", "seeds"), rows)
    count = len(comparison.pairs)
    print(f"\n{pair.a} against {pair.b}: {pair.verdict}.")
    print_pairs(
        [
            *_difference(pair.difference, comparison.metric, lower_is_better=comparison.lower_is_better),
            (
                "p, differ by more",
                f"{chance(pair.p)} (corrected over {count} pair{'' if count == 1 else 's'})",
            ),
            ("p, differ by less", f"{chance(pair.p_equivalent)} (likewise)"),
        ]
    )
    print_warnings([margin_sentence(comparison, figure)])


def _difference(difference: Difference, metric: str, *, lower_is_better: bool) -> list[tuple[str, str]]:
    figure = measure(metric, lower_is_better)
    points = difference.points
    reach = span(figure, points.low, points.high, signs=True)
    rows = [("difference", f"{signed(figure, points.value)}{f' ({reach})' if reach else ''}")]
    if difference.factor is not None and not figure.logarithm:
        rows.append(("error", times(difference.factor)))
    return rows


def _print_runs(pair: RunPair) -> None:
    figure = measure(pair.metric, pair.lower_is_better)
    names = (pair.first, pair.second)
    print_table(
        ("run", f"{pair.split} {pair.metric}"),
        [(name, figure.text(value)) for name, value in zip(names, pair.values, strict=True)],
    )
    print(f"\n{pair.second} {changes(pair.difference, figure)}.")
    print_pairs(
        [
            *_difference(pair.difference, pair.metric, lower_is_better=pair.lower_is_better),
            (
                "samples",
                f"{pair.samples:,}: {pair.improved:,} with fewer errors, {pair.worsened:,} with more",
            ),
        ]
    )
    if pair.changed:
        print()
        rows = [
            (row.name[-_CUT:], f"{row.errors:+g}", _cut(row.reference), _cut(row.first), _cut(row.second))
            for row in pair.changed
        ]
        print_table(("sample", "errors", "reference", "first", "second"), rows, left=5)
    print_warnings(
        [
            "The intervals are of drawing other samples. Another seed would give another difference: tidegate study."
        ]
    )


def _cut(text: str) -> str:
    return text if len(text) <= _CUT else f"{text[: _CUT - 1]}…"
