"""Learning-rate schedules by their shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.config.tables import ScheduleSpec
from tidegate.training.schedule import scale

NAMES = ("constant", "step", "cosine", "one-cycle", "plateau")


@pytest.mark.parametrize("name", NAMES)
@given(progress=st.floats(0, 1.5), epoch=st.floats(0, 100))
def test_between_nothing_and_the_peak(name: str, progress: float, epoch: float) -> None:
    assert 0 < scale(ScheduleSpec(name=name), progress, epoch) <= 1  # pyright: ignore[reportArgumentType]


def test_one_cycle_climbs_then_falls_to_its_end() -> None:
    spec = ScheduleSpec(name="one-cycle", warmup=0.25, final=0.01)
    values = [scale(spec, i / 100, 0) for i in range(101)]
    peak = values.index(max(values))
    assert peak == 25 and values[peak] == pytest.approx(1)
    assert values[:26] == sorted(values[:26]) and values[25:] == sorted(values[25:], reverse=True)
    assert values[0] == pytest.approx(1 / 25) and values[-1] == pytest.approx(0.01)


def test_cosine_without_warmup_starts_at_the_peak() -> None:
    spec = ScheduleSpec(name="cosine", warmup=0, final=0.0)
    assert scale(spec, 0, 0) == pytest.approx(1)
    assert scale(spec, 0.5, 0) == pytest.approx(0.5)
    assert scale(spec, 1, 0) == pytest.approx(0)


def test_step_drops_every_so_many_epochs() -> None:
    spec = ScheduleSpec(name="step", every=3, factor=0.5, warmup=0)
    assert [scale(spec, 0.5, epoch) for epoch in (0, 2.9, 3, 6)] == [1, 1, 0.5, 0.25]


def test_plateau_counts_drops() -> None:
    spec = ScheduleSpec(name="plateau", factor=0.1)
    assert scale(spec, 0.5, 7, drops=2) == pytest.approx(0.01)


def test_cosine_climbs_in_a_straight_line() -> None:
    spec = ScheduleSpec(name="cosine", warmup=0.5, final=0.0)
    assert [scale(spec, part, 0) for part in (0, 0.125, 0.25, 0.375)] == pytest.approx(
        [0.04, 0.28, 0.52, 0.76]
    )
