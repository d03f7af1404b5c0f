"""What the networks of a study are before any is trained: sizes that match, arithmetic, and how fast they learn.

Runs in a process of its own, since it needs torch and the data: a study asks by JSON and is answered by JSON.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from tidegate.config.compile import compile_model
from tidegate.config.resolve import merge
from tidegate.config.run import RunSpec
from tidegate.errors import ConfigError, SpecError
from tidegate.files import write_text
from tidegate.network.units import sizable, with_units
from tidegate.network.vgsl import render
from tidegate.ops.memory import large_blocks_kept
from tidegate.studies.design.matching import solve
from tidegate.tasks.contract import Json, Prepared, Problem
from tidegate.tasks.evaluation import evaluate
from tidegate.tasks.flops import example_flops
from tidegate.tasks.registry import task_named
from tidegate.training.callbacks import NullReporter
from tidegate.training.folder import RunFolder
from tidegate.training.loop import Trainer

_WARM_UP = 2
# What changes nothing about what is read. The network may: the height of an image is its.
_NOT_READ = {"seed", "model", "optimiser", "schedule", "train", "initialise", "augment"}
# Of the time for one network: steps of training first, what is left for a validation.
_TRAINING_SHARE = 0.7


def survey(request: Json) -> Json:
    """Answer a study's question about its networks.

    Args:
        request: ``specs``: entries with ``key`` and ``spec``, a whole configuration; ``match``: parameters, flops or
            none; ``size``: how many, or ``None`` for as many as the network of ``reference``; ``seconds``: for measuring
            speed, all networks together, 0 for none.

    Returns:
        ``target``, and an entry of ``arms`` for each of ``specs``: ``key``, ``units``, ``parameters``, ``flops``,
        ``architecture``, ``off`` (relative deviation from the target), ``steps_per_epoch``, ``samples``, and where speed
        was measured ``train_speed`` and ``valid_seconds``; or ``error``.

    Raises:
        DataError: The data cannot be read.
        SpecError: The reference cannot be built.
    """
    kept = PreparedData()
    specs = [(str(one["key"]), RunSpec.model_validate(one["spec"])) for one in request["specs"]]
    match, target = request["match"], request.get("size")
    if match != "none" and target is None:
        reference = kept.prepared(RunSpec.model_validate(request["reference"]))
        target = _count(match, reference)(sizable(reference.problem.architecture))
    seconds = float(request.get("seconds") or 0) / max(1, len(specs))
    arms: list[Json] = []
    for key, spec in specs:
        try:
            arms.append({"key": key, **_arm(kept, spec, match, target, seconds)})
        except SpecError as error:
            arms.append({"key": key, "error": str(error)})
    return {"target": target, "arms": arms, "notes": list(kept.notes)}


class PreparedData:
    """Data that were read, for the next configuration if it reads the same: arms mostly differ in their network alone."""

    def __init__(self) -> None:
        self._known: dict[str, Prepared] = {}
        self.notes: dict[str, None] = {}

    def prepared(self, spec: RunSpec) -> Prepared:
        """A run's data, and its problem."""
        # The seed decides the split where nothing else does, and no size.
        data = {"data": {"split_seed": spec.seed if spec.data.split_seed is None else spec.data.split_seed}}
        key = json.dumps(merge(spec.model_dump(mode="json", exclude=_NOT_READ), data))
        known = self._known.get(key)
        other = None if known is None else _with_network(known, spec)
        if other is None:
            other = task_named(spec.task).prepare(spec)
            self.notes.update((str(note), None) for note in other.notes)
            self._known = {key: other}
        return other


def _with_network(known: Prepared, spec: RunSpec) -> Prepared | None:
    """The same data for another network; ``None`` where that reads them otherwise, such as images of another height."""
    before = known.problem.architecture
    if not task_named(spec.task).shares_data:
        return None
    after = compile_model(
        spec.model, spec.task, before.input.rows, before.input.columns, before.input.channels
    )
    if after.input != before.input:
        return None
    # What the data decided stays written in.
    settled = known.spec.model_copy(update={name: getattr(spec, name) for name in _NOT_READ})
    return replace(known, spec=settled, problem=known.problem.with_network(after, settled))


