"""What a run shows of itself: on a terminal, and in a log."""

from __future__ import annotations

import io
import os
import pty

import pytest

from tidegate.cli import progress
from tidegate.cli.live import LiveProgress
from tidegate.cli.printing import remaining
from tidegate.cli.progress import PlainProgress, is_live, training_progress
from tidegate.training.callbacks import ProgressReporter, RunPlan, Step, Validation

PLAN = RunPlan(
    "transcribe", {"train": 40_000, "valid": 5000, "test": 5000}, 2500, 20, 300.0, 12_345_678, "cer"
)


def step(number: int) -> Step:
    """A step of a run of 50 000."""
    return Step(number, number / 2500, number / 100, 0.1234, 0.00098, 512.3, number / 50_000)


def validation(epoch: int, *, best: bool) -> Validation:
    """A validation after so many epochs."""
    metrics = {"loss": 0.5, "cer": 0.0212 / epoch, "wer": 0.11}
    return Validation(epoch, epoch * 2500, epoch * 25.0, 0.2, metrics, "cer", best)


def play(reporter: ProgressReporter) -> None:
    """A run of ten epochs, the eighth of them the best."""
    reporter.started(PLAN)
    reporter.message("train: one line is turned by 90 degrees")
    for epoch in range(1, 11):
        reporter.stepped(step(epoch * 2500))
        reporter.validated(validation(epoch, best=epoch <= 8))
    reporter.finished("epochs")


def test_plain_lines_for_a_log():
    stream = io.StringIO()
    play(PlainProgress(stream))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1 + 1 + 10 + 1
    assert "40,000 train" in lines[0] and "at most 20 epochs or 5:00" in lines[0]
    assert "cer 0.01060  wer 0.1100  loss 0.5000  (best)" in lines[3]
    assert lines[-1] == "ended: all epochs are done"
    assert "\x1b" not in stream.getvalue()


def test_a_log_is_never_silent_for_long(monkeypatch: pytest.MonkeyPatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    reporter = PlainProgress(stream)
    for number in range(1, 101):
        now[0] += 1.0
        reporter.stepped(step(number))
    assert len(stream.getvalue().splitlines()) == 3
    assert "left" in stream.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_live_display_fits_its_terminal_and_cuts_nothing(width: int):
    stream = io.StringIO()
    with LiveProgress(stream, width=width) as live:
        play(live)
        with live.console.capture() as capture:
            live.console.print(live)
    shown = capture.get()
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    for text in ("50%", "512.3 lines/s", "learning rate 0.000980", "best", "0.002650", "12,345,678"):
        assert text in " ".join(shown.split())
    assert "turned by 90 degrees" in stream.getvalue()


def test_the_live_display_before_the_data_are_read():
    with LiveProgress(io.StringIO(), width=80) as live, live.console.capture() as capture:
        live.console.print(live)
    assert "reading the data" in capture.get()


def test_a_terminal_gets_the_live_display(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "xterm")
    main, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as stream:
        assert is_live(stream)
        with training_progress(stream) as reporter:
            assert isinstance(reporter, LiveProgress)
        monkeypatch.setenv("TERM", "dumb")
        assert not is_live(stream)
    os.close(main)
    with training_progress(io.StringIO()) as reporter:
        assert isinstance(reporter, PlainProgress)


def test_the_time_left():
    assert remaining(30, 0.25) == "1:30 left"
    assert remaining(30, 1.0) == "0:00 left"
    assert remaining(1, 0.0) == "time left unknown"
