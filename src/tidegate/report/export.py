"""The results of a run, a study or several studies for programs: JSON, and CSV with a line for each run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

from tidegate.errors import BundleError, ConfigError
from tidegate.report.kind import kind_of
from tidegate.report.markdown import markdown
from tidegate.report.study.leaderboard import read_results
from tidegate.report.study.summary import summarise
from tidegate.results.collection import CollectionResults
from tidegate.results.metrics import RunMetrics
from tidegate.results.record import Values

FORMATS = ("html", "markdown", "json", "csv")
_KEPT = ("parameters", "flops", "seconds", "cpu_seconds", "epochs", "stopped")


def export(folder: Path, kind: str) -> str:
    """The results of a folder in another form than HTML.

    Args:
        folder: Of a run, a study, or several studies.
        kind: markdown, json or csv.

    Raises:
        DataError: There is no such folder.
        BundleError: It holds no results, or a file in it cannot be read.
        ConfigError: There is no such form.
    """
    writers: dict[str, Callable[[Path], str]] = {"markdown": markdown, "json": _json, "csv": _csv}
    if kind not in writers:
        raise ConfigError(
            "there is no such format", where="--format", expected=", ".join(FORMATS), got=repr(kind)
        )
    name = "metrics.json" if kind_of(folder) == "run" else "results.json"
    if not (folder / name).is_file():
        raise BundleError(
            "there are no results yet",
            where=str(folder / name),
            expected="a run that is done",
            got="nothing",
            hint="wait for the first run to end, or start it again into the same folder",
        )
    return writers[kind](folder)


def _json(folder: Path) -> str:
    what = kind_of(folder)
    if what == "run":
        results = RunMetrics.read(folder / "metrics.json").to_json()
    elif what == "study":
        results = {**read_results(folder).to_json(), **_words(folder)}
    else:
        collection = CollectionResults.read(folder / "results.json")
        studies = [{**member.to_json(), **_words(folder / member.folder)} for member in collection.studies]
        results = {**collection.to_json(), "studies": studies}
    return json.dumps({"kind": what, **results}, indent=2, ensure_ascii=False) + "\n"


def _words(study: Path) -> dict[str, object]:
    """What a study's page says in words."""
    summary = summarise(study)
    compared = summary.results.comparison is not None
    verdict = {"use": summary.use, "sentences": summary.sentences} if compared else None
    return {"verdict": verdict, "caveats": summary.caveats}


def _csv(folder: Path) -> str:
    """What each run is, every metric of both splits, and what it cost."""
    what = kind_of(folder)
    if what == "collection":
        names = [one.folder for one in CollectionResults.read(folder / "results.json").studies]
        rows = [{"study": name, **row} for name in names for row in _study_rows(folder / name)]
    elif what == "study":
        rows = _study_rows(folder)
    else:
        metrics = RunMetrics.read(folder / "metrics.json")
        rows = [{**_splits(metrics.valid, metrics.test), **_costs(metrics)}]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _study_rows(study: Path) -> list[dict[str, object]]:
    results = read_results(study)
    own = results.design.sizes[-1:]
    sizes = [(own[0] if own else None, results.arms), *((size.size, size.arms) for size in results.sizes)]
    return [
        {
            "arm": arm.arm,
            **({"size": size} if size else {}),
            "seed": run.seed,
            "status": run.status,
            "best_seconds": run.best_seconds,
            **_splits(run.valid, run.test),
            **_costs(RunMetrics.find(study / run.folder / "metrics.json")),
        }
        for size, arms in sizes
        for arm in arms
        for run in arm.runs
    ]


def _splits(valid: Values | None, test: Values | None) -> dict[str, object]:
    splits = {"valid": valid or {}, "test": test or {}}
    return {f"{split}_{key}": value for split, values in splits.items() for key, value in values.items()}


def _costs(metrics: RunMetrics | None) -> dict[str, object]:
    if metrics is None:
        return {}
    costs, speeds = metrics.costs, metrics.samples_per_second
    latency = costs.latency_ms if costs else None
    return {
        **{key: getattr(metrics, key) for key in _KEPT},
        "train_samples_per_second": speeds.train,
        "predict_samples_per_second": speeds.predict,
        "latency_p50_ms": latency.p50 if latency else None,
        "latency_p95_ms": latency.p95 if latency else None,
        "peak_memory_mb": costs.peak_memory_mb if costs else None,
        "model_bytes": costs.model_bytes if costs else None,
    }
