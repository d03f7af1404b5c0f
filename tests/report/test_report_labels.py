"""Names in scatter charts stand clear of one another, and of foreign dots."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.report.charts.labels import Label, place_labels
from tidegate.report.charts.svg import Frame

LETTER, HEIGHT = 7.2, 12.0


def box(name: str, label: Label) -> tuple[float, float, float, float]:
    left = label.left - LETTER * len(name) if label.end else label.left
    return left, label.top - HEIGHT / 2, left + LETTER * len(name), label.top + HEIGHT / 2


def cover(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.01 and min(a[3], b[3]) - max(a[1], b[1]) > 0.01


def test_beside_its_dot_where_there_is_room() -> None:
    assert place_labels(["gru"], [(100.0, 90.0)], Frame()) == [Label(110.0, 90.0, end=False)]
    assert place_labels(["gru"], [(400.0, 90.0)], Frame()) == [Label(390.0, 90.0, end=True)]


def test_dots_in_one_corner() -> None:
    names = ["cnn-bigru", "cnn-gru", "cnn-bilstm", "cnn-lstm", "cnn-rnn"]
    places = [(318.0, 240.0), (401.0, 238.0), (395.0, 232.0), (402.0, 226.0), (367.0, 224.0)]
    labels = place_labels(names, places, Frame(height=300))
    boxes = [box(name, label) for name, label in zip(names, labels, strict=True)]
    assert not any(cover(a, b) for a, b in combinations(boxes, 2))
    for i, (left, top) in enumerate(places):
        dot = (left - 5.9, top - 5.9, left + 5.9, top + 5.9)
        assert not any(cover(dot, one) for j, one in enumerate(boxes) if i != j)


@given(st.lists(st.tuples(st.floats(60, 420), st.floats(40, 240)), max_size=12))
def test_all_stay_inside_and_by_themselves_alone(places: list[tuple[float, float]]) -> None:
    frame = Frame(height=300)
    names = [f"arm-{i}" for i in range(len(places))]
    labels = place_labels(names, places, frame)
    assert len(labels) == len(places)
    for name, label in zip(names, labels, strict=True):
        left, top, right, bottom = box(name, label)
        assert left >= 0 and right <= frame.width and top >= 0 and bottom <= frame.height
