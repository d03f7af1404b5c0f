"""The live display of a study: a bar with an ETA, and a leaderboard of its arms as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tidegate.cli.printing import number
from tidegate.cli.study.state import ArmState, StudyState, study_plan, study_time

if TYPE_CHECKING:
    from tidegate.studies.callbacks import RunKey, RunOutcome, RunProgress, StudyPlan


class LiveStudy:
    """A ``StudyReporter`` that keeps a table at the foot of a terminal up to date."""

    def __init__(self, stream: TextIO, *, width: int | None = None) -> None:
        self.console = Console(file=stream, width=width, highlight=False)
        self._live = Live(self, console=self.console, refresh_per_second=2, redirect_stdout=False)
        self._state = StudyState()
        self._over = False

    def __enter__(self) -> LiveStudy:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def started(self, plan: StudyPlan) -> None:
        """Show what lies ahead."""
        self._state.start(plan)

    def extended(self, runs: Sequence[RunKey]) -> None:
        """Count them in."""
        self._state.extend(runs)

    def run_started(self, run: RunKey, resumed: bool) -> None:
        """Note it; the table shows it."""
        self._state.start_run(run)

    def run_progress(self, progress: RunProgress) -> None:
        """Note it; the table shows it."""
        self._state.advance(progress)

    def run_finished(self, outcome: RunOutcome) -> None:
        """Note it; a failure is also printed above the table."""
        self._state.end(outcome)
        if outcome.status == "failed":
            self.message(f"{outcome.run} failed: {outcome.error}")

    def message(self, text: str) -> None:
        """Print it above the table."""
        self.console.print(Text(text))

    def finished(self, study: Path, interrupted: bool) -> None:
        """Stop the clock; the table stays on the screen."""
        self._over = True

    def __rich__(self) -> RenderableType:
        plan = self._state.plan
        if plan is None:
            return Text("checking the arms")
        line = Table.grid(padding=(0, 1))
        part = self._state.part
        line.add_row(
            ProgressBar(total=1.0, completed=part, width=24),
            f"{part:4.0%}",
            f"{self._state.ended}/{len(plan.runs)} runs",
            Text("done" if self._over else study_time(self._state), style="bold"),
        )
        return Group(Text(study_plan(plan)), line, self._table())

    def _table(self) -> Table:
        primary = self._state.primary
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column("arm", overflow="fold")
        table.add_column(f"valid {primary.key}" if primary else "valid", justify="right", overflow="fold")
        table.add_column("runs", justify="right")
        table.add_column("", overflow="fold")
        for arm in self._state.arms():
            table.add_row(arm.name, number(arm.value), f"{arm.done}/{arm.runs}", _status(arm))
        return table


def _status(arm: ArmState) -> str:
    words = [f"{arm.failed} failed"] if arm.failed else []
    if arm.going is not None:
        words.append(f"going, {arm.going:.0%}")
    elif arm.done < arm.runs:
        words.append("waiting")
    return ", ".join(words)
