"""Losses against formulas written by hand, and what prepared data decide."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tidegate.config.resolve import resolve
from tidegate.errors import ConfigError, DataError
from tidegate.tasks.contract import Prepared
from tidegate.tasks.registry import task_named
from tidegate.tasks.split import TaskBatch


def prepared(task: str, folder: Path, **tables: Any) -> Prepared:
    spec = resolve({"task": task, "data": {"train": str(folder)}}, tables)
    return task_named(task).prepare(spec)


def batch_of(targets: list[int], lengths: list[int] | None = None) -> TaskBatch:
    target_lengths = None if lengths is None else torch.tensor(lengths)
    return TaskBatch(torch.zeros(0), None, torch.tensor(targets), target_lengths, range(len(targets)))


LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, -3.0], [1.0, 1.0, 1.0], [-2.0, 4.0, 0.0]])
TARGETS = [0, 2, 1, 1]


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.4])
def test_cross_entropy_with_smoothing(smoothing: float, image_folder: Path) -> None:
    problem = prepared("classify", image_folder, train={"label_smoothing": smoothing}).problem
    total = 0.0
    for row, target in zip(LOGITS.numpy().astype(float), TARGETS, strict=True):
        log_p = row - np.log(np.exp(row).sum())
        wanted = np.full(3, smoothing / 3)
        wanted[target] += 1 - smoothing
        total -= (wanted * log_p).sum()
    assert float(problem.loss(LOGITS, None, batch_of(TARGETS))) == pytest.approx(total / 4, rel=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_squared_error_on_one_hot_targets(smoothing: float, image_folder: Path) -> None:
    problem = prepared(
        "classify", image_folder, classify={"loss": "mse"}, train={"label_smoothing": smoothing}
    ).problem
    total = 0.0
    for row, target in zip(LOGITS.tolist(), TARGETS, strict=True):
        for number, value in enumerate(row):
            total += (value - ((1 - smoothing) * (number == target) + smoothing / 3)) ** 2
    assert float(problem.loss(LOGITS, None, batch_of(TARGETS))) == pytest.approx(total / 12, rel=1e-5)


def test_mse_answers_are_the_largest_output_with_a_bounded_confidence(image_folder: Path) -> None:
    problem = prepared("classify", image_folder, classify={"loss": "mse"}).problem
    answers = problem.decode(torch.tensor([[0.2, 0.9, 0.1], [7.0, 9.0, 8.0], [-1.0, -2.0, -0.5]]), None)
    assert [one.text for one in answers] == ["box", "box", "slope"]
    assert [one.confidence for one in answers] == pytest.approx([0.9, 1.0, 0.0])


def test_ctc_is_the_sum_over_all_paths(line_folder: Path) -> None:
    problem = prepared("transcribe", line_folder).problem
    symbols, steps = problem.symbols + 1, 4
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, steps, symbols, generator=generator)
    texts, lengths = [[1, 2], [3, 3]], [4, 3]
    p = torch.softmax(logits.double(), dim=-1)
    total = 0.0
    for row, (text, length) in enumerate(zip(texts, lengths, strict=True)):
        probability = 0.0
        for path in itertools.product({0, *text}, repeat=length):
            read = [k for i, k in enumerate(path) if k and (i == 0 or path[i - 1] != k)]
            if read == text:
                probability += float(torch.stack([p[row, t, k] for t, k in enumerate(path)]).prod())
        total -= np.log(probability)
    loss = problem.loss(logits, torch.tensor(lengths), batch_of([1, 2, 3, 3], [2, 2]))
    assert float(loss) == pytest.approx(total / 4, rel=1e-4)  # per character


def test_images_are_brought_to_mean_0_and_deviation_1(image_folder: Path) -> None:
    one = prepared("classify", image_folder)
    split = one.splits["train"]
    inputs = one.problem.condition(split.batch(range(len(split))).inputs)
    assert float(inputs.mean()) == pytest.approx(0, abs=1e-5)
    assert float(inputs.std()) == pytest.approx(1, abs=1e-5)


def test_one_class_is_refused_with_its_place(image_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bar").mkdir()
    for i in range(3):
        (tmp_path / "bar" / f"{i}.png").write_bytes((image_folder / "bar" / f"{i}.png").read_bytes())
    with pytest.raises(DataError, match="one class only") as caught:
        prepared("classify", tmp_path)
    assert caught.value.where == str(tmp_path) and "'bar'" in str(caught.value.got)


def test_mirrored_lines_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="mirrored"):
        prepared("transcribe", tmp_path, augment={"flip": True})
