"""``import tidegate``: three functions, imported when they are used, and not hidden by the rooms of the same names."""

from __future__ import annotations

import subprocess
import sys


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_imports_no_torch():
    assert _run("import sys, tidegate; print('torch' in sys.modules, tidegate.__version__)").startswith(
        "False 0."
    )


def test_the_face_is_functions_whatever_was_imported_before():
    code = (
        "import tidegate\n"
        "import tidegate.training.callbacks, tidegate.studies.design.plan\n"
        "from tidegate.training.callbacks import NullReporter\n"
        "from tidegate.studies.design import plan\n"
        "print(callable(tidegate.train), callable(tidegate.study), callable(tidegate.load), tidegate.nothing)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=200)
    assert "has no attribute 'nothing'" in done.stderr
    assert _run(code.replace(", tidegate.nothing", "")) == "True True True"


def test_dir_shows_what_a_person_may_call():
    shown = _run("import tidegate, tidegate.training.callbacks; print(*dir(tidegate))").split()
    assert {"train", "load", "study", "resume", "register"} <= set(shown)
    assert not {"sys", "import_module", "ModuleType", "annotations", "training", "studies"} & set(shown)
