"""From [model], [tag] and [language] to networks on words and symbols: what is filled in, and what is refused."""

from __future__ import annotations

import pytest

from tidegate.config.compile import compile_run
from tidegate.config.presets.known import known_presets
from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.config.tables import ModelSpec
from tidegate.config.tasks.language import LanguageSpec
from tidegate.config.tasks.tag import TagSpec, word_features
from tidegate.errors import ConfigError, SpecError
from tidegate.network.causal import check_causal
from tidegate.network.layers import Input, Output
from tidegate.network.vgsl import parse, render

PRESETS = known_presets()

PLAIN = TagSpec(embedding=50, characters="none", case=0, affixes=0)


def tagging(tag: TagSpec = PLAIN, **model: object) -> str:
    return render(compile_run(RunSpec(task="tag", tag=tag, model=ModelSpec(**model))))  # pyright: ignore[reportArgumentType]


def language(embedding: int = 64, **model: object) -> str:
    spec = RunSpec(
        task="language",
        language=LanguageSpec(embedding=embedding),
        model=ModelSpec(**model),  # pyright: ignore[reportArgumentType]
    )
    return render(compile_run(spec))


def refused(task: str, **model: object) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        compile_run(RunSpec(task=task, model=ModelSpec(**model)))  # pyright: ignore[reportArgumentType]
    return caught.value


def test_the_channels_of_a_string_are_those_of_the_words():
    assert tagging(spec="[1,1,0,0 Lbx100 O1f0]") == "[1,1,0,50 Lbx100 O1f0]"
    assert tagging(spec="[1,0,0,50 Lbx100 O1f0]") == "[1,1,0,50 Lbx100 O1f0]"
    assert tagging(spec="[1,1,0,0 Lbx100]") == "[1,1,0,50 Lbx100 O1s0]"
    assert tagging(spec="[1,1,0,0 Lbx100 O1f23]") == "[1,1,0,50 Lbx100 O1f0]"
    assert language(spec="[1,1,0,0 Gfx32 Dl0.2]") == "[1,1,0,64 Gfx32 Dl0.2 O1s0]"


@pytest.mark.parametrize(
    ("tag", "features"),
    [
        (PLAIN, 50),
        (TagSpec(embedding=50, characters="cnn", character_hidden=30, case=0, affixes=0), 50 + 30),
        (TagSpec(embedding=50, characters="gru", character_hidden=25, case=0, affixes=0), 50 + 25),
        (TagSpec(embedding=0, characters="birnn", character_hidden=25, case=0, affixes=0), 2 * 25),
        (TagSpec(embedding=0, characters="none", case=8, affixes=3, affix_embedding=16), 8 + 2 * 3 * 16),
        (TagSpec(embedding=9, characters="none", case=0, affixes=0, feature_columns=[2, "xpos"]), 9 + 2 * 24),
        (TagSpec(embedding=9, characters="none", case=0, affixes=0, positions=True), 9 + 24),
    ],
)
def test_features_of_a_word_add_up(tag: TagSpec, features: int):
    assert word_features(tag, "tag", tag.columns * tag.column_embedding) == features
    assert compile_run(RunSpec(task="tag", tag=tag)).input == Input(1, None, features)


def test_a_word_of_which_nothing_is_seen_is_refused():
    with pytest.raises(ConfigError, match="see nothing of a word"):
        tagging(TagSpec(embedding=0, characters="none", case=0, affixes=0))


@pytest.mark.parametrize("task", ["tag", "language"])
@pytest.mark.parametrize("block", ["1,48,0,1", "1,1,20,0", "1,1,0,7"])
def test_another_input_block_is_refused(task: str, block: str):
    error = refused(task, spec=f"[{block} Lfx100]")
    assert f"does not suit the task {task}" in error.what
    assert error.where == "model.spec" and error.got == block
    assert "1,1,0,0" in str(error.expected) and f"[{task}]" in str(error.hint)


