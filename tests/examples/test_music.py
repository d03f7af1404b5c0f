"""The example of music: what is read, how pieces are cut and moved, what is measured, and that Tidegate trains it."""

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
from scipy.io import savemat

import tidegate
from tidegate.config import registry
from tidegate.errors import BadFilesError, ConfigError, DataError, EmptyDataError
from tidegate.models.summary import summarise
from tidegate.network.cells import Cell
from tidegate.network.layers import Architecture, Input, Output, Recurrence
from tidegate.nn.dropout import Dropout
from tidegate.training.callbacks import NullReporter, Step

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "music"))
from tidegate_music import task as music
from tidegate_music.baselines import nats
from tidegate_music.network import CELLS, Composer
from tidegate_music.pieces import Pieces, moved
from tidegate_music.rolls import PORTIONS, read_rolls
from tidegate_music.settings import KEYS, MUSIC, MusicSettings

EXAMPLES = Path(sys.path.pop(0))


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    """As the entry point of the installed package does; other files' tests are to see Tidegate's own tasks only."""
    registry.register(MUSIC)
    yield
    registry.unregister("music")


def layers_of(cell: Cell, hidden: int = 8, layers: int = 1) -> Architecture:
    layer = Recurrence(cell, "forward", "x", hidden)
    return Architecture(Input(1, None, KEYS), (*[layer] * layers, Output(1, "linear", KEYS)))


def problem_of(cell: Cell, **settings: Any) -> music.Music:
    return music.Music(MusicSettings(**settings), layers_of(cell), "")


def scale(frames: int, low: int = 40) -> np.ndarray:
    """Two voices that go up a scale over and over, of seven notes and of five."""
    roll = np.zeros((frames, 88), np.uint8)
    steps = np.arange(frames)
    roll[steps, low + steps % 7] = roll[steps, low + 12 + steps % 5] = 1
    return roll


def write(path: Path, **portions: Any) -> Path:
    """A file of piano rolls; portions that are not given have a few pieces."""
    arrays = dict[str, Any]()
    for name in PORTIONS.values():
        pieces = portions.get(name, [scale(t, 40 + t % 3) for t in (9, 14, 5, 14, 23)])
        if pieces is None:
            continue
        arrays[name] = np.empty((1, len(pieces)), object)
        for number, piece in enumerate(pieces):
            arrays[name][0, number] = piece
    savemat(path, arrays or {"nothing": np.zeros(1)})
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "tunes.mat")


@pytest.mark.parametrize("module", sorted(path.stem for path in (EXAMPLES / "tidegate_music").glob("*.py")))
def test_what_the_docstrings_say_is_so(module: str):
    name = "tidegate_music" if module == "__init__" else f"tidegate_music.{module}"
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_a_file_is_read_as_it_was_written(source: Path):
    rolls = read_rolls(str(source))
    assert [len(roll) for roll in rolls.portions["valid"]] == [9, 14, 5, 14, 23] and rolls.notes == []
    np.testing.assert_array_equal(rolls.portions["train"][2], scale(5, 42))


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        (np.zeros((1, 88)), "1 frame, where 2"),
        (np.zeros((0, 88)), "no frames"),
        (np.zeros((6, 12)), r"\(6, 12\)"),
        (np.full((6, 88), 0.5), "other values than 0 and 1"),
        (np.full((6, 88), math.nan), "other values than 0 and 1"),
    ],
)
def test_bad_pieces_are_named_and_can_be_left_out(piece: np.ndarray, reason: str, tmp_path: Path):
    path = str(write(tmp_path / "bad.mat", validdata=[scale(9), piece, scale(7)]))
    with pytest.raises(BadFilesError, match=rf"(?s)1 of 13 samples.*validdata, piece 2: .*{reason}"):
        read_rolls(path)
    rolls = read_rolls(path, skip_bad=True)
    assert [len(roll) for roll in rolls.portions["valid"]] == [9, 7]
    assert len(rolls.notes) == 1 and "validdata, piece 2" in str(rolls.notes[0])


