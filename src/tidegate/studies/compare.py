"""``tidegate.study(...)``: the Python face of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.config.study import Design, StudyTable
from tidegate.config.study_table import checked, split_study
from tidegate.config.toml import load
from tidegate.errors import ConfigError
from tidegate.studies.callbacks import StudyReporter
from tidegate.studies.design.arms import parse_arms
from tidegate.studies.design.factors import cross
from tidegate.studies.design.plan import Arm, StudySpec
from tidegate.studies.study import StudyResult, run_study

if TYPE_CHECKING:
    from tidegate.api.request import Config


def compare(
    config: Config | None = None,
    *,
    arms: str | Iterable[str | Arm] = (),
    out: Path | str,
    design: StudyTable | Mapping[str, Any] | None = None,
    workers: int | None = None,
    reporter: StudyReporter | None = None,
    **keys: Any,
) -> StudyResult:
    """Compare networks on the same data and budget.

    Args:
        config: A TOML file, a table or a ``RunSpec``; or nothing, with ``keys`` alone.
        arms: What to compare: names as on the command line, ``Arm`` objects, or both; besides those that ``design`` has.
        out: A new folder, or that of the same study, which then goes on.
        design: The keys of the table ``[study]``: seeds, factors, match, tune, … Over those of the file.
        workers: Runs at the same time; default: as cores and memory allow.
        reporter: Told how it goes.
        keys: Tables on top of ``config``, named as in the TOML file. ``seeds`` is one of the design.

    Raises:
        ConfigError: A key, a value or an arm is wrong, the data are in memory, or the folder holds another study.
        OutputError: The folder holds something else, or cannot be written.

    Example::

        result = tidegate.study("lines.toml", arms="lstm,gru,bilstm", seeds=5, out="studies/cells")
        print(result.results.comparison.best)
    """
    from tidegate.api.request import specification  # here, since importing the face imports torch

    table = _design(config, design, keys.pop("seeds", None))
    named = [arms] if isinstance(arms, str) else list(arms)
    if not named and not table.factors:
        named = [",".join(table.arms)]
    every = [arm for part in named for arm in ((part,) if isinstance(part, Arm) else parse_arms(part))]
    plain = Design.model_validate(table.model_dump(include=set(Design.model_fields)))
    spec = specification(config, keys)
    if spec.data.memory:
        raise ConfigError(
            "a study's runs are processes of their own, which cannot see data in memory",
            where="data",
            expected="paths",
            hint='write the data to files once and name them: data={"train": PATH, "test": PATH}',
        )
    study = StudySpec(spec, cross(every, table.factors), table.seeds, plain)
    return run_study(study, Path(out), workers=workers, reporter=reporter)


def _design(
    config: Config | None, design: StudyTable | Mapping[str, Any] | None, seeds: int | None
) -> StudyTable:
    table = split_study(load(Path(config)))[1] if isinstance(config, str | Path) else StudyTable()
    if isinstance(design, StudyTable):
        table = design
    elif design is not None:
        table = checked(StudyTable, {**table.model_dump(), **design}, "design")
    return table if seeds is None else table.model_copy(update={"seeds": seeds})
