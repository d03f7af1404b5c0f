"""Tagged sentences about tides in any layout, and a short training, for the tests of ``tag``."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tidegate.config.resolve import resolve
from tidegate.data.words.schemes import Scheme, convert
from tidegate.tasks.contract import Prepared
from tidegate.tasks.tag.network import Tagger
from tidegate.tasks.tag.problem import Tag
from tidegate.tasks.tag.task import TAG

IOB2 = Scheme("iob2")
PEOPLE, PLACES = ("Anna", "Bert", "Cora", "Dov"), (("London",), ("New", "York"), ("Rio", "de", "Janeiro"))
SMALL = {
    "embedding": 8,
    "character_embedding": 4,
    "character_hidden": 4,
    "affix_embedding": 3,
    "column_embedding": 4,
}
Row = tuple[str, str, str]


def sentences(count: int = 40, seed: int = 0) -> list[list[Row]]:
    """Word, part of speech and IOB2 tag; two people, or two places, may stand side by side."""
    chance = random.Random(seed)
    made: list[list[Row]] = []
    for number in range(count):
        rows: list[Row] = [
            (chance.choice(PEOPLE), "NNP", "B-PER"),
            (chance.choice(("sees", "left")), "VB", "O"),
        ]
        for _ in range(1 + number % 3):
            place = chance.choice(PLACES)
            rows += [(word, "NNP", "I-LOC" if i else "B-LOC") for i, word in enumerate(place)]
        made.append([*rows, (str(number), "CD", "O")])
    return made


def columns(rows: list[list[Row]], scheme: Scheme = IOB2) -> str:
    """Three columns, tags in this scheme."""
    blocks: list[str] = []
    for sentence in rows:
        tags = convert([tag for _, _, tag in sentence], IOB2, scheme)
        lines = [f"{word} {pos} {tag}\n" for (word, pos, _), tag in zip(sentence, tags, strict=True)]
        blocks.append("".join(lines))
    return "\n".join(blocks)


def written(folder: Path, scheme: Scheme = IOB2) -> dict[str, str]:
    """Training and validation files, as ``[data]``."""
    for name, seed in (("train", 0), ("valid", 1)):
        (folder / f"{name}.txt").write_text(columns(sentences(40, seed), scheme), encoding="utf-8")
    return {"train": str(folder / "train.txt"), "valid": str(folder / "valid.txt")}


def prepared(data: dict[str, Any], *, model: dict[str, Any] | None = None, **tag: Any) -> Prepared:
    """A small network's problem and data."""
    usual = {"preset": "bilstm-crf", "hidden": 8, "layers": 1}
    return TAG.prepare(
        resolve(
            {"task": "tag", "data": data, "model": usual if model is None else model, "tag": {**SMALL, **tag}}
        )
    )


def network_of(task: Prepared) -> Tagger:
    torch.manual_seed(0)
    network = task.problem.network()
    assert isinstance(network, Tagger)
    return network


def problem_of(task: Prepared) -> Tag:
    assert isinstance(task.problem, Tag)
    return task.problem


def learn(task: Prepared, network: nn.Module, steps: int) -> list[float]:
    """The losses of some steps."""
    optimiser = torch.optim.Adam([one for one in network.parameters() if one.requires_grad], lr=0.02)
    losses: list[float] = []
    split, epoch = task.splits["train"], 0
    network.train()
    while len(losses) < steps:
        for indices in split.plan(8, 0, epoch)[: steps - len(losses)]:
            loss, _ = task.problem.learn(network, split.batch(indices), ())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
        epoch += 1
    network.eval()
    return losses
