"""``tidegate study``."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from tidegate.cli.flags import RunFlags, takes
from tidegate.errors import ConfigError

if TYPE_CHECKING:
    from tidegate.study.study import Arm


@dataclass(frozen=True)
class StudyFlags(RunFlags):
    """The flags of a run, and which runs to compare."""

    arms: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Presets to compare, such as cnn,lstm,bilstm.")
    ] = None
    arm: Annotated[
        list[str] | None,
        typer.Option(metavar="'NAME: KEY=VALUE …'", help="An arm by its settings; may be given many times."),
    ] = None
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each arm, with seeds N, N+1, …")] = 1
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at the same time; default: as cores and memory allow.")
    ] = None


@takes(StudyFlags)
def study(flags: StudyFlags) -> None:
    """Compare networks on the same data and budget.

    Leaves a run folder for each arm and seed, a leaderboard and a report.

    Examples:
        tidegate study lines.toml --arms lstm,gru --max-time 60 --out cells
        tidegate study lines.toml --arm 'wide: model.hidden=400' --out width
    """
    from tidegate.cli.leaderboard import print_leaderboard
    from tidegate.cli.printing import print_json
    from tidegate.cli.request import out_folder, run_spec

    arms, spec, out = _arms(flags), run_spec(replace(flags, out=None)), out_folder(flags)
    from tidegate.cli.study_progress import study_progress
    from tidegate.spec.files import read_json
    from tidegate.study.study import StudySpec, run_study

    with study_progress() as watch:
        run_study(StudySpec(spec, arms, flags.seeds), out, workers=flags.workers, watch=watch)
    results = read_json(out / "results.json")
    if flags.json:
        print_json({"study": str(out), **results})
    else:
        print_leaderboard(results)
        print(f"\nreport: {out / 'report.html'}")
    if any(run["status"] != "done" for arm in results["arms"] for run in arm["runs"]):
        raise typer.Exit(1)


def _arms(flags: StudyFlags) -> tuple[Arm, ...]:
    from tidegate.study.study import Arm

    names = [name.strip() for name in (flags.arms or "").split(",") if name.strip()]
    arms = [Arm(name, {"model": {"preset": name}}) for name in names]
    arms += [_arm(text) for text in flags.arm or ()]
    twice = sorted({arm.name for arm in arms if [one.name for one in arms].count(arm.name) > 1})
    if not arms or twice:
        raise ConfigError(
            f"two arms are called {twice[0]}" if twice else "nothing to compare",
            expected="--arms with presets, or --arm 'NAME: KEY=VALUE …', each name once",
            advice="tidegate study … --arms cnn,lstm,bilstm; `tidegate show --presets` lists presets",
        )
    return tuple(arms)


def _arm(text: str) -> Arm:
    from tidegate.spec.resolve import merge, parse_override
    from tidegate.study.study import Arm

    name, colon, settings = text.partition(":")
    if not colon or not name.strip() or not settings.strip():
        raise ConfigError(
            "not an arm",
            came=f"--arm {text!r}",
            expected="--arm 'NAME: KEY=VALUE …', such as 'wide: model.hidden=400'",
        )
    return Arm(name.strip(), merge(*(parse_override(part) for part in shlex.split(settings))))
