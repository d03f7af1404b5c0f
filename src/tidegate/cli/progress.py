"""How a run shows itself on stderr: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from tidegate.cli.printing import clock, ended, measured, number, planned, remaining
from tidegate.report.tasks.registry import page_of

if TYPE_CHECKING:
    from tidegate.training.callbacks import ProgressReporter, RunPlan, Step, Validation

QUIET = 30.0
"""Seconds after which a plain log says how far the run is."""


@contextmanager
def training_progress(stream: TextIO | None = None) -> Generator[ProgressReporter]:
    """A reporter that suits where stderr goes; the terminal is put right again however the run ends."""
    out = stream or sys.stderr
    if is_live(out):
        from tidegate.cli.live import LiveProgress

        with LiveProgress(out) as live:
            yield live
    else:
        yield PlainProgress(out)


def is_live(stream: TextIO) -> bool:
    """Whether lines on it can be drawn again."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


class PlainProgress:
    """A line for each validation, and one at least every ``QUIET`` seconds of training between them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last = time.monotonic()
        self._step: Step | None = None
        self._samples = "samples"

    def started(self, plan: RunPlan) -> None:
        """Say what lies ahead."""
        self._samples = page_of(plan.task).words.many
        self._say(planned(plan))

    def stepped(self, step: Step) -> None:
        """Say how far the run is, if nothing was said for a while."""
        self._step = step
        if time.monotonic() - self._last >= QUIET:
            self._say(
                f"epoch {step.epoch:.2f}  step {step.step}  loss {number(step.loss)}  "
                f"{number(step.samples_per_second)} {self._samples}/s  {self._time(step.seconds)}"
            )

    def validated(self, validation: Validation) -> None:
        """Say what the validation measured."""
        best = "  (best)" if validation.best else ""
        self._say(
            f"epoch {validation.epoch:.2f}  train loss {number(validation.train_loss)}  "
            f"valid {measured(validation.metrics)}{best}  {self._time(validation.seconds)}"
        )

    def message(self, text: str) -> None:
        """Pass it on."""
        self._say(text)

    def finished(self, stopped: str) -> None:
        """Say why the run is over."""
        self._say(ended(stopped))

    def _time(self, seconds: float) -> str:
        progress = self._step.progress if self._step else 0.0
        return f"{clock(seconds)} elapsed, {remaining(seconds, progress)}"

    def _say(self, text: str) -> None:
        self._last = time.monotonic()
        print(text, file=self._stream, flush=True)
