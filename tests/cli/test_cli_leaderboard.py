"""The leaderboard of a study."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.cli.study.command import print_leaderboard
from tidegate.report.study.leaderboard import leaderboard


def arm(name: str, cer: float | None) -> dict[str, Any]:
    """An arm of two runs, or of one that failed if there is no result."""
    done = {"status": "done", "test": {"cer": cer}, "seconds": 12.0, "samples_per_second": {"train": 480.0}}
    failed = {"seed": 1, "status": "failed", "error": "the loss is not finite"}
    return {
        "arm": name,
        "parameters": 123456,
        "runs": [failed] if cer is None else [done, done],
        "spread": {"test": {"cer": 0.01}},
    }


def test_the_table(capsys: pytest.CaptureFixture[str]):
    arms = [arm("gru", 0.3), arm("lstm", 0.1), arm("broken", None)]
    results = {
        "primary": "cer",
        "lower_is_better": True,
        "arms": arms,
        "baselines": {"majority": {"cer": 0.9}},
    }
    print_leaderboard(leaderboard(results))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["arm", "test", "cer", "±", "runs", "parameters", "seconds", "samples/s"]
    assert lines[1].split() == ["lstm", "0.1000", "0.01000", "2/2", "123,456", "12.00", "480.0"]
    assert lines[2].split()[0] == "gru"
    assert lines[3].split() == ["(majority)", "0.9000"]
    assert lines[4].split() == ["broken", "—", "0/1", "123,456", "—", "—"]
    assert max(map(len, lines)) <= 80
