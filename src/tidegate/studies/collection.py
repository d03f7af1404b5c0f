"""Several data sets: a folder of studies, and their arms against each other over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from pathlib import Path

import tomli_w

from tidegate.config.toml import load
from tidegate.errors import ConfigError, OutputError
from tidegate.files import write_text
from tidegate.results.collection import CollectionResults, Member
from tidegate.results.study import StudyResults

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


def collect_studies(out: Path) -> CollectionResults:
    """Write the collection's results.json: which studies there are, and the arms that all have against each other.

    Returns:
        Its content.
    """
    from tidegate.studies.analysis.several import matrix

    folders = [str(name) for name in load(out / PLAN)["studies"]]
    found = {
        name: results
        for name in folders
        if (results := StudyResults.find(out / name / "results.json")) is not None
    }
    compared = {name: each.comparison for name, each in found.items() if each.comparison is not None}
    # Each arm's error as a factor of the best one's, which has a logarithm whatever the metric is.
    factors = {
        name: {arm.arm: log(arm.difference.factor.value) for arm in each.arms if arm.difference.factor}
        for name, each in compared.items()
    }
    everywhere = sorted({arm for each in factors.values() for arm in each})
    # A data set on which most arms cannot be run, such as a text for backward ones, would leave nothing to compare.
    kept = {name: each for name, each in factors.items() if 2 * len(each) > len(everywhere)}
    together = matrix(kept, {name: log(compared[name].margin.factor or 1.0) for name in kept})
    common = set(together.arms) if together else set(everywhere)
    results = CollectionResults(
        studies=tuple(Member(name, name, each.task) for name, each in found.items()),
        matrix=together,
        notes=_left_out(sorted(set(factors) - set(kept)), sorted(set(everywhere) - common)),
    )
    results.write(out / "results.json")
    return results


def _left_out(datasets: Sequence[str], arms: Sequence[str]) -> tuple[str, ...]:
    parts = (
        (
            "data sets that are not compared, since they lack most arms, or a ratio of their metric can not be told",
            datasets,
        ),
        ("arms that are not compared, since not every data set has them", arms),
    )
    return tuple(f"{what}: {', '.join(names)}" for what, names in parts if names)
