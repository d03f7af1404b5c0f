"""Data in memory: the digest that knows them again, and what can be read in two ways."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from tidegate.config.tables import DataSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.digest import digest_of
from tidegate.data.images.memory import classes_in_memory
from tidegate.data.memory import InMemory, class_name, described, reference
from tidegate.data.series.reader import read_panel
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.reading import read_signals
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.memory import texts_in_memory
from tidegate.errors import ConfigError, DataError

FRAME = pd.DataFrame(
    {"a": [1.5, np.nan], "b": ["x", None], "c": pd.to_datetime(["2020-01-01", "2020-01-02"])}
)
X = np.arange(24.0).reshape(4, 6)
PICTURE = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4))
SAME: dict[str, tuple[Any, Any]] = {
    "a copy": (X, X.copy()),
    "another order in memory": (X, np.asfortranarray(X)),
    "every second column": (X[:, ::2], X[:, ::2].copy()),
    "the other byte order": (X, X.astype(">f8")),
    "a tensor": (X, torch.from_numpy(X.copy())),
    "a tuple": ((X, ["a", "b"]), [X, ("a", "b")]),
    "an array of texts": (np.array(["ab", "c"]), ["ab", "c"]),
    "wider texts": (np.array(["ab", "c"], "<U9"), np.array(["ab", "c"])),
    "numbers of NumPy": ([np.int64(3), np.float64(0.5)], [3, 0.5]),
    "a set": ([{"b", "a"}], [["a", "b"]]),
    "a frame": (FRAME, FRAME.copy()),
    "a frame's part": (FRAME, pd.concat([FRAME, FRAME]).reset_index(drop=True)[:2]),
    "an index": (FRAME.set_index("c"), FRAME[["c", "a", "b"]]),
    "a picture": (PICTURE, PICTURE.copy()),
}
OTHER: dict[str, tuple[Any, Any]] = {
    "a value": (X, np.where(X == 7, 7.5, X)),
    "a type": (X, X.astype(np.float32)),
    "a shape": (X, X.reshape(6, 4)),
    "an order": ([1, 2], [2, 1]),
    "nesting": ([[1], [2]], [[1, 2]]),
    "where texts end": (["ab", "c"], ["a", "bc"]),
    "number and text": ([1], ["1"]),
    "whole and real": ([1], [1.0]),
    "truth and number": ([True], [1]),
    "a column's name": (FRAME, FRAME.rename(columns={"a": "d"})),
    "a missing value": (FRAME, FRAME.assign(a=[1.5, 0.0])),
    "a pixel": (PICTURE, PICTURE.point(lambda value: value + (value == 5))),
    "a picture's mode": (PICTURE, PICTURE.convert("RGB")),
}


@pytest.mark.parametrize("name", SAME)
def test_a_copy_has_the_same_digest(name: str) -> None:
    one, two = SAME[name]
    assert digest_of({"train": one}) == digest_of({"train": two})


@pytest.mark.parametrize("name", OTHER)
def test_other_content_has_another_digest(name: str) -> None:
    one, two = OTHER[name]
    assert digest_of({"train": one}) != digest_of({"train": two})


def test_the_digest_is_that_of_another_process_and_counts_keys() -> None:
    code = "from tidegate.data.digest import digest_of; print(digest_of({'train': (['tide', b'x', None, 1.5], [1])}))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    value = (["tide", b"x", None, 1.5], [1])
    assert other.strip() == digest_of({"train": value}) != digest_of({"valid": value})
    with pytest.raises(DataError, match="no digest"):
        digest_of({"train": iter([1, 2])})


def test_training_on_lists_needs_no_pandas() -> None:
    code = "import tidegate, sys; assert not {'torch', 'numpy', 'pandas'} & sys.modules.keys()\n"
    code += "import tidegate.api.training; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_reference_is_a_path_or_what_is_held() -> None:
    spec = DataSpec(valid="b/").holding({"train": [1]}, "9f86")
    held = reference(spec, "train")
    assert isinstance(held, InMemory) and held.value == [1] and str(held) == "data"
    assert reference(spec, "valid") == "b/"
    assert spec == DataSpec(train="<memory>", valid="b/", digest="9f86")
    assert str(reference(spec.holding({"train": [1], "test": [2]}, "9f86"), "test")) == "data.test"
    with pytest.raises(DataError, match="are not here") as raised:
        reference(DataSpec(train="<memory>", digest="9f86"), "train")
    assert "data with the digest 9f86" in str(raised.value)


@pytest.mark.parametrize("label", [1.0, 1.5, b"x", object(), np.datetime64("2020-01-01"), [1]])
def test_what_is_no_class(label: Any) -> None:
    with pytest.raises(DataError, match="a label that is no class") as raised:
        class_name(label, "image 3")
    assert raised.value.where == "image 3"


@pytest.mark.parametrize(
    ("label", "name"),
    [(" a ", "a"), (np.str_("b"), "b"), (np.int8(3), "3"), (torch.tensor(4), "4"), (pd.NA, ""), (pd.NaT, "")],
)
def test_what_is_a_class(label: Any, name: str) -> None:
    assert class_name(label, "image 3") == name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.zeros((2, 3)), "ndarray of shape (2, 3), float64"),
        (FRAME, "a DataFrame of 2 rows with the columns a, b, c"),
        ([], "an empty list"),
        ("x" * 99, f"str '{'x' * 59}…"),
    ],
)
def test_errors_describe_what_was_given(value: Any, text: str) -> None:
    assert described(value) == text


def signal_targets(y: Any, **keys: Any) -> tuple[list[str], bool]:
    """What answers are read as, and whether they are values."""
    found = read_signals(InMemory((np.zeros((3, 5)), y)), "all", ReadOptions(SignalSpec(**keys)))
    return [one.target for one in found.signals], found.valued


def test_answers_of_signals() -> None:
    assert signal_targets([1, 2, 1]) == (["1", "2", "1"], False)
    assert signal_targets(np.array([0.5, 1, 2])) == (["0.5", "1.0", "2.0"], True)
    assert signal_targets([1.0, 2.0, 3.0], target="value") == (["1.0", "2.0", "3.0"], True)
    with pytest.raises(DataError, match="classes or values") as raised:
        signal_targets([1.0, 2.0, 1.0])
    assert "y.astype(int)" in str(raised.value) and 'signal.target = "value"' in str(raised.value)
    with pytest.raises(DataError, match="no class") as raised:
        signal_targets([0.5, 1.5, 0.5], target="class")
    assert 'signal.target = "value"' in str(raised.value)


def test_channels_of_frames_are_found_by_name() -> None:
    one = pd.DataFrame({"b": [1.0, 2.0], "a": [3.0, 4.0], "more": [0.0, 0.0]})
    options = ReadOptions(SignalSpec(), channels=("a", "b"))
    found = read_signals(InMemory(([one, one[["a"]]], [0, 1])), "test", options)
    assert found.signals[0].values.tolist() == [[3, 1], [4, 2]] and found.channels == ("a", "b")
    assert "has the columns a; wanted are a, b" in found.bad[0].what


def test_labels_of_texts() -> None:
    def labels(*answers: Any, **keys: Any) -> list[Any]:
        held = InMemory((["ebb"] * len(answers), list(answers)))
        return [text.labels for text in texts_in_memory(held, TextColumns(**keys)).texts]

    assert labels(1, np.int64(2), True, "x") == [("1",), ("2",), ("True",), ("x",)]
    assert labels(2.5, np.float32(0.5)) == [("2.5",), ("0.5",)]
    assert labels(["a", "b", "a"], {"d", "c"}, ()) == [("a", "b"), ("c", "d"), ()]
    assert labels("a|b", separator="|") == [("a", "b")]
    with pytest.raises(DataError, match="no class") as raised:
        labels(2.5, classes=True)
    assert 'document.target = "value"' in str(raised.value)


def test_a_frame_of_paths_names_files(tmp_path: Any) -> None:
    PICTURE.save(tmp_path / "a.png")
    frame = pd.DataFrame({"Path": [tmp_path / "a.png", "b.png", "c.png"], "label": ["x", "y", "NA"]})
    found = classes_in_memory(InMemory(frame))
    assert [sample.path for sample in found.samples] == [tmp_path / "a.png"]
    assert [one.what for one in found.bad] == ["no such file (image 2)", "has no label"]


def panel(value: Any, **keys: Any) -> Any:
    return read_panel(InMemory(value), ForecastSpec(**keys), skip_bad=False)


@pytest.mark.parametrize(
    ("value", "names", "targets"),
    [
        (np.arange(9.0), [""], ("y",)),
        (list(range(9)), [""], ("y",)),
        (np.ones((9, 2)).cumsum(axis=0), [""], ("y1", "y2")),
        ([np.arange(9.0), np.arange(7.0)], ["1", "2"], ("y",)),
        (pd.Series(np.arange(9.0)), [""], ("y",)),
        ([[1.0, 2.0, 4.0], [1.0, 3.0]], ["1", "2"], ("y",)),
    ],
)
def test_rows_of_arrays_are_counted(value: Any, names: list[str], targets: tuple[str, ...]) -> None:
    found = panel(value)
    assert [one.name for one in found.series] == names and found.layout.targets == targets
    assert str(found.frequency) == "rows" and found.layout.time_format == "row"
    assert not any("no dates" in str(note) for note in found.notes)


def test_series_with_dates() -> None:
    months = pd.period_range("2020-01", periods=9, freq="M")
    one = pd.Series(np.arange(9.0), months, name="sales")
    assert [(one.name, len(one)) for one in panel([one, one[:8].rename("other")]).series] == [
        ("sales", 9),
        ("other", 8),
    ]
    assert str(panel(one).frequency) == "1mo" and panel(one).series[0].name == ""
    assert str(panel(one.to_frame("y")).frequency) == "1mo"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: panel(np.arange(9.0), frequency="1d"), "rows of arrays have no dates"),
        (lambda: panel([np.zeros((9, 2)), np.zeros(9)]), "different numbers of columns"),
        (lambda: panel([]), "there are no series"),
        (lambda: panel(["a", "b"]), "takes no such data"),
        (lambda: panel(np.array(["a", "b"])), "no number"),
    ],
)
def test_series_that_are_none(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((DataError, ConfigError), match=message):
        call()