def test_bad_files_are_told_apart(source: Path, tmp_path: Path):
    with pytest.raises(DataError, match="no such file"):
        read_rolls(str(tmp_path / "none.mat"))
    cut_short = source.read_bytes()[:-200]
    for number, content in enumerate(
        (b"", b"no MATLAB file", b"MATLAB 5.0 MAT-file" + bytes(200), cut_short)
    ):
        path = tmp_path / f"{number}.mat"
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"cannot be read|lacks a portion"):
            read_rolls(str(path))
    with pytest.raises(DataError, match="lacks a portion") as caught:
        read_rolls(str(write(tmp_path / "two.mat", testdata=None)))
    assert caught.value.got == "traindata, validdata"
    with pytest.raises(EmptyDataError, match="holds no pieces"):
        read_rolls(str(write(tmp_path / "short.mat", testdata=[np.zeros((1, 88))])), skip_bad=True)


@pytest.mark.parametrize(
    ("table", "values", "where"),
    [
        ("music", {"size": 3}, "music.size"),
        ("music", {"window": -1}, "music.window"),
        ("music", {"transpose": 1.5}, "music.transpose"),
        ("music", {"gain": 0}, "music.gain"),
        ("music", {"shortcut": "perhaps"}, "music.shortcut"),
        ("music", {"input_dropout": 1.0}, "music.input_dropout"),
        ("model", {"preset": "transformer"}, "model.preset"),
        ("model", {"hidden": 0}, "model.hidden"),
        ("model", {"spec": "[1,1,0,88 Gfx8 Do0.5]"}, "model"),
        ("model", {"spec": "[1,1,0,88]"}, "model"),
    ],
)
def test_wrong_settings_are_named_and_leave_nothing_behind(
    table: str, values: dict[str, Any], where: str, source: Path, tmp_path: Path
):
    with pytest.raises(ConfigError) as caught:
        tidegate.train(task="music", data={"source": source}, out=tmp_path / "run", **{table: values})
    assert caught.value.where == where
    with pytest.raises(ConfigError, match="no data"):
        tidegate.train(task="music", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("window", [0, 1, 4, 100])
@pytest.mark.parametrize("batch_size", [1, 2, 3, 9])
def test_every_frame_but_the_first_is_predicted_once_an_epoch(window: int, batch_size: int):
    """Against the slow way: frame after frame, from the pieces themselves."""
    rolls = [scale(t, 30 + t) for t in (9, 14, 5, 2, 14, 23)]
    pieces = Pieces(rolls, window)
    plans = [pieces.plan(batch_size, 0, epoch) for epoch in range(4)]
    assert len({len(plan) for plan in plans}) == 1
    seen = set[tuple[int, int]]()
    for entry in plans[0]:
        batch = pieces.batch(entry)
        assert (
            batch.first == (entry[0] == 0) and batch.lengths.tolist() == sorted(batch.lengths.tolist())[::-1]
        )
        for row, piece in enumerate(entry[1::2]):
            for t in range(int(batch.lengths[row])):
                now = entry[0] + t
                assert batch.inputs[row, t].tolist() == rolls[piece][now].tolist()
                assert batch.targets[row, t].tolist() == rolls[piece][now + 1].tolist()
                seen.add((piece, now + 1))
            assert not batch.inputs[row, int(batch.lengths[row]) :].any()
        assert batch.samples == int(batch.present.sum())
    assert sorted(seen) == [(piece, t) for piece, roll in enumerate(rolls) for t in range(1, len(roll))]
    assert len(pieces) == len(seen) == sum(pieces.batch(entry).samples for entry in plans[0])


def test_a_plan_depends_on_its_arguments_alone_and_pieces_move_anew():
    rolls = [scale(8, low) for low in (0, 20, 40, 60)]
    pieces = Pieces(rolls, window=3, transpose=5)
    assert pieces.plan(2, 1, 4) == Pieces(rolls, window=3, transpose=5).plan(2, 1, 4)
    assert len({str(pieces.plan(2, seed, epoch)) for seed in (0, 1) for epoch in (0, 1)}) == 4
    shifts = {piece: set[int]() for piece in range(4)}
    for epoch in range(100):
        of_epoch = [dict(zip(e[1::2], e[2::2], strict=True)) for e in pieces.plan(2, 0, epoch)]
        for piece in shifts:
            (shift,) = {entry[piece] for entry in of_epoch if piece in entry}
            shifts[piece].add(shift)
    # The lowest note of the first is key 0; the others have room on both sides.
    assert shifts == {0: set(range(6)), 1: set(range(-5, 6)), 2: set(range(-5, 6)), 3: set(range(-5, 6))}


@pytest.mark.parametrize("shift", [-7, 0, 1])
def test_moving_a_piece_moves_every_note_and_what_is_held_out_stays(shift: int):
    roll = torch.from_numpy(scale(12, 30))
    wanted = torch.zeros_like(roll)
    for t, key in roll.nonzero().tolist():
        wanted[t, key + shift] = 1
    assert torch.equal(moved(roll, shift), wanted)
    (batch,) = Pieces([roll.numpy()], window=3, transpose=abs(shift)).held_out()
    assert batch.first and torch.equal(batch.targets[0], roll[1:].float())


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_answers_do_not_depend_on_what_comes_later_nor_on_windows(cell: Cell, layers: int):
    torch.manual_seed(0)
    network = Composer(layers_of(cell, 8, layers), MusicSettings(gain=3.0)).eval()
    x = (torch.rand(2, 20, 88) < 0.05).float()
    whole, _ = network(x)
    changed = x.clone()
    changed[:, 12:] = 1 - changed[:, 12:]
    later, _ = network(changed)
    torch.testing.assert_close(later[:, :12], whole[:, :12])
    assert not torch.allclose(later[:, 12], whole[:, 12])
    head, states = network(x[:, :7])
    tail, _ = network(x[:, 7:], None, states)
    torch.testing.assert_close(torch.cat([head, tail], 1), whole)


@pytest.mark.parametrize("cell", CELLS)
def test_the_figure_is_the_sum_written_out(cell: Cell):
    """As in the paper's code: piece by piece, log(p) of what sounds and log(1 - p) of what does not."""
    torch.manual_seed(0)
    rolls = [scale(t, 30 + t) for t in (9, 14, 5, 2)]
    problem = problem_of(cell)
    network = problem.network().eval()
    total, frames = 0.0, 0
    with torch.no_grad():
        for roll in rolls:
            y = torch.from_numpy(roll).double()
            p = network(y[None, :-1].float())[0][0].double().sigmoid()
            total -= float((y[1:] * p.log() + (1 - y[1:]) * (1 - p).log()).sum())
            frames += len(roll) - 1
        found = problem.evaluate(network, Pieces(rolls), labelled=True).metrics
    assert found["nats_per_frame"] == found["loss"] == pytest.approx(total / frames, rel=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_windows_carry_states_so_that_their_losses_are_those_of_whole_pieces(cell: Cell):
    torch.manual_seed(0)
    rolls = [scale(t, 30) for t in (9, 14, 5, 2, 23)]
    losses = []
    network = problem_of(cell).network()
    for window in (0, 4):
        problem = problem_of(cell, window=window)
        pieces, carried, total = Pieces(rolls, window), (), 0.0
        for entry in pieces.plan(3, 0, 0):
            batch = pieces.batch(entry)
            loss, carried = problem.learn(network, batch, carried)
            assert all(not state.requires_grad for state in carried)
            total += float(loss.detach()) * batch.samples
        losses.append(total)
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)


def test_dropout_is_for_training_only_and_each_has_its_place():
    torch.manual_seed(0)
    x = torch.ones(1, 6, 88)
    for name in ("input_dropout", "locked_dropout", "output_dropout"):
        network = Composer(layers_of("gru"), MusicSettings(**{name: 0.5}))
        assert not torch.equal(network(x)[0], network(x)[0])
        network.eval()
        assert torch.equal(network(x)[0], network(x)[0])
    assert isinstance(network.locked, Dropout) and network.locked.spec.kind == "locked"


@pytest.mark.parametrize("cell", CELLS)
def test_the_records_count_the_weights(cell: Cell):
    layers = layers_of(cell, 8, 2)
    found = sum(p.numel() for p in Composer(layers, MusicSettings(shortcut=False)).parameters())
    assert found == sum(row.parameters for row in summarise(layers, 88, 12))


def test_counting_agrees_with_counting_by_hand():
    train, test = [scale(30, 41)], [scale(9)]
    total = 0.0
    for t in range(1, 9):
        for key in range(88):
            after = [train[0][s + 1, key] for s in range(29) if train[0][s, key] == test[0][t - 1, key]]
            p = (sum(map(int, after)) + 0.5) / (len(after) + 1)
            total -= math.log(p if test[0][t, key] else 1 - p)
    assert nats(train, test, remember=True) == pytest.approx(total / 8)


def options(source: Path, cell: Cell, hidden: int = 16, **settings: Any) -> dict[str, Any]:
    return {
        "data": {"source": source},
        "model": {"cell": cell, "hidden": hidden},
        "music": {"gain": 4.0, "transpose": 2, "output_dropout": 0.1, **settings},
        "train": {"epochs": 4, "threads": 1, "device": "cpu", "batch_size": 2},
    }


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("window", [0, 6])
def test_a_run_is_trained_measured_and_opened_again(cell: Cell, window: int, source: Path, tmp_path: Path):
    result = tidegate.train(task="music", out=tmp_path / "run", **options(source, cell, window=window))
    figures = json.loads((result.run / "metrics.json").read_text("utf-8"))
    assert figures["samples"] == {"train": 60, "valid": 60, "test": 60} and figures["flops"] > 0
    assert len(figures["baselines"]) == 2
    model = tidegate.load(result.run, threads=1)
    assert model.evaluate("valid").metrics == result.valid
    assert model.evaluate("test").metrics == result.test == model.evaluate(source).metrics
    answers = model.predict(source)
    assert [row.name for row in answers] == [f"{source}: piece {number}" for number in range(1, 6)]
    assert all(0.5 <= row.confidence <= 1 for row in answers)
    (missing,) = model.predict([tmp_path / "none.mat"])
    assert missing.error is not None and "no such file" in missing.error
    told = json.loads((result.run / "error_analysis.json").read_text("utf-8"))
    assert len(told["samples"]) == len(told["worst"]) == 5
    by_sample = json.loads((result.run / "samples.json").read_text("utf-8"))
    nats = sum(by_sample["numerator"]) / sum(by_sample["denominator"])
    assert nats == pytest.approx(figures["test"]["nats_per_frame"])


class Stop(NullReporter):
    """Ends a run as a killed process would: without a word, and in the middle of a piece."""

    def stepped(self, step: Step) -> None:
        if step.step == 9:
            raise KeyboardInterrupt


@pytest.mark.parametrize("cell", CELLS)
def test_a_killed_run_goes_on_to_the_same_weights(cell: Cell, source: Path, tmp_path: Path):
    keys = options(source, cell, window=3)
    keys["train"]["checkpoint_minutes"] = 0
    whole = tidegate.train(task="music", out=tmp_path / "whole", **keys)
    with pytest.raises(KeyboardInterrupt):
        tidegate.train(task="music", out=tmp_path / "killed", reporter=Stop(), **keys)
    went_on = tidegate.resume(tmp_path / "killed")
    assert went_on.test == whole.test
    weights = [run / "model" / "model.safetensors" for run in (whole.run, went_on.run)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_scales_are_learnt(source: Path, tmp_path: Path):
    keys = options(source, "gru", 48, transpose=0, output_dropout=0.0)
    keys["train"] |= {"epochs": 60, "average": 0.9}
    result = tidegate.train(task="music", out=tmp_path / "run", optimiser={"learning_rate": 0.02}, **keys)
    known = json.loads((result.run / "metrics.json").read_text("utf-8"))["baselines"].values()
    assert result.test is not None
    assert result.test["nats_per_frame"] < 0.5 * min(one["nats_per_frame"] for one in known)
