"""The example of a task of one's own: what it draws, what its networks see, and that Tidegate trains it."""

from __future__ import annotations

import doctest
import importlib
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import tidegate
from tidegate.api import resume
from tidegate.config import registry
from tidegate.config.tables import InitialiseSpec
from tidegate.errors import ConfigError
from tidegate.models.summary import summarise
from tidegate.nn.initialise import initialise
from tidegate.training.callbacks import NullReporter, Step

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
from long_memory import adding, copying
from long_memory.generated import TEST, TRAIN, VALID
from long_memory.layers import layers_of
from long_memory.networks import Recurrent, Tcn, make_network
from long_memory.settings import NETWORKS, Settings

EXAMPLES = Path(sys.path.pop(0))
# Importing them registers them; other files' tests are to see Tidegate's own tasks only.
REGISTERED = [registry.unregister(name) for name in ("adding", "copying")]
SMALL: dict[str, Any] = {"hidden": 8, "length": 12, "levels": 2, "kernel": 3, "epoch": 64, "held_out": 50}
DRAWN: dict[str, Any] = {"length": 20, "epoch": 64, "held_out": 50}


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    for settings in REGISTERED:
        registry.register(settings)
    yield
    for settings in REGISTERED:
        registry.unregister(settings.name)


@pytest.mark.parametrize("module", sorted(path.stem for path in (EXAMPLES / "long_memory").glob("*.py")))
def test_what_the_docstrings_say_is_so(module: str):
    name = "long_memory" if module == "__init__" else f"long_memory.{module}"
    assert doctest.testmod(importlib.import_module(name)).failed == 0


