"""``tidegate study``."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidegate.cli.flags import RunFlags, takes
from tidegate.errors import ConfigError

if TYPE_CHECKING:
    from tidegate.study.plan import Arm
    from tidegate.study.study import StudyResult


@dataclass(frozen=True)
class StudyFlags(RunFlags):
    """The flags of a run, and which runs to compare."""

    arms: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Presets, NAME=preset or VGSL strings.")
    ] = None
    arm: Annotated[
        list[str] | None,
        typer.Option(metavar="'NAME: KEY=VALUE …'", help="An arm by its settings; may be given many times."),
    ] = None
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each arm, with seeds N, N+1, …")] = 1
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; a study that is there goes on.")
    ] = None
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at the same time; default: as cores and memory allow.")
    ] = None


@takes(StudyFlags)
def study(flags: StudyFlags) -> None:
    """Compare networks on the same data and budget.

    Leaves a run folder for each arm and seed, a leaderboard and a report. Given the same folder again, it goes on:
    finished runs are kept, and arms and seeds may be added.

    Examples:
        tidegate study lines.toml --arms lstm,gru --max-time 60 --out cells
        tidegate study lines.toml --arm 'wide: model.hidden=400' --out width
    """
    from tidegate.cli.request import out_folder, run_spec
    from tidegate.cli.study_progress import study_progress
    from tidegate.study.plan import StudySpec
    from tidegate.study.study import run_study

    request = StudySpec(run_spec(flags), _arms(flags), flags.seeds)
    out = out_folder(flags)
    with study_progress() as watch:
        result = run_study(request, out, workers=flags.workers, watch=watch)
    _print(result, as_json=flags.json)
    if result.interrupted:
        raise typer.Exit(130)
    if result.failed:
        raise typer.Exit(1)


def _print(result: StudyResult, *, as_json: bool) -> None:
    from tidegate.cli.leaderboard import print_leaderboard
    from tidegate.cli.printing import print_json, print_warnings
    from tidegate.report.leaderboard import leaderboard

    if as_json:
        print_json({"study": str(result.study), **result.results})
    else:
        print_leaderboard(leaderboard(result.results))
        print(f"\nreport: {result.study / 'report.html'}")
    print_warnings(f"{outcome.run} failed: {outcome.error}" for outcome in result.failed)


def _arms(flags: StudyFlags) -> tuple[Arm, ...]:
    from tidegate.study.arms import parse_arms

    own = [_arm(text) for text in flags.arm or ()]
    named = parse_arms(flags.arms or "") if flags.arms or not own else ()
    return (*named, *own)


def _arm(text: str) -> Arm:
    from tidegate.spec.resolve import merge, parse_override
    from tidegate.study.plan import Arm

    name, colon, settings = text.partition(":")
    if not colon or not name.strip() or not settings.strip():
        raise ConfigError(
            "not an arm",
            where=f"--arm {text!r}",
            expected="'NAME: KEY=VALUE …', such as 'wide: model.hidden=400 model.layers=3'",
        )
    return Arm(name.strip(), merge(*(parse_override(part) for part in shlex.split(settings))))
