"""The benchmark of recurrent layers: its lists, its FLOPs, and a run over tiny shapes that its summary reads."""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch

from tidegate.errors import TrainingError

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    monkeypatch.syspath_prepend(FOLDER)
    kernels = importlib.import_module("kernels")
    # The real one takes seconds.
    monkeypatch.setattr(importlib.import_module("kernel_timing"), "PEAK_SIZE", 64)
    return kernels


@pytest.fixture
def shapes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("kernel_shapes")


def tiny(shapes: ModuleType, **changes: object):
    return replace(shapes.Shape("grid", "lstm", "uni", 3, 7, 5, 4, 1, "padded", "forward"), **changes)


def test_lists_are_whole_and_say_nothing_twice(shapes: ModuleType) -> None:
    found = shapes.chosen(list(shapes.LISTS), None, threads=[1, 2])
    assert len({shape.key for shape in found}) == len(found)
    assert Counter(shape.list for shape in found) == {
        "deepbench": 76,
        "bugs": 56,
        "stream": 6,
        "grid": 8640,
    }


def test_a_sample_is_the_same_every_time(shapes: ModuleType) -> None:
    first, second = (shapes.chosen(["grid"], 20, cell=["gru"], mode=["train"], threads=[1]) for _ in range(2))
    assert first == second
    assert len(first) == 20
    assert {(shape.cell, shape.mode) for shape in first} == {("gru", "train")}


def test_lengths_are_sorted_and_between_a_quarter_and_all(shapes: ModuleType) -> None:
    lengths = tiny(shapes, B=50, T=40, lengths="variable").drawn_lengths()
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] == 40
    assert 10 <= lengths[-1] < 20


def test_flops_count_matrix_products_of_true_steps(shapes: ModuleType) -> None:
    assert tiny(shapes).flops() == 2 * 21 * 16 * (5 + 4)
    assert tiny(shapes, mode="train").flops() == 3 * 2 * 21 * 16 * (5 + 4)
    # The second layer reads both directions of the first.
    two = tiny(shapes, cell="gru", direction="bi", layers=2)
    assert two.flops() == 2 * 21 * 12 * 2 * ((5 + 4) + (8 + 4))
    varied = tiny(shapes, cell="rnn", lengths="variable")
    assert varied.flops() == 2 * sum(varied.drawn_lengths()) * 4 * (5 + 4)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("lengths", ["padded", "variable"])
def test_contenders_agree(bench: ModuleType, shapes: ModuleType, cell: str, lengths: str) -> None:
    peak = bench.Peak()
    for mode in shapes.MODES:
        shape = tiny(shapes, cell=cell, lengths=lengths, direction="bi", layers=2, mode=mode)
        row = bench.measure(shape, peak, rounds=1)
        assert float(row["ours_ms"]) > 0
        assert ("ort_ms" in row) == (mode == "forward")


def test_a_wrong_answer_names_the_shape(bench: ModuleType, shapes: ModuleType) -> None:
    contenders = importlib.import_module("kernel_contenders")
    right = torch.ones(2, 2)
    with pytest.raises(TrainingError, match=r"ort and torch disagree[\s\S]*lstm B3 T7 F5 H4 padded forward"):
        contenders.check(tiny(shapes), "ort", {"y": right + 1e-3}, {"y": right})
    with pytest.raises(TrainingError, match="disagree"):
        contenders.check(tiny(shapes), "ort", {"y": right * float("nan")}, {"y": right})


def test_a_run_resumes_and_its_summary_reads_it(
    bench: ModuleType, shapes: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "kernels.csv"
    wanted = [tiny(shapes, mode="train"), tiny(shapes), *shapes.stream()]
    bench.measure_all(wanted[:2], out, rounds=1, minutes=None, resume=False)
    torn = out.read_text()[:-5]
    out.write_text(torn)
    bench.measure_all(wanted, out, rounds=1, minutes=None, resume=True)
    rows = bench.read_rows(out)
    assert Counter(bench.row_key(row) for row in rows) == Counter(shape.key for shape in wanted)
    runs = bench.read_json(out.with_suffix(".json"))["runs"]
    assert [run["rows"] for run in runs] == [2, 4]
    assert set(runs[1]["kernel_step_microseconds"]) == {"gru 128", "lstm 128", "rnn 128"}
    text = bench.summary(rows)
    assert "| training, padded, over torch | LSTM |" in text
    assert "### Streaming" in text


def test_targets_are_judged_for_each_number_of_threads(bench: ModuleType, shapes: ModuleType) -> None:
    base = dict.fromkeys(bench.COLUMNS, "1")
    rows = []
    for threads, ratio in ((1, "7"), (2, "5")):
        shape = tiny(shapes, direction="bi", lengths="variable", mode="train", threads=threads)
        fields = dict(zip(shapes.Shape.__dataclass_fields__, shape.key, strict=True))
        rows.append({**base, **fields, "ratio_torch": ratio})
    text = bench.summary(rows)
    assert "| LSTM + GRU | 7.00× (1) | 5.00× (1) | ≥ 6.00× | missed at 2 threads |" in text
    assert "0 of 2 rows" in text
