"""How numbers and tables look."""

from __future__ import annotations

import json
import math

import pytest

from tidegate.cli.printing import clock, number, print_json, print_table, whole


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (None, "—"),
        (math.nan, "—"),
        (math.inf, "inf"),
        (1.0, "1.000"),
        (0.99216, "0.9922"),
        (0.001, "0.001000"),
        (9.9e-06, "9.9e-06"),
        (12345.6, "12346"),
        (-0.5, "-0.5000"),
    ],
)
def test_number(value: float | None, text: str):
    assert number(value) == text


def test_whole_and_clock():
    assert whole(1234567) == "1,234,567"
    assert whole(None) == "—"
    assert [clock(0), clock(59.6), clock(3599.7), clock(-1)] == ["0:00", "1:00", "1:00:00", "0:00"]


def test_json_is_valid_whatever_the_numbers(capsys: pytest.CaptureFixture[str]):
    print_json({"valid": {"loss": math.nan, "cer": 0.5}, "test": None, "text": ["ſ", math.inf]})
    assert json.loads(capsys.readouterr().out) == {
        "valid": {"loss": None, "cer": 0.5},
        "test": None,
        "text": ["ſ", None],
    }


def test_a_table_lines_up_and_is_never_cut(capsys: pytest.CaptureFixture[str]):
    print_table(("arm", "cer"), [("bilstm" * 30, "0.1"), ("a", "0.12345")])
    head, long, short = capsys.readouterr().out.splitlines()
    assert len(head) == len(long) == len(short) == 189
    assert "…" not in long
