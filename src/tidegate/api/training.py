"""``train`` and ``resume``: from a specification to a run folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from torch import nn

from tidegate.api.bundle import Bundle, save_bundle
from tidegate.api.memory import with_same_memory
from tidegate.api.request import Config, specification
from tidegate.check.settings import Sizes, unworkable
from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.config.toml import dump, load
from tidegate.data.division.part_digest import changed
from tidegate.data.encoding import decoding
from tidegate.data.finding import note
from tidegate.errors import CheckpointError, ConfigError, Finding
from tidegate.files import read_json, write_json, write_text
from tidegate.ops.memory import large_blocks_kept
from tidegate.ops.threads import torch_threads
from tidegate.report import write_run_report
from tidegate.results.analysis.samples import ErrorAnalysis
from tidegate.results.metrics import Best, Costs, RunMetrics, Speeds
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Baselines, Metrics, Prepared, Task
from tidegate.tasks.evaluation import Evaluation, evaluate, not_training
from tidegate.tasks.flops import example_flops
from tidegate.tasks.registry import task_named
from tidegate.training.callbacks import NullReporter, ProgressReporter
from tidegate.training.costs import costs
from tidegate.training.distributed.rank import leads_here, rank_here, threads_of
from tidegate.training.environment import environment
from tidegate.training.folder import RunFolder
from tidegate.training.loop import Trainer
from tidegate.training.outcome import Outcome


@dataclass(frozen=True, repr=False)
class RunResult:
    """How a run ended.

    Attributes:
        run: Its folder.
        valid: Metrics of the best weights on the validation split.
        test: The same on the test split, ``None`` without one.
        seconds: Wall-clock time of training.
        stopped: epochs, max_time, steps, examples, patience or interrupted.
        notes: What the data were read as, and what else a person should know about them.
        definition: What the metrics mean, where that must be said.
        leads: Whether this process has measured and written; of several that a launcher started, one does, and the
            others have no metrics.
    """

    run: Path
    valid: Metrics
    test: Metrics | None
    seconds: float
    stopped: str
    notes: Sequence[Finding] = ()
    definition: str = ""
    leads: bool = True

    def __repr__(self) -> str:
        if not self.leads:
            return f"<RunResult of {self.run}, which another process leads>"
        parts = {"valid": self.valid, "test": self.test or {}}
        figures = [
            f"{part} {name}={value:.4g}"
            for part, metrics in parts.items()
            for name, value in metrics.items()
            if name != "loss"
        ]
        return (
            f"<RunResult {self.run}: {', '.join(figures)}; {self.seconds:.1f} s, stopped by {self.stopped}>"
        )


def train(
    config: Config | None = None, *, out: Path | str, reporter: ProgressReporter | None = None, **keys: Any
) -> RunResult:
    """Train one network and write its run folder.

    The data are read and checked before the folder is made, so a mistake in either leaves nothing behind. Ctrl-C saves,
    evaluates and returns with ``stopped == "interrupted"``. Where a launcher such as torchrun started several processes,
    it returns in all of them; ``leads`` says in which one there is something to see. Threads and memory are afterwards
    as they were.

    ``data`` names files, or holds the data themselves: images, sentences, texts, series or signals with their answers, as
    arrays, lists or pandas frames; ``docs/how-to/from-python.md`` says what each task takes. It is one value, of which
    some is held out for validation, or a dictionary with ``train``, ``valid`` and ``test``, or ``source`` and ``split``.

    Args:
        config: A TOML file, a table or a ``RunSpec``; or nothing, with ``keys`` alone.
        out: A folder that does not exist or is empty.
        reporter: Told how it goes.
        keys: Tables on top of ``config``, named as in the TOML file.

    Raises:
        DataError: The data cannot be used, or are of another form than the task takes.
        SpecError: The specification cannot be built.
        OutputError: The folder exists, or a file cannot be written.
        DivergenceError: The loss is not finite.

    Example::

        result = tidegate.train(
            task="transcribe", data={"train": "lines/"}, model={"preset": "cnn-bilstm"}, out="runs/lines"
        )
        print(result.valid["cer"])
        tidegate.train(task="signal", data=(X, y), train={"epochs": 20}, out="runs/waves")
    """
    spec = specification(config, keys)
    _check_end(spec)
    _check_processes(spec)
    folder = RunFolder(Path(out))
    leads = leads_here(spec.train.processes)
    if leads:
        folder.check_free()
    task = task_named(spec.task)
    prepared = _prepared(task, spec)
    with folder.held() if leads else nullcontext(), torch_threads(), large_blocks_kept():
        if leads:
            folder.check_free()
        trainer = Trainer(task, prepared, folder, reporter or NullReporter())
        if trainer.leads:
            folder.create()
            write_text(folder.config, dump(prepared.spec))
            _describe(prepared, folder)
        return _run(trainer, resume=False)


def resume(run: Path | str, *, data: Any = None, reporter: ProgressReporter | None = None) -> RunResult:
    """Go on with a run that was stopped or killed; the end is the same, bit for bit, as without the stop.

    Args:
        run: Its folder.
        data: Of a run on data in memory, the same again: they are in no file.
        reporter: Told how it goes.

    Raises:
        CheckpointError: There is no checkpoint, or data or configuration have changed, or data in memory are missing.
    """
    folder = RunFolder(Path(run))
    if not folder.config.exists():
        raise _nothing(folder)
    spec = resolve(load(folder.config))
    with folder.held() if leads_here(spec.train.processes) else nullcontext():
        return _go_on(folder, with_same_memory(spec, data, str(run)), reporter or NullReporter())


def _go_on(folder: RunFolder, spec: RunSpec, reporter: ProgressReporter) -> RunResult:
    begun = folder.last.exists()
    if folder.metrics.exists() and not begun:
        raise _nothing(folder)
    task = task_named(spec.task)
    prepared = _prepared(task, spec)
    if not begun and leads_here(spec.train.processes):
        # Killed before the first checkpoint: the beginning is as good a place to go on from.
        _describe(prepared, folder)
    _check_same(folder, prepared)
    with torch_threads(), large_blocks_kept():
        trainer = Trainer(task, prepared, folder, reporter)
        if not begun:
            trainer.reporter.message("the run has no checkpoint yet and starts from its beginning")
        return _run(trainer, resume=begun)


def _nothing(folder: RunFolder) -> CheckpointError:
    again = f"train anew: this folder is free (--out {folder.path})" if folder.is_free else ""
    return CheckpointError(
        "there is nothing to resume",
        where=str(folder.path),
        expected="a run folder with config.toml and checkpoints/last.safetensors",
        hint=again or "check the path, or train anew into another folder",
    )


def _prepared(task: Task, spec: RunSpec) -> Prepared:
    with decoding(spec.data.encoding) as decoded:
        prepared = task.prepare(spec)
    origin = [note("in-memory", spec.data.origin)] if spec.data.origin else []
    told = [*prepared.notes, *decoded.findings(), *_unworkable(prepared)]
    return replace(prepared, notes=[*origin, *told])


def _unworkable(prepared: Prepared) -> list[Finding]:
    """The part of ``tidegate check`` that costs nothing: settings that cannot work with so few samples."""
    train, spec = prepared.splits["train"], prepared.spec
    sizes = Sizes(len(train), len(train.plan(spec.train.batch_size, spec.seed, 0)))
    return [one.finding for one in unworkable(spec, sizes)]


def _check_same(folder: RunFolder, prepared: Prepared) -> None:
    before, after = read_json(folder.split), json.loads(json.dumps(prepared.record))
    if before == after:
        return
    differ = [key for key in after if key != "digests" and before.get(key) != after[key]]
    raise CheckpointError(
        "the data have changed since the run began",
        where=str(folder.path),
        expected="the data as they were",
        got=f"changed: {', '.join([*changed(before, after), *differ])}",
        hint="put the data back as they were, or train anew into another folder",
    )


def _finished(prepared: Prepared, network: nn.Module) -> Prepared:
    if prepared.finish is None:
        return prepared
    with not_training(network):
        return replace(prepared, problem=prepared.finish(network))


def _error_analysis(
    network: nn.Module, prepared: Prepared, name: str, last: Evaluation
) -> tuple[ErrorAnalysis, Samples | None]:
    with not_training(network):
        return prepared.problem.error_analysis(network, prepared.splits[name], last.answers)


def _check_end(spec: RunSpec) -> None:
    train = spec.train
    if (train.epochs, train.max_time, train.steps, train.examples) == (None, None, None, None):
        raise ConfigError(
            "nothing ends the training",
            where="train.epochs, train.max_time, train.steps, train.examples",
            expected="one of them, or more",
            got="none",
            hint="give --epochs N, --max-time SECONDS, --steps N or --examples N; the schedule of the learning rate "
            "follows them",
        )


def _check_processes(spec: RunSpec) -> None:
    processes = spec.train.processes
    if spec.data.memory and processes > 1 and rank_here(processes) is None:
        raise ConfigError(
            "the other processes of the run cannot see data in memory",
            where="train.processes",
            expected="1, or data in files",
            got=str(processes),
            hint="write the data to files and name them, or start the script by torchrun, so that each process has them",
        )


def _describe(prepared: Prepared, folder: RunFolder) -> None:
    write_json(folder.split, prepared.record)
    train = prepared.spec.train
    environment(threads_of(train), train.device).write(folder.environment)


def _run(trainer: Trainer, *, resume: bool) -> RunResult:
    prepared, folder = trainer.prepared, trainer.folder
    if not trainer.leads:
        outcome = trainer.fit(resume=resume)
        return RunResult(folder.path, {}, None, outcome.progress.seconds, outcome.stopped, leads=False)
    for found in prepared.notes:
        trainer.reporter.message(found.line)
    outcome = trainer.fit(resume=resume)
    ended = _Ended(trainer.task, prepared, outcome)
    if prepared.spec.train.validation_only:
        # Nothing of the test part is read while settings are looked for.
        ended.metrics().write(folder.metrics)
        test = None
    else:
        test = _leave(ended, folder)
    return RunResult(
        folder.path,
        outcome.best.valid,
        test,
        outcome.progress.seconds,
        outcome.stopped,
        tuple(prepared.notes),
        prepared.problem.definition,
    )


def _leave(ended: _Ended, folder: RunFolder) -> Metrics | None:
    """Write the model and what it reached on the test part, and give that."""
    outcome = ended.outcome
    prepared = _finished(ended.prepared, outcome.network)
    ended = replace(ended, prepared=prepared)
    save_bundle(folder.model, Bundle(outcome.network, prepared.problem, prepared.spec))
    name = "test" if "test" in prepared.splits else "valid"
    last = evaluate(outcome.network, prepared.problem, prepared.splits[name])
    analysis, samples = _error_analysis(outcome.network, prepared, name, last)
    if samples is not None:
        replace(samples, split=name).write(folder.samples)
    replace(analysis, task=ended.task.name, split=name).write(folder.error_analysis)
    test = last.metrics if name == "test" else None
    costs_of = costs(outcome.network, prepared.problem, prepared.splits[name], folder.model)
    ended.metrics(test, last.samples_per_second, costs_of).write(folder.metrics)
    write_run_report(folder.path)
    return test


@dataclass(frozen=True)
class _Ended:
    """A run whose training is over."""

    task: Task
    prepared: Prepared
    outcome: Outcome

    def metrics(
        self, test: Metrics | None = None, predicts: float | None = None, costs: Costs | None = None
    ) -> RunMetrics:
        """What metrics.json holds."""
        prepared, outcome = self.prepared, self.outcome
        progress, problem = outcome.progress, prepared.problem
        train = prepared.splits["train"]
        goal = prepared.goal(self.task)
        spec = prepared.spec
        # Where a study asks for another draw and the parts stay, its first run tells what baselines reach on them.
        known = bool(spec.data.resample) and not prepared.record.get("draw")
        measures = spec.train.baselines and not spec.train.validation_only and not known
        baselines = prepared.baselines() if measures else Baselines()
        return RunMetrics(
            task=self.task.name,
            primary=goal.metric,
            lower_is_better=goal.lower_is_better,
            valid=outcome.best.valid,
            test=test,
            best=Best(outcome.best.step / outcome.steps_per_epoch, outcome.best.step),
            seconds=progress.seconds,
            cpu_seconds=progress.cpu_seconds,
            epochs=progress.step / outcome.steps_per_epoch,
            steps=progress.step,
            stopped=outcome.stopped,
            parameters=sum(p.numel() for p in outcome.network.parameters()),
            # On the CPU, where every operator is counted; the weights do not matter.
            flops=example_flops(problem, problem.network(), train),
            typical_size=int(median(train.sizes())),
            samples={name: len(split) for name, split in prepared.splits.items()},
            samples_per_second=Speeds(outcome.samples_per_second, predicts),
            costs=costs,
            definition=problem.definition,
            baselines=dict(baselines.metrics),
            notes=tuple(str(found) for found in (*prepared.notes, *baselines.notes)),
        )
