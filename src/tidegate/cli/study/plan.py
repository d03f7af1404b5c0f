"""``tidegate study --dry-run``: what would be run, and how long it would take."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.cli.printing import clock, print_json, print_table, print_warnings, whole

if TYPE_CHECKING:
    from tidegate.studies.design.plan import StudySpec
    from tidegate.studies.execution.estimate import Estimate


def print_plan(
    study: StudySpec, folder: Path, *, workers: int | None, threads: int | None, as_json: bool
) -> None:
    """Measure for some 20 seconds, and print the plan; nothing is trained or written."""
    from tidegate.studies.execution.estimate import estimate
    from tidegate.studies.study import check_arms

    check_arms(study)
    plan = estimate(study, workers=workers, threads=threads)
    if as_json:
        print_json({"study": str(folder), **asdict(plan)})
        return
    head = ("arm", "parameters", "FLOPs", "a run", "network")
    print_table(
        head,
        [
            (arm.name, whole(arm.parameters), whole(arm.flops), _time(arm.seconds), arm.architecture)
            for arm in plan.arms
        ],
    )
    print(f"\n{_work(study, plan)}")
    print(f"estimate: {_time(plan.seconds)} by the clock, and longer where other work shares the machine")
    print_warnings([*plan.notes, *(f"{arm.name}: {arm.error}" for arm in plan.arms if arm.error)])


def _work(study: StudySpec, plan: Estimate) -> str:
    design, machine = study.design, plan.machine
    equal = "each as it is" if design.match == "none" else f"equal {design.match}"
    trials = f"{design.tune} trials each ({plan.trials} runs), then " if design.tune else ""
    threads = f"{machine.threads} thread" + ("s" if machine.threads != 1 else "")
    sizes = f" on {len(study.sizes) + 1} sizes of the training data" if study.sizes else ""
    return (
        f"{len(study.arms)} arms, {equal}: {trials}{study.seeds} seeds{sizes} ({plan.runs} runs); "
        f"{machine.workers} at a time, {threads} each"
    )


def _time(seconds: float | None) -> str:
    return "unknown" if seconds is None else clock(seconds)
