"""How a study shows itself on stderr: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from tidegate.cli.printing import clock, measured
from tidegate.cli.progress import QUIET, is_live
from tidegate.cli.study.state import StudyState, study_plan, study_time

if TYPE_CHECKING:
    from tidegate.studies.callbacks import RunKey, RunOutcome, RunProgress, StudyPlan, StudyReporter


@contextmanager
def study_progress(stream: TextIO | None = None) -> Generator[StudyReporter]:
    """A reporter that suits where stderr goes."""
    out = stream or sys.stderr
    if is_live(out):
        from tidegate.cli.study.live import LiveStudy

        with LiveStudy(out) as live:
            yield live
    else:
        with PlainStudy(out) as plain:
            yield plain


class PlainStudy:
    """A line when a run begins, validates and ends; and one every ``QUIET`` seconds in which nothing was said.

    Validations of quick runs come many a second, so of those a line is printed every few seconds only.
    """

    def __init__(self, stream: TextIO, *, quiet: float = QUIET, pace: float = 5.0) -> None:
        self._stream = stream
        self._quiet = quiet
        self._pace = pace
        self._state = StudyState()
        self._last = time.monotonic()
        self._over = threading.Event()
        self._pulse = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> PlainStudy:
        self._pulse.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._pulse.join()

    def started(self, plan: StudyPlan) -> None:
        """Say what lies ahead."""
        self._state.start(plan)
        self._say(study_plan(plan))

    def extended(self, runs: Sequence[RunKey]) -> None:
        """Count them in."""
        self._state.extend(runs)

    def run_started(self, run: RunKey, resumed: bool) -> None:
        """Say so."""
        self._state.start_run(run)
        self._say(f"{run}: {'goes on' if resumed else 'begins'}")

    def run_progress(self, progress: RunProgress) -> None:
        """Say how a run is doing, unless something was said just now."""
        self._state.advance(progress)
        if time.monotonic() - self._last >= self._pace:
            self._say(f"{progress.run}: epoch {progress.epoch:.1f}  valid {measured(progress.metrics)}")

    def run_finished(self, outcome: RunOutcome) -> None:
        """Say how a run ended, and how far the study is."""
        self._state.end(outcome)
        result = outcome.error or f"valid {measured(outcome.valid or {})}"
        self._say(f"{outcome.run}: {outcome.status}  {result}")
        self._say(self._far())

    def message(self, text: str) -> None:
        """Pass it on."""
        self._say(text)

    def finished(self, study: Path, interrupted: bool) -> None:
        """Say that it is over."""
        self._say(f"{'interrupted' if interrupted else 'done'} after {clock(self._state.elapsed)}")

    def _far(self) -> str:
        total = len(self._state.plan.runs) if self._state.plan else 0
        return f"{self._state.ended} of {total} runs  {study_time(self._state)}"

    def _beat(self) -> None:
        while not self._over.wait(self._quiet / 10):
            if self._state.plan and time.monotonic() - self._last >= self._quiet:
                self._say(self._far())

    def _say(self, text: str) -> None:
        self._last = time.monotonic()
        print(text, file=self._stream, flush=True)
