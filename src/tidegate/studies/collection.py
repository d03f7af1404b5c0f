"""Several data sets: a folder of studies, and the ranks of their arms over all of them."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Write the collection's results.json: what each study found, and the ranks over the arms that all have.

    Returns:
        Its content.
    """
    from tidegate.studies.analysis.ranks import rank

    folders = [str(name) for name in load(out / PLAN)["studies"]]
    found = {
        name: results
        for name in folders
        if (results := StudyResults.find(out / name / "results.json")) is not None
    }
    compared = {name: each.comparison for name, each in found.items() if each.comparison is not None}
    means = {name: {arm.arm: arm.mean for arm in each.arms} for name, each in compared.items()}
    everywhere = sorted({arm for one in means.values() for arm in one})
    # A data set on which most arms cannot be run, such as a text for backward ones, would leave nothing to rank.
    ranked = {name: one for name, one in means.items() if 2 * len(one) > len(everywhere)}
    common = [arm for arm in next(iter(ranked.values()), {}) if all(arm in one for one in ranked.values())]
    results = CollectionResults(
        studies=tuple(Member(name, name, each.task) for name, each in found.items()),
        ranks=rank(
            {name: {arm: one[arm] for arm in common} for name, one in ranked.items()},
            {name: compared[name].lower_is_better for name in ranked},
        ),
        notes=_left_out(sorted(set(means) - set(ranked)), sorted(set(everywhere) - set(common))),
    )
    results.write(out / "results.json")
    return results


def _left_out(datasets: Sequence[str], arms: Sequence[str]) -> tuple[str, ...]:
    parts = (
        ("data sets that are not ranked, since they lack most arms", datasets),
        ("arms that are not ranked, since not every data set has them", arms),
    )
    return tuple(f"{what}: {', '.join(names)}" for what, names in parts if names)
