"""The native library is found and checked, its absence is said once, and wishes that cannot be met are errors."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import tidegate.ops
from tidegate.errors import ConfigError
from tidegate.ops import native_library
from tidegate.ops.native_library import FILE_NAME, ISAS, available_isas, isa, library, use_isa
from tidegate.ops.recurrence.native_interface import ABI, FUNCTIONS

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="no C compiler")
needs_library = pytest.mark.skipif(library() is None, reason="no native library")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for a library, which a process that has not looked for one yet will look at."""
    monkeypatch.delenv("TIDEGATE_ENGINE", raising=False)
    monkeypatch.delenv("TIDEGATE_ISA", raising=False)
    monkeypatch.setattr(tidegate.ops, "__path__", [str(tmp_path / "elsewhere"), str(tmp_path)])
    monkeypatch.setattr(native_library, "_search", native_library._Search())
    return tmp_path


def build(folder: Path, *, abi: int = ABI, lacks: str = "") -> None:
    """A library that has every function but one, and the instruction set ``portable`` alone."""
    assert COMPILER is not None
    special = {
        "tidegate_abi": f"long long tidegate_abi(void) {{ return {abi}; }}",
        "tidegate_isa": 'const char *tidegate_isa(void) { return "portable"; }',
        "tidegate_has_isa": "long long tidegate_has_isa(const char *name) { return name[0] == 'p'; }",
        "tidegate_use_isa": "long long tidegate_use_isa(const char *name) { return name[0] == 'p'; }",
    }
    lines = [special.get(name, f"void {name}(void) {{}}") for name in FUNCTIONS if name != lacks]
    source = folder / "library.c"
    source.write_text("\n".join(lines), encoding="utf-8")
    subprocess.run(
        [COMPILER, "-shared", "-fPIC", "-o", str(folder / FILE_NAME), str(source)], check=True, timeout=200
    )


def test_a_missing_library_is_said_once_in_one_line(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    threads = [threading.Thread(target=library) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert library() is None
    assert (isa(), available_isas()) == ("none", ())
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("tidegate", logging.WARNING)
    message = record.getMessage()
    assert "was not built" in message
    assert "--force-reinstall" in message
    assert "\n" not in message


def test_nothing_is_said_to_who_asks_for_torchs_engine(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TIDEGATE_ENGINE", "torch")
    assert library() is None
    assert not caplog.records


def test_a_file_that_is_no_library_is_named_with_the_reason(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / FILE_NAME).write_bytes(b"not a library")
    assert library() is None
    assert f"{folder / FILE_NAME} cannot be used (" in caplog.text


@needs_compiler
def test_a_library_of_another_abi_is_refused(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    build(folder, abi=ABI + 1)
    assert library() is None
    assert f"another version of tidegate (its ABI is {ABI + 1}, not {ABI})" in caplog.text


@needs_compiler
def test_a_library_that_lacks_a_function_is_refused(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    build(folder, lacks="tidegate_move_rows")
    assert library() is None
    assert "tidegate_move_rows" in caplog.text


@needs_compiler
def test_a_library_is_found_in_any_folder_of_the_package(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build(folder)
    assert library() is not None
    assert library() is library()
    assert (isa(), available_isas()) == ("portable", ("portable",))
    assert not caplog.records


@needs_compiler
def test_an_instruction_set_that_is_not_there_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(folder)
    monkeypatch.setenv("TIDEGATE_ISA", "mmx")
    for _ in range(2):
        with pytest.raises(ConfigError, match="instruction set") as caught:
            library()
        assert (caught.value.expected, caught.value.got) == ("portable", "mmx")
        assert "TIDEGATE_ISA" in str(caught.value.where)
    monkeypatch.setenv("TIDEGATE_ISA", "portable")
    with pytest.raises(ConfigError, match="instruction set"):
        use_isa("avx2")


def test_use_isa_without_a_library_is_an_error(folder: Path) -> None:
    with pytest.raises(ConfigError, match="instruction set"):
        use_isa("portable")


@needs_library
def test_the_environment_chooses_the_instruction_set() -> None:
    for name in ISAS:
        done = _in_a_process("print(native_library.isa())", TIDEGATE_ISA=name)
        if name in available_isas():
            assert done.stdout.split() == [name], done.stderr
        else:
            assert "ConfigError" in done.stderr


@needs_library
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads /proc")
def test_the_library_brings_no_second_openmp() -> None:
    code = """
        native_library.library()
        lines = open("/proc/self/maps").read().splitlines()
        print(*{line.split()[-1] for line in lines if "libgomp" in line and line.split()[-1].startswith("/")})
    """
    before = _in_a_process(code, TIDEGATE_ENGINE="torch").stdout.split()
    if not before:
        pytest.skip("torch's OpenMP is not libgomp")
    # scikit-learn and others carry one of their own; what counts is that loading ours adds none.
    assert sorted(_in_a_process(code).stdout.split()) == sorted(before)


def _in_a_process(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    lines = ["from tidegate.ops import native_library", *(line.strip() for line in code.splitlines())]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIDEGATE_")}
    return subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        env=kept | variables,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
