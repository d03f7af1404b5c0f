"""Every task has a whole record; installed packages and notebooks add theirs, and what is wrong with one is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from pydantic import Field

from tidegate.config import registry
from tidegate.config.compile import compile_run
from tidegate.config.keys import keys_of
from tidegate.config.registry import BUILT_IN, all_settings, register, settings_of, task_names, unregister
from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.config.section import Section
from tidegate.config.task import Params, TaskSettings, referenced
from tidegate.config.toml import dump, loads
from tidegate.errors import ConfigError
from tidegate.report.tasks.page import TaskPage
from tidegate.tasks.contract import Task
from tidegate.tasks.registry import task_named

NAMES = list(BUILT_IN)


@pytest.mark.parametrize("name", NAMES)
def test_every_task_has_a_whole_record(name: str) -> None:
    settings = settings_of(name)
    assert (settings.name, settings.table) == (name, name)
    assert "→" in settings.summary and settings.settings.__doc__
    assert issubclass(settings.settings, Section) and settings.settings is not Params
    spec = resolve({"task": name})
    assert isinstance(spec.table, settings.settings)
    assert (settings.features is not None) == (settings.network.input == "features")
    network = settings.network
    assert {network.preset, network.recurrent, network.unconvolved} <= settings.presets.keys()
    assert network.output.kind in network.kinds
    known = {".".join(path) for path in keys_of(settings).paths()}
    assert settings.search and settings.search.keys() <= known
    assert {f"{name}.{flag}" for flag in settings.flags} <= known


def test_help_reads_no_record() -> None:
    """It is to come at once: pydantic alone takes a fifth of a second."""
    code = "import sys, tidegate.cli\nassert not {'tidegate.config.registry', 'pydantic'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_of_a_record_compiles(name: str) -> None:
    for preset in settings_of(name).presets.values():
        architecture = compile_run(resolve({"task": name, "model": {"preset": preset.name}}))
        assert architecture.layers, preset.name


@pytest.mark.parametrize("name", NAMES)
def test_what_a_record_refers_to_is_there(name: str) -> None:
    task = task_named(name)
    assert isinstance(task, Task) and task.name == name
    page = settings_of(name).page
    assert page is None or isinstance(referenced(page), TaskPage)


def test_only_the_task_that_is_asked_for_is_imported() -> None:
    code = (
        "import sys, tidegate.tasks.registry as registry\n"
        "from tidegate.config.registry import settings_of\n"
        "settings_of('tag')\n"
        "assert not {'tidegate.tasks.tag.task', 'tidegate.tasks.signal.task'} & {*sys.modules}\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_records_import_no_torch() -> None:
    code = (
        "import sys\n"
        "from tidegate.config.registry import all_settings\n"
        "all_settings()\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class SumsSpec(Section):
    """The task sums."""

    points: int = Field(default=40, description="how many are drawn")


SUMS = TaskSettings("sums", "points → their sums", SumsSpec, defaults={"train": {"epochs": 3}})


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """Entry points of packages that seem to be installed."""
    (tmp_path / "sums_package.py").write_text(
        "from tidegate.config.task import TaskSettings\n"
        "SUMS = TaskSettings('sums', 'points → their sums')\n"
        "OTHER = TaskSettings('other', 'points → others')\n"
        "NOTHING = 3\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    points: list[EntryPoint] = []
    monkeypatch.setattr(registry, "_points", lambda: points)
    registry.forget_installed()
    yield points
    registry.forget_installed()
    sys.modules.pop("sums_package", None)


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, registry.GROUP)


def test_an_installed_package_offers_a_task(installed: list[EntryPoint]) -> None:
    installed.append(point("sums", "sums_package:SUMS"))
    assert task_names() == [*NAMES, "sums"] and "sums_package" not in sys.modules
    assert resolve({"task": "sums", "params": {"points": 3}}).params == {"points": 3}
    assert all_settings()[-1].summary == "points → their sums"


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("sums", "no_such_module:SUMS", "cannot be imported"),
        ("sums", "sums_package:NONE", "cannot be imported"),
        ("sums", "sums_package:NOTHING", "no TaskSettings"),
        ("sums", "sums_package:OTHER", "its record calls it other"),
        ("tag", "sums_package:SUMS", "the name of a task of Tidegate's"),
    ],
)
def test_a_package_whose_task_cannot_be_used_is_named(
    installed: list[EntryPoint], name: str, value: str, why: str
) -> None:
    installed.append(point(name, value))
    with pytest.raises(ConfigError, match=why) as caught:
        all_settings()
    assert caught.value.where == f"entry point {name} = {value} of the group tidegate.tasks"
    assert resolve({"task": "language"}).task == "language", "Tidegate's own tasks go on"


def test_two_packages_cannot_have_one_name(installed: list[EntryPoint]) -> None:
    installed.extend([point("sums", "sums_package:SUMS"), point("sums", "other_package:SUMS")])
    with pytest.raises(ConfigError, match="so does"):
        settings_of("sums")


def test_a_registered_task_may_bring_the_class_of_its_table() -> None:
    register(SUMS)
    try:
        spec = resolve({"task": "sums", "sums": {"points": 9}})
        assert (spec.settings(SumsSpec).points, spec.train.epochs) == (9, 3)
        assert resolve(loads(dump(spec))) == spec and "[sums]\npoints = 9" in dump(spec)
        assert RunSpec.model_validate_json(spec.model_dump_json()) == spec
        with pytest.raises(ConfigError) as caught:
            resolve({"task": "sums", "sums": {"point": 9}})
        assert caught.value.hint == "did you mean points?"
    finally:
        assert unregister("sums") is SUMS
    with pytest.raises(ConfigError, match="no task sums"):
        resolve({"task": "sums"})
