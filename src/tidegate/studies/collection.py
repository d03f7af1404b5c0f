"""Several data sets: a folder of studies, and the ranks of their arms over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tomli_w

from tidegate.config.toml import load
from tidegate.errors import ConfigError, OutputError
from tidegate.files import write_json, write_text
from tidegate.report.read import Json, read_json

PLAN = "collection.toml"


def open_collection(out: Path, configs: Sequence[Path]) -> list[str]:
    """The folder of a collection, made or found again; data sets may be added.

    Args:
        out: Where to.
        configs: A file for each data set; its name names the study.

    Returns:
        The folder of each study within ``out``.

    Raises:
        ConfigError: Two files have one name.
        OutputError: The folder holds something else.
    """
    names = [config.stem for config in configs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(
            "two data sets have one name",
            got=", ".join(twice),
            hint="rename a file: its name names its study",
        )
    plan = out / PLAN
    if out.exists() and not plan.is_file() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(
            "the output folder exists and holds no collection of studies",
            where=str(out),
            hint="choose another --out",
        )
    known: list[str] = load(plan).get("studies", []) if plan.is_file() else []
    out.mkdir(parents=True, exist_ok=True)
    write_text(plan, tomli_w.dumps({"studies": list(dict.fromkeys([*known, *names]))}))
    return names


def collect_studies(out: Path) -> Json:
    """Write the collection's results.json: what each study found, and the ranks over the arms that all have.

    Returns:
        Its content.
    """
    from tidegate.studies.analysis.ranks import rank

    folders = [str(name) for name in load(out / PLAN)["studies"]]
    found = {name: results for name in folders if (results := read_json(out / name / "results.json"))}
    compared = {name: each for name, each in found.items() if each.get("comparison")}
    means = {
        name: {arm["arm"]: float(arm["mean"]) for arm in each["comparison"]["arms"]}
        for name, each in compared.items()
    }
    everywhere = sorted({arm for one in means.values() for arm in one})
    # A data set on which most arms cannot be run, such as a text for backward ones, would leave nothing to rank.
    ranked = {name: one for name, one in means.items() if 2 * len(one) > len(everywhere)}
    common = [arm for arm in next(iter(ranked.values()), {}) if all(arm in one for one in ranked.values())]
    results: Json = {
        "kind": "collection",
        "studies": [{"name": name, "folder": name, "task": each.get("task")} for name, each in found.items()],
        "ranks": rank(
            {name: {arm: one[arm] for arm in common} for name, one in ranked.items()},
            {name: bool(compared[name]["lower_is_better"]) for name in ranked},
        ),
        "notes": _left_out(sorted(set(means) - set(ranked)), sorted(set(everywhere) - set(common))),
    }
    write_json(out / "results.json", results)
    return results


def _left_out(datasets: Sequence[str], arms: Sequence[str]) -> list[str]:
    notes = (
        [f"data sets that are not ranked, since they lack most arms: {', '.join(datasets)}"]
        if datasets
        else []
    )
    return notes + (
        [f"arms that are not ranked, since not every data set has them: {', '.join(arms)}"] if arms else []
    )
