"""FLOPs counted while a network runs one real example: those of the table of layers, and what that leaves out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tidegate.config.compile import compile_model
from tidegate.config.presets.known import find_preset, known_presets
from tidegate.config.resolve import resolve
from tidegate.config.tables import ModelSpec
from tidegate.config.tasks.language import LanguageSpec
from tidegate.models.summary import flops
from tidegate.network.cells import CELLS
from tidegate.network.layers import Recurrence
from tidegate.network.vgsl import parse
from tidegate.nn.recurrent import Recurrent
from tidegate.ops.flops import count_flops
from tidegate.ops.native_library import library
from tidegate.ops.recurrence.registry import IMPLEMENTATIONS
from tidegate.tasks.contract import Prepared
from tidegate.tasks.flops import example_flops
from tidegate.tasks.forecast.encoders import summarised
from tidegate.tasks.language.network import LanguageModel
from tidegate.tasks.registry import task_named

PRESETS = known_presets()

BY_TASK = [(preset, task) for preset in PRESETS.values() for task in preset.tasks]
SENTENCE = "the DT B-NP\ntide NN I-NP\nturns VBZ B-VP\n"
SMALL: dict[str, dict[str, Any]] = {
    "tag": {"tag": {"characters": "none", "embedding": 6}},
    "document": {"document": {"characters": "none"}},
    "language": {"language": {"window": 8, "embedding": 6, "tied": False}},
    "forecast": {
        "forecast": {"lookback": 24, "horizon": 6, "season": 6, "calendar": False, "channels": "joint"}
    },
}


@pytest.fixture(scope="module")
def folder(line_folder: Path, image_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A few samples a task, of unequal lengths."""
    made = tmp_path_factory.mktemp("arithmetic")
    (made / "tag.txt").write_text(
        f"{SENTENCE}. . O\n\n{SENTENCE}\n{SENTENCE}. . O\n. . O\n", encoding="utf-8"
    )
    (made / "text.txt").write_text("The tide turns. " * 20, encoding="utf-8")
    hours = np.datetime64("2024-01-01T00") + np.arange(120)
    rows = [f"{str(hour).replace('T', ' ')}:00,{np.sin(i / 3):.3f},{i % 7}" for i, hour in enumerate(hours)]
    (made / "tides.csv").write_text("\n".join(["date,high,low", *rows]), encoding="utf-8")
    random = np.random.default_rng(0)
    values = random.normal(size=(9, 64, 3)).astype(np.float32)
    np.savez(made / "signals.npz", x=values, y=np.array(["ebb", "flood", "slack"] * 3))
    texts = [f"The tide of day {day} {word}.,{word}" for day in range(4) for word in ("rises", "falls")]
    (made / "texts.csv").write_text("\n".join(["text,label", *texts, ""]), encoding="utf-8")
    names = {"tag": "tag.txt", "language": "text.txt", "forecast": "tides.csv", "signal": "signals.npz"}
    names["document"] = "texts.csv"
    return {
        "transcribe": str(line_folder),
        "classify": str(image_folder),
        **{task: str(made / name) for task, name in names.items()},
    }


def prepared(task: str, path: str, **tables: Any) -> Prepared:
    data = {"source": path, "split": "80/20/20"} if task == "forecast" else {"train": path, "valid": path}
    if task in ("transcribe", "classify"):
        data = {"train": path, "rows": 32, **({"columns": 32} if task == "classify" else {})}
    given = {"task": task, "data": data, **SMALL.get(task, {})}
    return task_named(task).prepare(resolve(given, tables))


def with_preset(ready: Prepared, task: str, name: str) -> Any:
    """The same problem with the network of a preset."""
    source, last = ready.problem.architecture.input, ready.problem.architecture.layers[-1]
    width = {"width": 0.1} if "width" in find_preset(name, task).keys else {}
    kind = getattr(last, "kind", None) if task == "signal" else None
    model = ModelSpec(preset=name, **width)  # pyright: ignore[reportArgumentType]
    built = compile_model(model, task, source.rows, source.columns, source.channels, kind)
    if task == "forecast":
        built = replace(built, layers=(*summarised(built.layers[:-1]), built.layers[-1]))
    return replace(ready.problem, architecture=built)  # pyright: ignore[reportArgumentType, reportCallIssue]


