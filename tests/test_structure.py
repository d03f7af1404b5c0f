"""The shape of the house: no circles, no long files, no long rows of names, no names that say nothing."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import tidegate

PACKAGE = Path(tidegate.__file__).parent
LINES = 400
NAMES = 20
EMPTY_NAMES = {"utils", "helpers", "common", "misc", "base"}

FILES = sorted(PACKAGE.rglob("*.py"))


def test_no_module_imports_itself_by_way_of_others() -> None:
    modules = {_module(path): path for path in FILES}
    circle = find_circle({name: imports_of(path.read_text(), modules) for name, path in modules.items()})
    assert circle is None, " → ".join(circle or [])


def test_files_can_be_read_in_one_sitting() -> None:
    lines = {str(path.relative_to(PACKAGE)): len(path.read_text().splitlines()) for path in FILES}
    assert not {path: count for path, count in lines.items() if count > LINES}, "they hold two ideas each"


def test_names_say_something() -> None:
    assert not [path for path in FILES if EMPTY_NAMES & {path.stem, path.parent.name}]


def test_folders_can_be_taken_in_at_a_glance() -> None:
    rows: dict[str, set[str]] = {}
    for path in FILES:
        held = path.parent if path.stem == "__init__" else path
        rows.setdefault(held.parent.relative_to(PACKAGE.parent).as_posix(), set()).add(held.name)
    assert {"tidegate", "tidegate/cli"} < rows.keys()
    wide = {row: len(names) for row, names in rows.items() if len(names) > NAMES}
    assert not wide, "find the families in them"


def test_circles_are_found_in_functions_but_not_in_what_only_the_type_checker_reads() -> None:
    sources = {
        "tidegate.a": "def later():\n    from tidegate.b import name",
        "tidegate.b": "import tidegate.c.d",
        "tidegate.c": "",
        "tidegate.c.d": "try:\n    from tidegate import a\nexcept ImportError: ...",
    }
    found = find_circle({name: imports_of(source, sources) for name, source in sources.items()})
    assert found is not None and set(found) == {"tidegate.a", "tidegate.b", "tidegate.c.d"}
    sources["tidegate.b"] = "if TYPE_CHECKING:\n    import tidegate.c.d\nelse:\n    import tidegate.c"
    assert find_circle({name: imports_of(source, sources) for name, source in sources.items()}) is None
    assert imports_of(sources["tidegate.b"], sources) == {"tidegate.c"}


def find_circle(imports: Mapping[str, Iterable[str]]) -> list[str] | None:
    """A chain of modules each of which imports the next, back to the first; ``None`` if there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as circle:
        return list(reversed(circle.args[1]))
    return None


def imports_of(source: str, modules: Iterable[str]) -> set[str]:
    """Those of some modules that a module's source imports, at its top or in its functions."""
    found = set[str]()
    for node in _run_at_some_time(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "imports are absolute"
            inside = {f"{node.module}.{name.name}" for name in node.names}
            found |= inside & set(modules) or {node.module}
    return found & set(modules)


def _run_at_some_time(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    guarded = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    for child in node.orelse if guarded and isinstance(node, ast.If) else ast.iter_child_nodes(node):
        yield from _run_at_some_time(child)


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
