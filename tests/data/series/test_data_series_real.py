"""Real time series, where a checkout has them beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.panel import Panel
from tidegate.data.series.reader import read_panel
from tidegate.data.series.splits import split_panel
from tidegate.errors import BadFilesError, DataError

SHARED = Path(__file__).parents[4] / "shared" / "data"


def read(name: str, **keys: object) -> Panel:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return read_panel(str(path), ForecastSpec.model_validate(keys), skip_bad=False)


def test_transformer_load():
    panel = read("etth1/ETTh1.csv")
    (one,) = panel.series
    assert (one.targets.shape, str(panel.frequency), [*map(str, panel.notes[1:])]) == ((17_420, 7), "1h", [])
    assert panel.layout.targets == ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")
    assert one.targets[-1, -1] == 9.56700038909912
    (bounds,) = split_panel(panel, "8640/2880/2880", horizon=96, lookback=96).bounds
    assert (bounds.train, bounds.valid, bounds.test) == (8640, 11_520, 14_400)


def test_retail_sales():
    panel = read("aus_retail/aus_retail.csv", static=["State", "Industry"])
    assert (len(panel.series), sum(len(one) for one in panel.series)) == (152, 64_532)
    assert (str(panel.frequency), panel.frequency.season, [*map(str, panel.notes[1:])]) == ("1mo", 12, [])
    assert (panel.layout.series, panel.layout.targets) == (("Series ID",), ("Turnover",))
    assert all(one.static.sum() == 2 for one in panel.series)
    with pytest.raises(BadFilesError) as caught:
        split_panel(panel, "rest/24/24", horizon=24, lookback=24)
    assert len(caught.value.findings) == 2
    assert len(split_panel(panel, "rest/24/24", horizon=24, lookback=24, skip_bad=True).bounds) == 150


def test_air_quality_with_gaps():
    keys: dict[str, object] = {
        "target": ["pm2.5"],
        "observed": ["DEWP", "TEMP", "PRES", "cbwd", "Iws", "Is", "Ir"],
    }
    with pytest.raises(BadFilesError) as caught:
        read("beijing_pm25/pollution.csv", **keys)
    assert "lines 547, 548, 549, 550, 551: pm2.5 is missing; and 2,038 more" in str(caught.value)
    panel = read("beijing_pm25/pollution.csv", fill="mask", **keys)
    (one,) = panel.series
    assert (len(one), int((~one.given).sum()), str(panel.frequency)) == (43_800, 2043, "1h")
    assert panel.layout.time == ("year", "month", "day", "hour")
    assert panel.layout.categories == {"cbwd": ("NE", "NW", "SE", "cv")}
    assert not np.isnan(one.observed).any()


SMALL = {
    "airline-passengers": (144, "1mo"),
    "daily-total-female-births": (365, "1d"),
    "monthly-car-sales": (108, "1mo"),
    "monthly-sunspots": (2820, "1mo"),
    "monthly_champagne_sales": (105, "1mo"),
}


@pytest.mark.parametrize("name", SMALL)
def test_small_series(name: str):
    panel = read(f"small_series/{name}.csv")
    assert (len(panel.series[0]), str(panel.frequency)) == SMALL[name]
    assert panel.notes[1:] == []


def test_series_that_need_a_word():
    with pytest.raises(BadFilesError, match="cannot be used") as caught:
        read("small_series/daily-min-temperatures.csv")
    assert "line 1462: a row is missing between 1984-12-30 and 1985-01-01" in str(caught.value)
    assert len(read("small_series/daily-min-temperatures.csv", fill="linear").series[0]) == 3652
    for name, rows in (("monthly-shampoo-sales", 36), ("monthly-writing-paper-sales", 147)):
        with pytest.raises(DataError) as refused:
            read(f"small_series/{name}.csv")
        assert "--set forecast.frequency=rows" in str(refused.value)
        assert len(read(f"small_series/{name}.csv", frequency="rows").series[0]) == rows
