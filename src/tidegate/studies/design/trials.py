"""The trials of a study: the same number for every arm, judged on validation alone, before any run that counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import getitem
from typing import Any

from tidegate.config.run import RunSpec
from tidegate.config.search import space_for
from tidegate.config.search_space import Space
from tidegate.results.history import HistoryLine, read_history
from tidegate.results.tuning import ArmTrials, Repeat, Trial, TrialStatus, Tuning
from tidegate.studies.callbacks import RunKey, RunOutcome
from tidegate.studies.design.choice import chosen, edges, finalists, tie
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.design.plan import StudySpec
from tidegate.studies.design.tuning import pruned, suggest
from tidegate.studies.learning_curve import improving

Settings = Mapping[str, Any]


class Trials:
    """Which settings were tried for each arm, and how they did; kept in tuning.json.

    Args:
        study: Its design says how many and of what.
        folder: Where tuning.json is.
    """

    def __init__(self, study: StudySpec, folder: StudyFolder) -> None:
        self._study, self._folder = study, folder
        tuning = Tuning.find(folder.tuning)
        known = {} if tuning is None else {arm: list(one.trials) for arm, one in tuning.arms.items()}
        self._records = {arm.name: known.get(arm.name, []) for arm in study.arms}
        self._measure: tuple[str, bool] | None = None
        specs = {arm.name: study.run_spec(RunKey(arm.name, study.base.seed)) for arm in study.arms}
        self._spaces = {arm: space_for(study.design, spec) for arm, spec in specs.items()}
        self._defaults = {arm: _values(spec, self._spaces[arm][0]) for arm, spec in specs.items()}

    @property
    def keys(self) -> tuple[RunKey, ...]:
        """All trials, one of every arm after the other; then those that run again, as far as it is known which."""
        return (*self._first, *self._repeats)

    @property
    def over(self) -> tuple[RunKey, ...]:
        """Those that need not be run again."""
        return tuple(run for run in self.keys if self._over(run))

    @property
    def _first(self) -> tuple[RunKey, ...]:
        count, arms = self._study.design.tune, self._study.arms
        return tuple(self._study.trial(arm.name, number) for number in range(count) for arm in arms)

    @property
    def _repeats(self) -> tuple[RunKey, ...]:
        """The two best trials of every arm whose trials are over; a single one has nobody to be compared with."""
        best = {arm.name: self._finalists(arm.name) for arm in self._study.arms}
        return tuple(
            self._study.trial(arm, trial.number, repeat=True)
            for arm, trials in best.items()
            for trial in trials
            if len(trials) > 1
        )

    def _over(self, run: RunKey) -> bool:
        record = self._of(run)
        if record is None:
            return False
        return record.repeat is not None if run.repeat else record.status != "started"

    def _finalists(self, arm: str) -> tuple[Trial, ...]:
        records, count = self._records[arm], self._study.design.tune
        if not records or len(records) < count or any(record.status == "started" for record in records):
            return ()
        return finalists(records, lower_is_better=self._lower_is_better())

    def rounds(self, at_once: int, run: Callable[[Sequence[RunKey]], bool]) -> bool:
        """Run what is missing, a few trials of every arm at a time; later ones learn from all before them.

        At last the two best of every arm run again with a second seed.

        Args:
            at_once: How many runs go at the same time.
            run: Runs trials; whether all were run.

        Returns:
            Whether it came to the end.
        """
        count = max(1, at_once // max(1, len(self._study.arms)))
        for first in range(0, self._study.design.tune, count):
            numbers = range(first, min(first + count, self._study.design.tune))
            for arm in self._study.arms:
                self._suggest(arm.name, numbers)
            wanted = [key for key in self.keys if key.trial in numbers and key not in self.over]
            if wanted and not run(wanted):
                return False
        repeats = [key for key in self._repeats if key not in self.over]
        return not repeats or run(repeats)

    def settings(self, run: RunKey) -> Settings:
        """Of a trial: what it tries; of a run that counts: what was chosen for its arm."""
        if not self._study.design.tune:
            return {}
        if run.trial is not None:
            record = self._of(run)
            return record.settings if record else {}
        return self.chosen(run.arm).settings

    def chosen(self, arm: str) -> Trial:
        """The trial that did best on validation, over both of its seeds.

        Raises:
            TrainingError: All trials of the arm failed.
        """
        return chosen(self._records[arm], arm, lower_is_better=self._lower_is_better())

    def decided(self, arm: str) -> bool:
        """Whether the settings of an arm are known."""
        best = self._finalists(arm)
        return len(best) == 1 or (len(best) > 1 and all(trial.repeat for trial in best))

    def check(self) -> None:
        """Find an arm without a single trial that worked, before the others train for hours.

        Raises:
            TrainingError: Its trials failed.
        """
        for arm in self._study.arms if self._study.design.tune else ():
            self.chosen(arm.name)

    def ended(self, outcome: RunOutcome) -> None:
        """Keep how a trial did."""
        run = outcome.run
        assert run.trial is not None
        if outcome.status == "interrupted":
            return
        metrics = self._folder.metrics(run)
        if metrics:
            self._measure = metrics.primary, metrics.lower_is_better
        valid = outcome.valid or {}
        value = valid.get(self._measure[0]) if self._measure else None
        record = self._of(run)
        assert record is not None
        status: TrialStatus = (
            "done" if outcome.status == "done" else "pruned" if outcome.status == "pruned" else "failed"
        )
        if run.repeat:
            self._put(run.arm, replace(record, repeat=Repeat(value, valid.get("loss"), status)))
        else:
            self._put(run.arm, replace(record, value=value, loss=valid.get("loss"), status=status))

    def worth_ending(self, run: RunKey, lines: Sequence[HistoryLine]) -> bool:
        """Whether a trial is so far behind its arm's others that it is ended; the same rule for every arm."""
        if self._study.design.prune == "none" or not self._measure or run.repeat:
            return False
        done = [record for record in self._records[run.arm] if record.status == "done"]
        others = [
            read_history(self._folder.run(self._study.trial(run.arm, record.number)) / "history.jsonl")
            for record in done
        ]
        name, lower_is_better = self._measure
        train = self._study.run_spec(run).train
        return pruned(lines, others, name, train, lower_is_better=lower_is_better)

    def notes(self) -> list[str]:
        """Keys of the search that an arm does not have."""
        if not self._study.design.tune:
            return []
        return [
            f"arm {arm}: {', '.join(left_out)} is not searched, since its network has no such key"
            for arm, (_, left_out) in self._spaces.items()
            if left_out
        ]

    def _of(self, run: RunKey) -> Trial | None:
        return next((one for one in self._records[run.arm] if one.number == run.trial), None)

    def _suggest(self, arm: str, numbers: Sequence[int]) -> None:
        told = [record for record in self._records[arm] if record.status != "started"]
        known = {record.number for record in self._records[arm]}
        space, _ = self._spaces[arm]
        for number in numbers:
            if number not in known:
                seed = self._study.base.seed
                settings = suggest(space, told, number, seed, lower_is_better=self._lower_is_better())
                self._put(arm, Trial(number, settings, None, "started"))

    def _put(self, arm: str, record: Trial) -> None:
        others = [one for one in self._records[arm] if one.number != record.number]
        self._records[arm] = sorted([*others, record], key=lambda one: one.number)
        Tuning({name: self._arm(name) for name in self._records}).write(self._folder.tuning)

    def _arm(self, name: str) -> ArmTrials:
        """What tuning.json holds of an arm: the doubts once it is decided."""
        records = self._records[name]
        best = self.chosen(name) if any(record.status == "done" for record in records) else None
        arm = ArmTrials(tuple(records), best.number if best else None, self._defaults[name])
        if best is None or not self.decided(name):
            return arm
        run = self._study.trial(name, best.number)
        metrics = self._folder.metrics(run)
        history = read_history(self._folder.run(run) / "history.jsonl")
        return replace(
            arm,
            edges=edges(self._spaces[name][0], arm, {**arm.defaults, **best.settings}),
            tied=tie(records, best, metrics.samples.get("valid") if metrics else None),
            improving=metrics is not None and improving(history, metrics),
        )

    def _lower_is_better(self) -> bool:
        if self._measure is None:
            for run in self._first:
                metrics = self._folder.metrics(run)
                if metrics:
                    self._measure = metrics.primary, metrics.lower_is_better
                    break
        return self._measure[1] if self._measure else False


def _values(spec: RunSpec, space: Space) -> dict[str, Any]:
    """What a configuration has of the keys that are searched; not those that its preset decides."""
    table: Any = spec.model_dump(mode="json")
    values: dict[str, Any] = {key: reduce(getitem, key.split("."), table) for key in space}
    return {key: value for key, value in values.items() if value is not None}
