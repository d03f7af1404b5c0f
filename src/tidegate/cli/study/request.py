"""From the flags of ``tidegate study`` and the table ``[study]`` of a file to what is compared. Flags win."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidegate.cli.flags import RunFlags
from tidegate.errors import ConfigError

if TYPE_CHECKING:
    from tidegate.config.study import Design, StudyTable
    from tidegate.studies.design.plan import Arm, StudySpec


@dataclass(frozen=True)
class StudyFlags(RunFlags):
    """The flags of a run, which runs to compare, and how."""

    further: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[CONFIG]...", help="More TOML files: a data set each, compared over all."),
    ] = None
    arms: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Presets, NAME=preset or VGSL strings.")
    ] = None
    arm: Annotated[
        list[str] | None,
        typer.Option(metavar="'NAME: KEY=VALUE …'", help="An arm by its settings; may be given many times."),
    ] = None
    factor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=A,B,…", help="All combinations of these are arms; 'auto' leaves a key as it is."
        ),
    ] = None
    sizes: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,…",
            help="Train on parts of the training data too, such as 10%,30%,100%; the verdict is of the largest.",
        ),
    ] = None
    seeds: Annotated[int | None, typer.Option(min=1, help="Runs of each arm, with seeds N, N+1, …")] = None
    add_seeds: Annotated[int | None, typer.Option(min=1, help="So many more, for a study that is there.")] = (
        None
    )
    until_decided: Annotated[
        bool | None,
        typer.Option("--until-decided", help="Add seeds (3, 5, 10, 20 in all) until it is decided."),
    ] = None
    max_seeds: Annotated[int | None, typer.Option(min=1, help="The most seeds then; default: 20.")] = None
    match: Annotated[
        str | None, typer.Option(help="Make arms equally large: parameters, flops, or none (default).")
    ] = None
    size: Annotated[
        int | None, typer.Option(min=1, help="How many; default: as the configuration's network.")
    ] = None
    tune: Annotated[int | None, typer.Option(min=0, help="Trials of each arm before its seeds.")] = None
    prune: Annotated[
        str | None, typer.Option(help="End hopeless trials early: median, or none (default).")
    ] = None
    resample: Annotated[
        str | None,
        typer.Option(
            help="Another split for every seed: true, false, or auto (default): without a test part."
        ),
    ] = None
    search: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY={low=…,high=…}", help="What trials try, instead of the task's own search."),
    ] = None
    margin: Annotated[
        str | None,
        typer.Option(
            help="Difference too small to matter: 10% of the error, or a number; default: by metric."
        ),
    ] = None
    target: Annotated[
        float | None, typer.Option(help="A validation result; how long each arm takes to it is told.")
    ] = None
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; a study that is there goes on.")
    ] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and how long it will take.")] = (
        False
    )
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at the same time; default: a short probe decides.")
    ] = None
    engine: Annotated[str, typer.Option(help="Where runs go: local, or ray (a cluster).")] = "local"
    address: Annotated[
        str | None, typer.Option(help="Of the Ray cluster; default: the one of this machine.")
    ] = None


def study_request(flags: StudyFlags) -> StudySpec:
    """What the flags ask to compare, on one data set.

    Raises:
        ConfigError: There is nothing to compare, or a flag or key does not fit.
    """
    from tidegate.cli.request import run_spec
    from tidegate.config.study import StudyTable
    from tidegate.config.study_table import split_study
    from tidegate.config.toml import load
    from tidegate.studies.design.plan import StudySpec

    earlier = _earlier(flags)
    if earlier is not None and flags.config is None and flags.task is None:
        return earlier
    table = StudyTable() if flags.config is None else split_study(load(flags.config))[1]
    base = run_spec(flags)
    design = _design(flags, table)
    seeds = flags.seeds or table.seeds
    if flags.add_seeds:
        if earlier is None:
            raise _nothing_to_add(flags)
        seeds = earlier.seeds
    return StudySpec(base, _arms(flags, table), seeds, design)


def data_sets(flags: StudyFlags) -> list[StudyFlags]:
    """The same flags for each of several files."""
    files = [*([flags.config] if flags.config else []), *(flags.further or ())]
    return [replace(flags, config=file, further=None) for file in files]


def _earlier(flags: StudyFlags) -> StudySpec | None:
    """The study of the folder, with what may be changed of it."""
    from tidegate.studies.design.folder import StudyFolder

    if flags.out is None:
        return None
    plan = StudyFolder(flags.out).plan
    if not plan.is_file():
        if flags.add_seeds and flags.config is None and flags.task is None:
            raise _nothing_to_add(flags)
        return None
    from tidegate.studies.design.folder import read_plan

    study = read_plan(plan)
    changed: dict[str, Any] = {
        name: getattr(flags, name) for name in ("until_decided", "max_seeds", "target")
    }
    changed["margin"] = None if flags.margin is None else _margin(flags.margin)
    changed["sizes"] = None if flags.sizes is None else _sizes(flags.sizes)
    changed = {key: value for key, value in changed.items() if value is not None}
    seeds = study.seeds + flags.add_seeds if flags.add_seeds else max(study.seeds, flags.seeds or 1)
    return replace(study, seeds=seeds, design=study.design.model_copy(update=changed))


def _sizes(text: str) -> list[int | float]:
    """Shares, percentages or counts, the smallest first.

    >>> _sizes("100%,10%,0.3"), _sizes("2000,500")
    ([0.1, 0.3, 1.0], [500, 2000])
    """
    from tidegate.config.study import Design
    from tidegate.config.study_table import checked

    parts = [part.strip() for part in text.split(",")]
    written = [int(part) if part.isdecimal() else _number(part) for part in parts]
    return checked(Design, {"sizes": written}, "--sizes").sizes


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _margin(text: str) -> float | str:
    """A number as such; ``10%`` is checked when the study is."""
    from tidegate.config.study import Design
    from tidegate.config.study_table import checked

    written = _number(text)
    checked(Design, {"margin": written}, "--margin")
    return written


def _nothing_to_add(flags: StudyFlags) -> ConfigError:
    return ConfigError(
        "there is no study to add seeds to",
        where=f"--out {flags.out}" if flags.out else "--out",
        expected="the folder of a study that has been run",
        hint="start it with --seeds N",
    )


def _design(flags: StudyFlags, table: StudyTable) -> Design:
    from tidegate.config.resolve import parse_override
    from tidegate.config.study import Design
    from tidegate.config.study_table import checked

    values: dict[str, Any] = {
        name: getattr(table, name) if getattr(flags, name) is None else getattr(flags, name)
        for name in ("match", "size", "tune", "prune", "until_decided", "max_seeds", "target")
    }
    values["sizes"] = table.sizes if flags.sizes is None else _sizes(flags.sizes)
    values["margin"] = table.margin if flags.margin is None else _margin(flags.margin)
    values["resample"] = _resample(flags.resample) if flags.resample else table.resample
    values["search"] = dict(table.search)
    for text in flags.search or ():
        key, _, _ = text.partition("=")
        value: Any = parse_override(text)
        for part in key.strip().split("."):
            value = value[part]
        values["search"][key.strip()] = value
    return checked(Design, values, "the study's flags")


def _resample(text: str) -> str | bool:
    return {"true": True, "false": False}.get(text, text)


def _arms(flags: StudyFlags, table: StudyTable) -> tuple[Arm, ...]:
    from tidegate.studies.design.arms import parse_arms
    from tidegate.studies.design.factors import cross, parse_factor

    own = [_arm(text) for text in flags.arm or ()]
    named = flags.arms or ("" if own or flags.factor else ",".join(table.arms))
    factors = (
        dict(map(parse_factor, flags.factor))
        if flags.factor
        else ({} if flags.arms or own else table.factors)
    )
    arms = (*(parse_arms(named) if named or not (own or factors) else ()), *own)
    return cross(arms, factors)


def _arm(text: str) -> Arm:
    from tidegate.config.resolve import merge, parse_override
    from tidegate.studies.design.plan import Arm

    name, colon, settings = text.partition(":")
    if not colon or not name.strip() or not settings.strip():
        raise ConfigError(
            "not an arm",
            where=f"--arm {text!r}",
            expected="'NAME: KEY=VALUE …', such as 'wide: model.hidden=400 model.layers=3'",
        )
    return Arm(name.strip(), merge(*(parse_override(part) for part in shlex.split(settings))))
