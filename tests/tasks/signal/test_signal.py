"""The task ``signal``: classes and values, windows, scaling by training only, and what cannot be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from signal_cases import CLASSES, learn, signals, specification, written
from tidegate.config.presets.known import find_preset, known_presets
from tidegate.config.tasks.signal import SignalSpec
from tidegate.errors import BadFilesError, ConfigError, DataError
from tidegate.models.network import Network
from tidegate.tasks.contract import Prepared
from tidegate.tasks.evaluation import evaluate, not_training
from tidegate.tasks.images.problem import run_images
from tidegate.tasks.registry import task_named
from tidegate.tasks.signal.answers import signal_answers
from tidegate.tasks.signal.problem import SignalProblem
from tidegate.tasks.signal.split import SignalSplit
from tidegate.tasks.signal.task import SIGNAL

PRESETS = known_presets()

SIGNAL_PRESETS = [name for name, preset in PRESETS.items() if "signal" in preset.tasks]


def files(folder: Path, *, valued: bool = False) -> dict[str, str]:
    """Three parts, as ``[data]``."""
    parts = {"train": 0, "valid": 1, "test": 2}
    return {
        name: str(written(folder / f"{name}.ts", signals(30, seed=seed, valued=valued), valued=valued))
        for name, seed in parts.items()
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return files(tmp_path_factory.mktemp("classes"))


@pytest.fixture(scope="module")
def valued(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return files(tmp_path_factory.mktemp("values"), valued=True)


def ready(data: dict[str, str], **keys: Any) -> tuple[Prepared, SignalProblem, Network]:
    """What training starts from, with a network as it draws one."""
    model = keys.pop("model", {"preset": "gru", "hidden": 8, "pooling": "mean"})
    prepared = SIGNAL.prepare(specification(data=data, model=model, **keys))
    problem = prepared.problem
    assert isinstance(problem, SignalProblem)
    torch.manual_seed(0)
    network = problem.network()
    assert isinstance(network, Network)
    return prepared, problem, network.eval()


def split_of(prepared: Prepared, name: str) -> SignalSplit:
    split = prepared.splits[name]
    assert isinstance(split, SignalSplit)
    return split


@pytest.mark.parametrize("preset", SIGNAL_PRESETS)
def test_every_preset_learns_and_company_changes_no_answer(preset: str, data: dict[str, str]) -> None:
    assert {"fcn", "resnet", "lstm-fcn", "deepconv-lstm", "crdnn", "cnn", "bilstm", "gru"} <= set(
        SIGNAL_PRESETS
    )
    small = {"width": 0.15, "hidden": 8}
    model = {
        "preset": preset,
        **{key: small[key] for key in small.keys() & find_preset(preset, "signal").keys},
    }
    prepared, problem, network = ready(data, model=model)
    losses = learn(prepared, network, 3, rate=0.005)
    assert losses[-1] < losses[0]
    split = split_of(prepared, "test")
    together = signal_answers(evaluate(network, problem, split).answers)
    for index in (0, 13):
        alone = problem.split_of([split.signals[index]])
        (answer,) = signal_answers(evaluate(network, problem, alone, labelled=False).answers)
        assert answer.probabilities == pytest.approx(together[index].probabilities, abs=2e-5)


@pytest.mark.parametrize("window", [None, 8])
def test_classes_are_learnt(window: int | None, data: dict[str, str]) -> None:
    prepared, problem, network = ready(data, signal={"window": window})
    assert prepared.primary is None and SIGNAL.primary == "accuracy" and not SIGNAL.lower_is_better
    assert problem.classes == CLASSES and problem.symbols == 3
    learn(prepared, network, 12)
    result = evaluate(network, problem, prepared.splits["test"])
    assert result.metrics["accuracy"] >= 0.9
    single = {"window_accuracy", "window_macro_f1"} if window else set[str]()
    assert set(result.metrics) == {"loss", "accuracy", "macro_f1"} | single
    assert (problem.definition == "") == (window is None)
    assert prepared.spec.settings(SignalSpec).target == "class"


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_the_loss_of_classes_is_this(smoothing: float, data: dict[str, str]) -> None:
    prepared, problem, _ = ready(data, train={"label_smoothing": smoothing})
    batch = split_of(prepared, "test").batch([0, 1, 2, 3, 4])
    logits = torch.randn(5, 3)
    wanted = torch.full((5, 3), smoothing / 3)
    wanted[range(5), batch.targets.long()] += 1 - smoothing
    expected = -(wanted * logits.log_softmax(1)).sum() / 5
    assert float(problem.loss(logits, None, batch)) == pytest.approx(float(expected), rel=1e-5)


def test_windows_have_figures_of_their_own(data: dict[str, str]) -> None:
    prepared, problem, network = ready(data, signal={"window": 8, "stride": 5})
    windows = split_of(prepared, "test").windows
    right: list[bool] = []
    with torch.no_grad():
        for place in range(len(windows)):
            batch = windows.batch([place])
            logits, _ = run_images(problem, network.eval(), batch)
            right.append(int(logits.argmax()) == int(batch.targets[0]))
    assert len(right) > 30 and 0 < sum(right) < len(right)
    metrics = evaluate(network, problem, prepared.splits["test"]).metrics
    assert metrics["window_accuracy"] == pytest.approx(sum(right) / len(right))
    assert metrics["accuracy"] != metrics["window_accuracy"]


def test_values_are_learnt_in_their_units(valued: dict[str, str]) -> None:
    prepared, problem, network = ready(valued)
    assert (prepared.primary, prepared.lower_is_better, problem.symbols) == ("rmse", True, 1)
    assert prepared.spec.settings(SignalSpec).target == "value"
    learn(prepared, network, 25)
    split = split_of(prepared, "test")
    result = evaluate(network, problem, split)
    answers = signal_answers(result.answers)
    errors = [one.value - float(truth) for one, truth in zip(answers, split.references, strict=True)]
    assert result.metrics["rmse"] == pytest.approx(np.sqrt(np.mean(np.square(errors))))
    assert result.metrics["rmse"] < 3 and result.metrics["r2"] > 0.7
    assert problem.values is not None
    scaled = np.square(np.array(errors) / problem.values.deviation)
    assert result.metrics["loss"] == pytest.approx(float(scaled.mean()), rel=1e-4)
    assert all(
        np.isnan(one.confidence) and float(one.text) == pytest.approx(one.value, rel=1e-6) for one in answers
    )


def test_a_sequence_is_answered_with_the_mean_of_its_windows(data: dict[str, str]) -> None:
    prepared, problem, network = ready(data, signal={"window": 8, "stride": 5})
    split = split_of(prepared, "test")
    for one, answer in zip(
        split.signals, signal_answers(evaluate(network, problem, split).answers), strict=True
    ):
        assert answer.windows[0].start == 0 and answer.windows[-1].end == len(one)
        rows: list[Any] = []
        for window in answer.windows:
            mean, deviation = np.array(problem.scaling.mean), np.array(problem.scaling.deviation)
            values = ((one.values[window.start : window.end] - mean) / deviation).astype(np.float32)
            with torch.no_grad():
                logits, _ = network(torch.from_numpy(values.T[None, :, None].copy()), None)
            rows.append(functional.softmax(logits[0], dim=0).numpy())
        assert answer.probabilities == pytest.approx(np.mean(rows, axis=0), abs=2e-5)


def test_scaling_is_of_the_training_part(data: dict[str, str], tmp_path: Path) -> None:
    _, problem, _ = ready(data)
    train = np.concatenate([one.values for one in signals(30, seed=0)])
    assert problem.scaling.mean == pytest.approx(train.mean(axis=0), rel=1e-4)
    assert problem.scaling.deviation == pytest.approx(train.std(axis=0), rel=1e-4)
    far = [replace(one, values=one.values + 1000) for one in signals(30, seed=2)]
    _, other, _ = ready({**data, "test": str(written(tmp_path / "far.ts", far))})
    assert other.scaling == problem.scaling


def test_each_sequence_by_itself(data: dict[str, str]) -> None:
    prepared, _, _ = ready(data, signal={"scaling": "sample", "window": 8})
    split = split_of(prepared, "train")
    places = [i for i, sequence in enumerate(split.windows.sequences) if sequence == 1]
    parts = [split.windows.signals[i].values for i in places]
    batch = split.batch(places)
    assert batch.lengths is not None
    whole = split.signals[1].values
    for row, length, part in zip(batch.inputs, batch.lengths.tolist(), parts, strict=True):
        expected = (part - whole.mean(axis=0)) / whole.std(axis=0)
        assert row[:, 0, :length].T.numpy() == pytest.approx(expected, abs=1e-4)


def test_augmentation_leaves_what_the_network_needs(data: dict[str, str]) -> None:
    prepared, problem, network = ready(data, model={"spec": "[1,1,0,0 Cr1,3,4 Mp1,2 Mp1,2 Mp1,2 Ap0,0 O0s0]"})
    assert problem.shape.shortest == 8
    split = prepared.splits["train"]
    spec = prepared.spec.augment.model_copy(update={"crop": 0.9, "noise": 0.1})
    generator = torch.Generator().manual_seed(3)
    for indices in split.plan(4, 0, 0):
        batch = split.batch(indices)
        changed = problem.augment(batch, spec, generator)
        assert int(changed.lengths.min()) >= 8
        loss, _ = problem.learn(network, changed, ())
        assert torch.isfinite(loss)
        assert not torch.equal(changed.inputs, batch.inputs)


def test_restored_it_is_the_same(data: dict[str, str], valued: dict[str, str]) -> None:
    for given, keys in ((data, {"window": 9, "missing": "mask"}), (valued, {})):
        _, problem, _ = ready(given, signal=keys)
        assert SIGNAL.restore(problem.to_json(), problem.spec) == problem


def test_double_precision_stays_double(data: dict[str, str], valued: dict[str, str]) -> None:
    for given in (data, valued):
        prepared, problem, network = ready(given)
        loss, _ = problem.learn(network.double(), prepared.splits["valid"].batch([0, 1]), ())
        assert loss.dtype == torch.float64


def test_baselines(data: dict[str, str], valued: dict[str, str]) -> None:
    prepared, _, _ = ready(data)
    figures = prepared.baselines().metrics
    assert set(figures) == {"majority", "logistic regression", "1-nn euclid", "1-nn dtw"}
    assert figures["majority"]["accuracy"] < 0.5 < figures["1-nn dtw"]["accuracy"]
    prepared, _, _ = ready(valued)
    figures = prepared.baselines().metrics
    assert set(figures) == {"mean", "ridge regression", "1-nn euclid", "1-nn dtw"}
    assert figures["ridge regression"]["rmse"] < figures["mean"]["rmse"]


def test_a_class_that_training_never_saw(data: dict[str, str], tmp_path: Path) -> None:
    strange = [replace(one, target="surge") if i == 4 else one for i, one in enumerate(signals(9))]
    path = written(tmp_path / "strange.ts", strange)
    with pytest.raises(BadFilesError) as caught:
        ready({**data, "test": str(path)})
    assert [one.where for one in caught.value.findings] == ["strange.ts:11"]
    assert "'surge' does not occur in the training data (ebb, flow, slack)" in str(caught.value)
    prepared, problem, _ = ready({**data, "test": str(path), "skip_bad": True})
    assert len(prepared.splits["test"]) == 8 and any("surge" in str(note) for note in prepared.notes)
    with pytest.raises(BadFilesError, match="1 of 9"):
        problem.open_split(str(path), skip_bad=False)


def test_sequences_too_short_for_the_network(data: dict[str, str], tmp_path: Path) -> None:
    short = [replace(one, values=one.values[:3]) if i == 2 else one for i, one in enumerate(signals(9))]
    path = written(tmp_path / "short.ts", short)
    model = {"spec": "[1,1,0,2 Cr1,3,4 Mp1,4 Ap0,0 O0s0]"}
    with pytest.raises(BadFilesError, match="1 of 69") as caught:
        ready({**data, "test": str(path)}, model=model)
    assert "its 3 steps are too few for this network, which needs 4" in str(caught.value)
    with pytest.raises(ConfigError, match="too short for this network"):
        ready(data, model=model, signal={"window": 6})


def test_another_number_of_channels(data: dict[str, str], tmp_path: Path) -> None:
    path = written(tmp_path / "wide.ts", signals(6, channels=3))
    with pytest.raises(DataError) as caught:
        ready({**data, "test": str(path)})
    assert "wide.ts" in str(caught.value) and "3" in str(caught.value)


def test_predictions_go_on_behind_what_is_bad(data: dict[str, str], tmp_path: Path) -> None:
    _, problem, network = ready(data)
    good = written(tmp_path / "a.ts", signals(2))
    wide = written(tmp_path / "b.ts", signals(1, channels=3))
    with not_training(network):
        rows = problem.predict(network, [good, tmp_path / "none.ts", wide, good])
        empty = problem.predict(network, tmp_path / "none.ts")
    assert [row.name.rsplit("/", 1)[-1] for row in rows.good] == ["a.ts:7", "a.ts:8"] * 2
    assert rows[2].name == str(tmp_path / "none.ts") and rows[2].error is not None
    assert "3 channels" in str(rows[3].error) and rows[3].name.startswith(str(wide))
    assert [row.error is None for row in empty] == [False]


def test_changes_that_only_images_know(data: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="like images"):
        ready(data, augment={"rotation": 5})
    assert task_named("signal") is SIGNAL
