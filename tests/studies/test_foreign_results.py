"""Results of other programs: read, compared, shown; and tables that hold none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tidegate.cli.app import app
from tidegate.errors import DataError, OutputError, TidegateError
from tidegate.studies.foreign import import_results


def table(path: Path, *, seeds: int = 5, samples: int = 0, splits: int = 0, metric: str = "accuracy") -> Path:
    """Three arms: resnet errs half as often as the others."""
    rng = np.random.default_rng(0)
    heads = ["arm", "seed", metric, *(["split"] if splits else []), *(["sample"] if samples else [])]
    lines = [",".join(heads)]
    for arm, error in (("resnet", 0.05), ("lstm", 0.1), ("gru", 0.1)):
        hard = rng.random(samples) < error
        for seed in range(seeds):
            split = [str(seed % splits)] if splits else []
            if not samples:
                lines.append(
                    ",".join([arm, str(seed), f"{1 - error * np.exp(rng.normal(0, 0.05)):.4f}", *split])
                )
            # What one seed gets wrong the others mostly do too, as seeds of one network do.
            wrong = hard & (rng.random(samples) < 0.9)
            for sample in range(samples):
                lines.append(",".join([arm, str(seed), str(int(not wrong[sample])), *split, f"s{sample}"]))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_row_a_run(tmp_path: Path) -> None:
    results = import_results(table(tmp_path / "r.csv"), tmp_path / "out")
    comparison = results.comparison
    assert comparison is not None and comparison.best == "resnet" and comparison.splits == "one"
    assert [arm.verdict for arm in comparison.arms] == ["best", "worse", "worse"]
    assert results == type(results).read(tmp_path / "out" / "results.json")


def test_a_row_a_sample_brings_the_draw_of_the_samples_in(tmp_path: Path) -> None:
    few = import_results(table(tmp_path / "few.csv", samples=40), tmp_path / "few").comparison
    many = import_results(table(tmp_path / "many.csv", samples=1000), tmp_path / "many").comparison
    assert few is not None and many is not None and few.sampling is not None and many.sampling is not None
    assert (few.sampling.units, many.sampling.units) == (40, 1000)
    assert 0 < many.sampling.half_width < few.sampling.half_width
    assert [arm.verdict for arm in many.arms] == ["best", "worse", "worse"]
    assert "worse" not in [arm.verdict for arm in few.arms]


def test_splits_are_paired(tmp_path: Path) -> None:
    comparison = import_results(table(tmp_path / "r.csv", splits=5), tmp_path / "out").comparison
    assert comparison is not None and comparison.splits == "resampled"


def test_the_page_and_the_other_forms(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(
        app, ["report", str(table(tmp_path / "r.csv")), "--out", str(out), "--margin", "20%"]
    )
    assert result.exit_code == 0 and (out / "report.html").is_file(), result.output
    text = (out / "report.html").read_text("utf-8")
    assert "Use resnet" in text and "imported: what was trained how" in text
    told = json.loads(CliRunner().invoke(app, ["report", str(out), "--format", "json"]).stdout)
    assert told["comparison"]["margin"] | {"size": 0, "factor": 0} == {
        "value": 0.2, "kind": "relative", "set": True, "size": 0, "factor": 0,
    }  # fmt: skip
    compared = CliRunner().invoke(app, ["report", str(out), "--compare", "lstm,gru"])
    assert compared.exit_code == 0 and "lstm against gru" in compared.stdout


def test_a_metric_that_nobody_knows_needs_its_direction(tmp_path: Path) -> None:
    path = table(tmp_path / "r.csv", metric="elo")
    with pytest.raises(DataError, match="nothing says which way elo is better") as caught:
        import_results(path, tmp_path / "out")
    assert "--lower-is-better" in str(caught.value) and not (tmp_path / "out").exists()
    results = import_results(path, tmp_path / "out", lower_is_better=True)
    assert results.comparison is not None and results.comparison.best != "resnet"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("arm,accuracy\na,0.5\n", "no results that can be compared"),
        ("arm,seed,accuracy,f1\na,0,0.5,0.5\n", "no results that can be compared"),
        ("arm,seed\na,0\n", "no results that can be compared"),
        ("arm,seed,accuracy\na,0,high\n", "accuracy is no number"),
        ("arm,seed,accuracy\na,0,0.5\na,0,0.6\n", "a run stands twice"),
        ("arm,seed,accuracy\na,,0.5\n", "lacks its arm, its seed or its value"),
        ("arm,seed,accuracy\na,0,NA\nb,0,0.5\n", "lacks its arm, its seed or its value"),
        ("arm,seed,accuracy,sample\na,0,1,x\nb,0,1,y\n", "other samples"),
        ("arm,seed,accuracy\n", "no rows|empty|nothing"),
        ("", "no rows|empty|nothing"),
    ],
)
def test_tables_that_hold_no_results(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(text)
    with pytest.raises(TidegateError, match=message):
        import_results(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("x")
    with pytest.raises(OutputError, match="not empty"):
        import_results(table(tmp_path / "r.csv"), tmp_path / "out")
    result = CliRunner().invoke(app, ["report", str(tmp_path / "r.csv")])
    assert result.exit_code != 0
