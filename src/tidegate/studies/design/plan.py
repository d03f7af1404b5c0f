"""What a study compares: one base configuration, arms that change it, and seeds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from tidegate.config.registry import settings_of
from tidegate.config.resolve import merge, resolve
from tidegate.config.run import RunSpec
from tidegate.config.study import Design
from tidegate.errors import ConfigError
from tidegate.studies.callbacks import RunKey
from tidegate.studies.design.data_sizes import joined_sizes, largest, smaller
from tidegate.studies.design.looks import planned_looks
from tidegate.studies.design.stopping import looks_until

Overrides = Mapping[str, Any]

# Arms name folders, on every system.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_CELL_KEYS = frozenset({"cell", "bidirectional"})
_BUDGET = ("epochs", "max_time", "steps", "examples", "patience")

# Trials look for settings with a seed of their own, so that no run that counts was chosen by its luck.
TRIAL_SEED = 10_000
FINALISTS = 2

# Keys of the design that no run depends on.
FREE = ("margin", "target", "until_decided", "max_seeds")


@dataclass(frozen=True)
class Arm:
    """One thing to compare.

    Args:
        name: As in tables, charts and folder names.
        overrides: Nested tables of configuration keys, over those of the base.

    Raises:
        ConfigError: The name cannot name a folder.
    """

    name: str
    overrides: Overrides = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigError(
                "an arm cannot have this name",
                where="--arms",
                expected="up to 64 letters, digits and . _ + -, beginning with a letter or a digit",
                got=repr(self.name),
                hint="give it a name: --arms NAME=preset",
            )


@dataclass(frozen=True)
class StudySpec:
    """A study: every arm with every seed, on the same splits and budget.

    Args:
        base: The configuration that all runs share.
        arms: What differs.
        seeds: Runs of each arm (so far, of a study that goes on until it is decided); their seeds are ``base.seed``,
            ``base.seed + 1``, …
        design: What is made equal, how settings are looked for, what difference matters.
        looks: Numbers of seeds at which it is planned to look; default: what suits the seeds that it begins with.
        stopped: Arms that get no more seeds, and how many they have.

    Raises:
        ConfigError: There is no arm, two have one name, or there is no seed.

    Example:
        >>> study = StudySpec(RunSpec(task="classify"), (Arm("gru", {"model": {"preset": "gru"}}),), seeds=2)
        >>> [str(run) for run in study.runs]
        ['gru, seed 0', 'gru, seed 1']
        >>> study.run_spec(study.runs[1]).data.split_seed, study.run_spec(study.runs[1]).data.resample
        (0, 1)
    """

    base: RunSpec
    arms: tuple[Arm, ...]
    seeds: int = 1
    design: Design = field(default_factory=Design)
    looks: tuple[int, ...] = ()
    stopped: Mapping[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        design, begins = self.design, planned_looks(self.seeds)
        if design.until_decided:
            begins = looks_until(design.max_seeds)
            object.__setattr__(self, "seeds", max(self.seeds, begins[0]))
        object.__setattr__(self, "looks", self.looks or begins)
        # Folders of these names must differ where the disk ignores case.
        if self.design.sizes and self.base.data.train_share is not None:
            raise ConfigError(
                "two keys say how much of the training data is used",
                where="data.train_share, study.sizes",
                expected="one of them: the largest of the sizes is what the study itself has",
                hint="leave data.train_share out",
            )
        names = [arm.name.lower() for arm in self.arms]
        twice = sorted({name for name in names if names.count(name) > 1})
        if not names or twice or self.seeds < 1:
            raise ConfigError(
                "this study cannot be made",
                expected="at least one arm, each name once, and at least one seed",
                got=f"arms {', '.join(names) or 'none'}; seeds {self.seeds}",
                hint="--arms cnn,lstm,bilstm --seeds 3",
            )

    @property
    def runs(self) -> tuple[RunKey, ...]:
        """All runs, one seed of every arm after the other: an unfinished study can already be read."""
        return tuple(
            RunKey(arm.name, self.base.seed + number)
            for number in range(self.seeds)
            for arm in self.arms
            if number < self.stopped.get(arm.name, self.seeds)
        )

    @property
    def sizes(self) -> Mapping[str, int | float]:
        """Sizes of the training part below that of the study itself, by their names, the smallest first."""
        return smaller(self.design.sizes)

    @property
    def size_runs(self) -> tuple[RunKey, ...]:
        """The same runs on smaller training parts, the largest of them first."""
        return tuple(replace(run, size=size) for size in reversed(tuple(self.sizes)) for run in self.runs)

    @property
    def trials_an_arm(self) -> int:
        """How many runs look for the settings of each arm: the two best trials run twice."""
        return self.design.tune + (FINALISTS if self.design.tune >= FINALISTS else 0)

    def trial(self, arm: str, number: int, *, repeat: bool = False) -> RunKey:
        """A run that looks for settings; all trials of all arms have one seed, and all that run again a second one."""
        return RunKey(arm, self.base.seed + TRIAL_SEED + repeat, number, repeat)

    def arm(self, name: str) -> Arm:
        """The arm of a name."""
        return next(arm for arm in self.arms if arm.name == name)

    def run_spec(self, run: RunKey, *settled: Overrides) -> RunSpec:
        """The whole configuration of one run: a seed has the same split in every arm.

        Args:
            run: Which one.
            settled: What the study found out for its arm: the settings of a trial or of the best one, sizes.

        Raises:
            ConfigError: An override does not fit.
        """
        arm = self.arm(run.arm)
        base = self.base.model_dump()
        base["model"] = _kept(self.base.task, base["model"], arm.overrides)
        split_seed = self.base.seed if self.base.data.split_seed is None else self.base.data.split_seed
        draw = self._draw(run)
        share = self.sizes.get(run.size, largest(self.design.sizes) or base["data"]["train_share"])
        pool = self.design.resample is True
        data = {"split_seed": split_seed, "resample": draw, "pool": pool, "train_share": share}
        measures = self.base.train.baselines and self._measures_baselines(run, draw)
        same = {"data": data, "train": {"baselines": measures}}
        own = {"seed": run.seed, "train": {"validation_only": run.trial is not None}}
        return resolve(base, same, arm.overrides, *settled, own)

    def _measures_baselines(self, run: RunKey, draw: int | None) -> bool:
        """Whether it is the one of its split that does: they see the same data in every arm, and some are slow."""
        number = run.seed - self.base.seed
        if run.trial is not None or (number and draw is None):
            return False
        # The first arm that has this seed: arms that were found worse get no more.
        return run.arm == next(
            (arm.name for arm in self.arms if number < self.stopped.get(arm.name, self.seeds)), None
        )

    def _draw(self, run: RunKey) -> int | None:
        """Which draw of the parts a run has: of its seed; trials have the first, and the second when they run again."""
        if self.design.resample is False:
            return None
        return run.seed - self.base.seed if run.trial is None else int(run.repeat)

    def notes(self) -> list[str]:
        """What a person should know about the arms: keys of the base that do not reach one, budgets that differ."""
        return [*self._lost(), *self._unequal()]

    def _unequal(self) -> list[str]:
        told: list[str] = []
        for arm in self.arms:
            own = [f"train.{key}" for key in _BUDGET if key in (arm.overrides.get("train") or {})]
            if own:
                told.append(f"arm {arm.name} has a budget of its own: {', '.join(own)}")
        return told

    def _lost(self) -> list[str]:
        given = self.base.model.model_dump(exclude_none=True).keys() - {"preset", "spec"}
        told: list[str] = []
        for arm in self.arms:
            kept = _kept(self.base.task, self.base.model.model_dump(), arm.overrides)
            lost = sorted(key for key in given if kept[key] is None)
            if lost:
                keys = ", ".join(f"model.{key}" for key in lost)
                told.append(f"arm {arm.name}: {keys} of the configuration does not apply to it")
        return told


def with_earlier(study: StudySpec, earlier: StudySpec, where: str) -> StudySpec:
    """A study that goes on in the folder of an earlier start: arms and seeds may be added, nothing may change.

    The margin and the target may, and until when seeds are added: no run depends on them. The planned looks stay.
    Sizes of the training data may be added below the largest.

    Raises:
        ConfigError: The base, the design or an arm differs.
    """
    known = {arm.name: arm for arm in earlier.arms}
    changed = [arm.name for arm in study.arms if arm.name in known and _plain(arm) != _plain(known[arm.name])]
    sizes = {"sizes": joined_sizes(earlier.design.sizes, study.design.sizes, where)}
    free = {key: getattr(earlier.design, key) for key in (*FREE, "sizes")}
    design = study.design.model_copy(update=free)
    if study.base != earlier.base or design != earlier.design or changed:
        raise ConfigError(
            "this folder holds another study",
            where=where,
            got=f"another setting of the arm {changed[0]}" if changed else _first_change(earlier, study),
            hint="choose another --out, or start with the configuration that study.toml shows",
        )
    new = tuple(arm for arm in study.arms if arm.name not in known)
    return replace(
        earlier,
        arms=(*earlier.arms, *new),
        seeds=max(study.seeds, earlier.seeds),
        design=study.design.model_copy(update=sizes),
    )


def _kept(task: str, model: dict[str, Any], overrides: Overrides) -> dict[str, Any]:
    """The keys of [model] that an arm takes over from the base.

    An arm that names a network of its own decides its kind: the base's network, cell and direction do not reach it. Sizes
    do, where the arm's preset has them.
    """
    own = overrides.get("model") or {}
    if own.get("spec") is not None:
        return dict.fromkeys(model)
    if own.get("preset") is None:
        return merge(model, {"spec": None}) if own.keys() & model.keys() else model
    # A preset that the task does not have is told where the arm is built.
    preset = settings_of(task).presets.get(own["preset"])
    keys = frozenset[str]() if preset is None else preset.keys - _CELL_KEYS
    if not own["preset"].startswith("cnn"):
        keys -= {"conv"}
    return {key: value if key in keys else None for key, value in model.items()}


def _plain(arm: Arm) -> dict[str, Any]:
    return merge(arm.overrides)


def _first_change(earlier: StudySpec, now: StudySpec) -> str:
    for key, value in earlier.design.model_dump(exclude={*FREE, "sizes"}).items():
        if value != getattr(now.design, key):
            return f"study.{key} = {getattr(now.design, key)!r}, and it was {value!r}"
    changed = now.base.model_dump()
    for section, values in earlier.base.model_dump().items():
        new = changed.get(section)
        if not isinstance(values, dict) or not isinstance(new, dict):
            if values != new:
                return f"{section} = {new!r}, and it was {values!r}"
            continue
        for key, value in cast(dict[str, Any], values).items():
            if value != new.get(key):
                return f"{section}.{key} = {new.get(key)!r}, and it was {value!r}"
    return "the same configuration"
