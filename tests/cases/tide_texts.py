"""Short texts about tides with a class, labels or a value, and a short training, for the tests of ``document``."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import torch

from tidegate.config.resolve import resolve
from tidegate.tasks.contract import Prepared
from tidegate.tasks.document.network import TextNetwork
from tidegate.tasks.document.problem import DocumentProblem
from tidegate.tasks.document.task import DOCUMENT

SIGNS = {"high": ("flow", "full", "rising"), "low": ("ebb", "empty", "falling")}
PLACES = ("London", "Cuxhaven", "the bay", "this harbour", "Brest")
SMALL: dict[str, Any] = {
    "embedding": 12,
    "characters": "none",
    "case": 0,
    "affixes": 0,
    "word_dropout": 0.0,
    "input_dropout": 0.0,
}


def rows(count: int = 60, seed: int = 0) -> list[tuple[str, str]]:
    """Text and class: one word tells it."""
    chance = random.Random(seed)
    made: list[tuple[str, str]] = []
    for number in range(count):
        label = ("high", "low")[number % 2]
        sign, place = chance.choice(SIGNS[label]), chance.choice(PLACES)
        made.append((f"In {place} the water is {sign}" + " now" * chance.randrange(4) + ".", label))
    return made


def written(folder: Path, count: int = 60, answers: dict[str, str] | None = None) -> dict[str, Any]:
    """A table for each part, as ``[data]``; ``answers`` are what stands in place of the classes."""
    for name, seed in (("train", 0), ("valid", 1), ("test", 2)):
        lines = [f"{text},{(answers or {}).get(label, label)}" for text, label in rows(count, seed)]
        (folder / f"{name}.csv").write_text("\n".join(["text,label", *lines, ""]), encoding="utf-8")
    return {name: str(folder / f"{name}.csv") for name in ("train", "valid", "test")}


def prepared(data: dict[str, Any], *, model: dict[str, Any] | None = None, **document: Any) -> Prepared:
    """A small network's problem and data."""
    tables = {"model": model or {"preset": "gru", "hidden": 8}, "document": {**SMALL, **document}}
    return DOCUMENT.prepare(resolve({"task": "document", "data": data, **tables}))


def problem_of(task: Prepared) -> DocumentProblem:
    """Its problem."""
    assert isinstance(task.problem, DocumentProblem)
    return task.problem


def network_of(task: Prepared, steps: int = 0) -> TextNetwork:
    """Its network, after some steps of learning."""
    torch.manual_seed(0)
    network = task.problem.network()
    assert isinstance(network, TextNetwork)
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    split = task.splits["train"]
    for step in range(steps):
        plan = split.plan(16, 0, step)
        loss, _ = task.problem.learn(network.train(), split.batch(plan[0]), ())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.eval()
