"""The samples that all arms together find hardest, with what each of them answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tidegate.report.samples import Shown, shown_all
from tidegate.report.read import Json, RunFiles
from tidegate.report.study.leaderboard import Leaderboard, Row
from tidegate.report.text.metrics import measure
from tidegate.report.text.wording import of_values

_MOST = 8
Answers = list[tuple[Row, Json, Shown]]


def hardest(
    board: Leaderboard,
    runs: Mapping[str, Sequence[RunFiles]],
    samples: Mapping[str, Sequence[Json]],
    task: str,
) -> list[tuple[str, Answers]]:
    """Up to eight samples, the worst first: their names, and each arm's answer in its first seed.

    Only samples that some arm's error analysis pictures can be shown: the worst ones of each, and those that it shows
    anyway.
    """
    told = {row.name: samples[row.name][0] for row in board.arms if samples.get(row.name)}
    told = {name: one for name, one in told.items() if one.get("names") and one.get("answers")}
    if len(told) < 2:
        return []
    pictured = _pictured(board, runs)
    names = next(iter(told.values()))["names"]
    arms = [row for row in board.arms if row.name in told and told[row.name]["names"] == names]
    error = np.mean([_errors(told[row.name]) for row in arms], axis=0)
    order = [i for i in np.argsort(-error, kind="stable").tolist() if error[i] > 0 and names[i] in pictured]
    values = any(of_values(files.error_analysis) for each in runs.values() for files in each[:1])
    found: list[tuple[str, Answers]] = []
    for place in order[:_MOST]:
        source = pictured[names[place]]
        items = [_item(source, told[row.name]["answers"][place], told[row.name], place, task) for row in arms]
        shown = shown_all(items, task, as_values=values)
        found.append((names[place], list(zip(arms, items, shown, strict=True))))
    return found


def _pictured(board: Leaderboard, runs: Mapping[str, Sequence[RunFiles]]) -> dict[str, Json]:
    """Entries of the first seeds' error analysis by the name of their sample."""
    found: dict[str, Json] = {}
    for row in board.arms:
        for files in runs.get(row.name, ())[:1]:
            for item in (
                *(files.error_analysis.get("worst") or ()),
                *(files.error_analysis.get("samples") or ()),
            ):
                found.setdefault(str(item.get("name")), item)
    return found


def _errors(one: Json) -> NDArray[np.float64]:
    """How wrong each sample is, more is worse; a sample with nothing to count is not."""
    numerator, denominator = np.array(one["numerator"], float), np.array(one["denominator"], float)
    ratio = numerator / np.where(denominator == 0, 1, denominator)
    return ratio if measure(str(one["metric"])).lower_is_better else np.where(denominator == 0, 0, 1 - ratio)


def _item(source: Json, answer: str, one: Json, place: int, task: str) -> Json:
    """The entry of error_analysis.json that this arm would have written for the sample."""
    kept = {
        key: source[key]
        for key in ("name", "reference", "image", "signal", "words", "length")
        if key in source
    }
    if task == "tag":
        return {**kept, "predicted": answer.split(" ")[: len(source["words"])], "wrong": None}
    error = float(one["numerator"][place]) / max(1, float(one["denominator"][place]))
    edits = one["numerator"][place] if one["metric"] == "cer" else None
    return {**kept, "predicted": answer, "error": error, "edits": edits}
