"""What the documents say is what there is."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tidegate.cli.app import VERBS, app
from tidegate.config.resolve import resolve
from tidegate.config.toml import load

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))


def _page() -> str:
    spec = importlib.util.spec_from_file_location("page", ROOT / "scripts" / "configuration_page.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.page()


def test_the_configuration_page_is_current():
    assert (ROOT / "docs" / "reference" / "configuration.md").read_text("utf-8") == _page(), "run `make docs`"


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
    assert resolve(load(example)).task


@pytest.mark.parametrize(
    "key", sorted(set(re.findall(r"--set ([a-z_.]+=\S+?)[`\s]", "\n".join(map(Path.read_text, PAGES)))))
)
def test_every_setting_in_the_documents_resolves(key: str):
    from tidegate.config.registry import BUILT_IN
    from tidegate.config.resolve import parse_override

    table = key.partition(".")[0]
    assert resolve({"task": table if table in BUILT_IN else "classify"}, parse_override(key))
