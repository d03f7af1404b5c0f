"""The application as a whole: help, version, exit codes, what goes to stdout and what to stderr."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tidegate import __version__
from tidegate.cli.app import VERBS, app
from tidegate.errors import ConfigError

HEAVY = ("torch", "pydantic", "numpy", "rich", "PIL", "kornia", "sklearn", "scipy", "pandas", "jinja2")


def tidegate(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tidegate", *arguments], capture_output=True, text=True, timeout=200, cwd=cwd
    )


def test_help_names_every_verb():
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    for verb in VERBS:
        assert f"\n  {verb.__name__} " in result.stdout


@pytest.mark.parametrize("verb", [verb.__name__ for verb in VERBS])
def test_help_of_every_verb_has_an_example_and_fits_80_columns(verb: str):
    result = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "80"})
    assert result.exit_code == 0
    assert f"  tidegate {verb}" in result.stdout or "| tidegate" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom tidegate.cli.app import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=200)
    assert done.stderr.strip() == "[]"


def test_version():
    done = tidegate("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"tidegate {__version__}\n", "")


def test_a_misspelt_verb_gets_the_nearest_one():
    done = tidegate("trian")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Did you mean 'train'?" in done.stderr


def test_errors_go_to_stderr_with_exit_code_2(tmp_path: Path):
    done = tidegate("report", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ") and "Traceback" not in done.stderr


def test_a_closed_pipe_is_quiet():
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m tidegate show --presets | head -n 0; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.stderr == ""
    assert done.stdout.strip() in ("0", "141")


def test_ctrl_c_exits_130(monkeypatch: pytest.MonkeyPatch):
    def interrupted(folder: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(_module("tidegate.report.write"), "write_report", interrupted)
    assert CliRunner().invoke(app, ["report", "x"]).exit_code == 130


def test_an_unexpected_error_is_not_hidden(monkeypatch: pytest.MonkeyPatch):
    def broken(folder: Path) -> Path:
        raise ZeroDivisionError

    monkeypatch.setattr(_module("tidegate.report.write"), "write_report", broken)
    assert isinstance(CliRunner().invoke(app, ["report", "x"]).exception, ZeroDivisionError)


def test_an_error_says_where_and_what_to_do(monkeypatch: pytest.MonkeyPatch):
    def wrong(folder: Path) -> Path:
        raise ConfigError("unknown key", where="run.toml: train.epoch", hint="did you mean epochs?")

    monkeypatch.setattr(_module("tidegate.report.write"), "write_report", wrong)
    result = CliRunner().invoke(app, ["report", "x"])
    assert result.exit_code == 2
    assert "run.toml: train.epoch" in result.stderr and "did you mean epochs?" in result.stderr


def _module(name: str) -> object:
    from importlib import import_module

    return import_module(name)
