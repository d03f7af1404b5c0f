"""Results of other programs, compared as those of a study are: a table with a row a run, or a row a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from tidegate.errors import DataError, EmptyDataError, OutputError
from tidegate.report.text.metrics import measure
from tidegate.results.samples import Samples
from tidegate.results.split import RunSplit
from tidegate.results.study import SplitValues, StudyArm, StudyDesign, StudyResults, StudyRun

if TYPE_CHECKING:
    from tidegate.data.tables.table import Table

TASK = "imported"
_KEYS = ("arm", "seed", "split", "sample")


@dataclass(frozen=True)
class _Run:
    """One run of the table: its value, or those of its samples."""

    arm: str
    seed: str
    split: str
    values: tuple[float, ...]
    samples: tuple[str, ...]

    @property
    def value(self) -> float:
        return fmean(self.values)


def import_results(
    table: Path, out: Path, *, lower_is_better: bool | None = None, margin: str | float | None = None
) -> StudyResults:
    """Compare results of other programs, and leave results.json where ``tidegate report`` finds it.

    The table has the columns ``arm`` and ``seed``, one that is called like its metric, and if there are any ``split``
    (runs of one split are compared on it, as of a split drawn anew) and ``sample`` (then a row is a sample, and the
    metric of a run is their mean).

    Args:
        table: CSV, TSV or Parquet.
        out: A new or empty folder.
        lower_is_better: Of the metric; needed where its name is not a usual one.
        margin: Difference too small to matter: ``10%``, or a number in the metric's unit.

    Raises:
        DataError: A column is missing, a value is no number, a run stands twice, or runs have other samples.
        OutputError: The folder holds something.
    """
    from tidegate.data.tables.table import read_table

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(
            "the output folder exists and is not empty", where=str(out), hint="choose another --out"
        )
    rows = read_table(str(table))
    metric = _metric(rows)
    lower = _direction(metric, lower_is_better, str(table))
    runs = _runs(rows, metric)
    results = _results(runs, metric, lower, margin)
    out.mkdir(parents=True, exist_ok=True)
    results.write(out / "results.json")
    return results


def _metric(table: Table) -> str:
    missing = [name for name in ("arm", "seed") if name not in table.names]
    others = [name for name in table.names if name not in _KEYS]
    if missing or len(others) != 1:
        raise DataError(
            "this table holds no results that can be compared",
            where=table.name,
            expected="the columns arm, seed, one called like the metric, and if there are any split and sample",
            got=f"the columns {', '.join(table.names)}",
            hint="name the column of values after the metric, such as accuracy, and leave out what is none",
        )
    return others[0]


def _direction(metric: str, given: bool | None, where: str) -> bool:
    known = measure(metric)
    if given is not None:
        return given
    if known.label == metric.replace("_", " "):
        raise DataError(
            f"nothing says which way {metric} is better",
            where=where,
            expected="a usual metric such as accuracy, cer or rmse, or a word about this one",
            hint="add --lower-is-better or --higher-is-better",
        )
    return known.lower_is_better


def _runs(table: Table, metric: str) -> list[_Run]:
    column = table.numbers(metric)
    if column.refused:
        row, text = next(iter(column.refused.items()))
        raise DataError(f"{metric} is no number", where=f"{table.name}, {table.row(row)}", got=repr(text))
    texts = {key: table.texts(key).tolist() for key in _KEYS if key in table.names}
    found: dict[tuple[str, str, str], dict[str, float]] = {}
    for place, value in enumerate(column.values.tolist()):
        arm, seed, split, sample = (str(texts[key][place]).strip() if key in texts else "" for key in _KEYS)
        where = f"{table.name}, {table.row(place)}"
        if not arm or not seed or value != value:
            raise DataError("a row lacks its arm, its seed or its value", where=where)
        run = found.setdefault((arm, seed, split), {})
        if sample in run:
            raise DataError(
                "a run stands twice",
                where=where,
                got=", ".join(f"{key} {texts[key][place]}" for key in texts),
                hint="give runs of one arm different seeds; rows of samples need a column sample",
            )
        run[sample] = value
    if not found:
        raise EmptyDataError("this table has no rows", where=table.name)
    runs = [_Run(*key, tuple(run.values()), tuple(run)) for key, run in found.items()]
    _check_samples(runs, table.name)
    return runs


def _check_samples(runs: Sequence[_Run], where: str) -> None:
    """Runs on one split have the same samples: what drawing them anew would change is taken for all together."""
    first: dict[str, _Run] = {}
    for run in runs:
        known = first.setdefault(run.split, run)
        if set(known.samples) != set(run.samples):
            odd = sorted(set(known.samples) ^ set(run.samples))[0]
            raise DataError(
                "runs on one split have other samples",
                where=where,
                expected=f"the {len(known.samples)} samples of {known.arm}, seed {known.seed}",
                got=f"{len(run.samples)} of {run.arm}, seed {run.seed}; {odd!r} is not in both",
            )


def _results(runs: Sequence[_Run], metric: str, lower: bool, margin: str | float | None) -> StudyResults:
    splits = list(dict.fromkeys(run.split for run in runs))
    seeds = {key: number for number, key in enumerate(dict.fromkeys((run.seed, run.split) for run in runs))}
    arms = {name: [run for run in runs if run.arm == name] for name in dict.fromkeys(run.arm for run in runs)}
    kind = "resampled" if len(splits) > 1 else "one"
    results = StudyResults(
        task=TASK,
        primary=metric,
        lower_is_better=lower,
        arms=tuple(
            StudyArm(
                arm=name,
                runs=tuple(
                    StudyRun(
                        seed=seeds[run.seed, run.split],
                        folder=f"runs/{name}/seed-{seeds[run.seed, run.split]}",
                        status="done",
                        test={metric: run.value},
                        split=RunSplit(kind, splits.index(run.split), 0, len(run.values)),
                    )
                    for run in own
                ),
                n=len(own),
                mean=SplitValues(test={metric: fmean(run.value for run in own)}),
                spread=SplitValues(test={metric: stdev(run.value for run in own)} if len(own) > 1 else None),
            )
            for name, own in arms.items()
        ),
        design=StudyDesign(margin=margin),
        notes=("imported: what was trained how, with which budget and search, this page cannot know",),
    )
    return _compared(results, arms, seeds, splits)


def _compared(
    results: StudyResults,
    arms: dict[str, list[_Run]],
    seeds: dict[tuple[str, str], int],
    splits: Sequence[str],
) -> StudyResults:
    from tidegate.studies.analysis.comparison import ArmResult, Question, compare
    from tidegate.studies.design.looks import planned_looks

    most = max(len(own) for own in arms.values())
    given = [
        ArmResult(
            name,
            {seeds[run.seed, run.split]: run.value for run in own},
            splits={seeds[run.seed, run.split]: splits.index(run.split) for run in own},
            samples=[_samples(run, str(results.primary)) for run in own if len(run.values) > 1],
        )
        for name, own in arms.items()
    ]
    question = Question(
        metric=str(results.primary),
        split="test",
        lower_is_better=bool(results.lower_is_better),
        margin=results.design.margin,
        splits="resampled" if len(splits) > 1 else "one",
        looks=planned_looks(most),
    )
    return replace(results, comparison=compare(given, question))


def _samples(run: _Run, metric: str) -> Samples:
    order = sorted(zip(run.samples, run.values, strict=True))
    values = tuple(value for _, value in order)
    return Samples(
        split="test", metric=metric, of=len(values), numerator=values, denominator=(1.0,) * len(values)
    )
