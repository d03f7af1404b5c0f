"""The leaderboard of a study."""

from __future__ import annotations

import pytest

from tidegate.cli.study.command import print_leaderboard
from tidegate.report.study.leaderboard import leaderboard
from tidegate.results.metrics import Speeds
from tidegate.results.study import SplitValues, StudyArm, StudyResults, StudyRun


def arm(name: str, cer: float | None) -> StudyArm:
    """An arm of two runs, or of one that failed if there is no result."""
    speeds = Speeds(train=480.0)
    done = StudyRun(
        seed=0, folder="", status="done", test={"cer": cer}, seconds=12.0, samples_per_second=speeds
    )
    failed = StudyRun(seed=1, folder="", status="failed", error="the loss is not finite")
    runs = (failed,) if cer is None else (done, done)
    spread = SplitValues(test={"cer": 0.01})
    return StudyArm(arm=name, parameters=123456, runs=runs, n=len(runs), spread=spread)


def test_the_table(capsys: pytest.CaptureFixture[str]):
    arms = (arm("gru", 0.3), arm("lstm", 0.1), arm("broken", None))
    baselines = {"majority": {"cer": 0.9}}
    results = StudyResults(
        task="transcribe", primary="cer", lower_is_better=True, arms=arms, baselines=baselines
    )
    print_leaderboard(leaderboard(results))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["arm", "test", "cer", "±", "runs", "parameters", "seconds", "samples/s"]
    assert lines[1].split() == ["lstm", "0.1000", "0.01000", "2/2", "123,456", "12.00", "480.0"]
    assert lines[2].split()[0] == "gru"
    assert lines[3].split() == ["(majority)", "0.9000"]
    assert lines[4].split() == ["broken", "—", "0/1", "123,456", "—", "—"]
    assert max(map(len, lines)) <= 80
