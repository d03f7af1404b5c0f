"""The results of a run, a study or several studies for programs: JSON, and CSV with a line for each run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tidegate.errors import BundleError, ConfigError
from tidegate.report.kind import kind_of
from tidegate.report.markdown import markdown
from tidegate.report.read import Json, read_json
from tidegate.report.study.caveats import doubts
from tidegate.report.study.leaderboard import leaderboard
from tidegate.report.study.recommendation import decide

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
    results = read_json(folder / ("metrics.json" if what == "run" else "results.json"))
    if what == "study":
        results = {**results, **_told(results)}
    elif what == "collection":
        studies: list[Json] = results.get("studies") or []
        told = [{**one, **_told(read_json(folder / str(one["folder"]) / "results.json"))} for one in studies]
        results = {**results, "studies": told}
    return json.dumps({"kind": what, **results}, indent=2, ensure_ascii=False) + "\n"


def _told(results: Json) -> Json:
    """What a study's page says in words."""
    board = leaderboard(results)
    decision = decide(board, results)
    return {"verdict": None if decision is None else asdict(decision), "doubts": doubts(board, results)}


def _csv(folder: Path) -> str:
    """What each run is, every metric of both splits, and what it cost."""
    what = kind_of(folder)
    if what == "collection":
        names = [str(one["folder"]) for one in read_json(folder / "results.json").get("studies") or ()]
        rows = [{"study": name, **row} for name in names for row in _study_rows(folder / name)]
    else:
        rows = _study_rows(folder) if what == "study" else [_row(read_json(folder / "metrics.json"), {})]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _study_rows(study: Path) -> list[Json]:
    rows: list[Json] = []
    for arm in read_json(study / "results.json").get("arms") or ():
        for run in arm.get("runs") or ():
            metrics = read_json(study / str(run["folder"]) / "metrics.json")
            first = {"arm": arm["arm"], "seed": run["seed"], "status": run["status"]}
            told = {**metrics, "valid": run.get("valid"), "test": run.get("test")}
            rows.append(_row(told, {**first, "best_seconds": run.get("best_seconds")}))
    return rows


def _row(metrics: Json, first: Json) -> Json:
    costs = metrics.get("costs") or {}
    latency, speeds = costs.get("latency_ms") or {}, metrics.get("samples_per_second") or {}
    splits = {split: metrics.get(split) or {} for split in ("valid", "test")}
    return {
        **first,
        **{f"{split}_{key}": value for split, figures in splits.items() for key, value in figures.items()},
        **{key: metrics.get(key) for key in _KEPT},
        "train_samples_per_second": speeds.get("train"),
        "predict_samples_per_second": speeds.get("predict"),
        "latency_p50_ms": latency.get("p50"),
        "latency_p95_ms": latency.get("p95"),
        "peak_memory_mb": costs.get("peak_memory_mb"),
        "model_bytes": costs.get("model_bytes"),
    }
