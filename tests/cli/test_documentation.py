"""What the documents say is what there is."""

from __future__ import annotations

import importlib
import importlib.util
import re
import shlex
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

import pytest
from typer.testing import CliRunner

import tidegate.results
from tidegate.cli.app import VERBS, app
from tidegate.config.resolve import resolve
from tidegate.config.study_table import split_study
from tidegate.config.toml import load
from tidegate.results.record import Record

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ELSEWHERE = {
    # Between processes, for moments.
    "ProcessOutcome",
    "RunEnded",
    "RunGoing",
    "WorkerAnswer",
    "Best",
    "History",
    "Member",
    "SplitValues",
    "Tuning",
}
"""Types of two fields, which the field that holds one tells."""
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_configuration_page_is_current():
    page = _script("configuration_page").page()
    assert (ROOT / "docs" / "reference" / "configuration.md").read_text("utf-8") == page, "run `make docs`"


def test_the_pages_of_results_are_current_and_leave_out_no_type():
    script = _script("result_pages")
    texts = [path.read_text("utf-8") for path in script.PAGES]
    assert texts == [script.page(text) for text in texts], "run `make docs`"
    shown = set(re.findall(r"<!-- fields of [\w.]+:(\w+) -->", "".join(texts)))
    for module in walk_packages(tidegate.results.__path__, "tidegate.results."):
        importlib.import_module(module.name)
    below: list[type[Record]] = [Record]
    for kind in below:
        below += kind.__subclasses__()
    every = {kind.__name__ for kind in below if kind.__module__.startswith("tidegate.results.")}
    assert every - shown == {"Record", "ErrorAnalysis", *ELSEWHERE}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def _commands(page: Path) -> list[str]:
    text = page.read_text("utf-8").replace("\\\n", " ")
    return [
        command for command in re.findall(r"(?m)^ {4}(?:.*\| )?(tidegate .*)$", text) if "…" not in command
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_have_flags_that_exist(page: Path):
    help_of = {verb.__name__: CliRunner().invoke(app, [verb.__name__, "--help"]).stdout for verb in VERBS}
    for command in _commands(page):
        _, verb, *rest = shlex.split(command, comments=True)
        for flag in rest:
            if flag.startswith("--"):
                assert f"{flag} " in help_of[verb].replace("\n", " "), command


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_example_resolves(example: Path):
    table, _ = split_study(load(example))
    assert resolve(table).task


@pytest.mark.parametrize(
    "key", sorted(set(re.findall(r"--set ([a-z_.]+=\S+?)[`\s]", "\n".join(map(Path.read_text, PAGES)))))
)
def test_every_setting_in_the_documents_resolves(key: str):
    from tidegate.config.registry import BUILT_IN
    from tidegate.config.resolve import parse_override

    table = key.partition(".")[0]
    assert resolve({"task": table if table in BUILT_IN else "classify"}, parse_override(key))
