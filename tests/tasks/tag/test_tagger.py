"""A tagging network: company and padding change nothing, of any character encoder, cell, direction and convolution."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest
import torch
from torch import Tensor

from tidegate.config.tasks.tag import TagSpec
from tidegate.config.word_features import CharacterEncoder, word_features
from tidegate.network.vgsl import parse
from tidegate.tasks.tag.network import DirectScores, Tagger, TagTokens
from tidegate.tasks.words.features import UNKNOWN, WordFeatures, WordTables

K = 5
TABLES = WordTables(12, 9, 6, (5, 6, 7, 8), (4,))
DIRECT = (11, 13, 5)
LENGTHS = (3, 7, 1, 5)
BODIES = (
    "",
    *(f"{cell}{way}x6" for cell in "RLG" for way in "frb"),
    "Cr1,3,8 Lbx6",
    "Cr1,3,8 Cr1,5,6 Dl0.3",
    "Cr1,3,8,1,1,1,2 Gbx6",
    "Lbx6 Dl0.3 Gfx4",
)


def spec_of(characters: CharacterEncoder = "cnn", **keys: object) -> TagSpec:
    sizes = {"embedding": 6, "character_embedding": 4, "character_hidden": 3, "case": 2, "affixes": 2}
    more = {"affix_embedding": 2, "column_embedding": 3, "feature_columns": [2]}
    return TagSpec.model_validate({**sizes, **more, "characters": characters, **keys})


def features_of(spec: TagSpec, vectors: Tensor | None = None) -> WordFeatures:
    return WordFeatures(TABLES, spec, vectors, spec.column_embedding)


def tagger_of(body: str, output: str, characters: CharacterEncoder = "cnn") -> Tagger:
    torch.manual_seed(0)
    spec = spec_of(characters)
    features = features_of(spec)
    direct = DirectScores(DIRECT, K, 0.5)
    direct.scores.weight.data.normal_()
    return Tagger(
        parse(
            f"[1,1,0,{word_features(spec, 'tag', spec.columns * spec.column_embedding)} {body} O1{output}0]"
        ),
        features,
        K,
        direct,
    ).eval()


def sentences() -> TagTokens:
    """Four sentences with garbage in all that is padding: true numbers of other words."""
    chance = torch.Generator().manual_seed(5)

    def draw(high: int, *shape: int) -> Tensor:
        return torch.randint(1, high, shape, generator=chance)

    batch, time, forms = len(LENGTHS), max(LENGTHS), 10
    columns = [draw(size, batch, time) for size in TABLES.columns]
    direct = [draw(size, batch, time) for size in DIRECT]
    return TagTokens(
        lengths=torch.tensor(LENGTHS),
        words=draw(TABLES.words, batch, time),
        forms=draw(forms, batch, time),
        characters=draw(TABLES.characters, forms, 6),
        character_lengths=draw(7, forms),
        cases=draw(TABLES.cases, forms),
        affixes=torch.stack([draw(size, forms) for size in TABLES.affixes], dim=1),
        columns=torch.stack(columns, dim=2),
        direct=torch.stack(direct, dim=2),
    )


def alone(tokens: TagTokens, row: int) -> TagTokens:
    """One sentence without padding."""
    cut = {
        name: getattr(tokens, name)[row : row + 1, : LENGTHS[row]]
        for name in ("words", "forms", "columns", "direct")
    }
    return dataclasses.replace(tokens, lengths=tokens.lengths[row : row + 1], **cut)


def check_alone(tagger: Tagger) -> None:
    tokens = sentences()
    with torch.no_grad():
        together = tagger(tokens)
        assert together.shape == (len(LENGTHS), max(LENGTHS), K)
        for row, length in enumerate(LENGTHS):
            torch.testing.assert_close(tagger(alone(tokens, row))[0], together[row, :length])


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("output", ["s", "f"])
def test_company_changes_no_score(body: str, output: str) -> None:
    check_alone(tagger_of(body, "f" if output == "f" else "s"))


@pytest.mark.parametrize("characters", get_args(CharacterEncoder))
def test_company_changes_no_score_whatever_reads_the_characters(characters: CharacterEncoder) -> None:
    check_alone(tagger_of("Lbx6", "s", characters))


def test_an_encoder_of_characters_is_seen() -> None:
    for characters in get_args(CharacterEncoder):
        tagger, tokens = tagger_of("Lbx6", "s", characters), sentences()
        with torch.no_grad():
            before = tagger(tokens)
            changed = tagger(dataclasses.replace(tokens, characters=tokens.characters.flip(0)))
        assert torch.equal(before, changed) == (characters == "none")


def test_the_linear_part_is_a_sum_over_templates() -> None:
    part, tokens = DirectScores(DIRECT, K, 0.5).eval(), sentences()
    assert torch.count_nonzero(part(tokens.direct)) == 0  # It starts from nothing.
    part.scores.weight.data.normal_()
    blocks = part.scores.weight.split(list(DIRECT))
    row = tokens.direct[1, 2]
    expected = sum((block[number] for block, number in zip(blocks, row, strict=True)), torch.zeros(K))
    torch.testing.assert_close(part(tokens.direct)[1, 2], expected)


def test_scores_of_the_linear_part_are_dropped_in_training_only() -> None:
    part, tokens = DirectScores(DIRECT, K, 0.5), sentences()
    part.scores.weight.data.fill_(1.0)
    assert part.eval()(tokens.direct).unique().tolist() == [3.0]
    torch.manual_seed(0)
    assert set(part.train()(tokens.direct).unique().tolist()) == {0.0, 2.0, 4.0, 6.0}


def test_word_dropout_puts_the_unknown_word_and_leaves_padding() -> None:
    features = features_of(spec_of(word_dropout=0.5, input_dropout=0)).train()
    words = torch.tensor([[0, UNKNOWN, 5, 6] * 50])
    torch.manual_seed(0)
    seen = features._hidden(words)
    assert torch.equal(seen[words <= UNKNOWN], words[words <= UNKNOWN])
    assert set(seen[words > UNKNOWN].tolist()) == {UNKNOWN, 5, 6}
    assert torch.equal(features.eval()._hidden(words), words)


def test_locked_dropout_hides_the_same_features_of_all_words_of_a_sentence() -> None:
    features = features_of(spec_of(word_dropout=0, input_dropout=0.5)).train()
    torch.manual_seed(0)
    with torch.no_grad():
        share = features(sentences()) / features.eval()(sentences())  # NaN where a filter saw nothing.
    for row in share.transpose(1, 2).flatten(0, 1):
        seen = row[~row.isnan()]
        assert len(set(seen.round(decimals=3).tolist())) <= 1
    assert set(share[~share.isnan()].round(decimals=3).tolist()) == {0.0, 2.0}


@pytest.mark.parametrize("trained", [False, True])
def test_given_vectors_are_where_it_starts(trained: bool) -> None:
    vectors = torch.arange(TABLES.words * 6.0).view(-1, 6)
    features = features_of(spec_of(train_vectors=trained), vectors)
    assert features.words is not None and features.words.given
    torch.testing.assert_close(features.words.weight.detach(), vectors)
    assert features.words.weight.requires_grad == trained