def _arm(kept: PreparedData, spec: RunSpec, match: str, target: int | None, seconds: float) -> Json:
    prepared = kept.prepared(spec)
    problem = prepared.problem
    units = None
    off = 0.0
    if match != "none" and target is not None:
        before = sizable(problem.architecture)
        if not before:
            raise ConfigError(
                "this network has no layer that could be made wider or narrower",
                got=render(problem.architecture),
            )
        count = _count(match, prepared)
        solved = solve(before, target, count)
        least = count([1] * len(before))
        if least > target * 1.01:
            raise ConfigError(
                f"its other layers alone have more {match} than that",
                expected=f"{target:,}",
                got=f"{least:,} with one unit a layer in {render(problem.architecture)}",
            )
        units, off = list(solved.units), solved.off(target)
        prepared = replace(prepared, problem=_resized(problem, units))
        problem = prepared.problem
    network = problem.network()
    return {
        "units": units,
        "off": off,
        "parameters": sum(one.numel() for one in network.parameters()),
        "flops": example_flops(problem, network, prepared.splits["train"]),
        "architecture": render(problem.architecture),
        "samples": {name: len(split) for name, split in prepared.splits.items()},
        "steps_per_epoch": len(prepared.splits["train"].plan(spec.train.batch_size, spec.seed, 0)),
        **(_speed(prepared, seconds) if seconds else {}),
    }


def _count(match: str, prepared: Prepared) -> Callable[[Sequence[int]], int]:
    """Parameters or FLOPs of a problem's network with other units."""
    problem, train = prepared.problem, prepared.splits["train"]

    def parameters(units: Sequence[int]) -> int:
        with torch.device("meta"):
            network = _resized(problem, units).network()
        return sum(one.numel() for one in network.parameters())

    def flops(units: Sequence[int]) -> int:
        resized = _resized(problem, units)
        return example_flops(resized, resized.network(), train) or 0

    return parameters if match == "parameters" else flops


def _resized(problem: Any, units: Sequence[int]) -> Problem:
    try:
        return replace(problem, architecture=with_units(problem.architecture, units))
    except TypeError as error:
        raise ConfigError(
            "the networks of this task cannot be made equally large",
            where=f"task {problem.task}",
            expected="a problem that is a dataclass with a field architecture",
            got=str(error),
            hint="compare them as they are: --match none",
        ) from error


def _speed(prepared: Prepared, seconds: float) -> Json:
    """Samples a second of training, as the split counts them, and seconds of a whole validation."""
    task, train, valid = task_named(prepared.spec.task), prepared.splits["train"], prepared.splits["valid"]
    with TemporaryDirectory(prefix="tidegate-survey-") as folder, large_blocks_kept():
        trainer = Trainer(task, _threaded(prepared), RunFolder(Path(folder)), NullReporter())
        steps, begun = 0, time.perf_counter()
        started = begun
        with closing(_endless(trainer)) as batches:
            for number, batch in enumerate(batches, start=1):
                trainer.step(batch)
                now = time.perf_counter()
                if number <= _WARM_UP:
                    started = now
                    continue
                steps += 1
                if now - begun > seconds * _TRAINING_SHARE:
                    break
        # Reading batches is counted in, and a window of a signal is not taken for the whole.
        speed = steps * len(train) / trainer.steps_per_epoch / (time.perf_counter() - started)
        begun = time.perf_counter()
        evaluate(trainer.network, prepared.problem, valid)
        return {"train_speed": speed, "valid_seconds": time.perf_counter() - begun}


def _threaded(prepared: Prepared) -> Prepared:
    """With as many threads as this process was given, where the configuration does not say."""
    train = prepared.spec.train
    if train.threads is not None:
        return prepared
    threads = train.model_copy(update={"threads": torch.get_num_threads()})
    return replace(prepared, spec=prepared.spec.model_copy(update={"train": threads}))


def pace(request: Json) -> Json:
    """How many samples a second this process learns, once it is told to begin: others measure beside it.

    Args:
        request: ``spec``, a whole configuration; ``seconds``; ``ready``, a file written when all is read and warm; and
            ``go``, the file that it then waits for.
    """
    spec = RunSpec.model_validate(request["spec"])
    with TemporaryDirectory(prefix="tidegate-pace-") as folder, large_blocks_kept():
        trainer = Trainer(
            task_named(spec.task),
            task_named(spec.task).prepare(spec),
            RunFolder(Path(folder)),
            NullReporter(),
        )
        for batch in islice(_endless(trainer), _WARM_UP):
            trainer.step(batch)
        write_text(Path(request["ready"]), "ready")
        while not Path(request["go"]).exists():
            time.sleep(0.01)
        begun, samples = time.perf_counter(), 0
        for batch in _endless(trainer):
            trainer.step(batch)
            samples += batch.samples
            if time.perf_counter() - begun > float(request["seconds"]):
                break
        return {"samples_per_second": samples / (time.perf_counter() - begun)}


def _endless(trainer: Trainer) -> Generator[Any]:
    while True:
        with closing(trainer.batches()) as batches:
            yield from batches
