"""What is wrong with a table of time series: told with file, series and row, and nothing lost."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.panel import Panel
from tidegate.data.series.reader import read_panel
from tidegate.errors import BadFilesError, DataError, EmptyDataError

DAYS = [f"2016-01-{day:02}" for day in range(1, 11)]


def table(changes: dict[int, str] | None = None, header: str = "ds,y") -> str:
    """Ten days; ``changes`` are lines by number, as errors count them; an empty one goes."""
    lines = {number: f"{day},{number}" for number, day in enumerate(DAYS, start=2)} | (changes or {})
    return "\n".join([header, *(line for _, line in sorted(lines.items()) if line)]) + "\n"


def read(
    folder: Path, text: str, *, skip_bad: bool = False, like: Panel | None = None, **keys: object
) -> Panel:
    (folder / "x.csv").write_text(text)
    spec = ForecastSpec.model_validate(keys)
    return read_panel(str(folder / "x.csv"), spec, skip_bad=skip_bad, like=like and like.layout)


FAULTS = {
    "a word": ({5: "2016-01-04,many"}, "line 5: y is 'many', no number"),
    "infinity": ({5: "2016-01-04,inf"}, "line 5: y is inf, not finite"),
    "minus infinity": ({5: "2016-01-04,-Infinity"}, "line 5: y is -Infinity, not finite"),
    "an underscore": ({5: "2016-01-04,1_000"}, "line 5: y is '1_000', no number"),
    "no value": ({5: "2016-01-04,"}, "line 5: y is missing; --fill"),
    "NA": ({5: "2016-01-04,NA", 6: "2016-01-05,NaN"}, "lines 5, 6: y is missing; --fill"),
    "no date": ({5: "soon,4"}, "line 5: ds is 'soon', no date of the form 2016-01-01"),
    "no such day": ({5: "2016-02-30,4"}, "line 5: ds is '2016-02-30', no date"),
    "an empty date": ({5: ",4"}, "line 5: ds is empty, no date"),
    "twice": ({5: "2016-01-03,4"}, "line 5: the stamp 2016-01-03 stands twice in the series, see line 4"),
    "a gap": ({5: ""}, "line 5: a row is missing between 2016-01-03 and 2016-01-05"),
    "a wide gap": ({5: "", 6: "", 7: ""}, "3 rows are missing between 2016-01-03 and 2016-01-07"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_line(tmp_path: Path, name: str):
    changes, reason = FAULTS[name]
    with pytest.raises(BadFilesError) as caught:
        read(tmp_path, table(changes))
    assert caught.value.findings[0].where == str(tmp_path / "x.csv")
    assert reason in caught.value.findings[0].what
    if "no number" in reason or "finite" in reason:
        assert caught.value.findings[0].what == reason  # and not missing too


@pytest.mark.parametrize("name", FAULTS)
def test_bad_series_are_left_out_where_that_is_asked(tmp_path: Path, name: str):
    changes, _ = FAULTS[name]
    bad = table(changes).strip().split("\n")[1:]
    good = table().strip().split("\n")[1:]
    text = "\n".join(["id,ds,y", *(f"good,{line}" for line in good), *(f"bad,{line}" for line in bad)])
    with pytest.raises(BadFilesError) as caught:
        read(tmp_path, text)
    assert [one.where for one in caught.value.findings] == [f"{tmp_path / 'x.csv'}: series bad"]
    panel = read(tmp_path, text, skip_bad=True)
    assert [one.name for one in panel.series] == ["good"]
    assert "left out 1 of 2 samples" in str(panel.notes[-1])
    with pytest.raises(BadFilesError):  # nothing is left to go on with
        read(tmp_path, table(changes), skip_bad=True)


def test_all_faults_are_told_at_once(tmp_path: Path):
    with pytest.raises(BadFilesError) as caught:
        read(tmp_path, table({3: "2016-01-02,x", 5: "2016-01-03,4", 8: "2016-01-07,inf", 10: ""}))
    reason = caught.value.findings[0].what
    for part in ("line 3: y is 'x'", "line 5: the stamp", "line 8: y is inf", "line 10: a row is missing"):
        assert part in reason


def test_many_faults_are_counted(tmp_path: Path):
    with pytest.raises(BadFilesError) as caught:
        read(tmp_path, table({number: f"{DAYS[number - 2]},?" for number in range(3, 11)}))
    assert "lines 3, 4, 5, 6, 7: y is missing; and 3 more" in caught.value.findings[0].what


def test_mixed_frequencies(tmp_path: Path):
    with pytest.raises(BadFilesError) as caught:
        read(tmp_path, table({6: "2016-01-04 12:00,1"}))
    assert (
        "line 6: 2016-01-04 12:00:00 is no step of 1d from the rest of the series"
        in caught.value.findings[0].what
    )
    lines = table().strip().split("\n")[1:]
    weeks = [f"w,2016-0{month}-01,1" for month in range(1, 8)]
    with pytest.raises(BadFilesError) as caught:
        read(tmp_path, "\n".join(["id,ds,y", *(f"d,{line}" for line in lines), *weeks]))
    assert [one.where.split()[-1] for one in caught.value.findings] == ["w"]


def test_a_wrong_frequency(tmp_path: Path):
    with pytest.raises(DataError, match="not 1w apart") as caught:
        read(tmp_path, table(), frequency="1w")
    assert "most are 1d apart" in str(caught.value)
    with pytest.raises(BadFilesError, match="cannot be used"):
        read(tmp_path, table(), frequency="1h")  # gaps, which could be filled
    assert str(read(tmp_path, table(), frequency="daily").frequency) == "1d"


WHOLE = {
    "empty": ("", EmptyDataError, "the file is empty"),
    "blank": ("\n\n", EmptyDataError, "the file is empty"),
    "header only": ("ds,y\n", EmptyDataError, "no rows"),
    "no header": ("2016-01-01,1\n2016-01-02,2\n", DataError, "no header"),
    "no time": ("a,b\n1,2\n3,4\n", DataError, "no column of time"),
    "no target": ("ds,word\n2016-01-01,x\n2016-01-02,y\n", DataError, "nothing to forecast"),
    "no dates": ("ds,y\n1-01,1\n1-02,2\n", DataError, "holds no dates"),
    "day or month": ("ds,y\n01/02/2016,1\n02/02/2016,2\n", DataError, "cannot be told apart"),
    "two columns alike": ("ds,y,y\n2016-01-01,1,2\n", DataError, "same name"),
    "one row": ("ds,y\n2016-01-01,1\n", DataError, "cannot be seen"),
    "too many cells": ("ds,y\n2016-01-01,1\n2016-01-02,1,5\n", DataError, "no table"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_table_that_cannot_be_read(tmp_path: Path, name: str):
    text, kind, what = WHOLE[name]
    with pytest.raises(kind, match=what) as caught:
        read(tmp_path, text)
    assert "x.csv" in str(caught.value) or "frequency" in str(caught.value)


def test_files_that_are_no_tables(tmp_path: Path):
    spec = ForecastSpec()
    (tmp_path / "x.csv").write_bytes(b"ds,y\n2016-01-01,1\n\xff\xfe,2\n")
    with pytest.raises(DataError, match="not UTF-8") as caught:
        read_panel(str(tmp_path / "x.csv"), spec, skip_bad=False)
    assert "line 3" in str(caught.value)
    (tmp_path / "y.csv.gz").write_bytes(gzip.compress(b"ds,y\n" * 1000)[:-10])
    with pytest.raises(DataError, match="cannot be unpacked"):
        read_panel(str(tmp_path / "y.csv.gz"), spec, skip_bad=False)
    with pytest.raises(DataError, match="no table of time series"):
        read_panel(str(tmp_path), spec, skip_bad=False)
    with pytest.raises(DataError, match="no such file"):
        read_panel(str(tmp_path / "z.csv"), spec, skip_bad=False)


def test_rows_at_both_ends_without_target(tmp_path: Path):
    """Before the first value nothing is known; behind the last one is the future."""
    text = table({2: f"{DAYS[0]},", 3: f"{DAYS[1]},NA", 10: f"{DAYS[8]},", 11: f"{DAYS[9]},"})
    panel = read(tmp_path, text)
    (one,) = panel.series
    assert (len(one), one.future, len(one.stamps)) == (6, 2, 8)
    assert one.targets[:6, 0].tolist() == [4, 5, 6, 7, 8, 9]
    assert np.isnan(one.targets[6:]).all() and not one.given[6:].any()
    assert "2 rows of 1 series before their first value" in str(panel.notes[1])
    assert "are the future" in str(panel.notes[2])


def test_a_series_without_a_value(tmp_path: Path):
    with pytest.raises(BadFilesError) as caught:
        read(
            tmp_path, "id,ds,y\n" + "".join(f"a,{day},\n" for day in DAYS) + f"b,{DAYS[0]},1\nb,{DAYS[1]},2\n"
        )
    assert "no value of y in the series" in caught.value.findings[0].what


def test_a_constant_series_is_told(tmp_path: Path):
    panel = read(tmp_path, "ds,y\n" + "".join(f"{day},5\n" for day in DAYS))
    assert [*map(str, panel.notes[1:])] == ["the same value at all times: y"]


def test_rows_as_they_stand(tmp_path: Path):
    panel = read(tmp_path, table({5: "", 6: ""}), frequency="rows")
    assert (len(panel.series[0]), panel.frequency.seconds) == (8, 86400)
    counted = read(tmp_path, "Month,y\n1-01,3\n1-02,4\n2-01,5\n", frequency="rows")
    assert counted.series[0].stamps.astype(int).tolist() == [0, 1, 2]
    assert "rows are counted" in str(counted.notes[1])
    with pytest.raises(BadFilesError, match="cannot be used"):
        read(tmp_path, table({5: "2016-01-03,4"}), frequency="rows")


def test_targets_without_a_logarithm(tmp_path: Path):
    with pytest.raises(BadFilesError) as caught:
        read(tmp_path, table({5: "2016-01-04,0"}), transform="log")
    assert "line 5: y is not above 0" in caught.value.findings[0].what


COVARIATES = "id,ds,y,price,wind,town\n" + "".join(
    f"{name},{day},{number},{number / 2},{'NE'[number % 2]},{town}\n"
    for name, town in (("a", "Rome"), ("b", "Oslo"))
    for number, day in enumerate(DAYS)
)
KEYS: dict[str, object] = {"known": ["price"], "observed": ["wind"], "static": ["town"]}


def test_covariates_of_another_table(tmp_path: Path):
    trained = read(tmp_path, COVARIATES, **KEYS)
    assert trained.layout.observed == ("wind=E", "wind=N")
    assert trained.series[0].observed[:2].tolist() == [[0, 1], [1, 0]]
    assert trained.series[1].static.tolist() == [1, 0]
    further = (
        COVARIATES.replace("town\n", "town,new\n").replace("Rome\n", "Rome,x\n").replace("Oslo\n", "Rome,x\n")
    )
    panel = read(tmp_path, further, like=trained, **KEYS)
    assert panel.series[1].static.tolist() == [0, 1]
    assert panel.layout == trained.layout
    with pytest.raises(BadFilesError) as caught:
        read(
            tmp_path, COVARIATES.replace("a,2016-01-03,2,1.0,N", "a,2016-01-03,2,1.0,W"), like=trained, **KEYS
        )
    assert "series a" in caught.value.findings[0].where
    assert "line 4: wind is 'W', which training never saw (E, N)" in caught.value.findings[0].what
    with pytest.raises(DataError, match="'price' of the training data is missing"):
        read(tmp_path, COVARIATES.replace("price", "prize"), like=trained, **KEYS)


def test_known_covariates_are_needed_in_the_future(tmp_path: Path):
    ahead = COVARIATES + "b,2016-01-11,,5,,Oslo\nb,2016-01-12,,{},,Oslo\n"
    panel = read(tmp_path, ahead.format(6), **KEYS)
    assert panel.series[1].future == 2
    assert panel.series[1].known[-2:, 0].tolist() == [5, 6]
    assert np.isnan(panel.series[1].observed[-2:]).all()
    for fill in ("none", "forward"):
        with pytest.raises(BadFilesError) as caught:
            read(tmp_path, ahead.format(""), fill=fill, **KEYS)
        assert "series b" in caught.value.findings[0].where
        assert (
            caught.value.findings[0].what == "line 23: price is missing in the future, where it must be known"
        )


def test_covariates_with_faults(tmp_path: Path):
    text = COVARIATES.replace("a,2016-01-04,3,1.5", "a,2016-01-04,3,cheap").replace(
        "b,2016-01-05,4,2.0,N", "b,2016-01-05,4,,"
    )
    text = text.replace("b,2016-01-06,5,2.5,E,Oslo", "b,2016-01-06,5,2.5,E,Bonn")
    with pytest.raises(BadFilesError) as caught:
        read(tmp_path, text, **KEYS)
    first, second = (one.what for one in caught.value.findings)
    for part in ("line 16: price is missing", "line 16: wind is missing", "line 17: the static town"):
        assert part in second
    assert first == "line 5: price is 'cheap', no number"
    assert second.count("line 17") == 1


def test_too_many_words(tmp_path: Path):
    text = "ds,y,word\n" + "".join(f"{2016 + year},1,w{year}\n" for year in range(101))
    with pytest.raises(DataError, match="'word' is no covariate"):
        read(tmp_path, text, known=["word"])


def test_columns_that_name_the_series_are_named_where_stamps_repeat(tmp_path: Path):
    rows = [
        f"{number},{day},{store},{family},{number % 7}"
        for number, (day, store, family) in enumerate(
            (day, store, family) for day in DAYS for store in (1, 2) for family in ("BREAD/BAKERY", "EGGS")
        )
    ]
    text = "\n".join(["id,date,store_nbr,family,sales", *rows]) + "\n"
    with pytest.raises(BadFilesError) as caught:
        read(tmp_path, text)
    found = re.search(r"--set 'forecast\.series=(\[.*?\])'", str(caught.value))
    assert found is not None
    names = json.loads(found[1])
    assert names == ["store_nbr", "family"]
    panel = read(tmp_path, text, series=names)
    assert (len(panel.series), panel.layout.targets) == (4, ("sales",))
