"""Traits: what is told of a network, and that only arms that differ in one trait look so."""

import pytest

from tidegate.config.compile import compile_model
from tidegate.config.presets.known import known_presets
from tidegate.config.tables import ModelSpec
from tidegate.network.signature import signature
from tidegate.network.vgsl import parse

PRESETS = known_presets()

WORDS = {"rnn": "elman", "lstm": "lstm", "gru": "gru"}


def of_preset(name: str, task: str) -> dict[str, str]:
    channels = 3 if task in ("forecast", "signal") else None
    # A forward network takes its last state otherwise, a bidirectional one the mean over the steps.
    pooling = "mean" if task == "signal" and name not in ("cnn", "fcn") else None
    return signature(compile_model(ModelSpec(preset=name, pooling=pooling), task, channels=channels))


@pytest.mark.parametrize("task", ["classify", "transcribe", "tag", "language", "forecast", "signal"])
def test_presets_say_what_their_names_say(task: str) -> None:
    for front in ("", "cnn-"):
        rest: set[str] = set()
        for way in ("", "bi"):
            for word, cell in WORDS.items():
                name = f"{front}{way}{word}"
                if task not in PRESETS[name].tasks:
                    continue
                found = of_preset(name, task)
                assert found["cell"] == cell
                assert found["direction"] == ("both" if way else "forward")
                assert found["front"] == ("cnn" if front else "none")
                assert found["network"] == ("cnn-rnn" if front else "rnn")
                rest.add(found["rest"])
        assert len(rest) <= 1, "arms of these names differ in their traits alone"


def test_layers_and_pooling_are_more_than_a_trait() -> None:
    """Two presets of tag differ in their number of layers; with as many, in nothing but the convolutions."""
    one, other = (
        signature(compile_model(ModelSpec(preset=name, layers=1), "tag")) for name in ("gru", "cnn-gru")
    )
    assert one["rest"] == other["rest"] and one != other
    assert of_preset("gru", "tag")["rest"] != of_preset("cnn-gru", "tag")["rest"]


def test_another_output_is_more_than_a_trait() -> None:
    assert of_preset("lstm", "tag")["rest"] != of_preset("lstm-crf", "tag")["rest"]


def test_networks_without_recurrence_and_with_two_cells() -> None:
    assert of_preset("cnn", "classify")["network"] == "cnn"
    assert of_preset("mlp", "classify")["network"] == "other"
    mixed = signature(parse("[1,1,0,8 Lfx8 Gbx8 O1s3]"))
    assert (mixed["cell"], mixed["direction"]) == ("mixed", "mixed")
    beside = signature(parse("[1,1,0,3 ([Cr1,8,16 Ap0,0] [Lfxs8]) O0s3]"))
    assert beside["cell"] == "lstm" and beside["rest"].startswith("(")
