"""``tidegate train``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidegate.cli.flags import RunFlags, takes
from tidegate.errors import ConfigError

if TYPE_CHECKING:
    from tidegate.api.training import RunResult


@dataclass(frozen=True)
class TrainFlags(RunFlags):
    """The flags of a run, and ``--resume``."""

    resume: Annotated[Path | None, typer.Option(metavar="RUN", help="Go on with a run that was stopped.")] = (
        None
    )


@takes(TrainFlags)
def train(flags: TrainFlags) -> None:
    """Train one model, and leave it in a run folder.

    The folder holds the weights, the numbers, the complete configuration and a report.

    Examples:
        tidegate train --task transcribe --train lines/ --max-time 300 --out runs/a
        tidegate train --task classify --train mnist/ --test mnist/ --out runs/b
        tidegate train config.toml --set optimiser.learning_rate=0.002 --seed 1
        tidegate train --resume runs/a
    """
    result = _resume(flags) if flags.resume is not None else _start(flags)
    if not result.leads:
        return  # Another process of the run has measured it, and tells.
    _print(result, as_json=flags.json)
    if result.stopped == "interrupted":
        raise typer.Exit(130)


def _start(flags: TrainFlags) -> RunResult:
    from tidegate.cli.request import out_folder, run_spec

    spec, out = run_spec(flags), out_folder(flags)
    from tidegate.api.training import train as run
    from tidegate.cli.progress import training_progress

    with training_progress() as reporter:
        return run(spec, out=out, reporter=reporter)


def _resume(flags: TrainFlags) -> RunResult:
    assert flags.resume is not None
    blank = TrainFlags()
    given = [
        f"--{field.name.replace('_', '-')}"
        for field in fields(flags)
        if field.name not in ("resume", "json") and getattr(flags, field.name) != getattr(blank, field.name)
    ]
    if given:
        raise ConfigError(
            "--resume goes on with a run as it was started, and takes no other setting",
            got=", ".join("CONFIG" if name == "--config" else name for name in given),
            hint=f"tidegate train --resume {flags.resume}, or start a new run with --out",
        )
    from tidegate.api.training import resume as go_on
    from tidegate.cli.progress import training_progress

    with training_progress() as reporter:
        return go_on(flags.resume, reporter=reporter)


def _print(result: RunResult, *, as_json: bool) -> None:
    from tidegate.cli.printing import ended, measured, print_json, print_pairs, without_loss

    if as_json:
        print_json(
            {
                "run": str(result.run),
                "valid": without_loss(result.valid),
                "test": None if result.test is None else without_loss(result.test),
                "seconds": round(result.seconds, 3),
                **({"definition": result.definition} if result.definition else {}),
                "findings": [found.to_json() for found in result.notes],
            }
        )
    else:
        parts = {"valid": result.valid, "test": result.test}
        pairs = [(part, measured(metrics)) for part, metrics in parts.items() if metrics is not None]
        if result.definition:
            pairs.append(("where", result.definition))
        pairs.append(("time", f"{result.seconds:.1f} s, {ended(result.stopped)}"))
        print_pairs([("run", str(result.run)), *pairs, ("report", str(result.run / "report.html"))])
