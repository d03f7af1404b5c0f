"""No task is known by its name outside its own files: other code asks its record, a ``TaskSettings``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tidegate.config.registry import BUILT_IN

SOURCE = Path(__file__).parents[1] / "src" / "tidegate"

OWN = ("config/tasks/", "report/tasks/", "tasks/")
"""Folders of what is a task's own. `tasks/` has shared files too, which are held to the rule."""

REGISTRY = "config/registry.py"

OTHER_WORDS = {"data/words/columns.py": {"tag"}}
"""Where such a word is no task's name: a column of tags."""


def named(path: Path) -> Iterator[str]:
    """The names of tasks that stand in a file as strings; docstrings and comments may name them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and node.value in BUILT_IN:
            yield node.value


def lists(path: Path) -> Iterator[str]:
    """Strings that list tasks: such a list is out of date with the next task."""
    tree = ast.parse(path.read_text("utf-8"))
    holders = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    documents = {id(node.body[0]) for node in ast.walk(tree) if isinstance(node, holders) and node.body}
    inside = {
        id(child) for node in ast.walk(tree) if id(node) in documents for child in ast.iter_child_nodes(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            words = set(re.findall(r"[a-z]+", node.value))
            if len(words & set(BUILT_IN)) > 2:
                yield node.value


def shared(file: str) -> bool:
    """Whether a file is of no single task."""
    if not file.startswith(OWN):
        return True
    return file.startswith("tasks/") and file.count("/") == 1


def test_no_file_knows_a_task_by_name() -> None:
    found: dict[str, set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        file = path.relative_to(SOURCE).as_posix()
        if shared(file) and file != REGISTRY:
            names = set(named(path)) - OTHER_WORDS.get(file, set())
            if names:
                found[file] = names
    assert not found, "ask the task's record, or the task itself"


def test_no_text_lists_the_tasks() -> None:
    found: dict[str, list[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        texts = list(lists(path))
        if texts:
            found[path.relative_to(SOURCE).as_posix()] = texts
    assert not found, "point to `tidegate datasets`, or make the list from the registry"


def test_a_name_as_a_string_is_found(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text('"""About the task tag."""\nif spec.task == "tag":\n    pass  # "signal"\n')
    assert list(named(file)) == ["tag"]
    file.write_text(
        '"""tag, signal or document."""\nhelp = "tag, signal or language"\nword = "a signal of a tag"\n'
    )
    assert list(lists(file)) == ["tag, signal or language"]
    assert shared("cli/x.py") and shared("tasks/metrics.py") and not shared("tasks/tag/task.py")
