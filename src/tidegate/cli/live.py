"""The live display of a training run: a bar with an ETA, the latest numbers, the validations."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tidegate.cli.printing import clock, ended, number, planned, remaining
from tidegate.report.tasks.registry import page_of

if TYPE_CHECKING:
    from tidegate.training.callbacks import RunPlan, Step, Validation

RECENT = 6
"""Validations shown; the best one stays on top of them."""


class LiveProgress:
    """A ``ProgressReporter`` that keeps a few lines at the foot of a terminal up to date.

    A step is only stored; a thread of Rich draws twice a second, so that training is not slowed.
    """

    def __init__(self, stream: TextIO, *, width: int | None = None) -> None:
        self.console = Console(file=stream, width=width, highlight=False)
        self._live = Live(self, console=self.console, refresh_per_second=2, redirect_stdout=False)
        self._began = time.monotonic()
        self._plan: RunPlan | None = None
        self._step: Step | None = None
        self._validations: list[Validation] = []
        self._stopped: str | None = None

    def __enter__(self) -> LiveProgress:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def started(self, plan: RunPlan) -> None:
        """Show what lies ahead."""
        self._plan = plan

    def stepped(self, step: Step) -> None:
        """Keep the latest step."""
        self._step = step

    def validated(self, validation: Validation) -> None:
        """Add a line to the table."""
        self._validations.append(validation)

    def message(self, text: str) -> None:
        """Print it above the display."""
        self.console.print(Text(text))

    def finished(self, stopped: str) -> None:
        """Say why the run is over; the display stays on the screen."""
        self._stopped = stopped

    def __rich__(self) -> RenderableType:
        if self._plan is None:
            return Text(f"reading the data  {clock(time.monotonic() - self._began)}")
        parts: list[RenderableType] = [Text(planned(self._plan))]
        if self._step is not None:
            parts += [
                self._bar(self._step, self._plan),
                _numbers(self._step, page_of(self._plan.task).words.many),
            ]
        if self._validations:
            parts.append(_validations(self._validations))
        if self._stopped is not None:
            parts.append(Text(ended(self._stopped)))
        return Group(*parts)

    def _bar(self, step: Step, plan: RunPlan) -> RenderableType:
        epochs = f"{step.epoch:.1f}" + (f"/{plan.epochs}" if plan.epochs else "")
        left = "done" if self._stopped else remaining(step.seconds, step.progress)
        line = Table.grid(padding=(0, 1))
        line.add_row(
            ProgressBar(total=1.0, completed=min(step.progress, 1.0), width=24),
            f"{step.progress:4.0%}",
            f"epoch {epochs}",
            f"{clock(step.seconds)} elapsed",
            Text(left, style="bold"),
        )
        return line


def _numbers(step: Step, samples: str) -> Text:
    return Text(
        f"loss {number(step.loss)}  learning rate {number(step.learning_rate)}  "
        f"{number(step.samples_per_second)} {samples}/s"
    )


def _validations(validations: list[Validation]) -> Table:
    """The best validation first, then the latest ones."""
    best = next((line for line in reversed(validations) if line.best), None)
    recent = [line for line in validations[-RECENT:] if line is not best]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    names = list(validations[-1].metrics)
    for head in ("", "epoch", "time", "train loss", *names):
        table.add_column(head, justify="right", overflow="fold")
    for line in ([best] if best else []) + recent:
        table.add_row(
            "best" if line is best else "",
            f"{line.epoch:.1f}",
            clock(line.seconds),
            number(line.train_loss),
            *(number(line.metrics.get(name)) for name in names),
            style="bold" if line is best else "",
        )
    return table