def test_output_layers_of_other_tasks_are_refused():
    for output in ("O1c0", "O0s0"):
        assert "does not suit the task tag" in refused("tag", spec=f"[1,1,0,0 Lbx100 {output}]").what
    for output in ("O1f0", "O1c0", "O0s0"):
        assert "does not suit the task language" in refused("language", spec=f"[1,1,0,0 Lfx9 {output}]").what
    error = refused("transcribe", spec="[1,48,0,1 S1(1x0)1,3 Lbx9 O1f0]")
    assert "does not suit the task transcribe" in error.what


@pytest.mark.parametrize("name", [name for name in PRESETS if name.startswith(("bi", "cnn"))])
def test_presets_that_see_what_comes_next_are_refused_for_language_with_the_reason(name: str):
    error = refused("language", preset=name)
    what = "a bidirectional network" if name.startswith("bi") else "a network of convolutions"
    assert error.what == f"{what} cannot be a language model"
    assert "those after it" in str(error.got) and name in str(error.got)
    assert "rnn, lstm, gru" in str(error.expected)


@pytest.mark.parametrize(
    ("layers", "number", "what"),
    [
        ("Lbx9", 1, "a bidirectional layer"),
        ("Lfx9 Dl0.2 Grx9", 3, "a layer in reverse"),
        ("Lfxs9", 1, "a layer that sums up the whole text"),
        ("Gfy9", 1, "a layer along y"),
        ("Cr1,3,9 Lfx9", 1, "the layer Cr1,3,9"),
        ("Lfx9 Ft9", 2, "the layer Ft9"),
    ],
)
def test_layers_that_see_what_comes_next_are_refused_with_their_place(layers: str, number: int, what: str):
    error = refused("language", spec=f"[1,1,0,0 {layers}]")
    assert error.what == f"{what} cannot be part of a language model"
    assert error.where == f"layer {number}: {layers.split()[number - 1]}"
    if "reverse" in what or "bidirectional" in what:
        assert "nothing could be generated" in str(error.got)


def test_keys_that_would_see_what_comes_next_are_refused():
    assert "bidirectional" in refused("language", bidirectional=True).what
    assert "Cr1,3,9" in refused("language", conv="Cr1,3,9").what
    assert check_causal(parse("[1,1,0,9 Lfx9 Do0.1 Gfx9 Dl0.1 Rfx9 O1s0]")) is None


def test_words_have_no_height():
    for task in ("tag", "language"):
        assert "no images, and so no height" in refused(task, rows=20).what
        assert compile_run(RunSpec(task=task, model=ModelSpec(rows=1))).input.rows == 1


@pytest.mark.parametrize("name", [name for name in PRESETS if not name.endswith("crf")])
def test_a_crf_stands_over_the_same_layers(name: str):
    if "tag" not in PRESETS[name].tasks:
        assert f"{name}-crf" not in PRESETS
        return
    plain = compile_run(RunSpec(task="tag", model=ModelSpec(preset=name)))
    over = compile_run(RunSpec(task="tag", model=ModelSpec(preset=f"{name}-crf")))
    assert plain.layers[:-1] == over.layers[:-1] and plain.input == over.input
    assert (plain.layers[-1], over.layers[-1]) == (Output(1, "softmax", 0), Output(1, "crf", 0))
    assert PRESETS[f"{name}-crf"].tasks == ("tag",)


def test_the_cells_of_a_language_model_are_a_key():
    for cell, letter in (("elman", "R"), ("lstm", "L"), ("gru", "G")):
        assert language(cell=cell, layers=1, hidden=9, dropout=0.0) == f"[1,1,0,64 {letter}fx9 O1s0]"
        assert tagging(cell=cell, layers=1, hidden=9, dropout=0.0, bidirectional=False) == (
            f"[1,1,0,50 {letter}fx9 O1f0]"
        )


def test_defaults_of_both_tasks_compile():
    for task, last in (("tag", Output(1, "crf", 0)), ("language", Output(1, "softmax", 0))):
        spec = resolve({"task": task})
        assert compile_run(spec).layers[-1] == last
    assert resolve({"task": "language"}).data.shuffle is False
    with pytest.raises(SpecError):
        resolve({"task": "language", "language": {"tokens": "letters"}})
