"""``tidegate.study(...)``: the Python face of a study."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.study.arms import parse_arms
from tidegate.study.plan import Arm, StudySpec
from tidegate.study.study import StudyResult, run_study
from tidegate.study.watch import StudyWatcher

if TYPE_CHECKING:
    from tidegate.api.request import Config


def compare(
    config: Config | None = None,
    *,
    arms: str | Iterable[str | Arm],
    out: Path | str,
    seeds: int = 1,
    workers: int | None = None,
    watch: StudyWatcher | None = None,
    **keys: Any,
) -> StudyResult:
    """Compare networks on the same data and budget.

    Args:
        config: A TOML file, a table or a ``RunSpec``; or nothing, with ``keys`` alone.
        arms: What to compare: names as on the command line, ``Arm`` objects, or both.
        out: A new folder, or that of the same study, which then goes on.
        seeds: Runs of each arm.
        workers: Runs at the same time; default: as cores and memory allow.
        watch: Told how it goes.
        keys: Tables on top of ``config``, named as in the TOML file.

    Raises:
        ConfigError: A key, a value or an arm is wrong, or the folder holds another study.
        OutputError: The folder holds something else, or cannot be written.

    Example::

        result = tidegate.study("lines.toml", arms="lstm,gru,bilstm", seeds=3, out="studies/cells")
        print(result.results["arms"][0]["mean"]["test"]["cer"])
    """
    from tidegate.api.request import specification  # here, since importing the face imports torch

    named = [arms] if isinstance(arms, str) else arms
    every = [arm for part in named for arm in ((part,) if isinstance(part, Arm) else parse_arms(part))]
    study = StudySpec(specification(config, keys), tuple(every), seeds)
    return run_study(study, Path(out), workers=workers, watch=watch)
