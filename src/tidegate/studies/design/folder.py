"""The folder of a study: what lies where, and how far each run has come."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Literal

import tomli_w

from tidegate.config.resolve import resolve
from tidegate.config.study import Design
from tidegate.config.study_table import checked
from tidegate.config.toml import NONE, dump, load, loads
from tidegate.errors import ConfigError, OutputError
from tidegate.files import write_text
from tidegate.results.metrics import RunMetrics
from tidegate.studies.callbacks import RunKey
from tidegate.studies.design.data_sizes import folder_name
from tidegate.studies.design.plan import Arm, Overrides, StudySpec

State = Literal["new", "started", "done"]


class StudyFolder:
    """Names of a study folder's files.

    >>> StudyFolder(Path("studies/cells")).run(RunKey("gru", 1)).as_posix()
    'studies/cells/runs/gru/seed-1'
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.plan = path / "study.toml"
        self.machine = path / "machine.json"
        self.sizes = path / "sizes.json"
        self.tuning = path / "tuning.json"
        self.speed = path / "speed.json"
        self.stop = path / "stop"
        self.results = path / "results.json"
        self.report = path / "report.html"

    def run(self, run: RunKey) -> Path:
        """The run's own folder."""
        if run.trial is not None:
            again = "-again" if run.repeat else ""
            return self.path / "trials" / run.arm / f"trial-{run.trial}{again}"
        parent = self.path / "sizes" / folder_name(run.size) if run.size else self.path / "runs"
        return parent / run.arm / f"seed-{run.seed}"

    def log(self, run: RunKey) -> Path:
        """What the run's process wrote to its terminal."""
        return self.run(run).with_suffix(".log")

    def outcome(self, run: RunKey) -> Path:
        """How the run's process says that it ended."""
        return self.run(run).with_suffix(".outcome.json")

    def going(self, run: RunKey) -> Path:
        """That the run's process has been started, and where."""
        return self.run(run).with_suffix(".going.json")

    def ended(self, run: RunKey) -> Path:
        """How it ended, for the study that waits."""
        return self.run(run).with_suffix(".ended.json")

    def stop_of(self, run: RunKey) -> Path:
        """The wish that this run ends."""
        return self.run(run).with_suffix(".stop")

    def claim(self, run: RunKey) -> Path:
        """Which of those that make runs has taken it."""
        return self.run(run).with_suffix(".claim")

    def signs(self, run: RunKey) -> tuple[Path, ...]:
        """What a study and its run tell each other while it goes; nothing of it stays."""
        return self.going(run), self.ended(run), self.stop_of(run)

    def metrics(self, run: RunKey) -> RunMetrics | None:
        """The run's final metrics; ``None`` while there are none."""
        return RunMetrics.find(self.run(run) / "metrics.json")

    def state(self, run: RunKey) -> State:
        """done: it has final figures and was not interrupted; started: it has a checkpoint to go on from."""
        metrics = self.metrics(run)
        if metrics and metrics.stopped != "interrupted":
            return "done"
        return "started" if any((self.run(run) / "checkpoints").glob("last.*")) else "new"

    def clear(self, run: RunKey) -> None:
        """Remove what a run left that died before its first checkpoint: there is nothing to go on from."""
        if self.state(run) == "new" and self.run(run).exists():
            shutil.rmtree(self.run(run))

    def discard(self) -> None:
        """Take back what ``create`` made, where no run has been started: plan, allocation, empty folders."""
        for path in (self.plan, self.machine, self.sizes):
            path.unlink(missing_ok=True)
        folders = [path for path in self.path.rglob("*") if path.is_dir()]
        for path in (*sorted(folders, reverse=True), self.path):
            if not any(path.iterdir()):
                path.rmdir()

    def open(self) -> StudySpec | None:
        """The study that this folder holds; ``None`` for a folder that does not exist or is empty.

        Raises:
            OutputError: Something else is in it.
            ConfigError: study.toml cannot be read.
        """
        if self.plan.is_file():
            return read_plan(self.plan)
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            raise OutputError(
                "the output folder exists and holds no study",
                where=str(self.path),
                hint="choose another --out",
            )
        return None

    def create(self, study: StudySpec) -> None:
        """Make the folders, and write what the study is.

        Raises:
            OutputError: They cannot be made.
        """
        try:
            for arm in study.arms:
                runs = [RunKey(arm.name, 0), *(RunKey(arm.name, 0, size=size) for size in study.sizes)]
                runs += [study.trial(arm.name, 0)] if study.design.tune else []
                for run in runs:
                    self.run(run).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                "the output folder cannot be made",
                where=str(self.path),
                got=error.strerror or str(error),
                hint="check the disk and the permissions, or choose another --out",
            ) from error
        write_plan(self.plan, study)


def write_plan(path: Path, study: StudySpec) -> None:
    """Write study.toml: seeds, looks, design, arms, and the whole base configuration."""
    arms = [{"name": arm.name, "overrides": _writable(arm.overrides, arm.name)} for arm in study.arms]
    design = {key: NONE if value is None else value for key, value in study.design.model_dump().items()}
    plan = {
        "seeds": study.seeds,
        "looks": list(study.looks),
        "stopped": dict(study.stopped),
        "design": design,
        "arm": arms,
        "base": dict(loads(dump(study.base))),
    }
    write_text(path, tomli_w.dumps(plan))


def read_plan(path: Path) -> StudySpec:
    """Read study.toml.

    Raises:
        ConfigError: It cannot be read, or is no study.
    """
    plan = load(path)
    try:
        arms = tuple(Arm(str(arm["name"]), arm.get("overrides", {})) for arm in plan["arm"])
        design = checked(Design, plan.get("design", {}), f"{path}: design")
        looks = tuple(int(look) for look in plan["looks"])
        stopped = {str(arm): int(seeds) for arm, seeds in plan["stopped"].items()}
        return StudySpec(resolve(plan["base"]), arms, int(plan["seeds"]), design, looks, stopped)
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError("this is no study", where=str(path), got=repr(error)) from error


def _writable(overrides: Overrides, arm: str) -> dict[str, Any]:
    """TOML has no null, so an arm that unsets a key must say ``none``."""
    for key, value in overrides.items():
        if value is None:
            raise ConfigError(
                "an arm cannot unset a key with nothing",
                where=f"arm {arm}: {key}",
                got="None",
                hint='write "none" for a number, or leave the key out of the base',
            )
        if isinstance(value, dict):
            _writable(value, arm)
    return dict(overrides)
