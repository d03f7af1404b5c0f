"""From flags and a file to a ``RunSpec``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.cli.flags import RunFlags
from tidegate.cli.request import flag_table, out_folder, run_spec
from tidegate.errors import ConfigError


def test_only_given_flags_are_in_the_table():
    assert flag_table(RunFlags()) == {}
    assert flag_table(RunFlags(seed=0, skip_bad=True)) == {"seed": 0, "data": {"skip_bad": True}}


def test_max_time_alone_takes_the_epochs_away():
    assert flag_table(RunFlags(max_time=60.0))["train"] == {"max_time": 60.0, "epochs": None}
    assert flag_table(RunFlags(max_time=60.0, epochs=5))["train"] == {"max_time": 60.0, "epochs": 5}


def test_flags_win_over_the_file_and_set_over_flags(tmp_path: Path):
    config = tmp_path / "lines.toml"
    config.write_text(
        'task = "transcribe"\nseed = 1\n[data]\ntrain = "a"\ntest = "b"\n[train]\nbatch_size = 4\n'
    )
    spec = run_spec(
        RunFlags(config=config, train="c", seed=2, max_time=30, set=["seed=3", "optimiser.name=sgd"])
    )
    assert (spec.seed, spec.data.train, spec.data.test) == (3, "c", "b")
    assert (spec.train.epochs, spec.train.max_time, spec.train.batch_size) == (None, 30, 4)
    assert spec.optimiser.name == "sgd"


def test_a_source_to_split_replaces_the_parts_of_the_file(tmp_path: Path):
    config = tmp_path / "lines.toml"
    config.write_text('task = "transcribe"\n[data]\ntrain = "a"\ntest = "b"\n')
    data = run_spec(RunFlags(config=config, data="all", split="8/1/1")).data
    assert (data.source, data.split, data.train, data.test) == ("all", "8/1/1", None, None)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (RunFlags(), "nothing says what to train"),
        (RunFlags(task="classify", data="a", train="b"), "exclude each other"),
        (RunFlags(task="classify", spec="[1,28,28,1 O0s10]", preset="lenet"), "exclude each other"),
        (RunFlags(task="classify", set=["train.epoch=3"]), "epoch"),
    ],
)
def test_what_cannot_be_asked_for(flags: RunFlags, message: str):
    with pytest.raises(ConfigError, match=message):
        run_spec(flags)


def test_where_results_go():
    assert out_folder(RunFlags(out=Path("x"))) == Path("x")
    assert out_folder(RunFlags(config=Path("a/lines.toml"))) == Path("runs/lines")
    with pytest.raises(ConfigError, match="no folder for the results"):
        out_folder(RunFlags(task="classify"))
