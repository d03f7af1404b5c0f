"""What the presets of ``document`` build."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.config.compile import compile_run
from tidegate.config.resolve import resolve
from tidegate.errors import ConfigError
from tidegate.network.vgsl import render

WORDS_ALONE = {"embedding": 20, "characters": "none", "case": 0, "affixes": 0}


def built(document: dict[str, Any] | None = None, **model: Any) -> str:
    tables = {"model": model, "document": {**WORDS_ALONE, **(document or {})}}
    return render(compile_run(resolve({"task": "document", "data": {"train": "x"}, **tables})))


def test_kim_is_the_network_without_a_name() -> None:
    kim = "([Cr1,3,{0} Mp0,0] [Cr1,4,{0} Mp0,0] [Cr1,5,{0} Mp0,0])"
    assert built() == f"[1,1,0,20 {kim.format(100)} Do0.5 O0s0]"
    assert built(preset="cnn", width=0.1, dropout=0.25) == f"[1,1,0,20 {kim.format(10)} Do0.25 O0s0]"


@pytest.mark.parametrize(
    ("keys", "layers"),
    [
        ({"cell": "gru"}, "Gbx100 Ap0,0 Do0.5"),
        ({"preset": "lstm", "hidden": 7}, "Lfxs7 Do0.5"),
        ({"preset": "bigru", "pooling": "max", "dropout": 0}, "Gbx100 Mp0,0"),
        ({"preset": "rnn", "pooling": "attention", "hidden": 7, "layers": 2}, "Rfx7 Dl0.5 Rfx7 At7 Do0.5"),
        ({"preset": "cnn-lstm", "hidden": 7}, "Cr1,3,100 Lfxs7 Do0.5"),
    ],
)
def test_recurrent_presets(keys: dict[str, Any], layers: str) -> None:
    assert built(**keys) == f"[1,1,0,20 {layers} O0s0]"


def test_words_are_seen_with_their_spelling_unless_told_otherwise() -> None:
    spec = resolve({"task": "document", "data": {"train": "x"}})
    # An embedding, filters over characters, case, three prefixes and three suffixes.
    assert compile_run(spec).input.channels == 200 + 30 + 8 + 2 * 3 * 16


def test_features_of_words_are_the_channels() -> None:
    spelt = {"characters": "bilstm", "character_hidden": 5, "case": 3, "affixes": 1, "affix_embedding": 2}
    assert built(spelt, preset="gru", hidden=4) == "[1,1,0,37 Gfxs4 Do0.5 O0s0]"
    with pytest.raises(ConfigError, match="nothing of a word"):
        built({"embedding": 0})
    with pytest.raises(ConfigError, match="hidden"):
        built(preset="cnn", hidden=4)
