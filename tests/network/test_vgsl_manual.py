"""The manual of VGSL says what is so: every example in it is read, and every token stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tidegate.errors import VgslError
from tidegate.network.trace import trace
from tidegate.network.vgsl import BLOCKS, OUTPUT, TOKENS, parse, parse_fragment

MANUAL = Path(__file__).parents[2] / "docs" / "reference" / "vgsl.md"


def examples(kind: str) -> list[str]:
    blocks = re.findall(
        rf"^```{kind}\n(.*?)^```$", MANUAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return [line.split(" # ")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_there_are_examples_of_each_kind():
    assert min(len(examples(kind)) for kind in ("vgsl", "vgsl-layers", "vgsl-refused")) >= 5


@pytest.mark.parametrize("text", examples("vgsl"))
def test_networks_fit(text: str):
    assert trace(parse(text))


@pytest.mark.parametrize("text", examples("vgsl-layers"))
def test_layers_are_read(text: str):
    assert parse_fragment(text)


@pytest.mark.parametrize("text", examples("vgsl-refused"))
def test_what_is_not_supported_is_refused(text: str):
    with pytest.raises(VgslError, match="known, but not supported"):
        parse(f"[1,48,0,1 {text} O1c5]")


def test_every_token_stands_in_the_manual():
    manual = MANUAL.read_text(encoding="utf-8").replace("\\|", "|")
    forms = [*(token.form for token in (*TOKENS, OUTPUT)), *BLOCKS]
    assert [form for form in forms if f"`{form}`" not in manual] == []
