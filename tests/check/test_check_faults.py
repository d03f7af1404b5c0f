"""Faults of the kinds that keep accuracy at 0: the doctor names each before any training, and its hint cures it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from faults import FAULTS, Fault
from tidegate.cli.app import app


def check(arguments: list[str]) -> dict[str, Any]:
    """Run the verb in this process; what it found."""
    result = CliRunner().invoke(app, ["check", *arguments, "--json"])
    assert result.exit_code in (0, 1, 2) and result.stdout, result.stderr or result.exception
    found = json.loads(result.stdout)
    severities = {one["severity"] for one in found["findings"]}
    assert result.exit_code == (2 if "error" in severities else 1 if "warning" in severities else 0)
    return found


def serious(found: dict[str, Any]) -> dict[str, Any]:
    """Errors and warnings, by their codes."""
    return {one["code"]: one for one in found["findings"] if one["severity"] != "note"}


def in_hint(hint: str) -> list[str]:
    """The flags that a hint names."""
    flags: list[str] = []
    for flag in re.findall(r"(--set [a-z_.]+=[^\s,;)]+|--(?:split|horizon|lookback|epochs) [^\s,;]+)", hint):
        flags += shlex.split(flag)
    return flags


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_and_its_hint_cures_it(name: str, tmp_path: Path) -> None:
    fault: Fault = FAULTS[name]
    command = fault.make(tmp_path)
    told = serious(check(command))
    assert fault.code in told, told
    hint = told[fault.code]["hint"]
    assert fault.says in hint
    if fault.mend is not None:
        mended = fault.mend(tmp_path)
    else:
        flags = fault.flags or in_hint(hint)
        assert flags, hint
        mended = _with(command, flags)
    cured = serious(check(mended))
    assert fault.code not in cured, cured[fault.code]


def _with(command: list[str], flags: list[str]) -> list[str]:
    """A command line with other values of some flags; a later --set wins."""
    kept = list(command)
    for flag in flags[::2]:
        if flag != "--set" and flag in kept:
            place = kept.index(flag)
            del kept[place : place + 2]
    return [*kept, *flags]


def test_what_is_sound_is_left_alone(tmp_path: Path) -> None:
    """What the mended data have left is nothing, or what is told of small data."""
    small = {"large-batch", "few-steps", "many-weights"}
    for name in ("texts of other images", "a month in another unit", "marks without B and I"):
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        fault = FAULTS[name]
        fault.make(folder)
        assert fault.mend is not None
        assert not serious(check(fault.mend(folder))).keys() - small
