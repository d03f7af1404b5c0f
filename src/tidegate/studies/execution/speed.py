"""How fast the arms of a study answer, measured after all runs by the models that they left: a question to a worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tidegate.api.bundle import load_bundle
from tidegate.config.resolve import resolve
from tidegate.config.toml import load
from tidegate.results.speed import SpeedRounds
from tidegate.studies.design.survey import PreparedData
from tidegate.studies.execution.rotation import OthersLoad, rotate, samples_that_fit
from tidegate.tasks.contract import Json
from tidegate.tasks.evaluation import not_training
from tidegate.tasks.flops import answering

_WARM_UP = 3


def speed(request: Json) -> Json:
    """Time the answer to one sample, arm by arm in rotation.

    Args:
        request: ``study``, its folder, and ``folders``: by the name of each arm a run of it that is done.

    Returns:
        What speed.json holds; arms of a task that does not say how it answers one sample are left out.
    """
    data, arms = PreparedData(), dict[str, Callable[[int], object]]()
    with ExitStack() as stack:
        for name, folder in request["folders"].items():
            run = Path(request["study"]) / folder
            prepared = data.prepared(resolve(load(run / "config.toml")))
            bundle = load_bundle(run / "model")
            answer = answering(bundle.problem)
            split = prepared.splits.get("test") or prepared.splits["valid"]
            if answer is not None:
                stack.enter_context(not_training(bundle.network))
                # Each sample in its turn, the same for every arm.
                arms[name] = lambda n, answer=answer, network=bundle.network, split=split: answer(
                    network, split, n % len(split.sizes())
                )
        slowest = max((_warm(answer) for answer in arms.values()), default=0.0)
        samples = samples_that_fit(slowest, max(1, len(arms)))
        others = OthersLoad()
        rounds = rotate(arms, samples=samples) if arms else {}
        folders = {name: request["folders"][name] for name in rounds}
        return SpeedRounds(rounds, folders, samples, others.share()).to_json()


def _warm(answer: Callable[[int], object]) -> float:
    """Seconds of a sample, once caches are warm."""
    for number in range(_WARM_UP):
        answer(number)
    begun = time.perf_counter()
    answer(_WARM_UP)
    return time.perf_counter() - begun