# --- what is drawn ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [2, 3, 12, 601])
def test_each_half_has_one_mark_and_the_target_is_the_sum(length: int):
    made = adding.draw(chance(), 500, length)
    numbers, marks = made.inputs[..., 0], made.inputs[..., 1]
    assert made.inputs.shape == (500, length, 2) and made.inputs.dtype == torch.float32
    assert numbers.min() >= 0 and numbers.max() < 1
    assert set(marks.unique().tolist()) <= {0.0, 1.0}
    assert (marks[:, : length // 2].sum(1) == 1).all() and (marks[:, length // 2 :].sum(1) == 1).all()
    by_hand = [sum(n for n, m in sequence.tolist() if m == 1) for sequence in made.inputs]
    assert made.targets.tolist() == pytest.approx(by_hand)


def test_marks_stand_everywhere():
    marks = adding.draw(chance(), 2000, 10).inputs[..., 1].sum(0)
    assert ((marks > 300) & (marks < 500)).all()  # 400 expected, of 18 standard deviation


@pytest.mark.parametrize("length", [1, 5, 1000])
def test_copying_shows_ten_symbols_waits_and_asks(length: int):
    made = copying.draw(chance(), 40, length)
    assert made.inputs.shape == (40, length + 20, 10) and made.targets.shape == (40, length + 20)
    assert (made.inputs.sum(2) == 1).all()
    read = made.inputs.argmax(2)
    assert set(read[:, :10].unique().tolist()) == set(range(1, 9))
    assert (read[:, 10 : length + 9] == 0).all()  # T - 1 blanks
    assert (read[:, length + 9 :] == 9).all() and read[:, length + 9 :].shape[1] == 11
    assert (made.targets[:, : length + 10] == 0).all()
    assert torch.equal(made.targets[:, length + 10 :], read[:, :10])


def test_no_memory_costs_what_the_paper_says():
    assert copying.without_memory(1000) == pytest.approx(0.0204, abs=5e-5)
    problem = copying.Copying(Settings(length=30))
    made = problem.make(chance(), 25)
    scores = torch.full((*made.targets.shape, 9), -50.0)
    scores[:, :-10, 0] = 50.0
    scores[:, -10:, 1:] = 0.0
    loss = problem.losses(scores, made.targets)
    assert loss.tolist() == pytest.approx([copying.without_memory(30)] * 25)
    assert problem.metrics(0.5, scores, made.targets)["cross_entropy"] == 0.5


def test_recall_counts_the_ten_symbols():
    problem = copying.Copying(Settings(length=30))
    made = problem.make(chance(), 4)
    scores = nn.functional.one_hot(made.targets, 9).float()
    assert problem.metrics(0.0, scores, made.targets)["recall"] == 1
    scores[0, -10:] = scores[0, -10:].roll(1, dims=1)
    assert problem.metrics(0.0, scores, made.targets)["recall"] == 0.75


def test_the_guess_costs_a_sixth():
    guessed = adding.guess(adding.Adding(Settings(length=10, held_out=5000))).metrics["always 1"]
    assert guessed["mse"] == pytest.approx(1 / 6, rel=0.05)


# --- portions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("problem", [adding.Adding(Settings(**DRAWN)), copying.Copying(Settings(**DRAWN))])
def test_a_plan_decides_its_batches_and_no_two_are_alike(problem: Any):
    train = problem.split(TRAIN)
    entries = [entry for epoch in (0, 1) for seed in (0, 1) for entry in train.plan(20, seed, epoch)]
    assert [entry[-1] for entry in entries[:4]] == [20, 20, 20, 4]
    entries += [entry for portion in (VALID, TEST) for entry in problem.split(portion).plan(20, 0, 0)]
    batches = [train.batch(entry) for entry in entries]
    for entry, batch in zip(entries, batches, strict=True):
        again = problem.split(TRAIN).batch(entry)
        assert torch.equal(again.inputs, batch.inputs) and torch.equal(again.targets, batch.targets)
    first = [tuple(batch.inputs[0].flatten().tolist()) for batch in batches]
    assert len(set(first)) == len(first)


def test_held_out_portions_are_whole_and_the_same_for_every_run():
    split = adding.Adding(Settings(length=6, held_out=230)).split(VALID)
    once, again = (torch.cat([batch.inputs for batch in split.held_out()]) for _ in range(2))
    assert len(once) == len(split) == 230 and torch.equal(once, again)


# --- networks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NETWORKS)
def test_no_answer_depends_on_what_comes_later(name: str):
    torch.manual_seed(0)
    network = make_network(Settings(network=name, span=12, **SMALL), 3, 4, every_step=True)
    x = torch.randn(2, 30, 3)
    before = network(x)
    for t in (0, 7, 29):
        changed = x.clone()
        changed[:, t:] = torch.randn(2, 30 - t, 3)
        after = network(changed)
        assert torch.equal(after[:, :t], before[:, :t])
        assert not torch.allclose(after[:, t], before[:, t])


@pytest.mark.parametrize(("kernel", "levels"), [(2, 1), (3, 2), (5, 3)])
def test_the_tcn_sees_as_far_back_as_it_says(kernel: int, levels: int):
    torch.manual_seed(0)
    body = Tcn(1, Settings(network="tcn", hidden=16, kernel=kernel, levels=levels)).double()
    x = torch.randn(1, body.sees + 5, 1, dtype=torch.float64, requires_grad=True)
    body(x)[0, -1].sum().backward()
    assert x.grad is not None
    seen = x.grad[0, :, 0] != 0
    assert seen[5] and not seen[:5].any()


def test_the_tcn_agrees_with_sums_written_out():
    torch.manual_seed(0)
    body = Tcn(2, Settings(network="tcn", hidden=3, kernel=2, levels=1)).double()
    x = torch.randn(1, 6, 2, dtype=torch.float64)
    block = body.blocks[0]
    y = x[0]
    for convolution in block.convolutions:
        rows = []
        for t in range(6):
            row = convolution.bias.clone()
            for tap in range(2):
                if (back := t - (1 - tap)) >= 0:
                    row = row + convolution.weight[:, :, tap] @ y[back]
            rows.append(row.relu())
        y = torch.stack(rows)
    wanted = (y + x[0] @ block.shortcut.weight[:, :, 0].T + block.shortcut.bias).relu()
    torch.testing.assert_close(body(x)[0], wanted)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("every_step", [True, False])
def test_the_records_count_the_weights(name: str, every_step: bool):
    settings = Settings(network=name, **SMALL)
    network = make_network(settings, 3, 4, every_step=every_step)
    problem = copying.Copying if every_step else adding.Adding
    rows = summarise(layers_of(settings, 3, 4, every_step=every_step), problem.symbols, 12)
    found = sum(p.numel() for p in network.parameters())
    extra = (
        8 * 4 + 2 * 2 * 8 if name == "tcn" else 0
    )  # the shortcut; a length beside each of 4 × 8 directions
    assert found == sum(row.parameters for row in rows) + extra


def test_memories_of_all_spans_survive_tidegates_start():
    torch.manual_seed(0)
    network = adding.Adding(Settings(network="lstm", span=100, hidden=64)).network()
    initialise(network, InitialiseSpec(forget_bias=5), torch.Generator().manual_seed(0))
    layer = network.body.layer
    bias = (layer.bias_ih_l0 + layer.bias_hh_l0).detach().view(4, 64)
    torch.testing.assert_close(bias[0], -bias[1])
    assert bias[1].min() >= 0 and bias[1].max() <= math.log(99) and bias[1].std() > 0.5
    assert (bias[2:] == 0).all()


def test_the_orthogonal_network_keeps_what_it_read():
    torch.manual_seed(0)
    body = Recurrent(1, Settings(network="elman-orthogonal", hidden=32)).eval()
    with torch.no_grad():
        body.layer.bias_ih_l0.zero_()
        body.layer.bias_hh_l0.zero_()
    x = torch.zeros(1, 1001, 1)
    x[0, 0] = 1
    with torch.no_grad():
        y = body(x)[0]
        gram = body.layer.weight_hh_l0 @ body.layer.weight_hh_l0.T
    torch.testing.assert_close(gram, torch.eye(32), atol=1e-5, rtol=0)
    assert y[1000].norm() > 0.95 * y[0].norm() > 0


# --- through Tidegate ------------------------------------------------------------------------------------------------


def options(network: str, **tables: Any) -> dict[str, Any]:
    params = {**SMALL, "network": network, **tables.pop("params", {})}
    return {
        "params": params,
        "train": {"epochs": 2, "threads": 1, "device": "cpu", "batch_size": 16},
        **tables,
    }


@pytest.mark.parametrize("task", ["adding", "copying"])
@pytest.mark.parametrize("network", NETWORKS)
def test_a_run_is_trained_measured_and_opened_again(task: str, network: str, tmp_path: Path):
    result = tidegate.train(task=task, out=tmp_path / "run", **options(network, params={"span": 12}))
    figures = json.loads((result.run / "metrics.json").read_text("utf-8"))
    assert figures["steps"] == 8 and figures["samples"] == {"train": 64, "valid": 50, "test": 50}
    assert math.isfinite(figures["test"][figures["primary"]]) and figures["flops"] > 0
    model = tidegate.load(result.run, threads=1)
    assert model.evaluate("valid").metrics == result.valid and model.evaluate("test").metrics == result.test
    assert (result.run / "report.html").exists()


class Stop(NullReporter):
    """Ends a run as a killed process would: without a word."""

    def stepped(self, step: Step) -> None:
        if step.step == 7:
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("task", "network"), [("adding", "gru"), ("copying", "tcn"), ("copying", "elman-orthogonal")]
)
def test_a_killed_run_goes_on_to_the_same_weights(task: str, network: str, tmp_path: Path):
    whole = tidegate.train(task=task, out=tmp_path / "whole", **options(network))
    with pytest.raises(KeyboardInterrupt):
        tidegate.train(task=task, out=tmp_path / "killed", reporter=Stop(), **options(network))
    went_on = resume(tmp_path / "killed")
    assert went_on.test == whole.test
    weights = [run / "model" / "model.safetensors" for run in (whole.run, went_on.run)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_a_short_span_is_learnt(tmp_path: Path):
    result = tidegate.train(
        task="adding",
        params={"network": "gru", "hidden": 24, "length": 8, "epoch": 3200, "held_out": 200},
        train={"epochs": 3, "threads": 1, "device": "cpu"},
        optimiser={"learning_rate": 0.01},
        out=tmp_path / "run",
    )
    assert result.test is not None and result.test["mse"] < 0.01  # 1/6 without learning


# --- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "where"),
    [
        ({"size": 3}, "params.size"),
        ({"network": "transformer"}, "params.network"),
        ({"network": 3}, "params.network"),
        ({"hidden": 0}, "params.hidden"),
        ({"hidden": 2.5}, "params.hidden"),
        ({"levels": True}, "params.levels"),
        ({"length": 1}, "params.length"),
        ({"span": -1}, "params.span"),
        ({"gain": 0}, "params.gain"),
        ({"gain": "6"}, "params.gain"),
    ],
)
def test_wrong_settings_are_named_and_leave_nothing_behind(
    params: dict[str, Any], where: str, tmp_path: Path
):
    with pytest.raises(ConfigError) as caught:
        tidegate.train(task="adding", params=params, out=tmp_path / "run")
    assert caught.value.where == where
    assert not (tmp_path / "run").exists()


def test_files_are_refused(tmp_path: Path):
    problem = copying.Copying(Settings(**DRAWN))
    for ask in (
        lambda: problem.predict(problem.network(), "a.txt"),
        lambda: problem.open_split("a.txt", skip_bad=False),
    ):
        with pytest.raises(ConfigError, match="reads no files") as caught:
            ask()
        assert caught.value.got == "a.txt"