def told(problem: Any, ready: Prepared) -> int | None:
    """What the table of layers says of an example of the middle size."""
    sizes = ready.splits["train"].sizes()
    return flops(problem.architecture, problem.symbols, int(sorted(sizes)[len(sizes) // 2]))


@pytest.fixture(scope="module")
def ready(folder: dict[str, str]) -> dict[str, Prepared]:
    """A prepared task each, its data read once."""
    return {task: prepared(task, path) for task, path in folder.items()}


@pytest.mark.parametrize(("preset", "task"), BY_TASK, ids=lambda value: getattr(value, "name", value))
def test_a_run_counts_what_the_table_of_layers_says(preset, task: str, ready: dict[str, Prepared]):
    problem = with_preset(ready[task], task, preset.name)
    counted = example_flops(problem, problem.network(), ready[task].splits["train"])
    assert counted == told(problem, ready[task]) > 0


@pytest.mark.parametrize("decoder", ["recursive", "segment", "encoder-decoder"])
def test_decoders_count_too(decoder: str, folder: dict[str, str]):
    model = {"preset": "gru", "hidden": 16}
    direct = prepared("forecast", folder["forecast"], model=model)
    other = prepared("forecast", folder["forecast"], model=model, forecast={"decoder": decoder})
    count, plain = (
        example_flops(one.problem, one.problem.network(), one.splits["train"]) for one in (other, direct)
    )
    table = told(other.problem, other)
    assert count is not None
    assert plain is not None
    assert table is not None
    encoder = 2 * 24 * 3 * 16 * (2 + 16)
    if decoder == "recursive":
        # A step of the cell and of the head for every further hour.
        assert count == encoder + 5 * 2 * 3 * 16 * (2 + 16) + 6 * 2 * 16 * 2 > plain
    elif decoder == "encoder-decoder":
        bridge, steps = 2 * 16 * 16, 6 * 2 * 3 * 16 * (16 + 16)
        assert count == encoder + bridge + steps + 6 * 2 * 16 * 2 > plain
    else:
        assert count > table


def test_characters_count_too(folder: dict[str, str]):
    plain = prepared("tag", folder["tag"], model={"preset": "gru", "hidden": 8})
    base = example_flops(plain.problem, plain.problem.network(), plain.splits["train"])
    for kind in ("cnn", "bilstm"):
        tag = {"characters": kind, "character_embedding": 4, "character_hidden": 5}
        one = prepared("tag", folder["tag"], model={"preset": "gru", "hidden": 8}, tag=tag)
        counted = example_flops(one.problem, one.problem.network(), one.splits["train"])
        table = told(one.problem, one)
        assert counted is not None
        assert table is not None
        assert base is not None
        assert counted > table > base


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("direction", ["forward", "both"])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_padding_is_no_work(cell: Any, direction: Any, kind: torch.dtype):
    layer = Recurrent(3, Recurrence(cell, direction, "x", 5)).to(kind)
    x, lengths = torch.zeros(3, 9, 3, dtype=kind), torch.tensor([9, 2, 5])
    weights = sum(w.numel() for name, w in layer.named_parameters() if name.startswith("weight"))
    # The plain loop, which stands in where there is no library, runs over the padding too.
    if kind == torch.float32 and library() is not None and IMPLEMENTATIONS[cell].kernel is not None:
        assert count_flops(lambda: layer(x, lengths)) == 2 * 16 * weights
    assert count_flops(lambda: layer(x[:1], None)) == 2 * 9 * weights


def test_attention_is_counted_whole(ready: dict[str, Prepared]):
    problem: Any = replace(ready["signal"].problem, architecture=parse("[1,1,0,3 Gbx8 At6 O0s3]"))  # pyright: ignore
    counted = example_flops(problem, problem.network(), ready["signal"].splits["train"])
    recurrent, scores, mean, output = 2 * 3 * 8 * (3 + 8), 16 * 6 + 6, 16, 16 * 3
    assert counted == 2 * (64 * (recurrent + scores + mean) + output)


@pytest.mark.parametrize("engine", ["torch", "reference", "native"])
def test_the_engine_does_not_matter(engine: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TIDEGATE_ENGINE", engine)
    architecture = parse("[1,1,0,8 Lfx16 O1s0]")
    model = LanguageModel(architecture, LanguageSpec(embedding=8, tied=False), 30).eval()
    text = torch.randint(30, (1, 13))
    assert count_flops(lambda: model(text[:, :-1], text[:, 1:], ())) == flops(architecture, 30, 12)


def test_counting_leaves_the_network_as_it_was(ready: dict[str, Prepared]):
    problem = ready["classify"].problem
    network = problem.network().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    example_flops(problem, network, ready["classify"].splits["train"])
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


def test_products_without_gradients_only():
    layer = nn.Linear(8, 3)
    assert count_flops(lambda: layer(torch.zeros(2, 8))) == 2 * 2 * 8 * 3
    assert count_flops(lambda: torch.zeros(5, 4) @ torch.zeros(4)) == 2 * 5 * 4
