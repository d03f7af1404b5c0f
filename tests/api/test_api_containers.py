"""Wrong containers in place of data and inputs: an answer or one of our errors, for every task; no stray exception."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from memory_cases import CASES
from tidegate.api import Model, load, train
from tidegate.config.registry import BUILT_IN
from tidegate.errors import TidegateError

TASKS = sorted(BUILT_IN)
WRONG: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "bytes": lambda: b"tide",
    "bytearray": lambda: bytearray(b"tide"),
    "a dict": lambda: {"x": [1, 2]},
    "a dict of nothing": dict,
    "a generator": lambda: (one for one in ["x.csv", 1]),
    "a generator of none": lambda: iter([]),
    "a name that is no file": lambda: "x.csv",
    "an empty text": lambda: "",
    "a text with a NUL": lambda: "a\0b",
    "a long text": lambda: "tide " * 2000,
    "names that are no files": lambda: ["x.csv", "y.png"],
    "a path that is no file": lambda: Path("nowhere/x.csv"),
    "an empty path": lambda: Path(),
    "a number": lambda: 3,
    "a float": lambda: float("nan"),
    "a truth value": lambda: True,
    "a list of numbers": lambda: [1, 2, 3],
    "a list of none": lambda: [None, None],
    "an empty list": list,
    "a list of empty lists": lambda: [[], []],
    "a ragged list": lambda: [[1.0], [1.0, 2.0], "x"],
    "a set": lambda: {"a", "b"},
    "a tuple of three": lambda: (1, 2, 3),
    "a range": lambda: range(3),
    "an open file": lambda: io.BytesIO(b"tide"),
    "an object": object,
    "a type": lambda: int,
    "a function": lambda: len,
    "an array of no axes": lambda: np.array(1.0),
    "an array of nothing": lambda: np.zeros((0, 3)),
    "an array of five axes": lambda: np.zeros((1, 1, 1, 2, 2)),
    "an array of text": lambda: np.array(["a", "b"]),
    "an array of objects": lambda: np.array([None, {}], dtype=object),
    "an array of complex numbers": lambda: np.zeros((2, 3), complex),
    "an array of dates": lambda: np.array(["2020-01-01"], dtype="datetime64[D]"),
    "an array of infinities": lambda: np.full((4, 4), np.inf),
    "a tensor": lambda: torch.zeros(3, 2, requires_grad=True),
    "an empty frame": pd.DataFrame,
    "a frame of other columns": lambda: pd.DataFrame({"q": ["a", None]}),
    "a frame of two columns of one name": lambda: pd.DataFrame([[1, 2]], columns=["y", "y"]),
    "a column": lambda: pd.Series([1.0, None]),
    "a picture of no pixels": lambda: Image.new("L", (1, 1)),
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Model]:
    """The model of a task after one step, made once."""

    @cache
    def made(task: str) -> Model:
        case = CASES[task]()
        settings = {"steps": 1, "threads": 1, "batch_size": 8, "baselines": False}
        out = tmp_path_factory.mktemp("containers") / task
        train(task=task, data=case.given, train=settings, out=out, **case.tables)
        return load(out, threads=1)

    return made


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("task", TASKS)
def test_predict_answers_or_says_why_not(task: str, name: str, models: Any) -> None:
    model: Model = models(task)
    try:
        answers = model.predict(WRONG[name]())
    except TidegateError as error:
        assert error.what and len(str(error)) < 2000 and " at 0x" not in str(error)
    else:
        assert all(row.error or row.answer is not None for row in answers)


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("task", TASKS)
def test_evaluate_measures_or_says_why_not(task: str, name: str, models: Any) -> None:
    model: Model = models(task)
    try:
        scores = model.evaluate(WRONG[name]())
    except TidegateError as error:
        assert error.what and len(str(error)) < 4000 and " at 0x" not in str(error)
    else:
        assert scores.count > 0


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("task", TASKS)
def test_train_says_why_not(task: str, name: str, tmp_path: Path) -> None:
    settings = {"steps": 1, "threads": 1, "batch_size": 8, "baselines": False}
    try:
        train(task=task, data=WRONG[name](), train=settings, out=tmp_path / "run", **CASES[task]().tables)
    except TidegateError as error:
        assert error.what and len(str(error)) < 4000 and " at 0x" not in str(error)
