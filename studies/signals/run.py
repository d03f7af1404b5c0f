"""How well do networks for signals do: a few dozen curves, spoken digits, people who move among radio beacons?

    python studies/signals/run.py DATA [--parts GunPoint fsdd …] [--arms fcn lstm-fcn …] [--seeds 5] [--out FOLDER]

DATA is a folder with ucr_open, fsdd, arem and indoor_movement as `tidegate datasets` describes them. Rows that stand in a
result file already are kept, so the command goes on where it was stopped. Test data are read once a run. One thread.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured import record, row, tidegate
from unpack import arem, digits, digits_without, movement_elsewhere

HERE = Path(__file__).parent
QUESTION = (__doc__ or "").splitlines()[0]
ARMS = {
    "fcn": ("model.width=0.5",),
    "lstm-fcn": ("model.width=0.5", "model.hidden=32"),
    "gru-fcn": ("model.width=0.5", "model.hidden=32"),
    "resnet": ("model.width=0.5",),
    "gru": ("model.hidden=64", "model.layers=1"),
    "bilstm": ("model.hidden=64",),
    "bigru": (),
    "cnn-bigru": (),
    "crdnn": (),
}
"""Presets, and the keys that go with them."""
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
Flags = dict[str, str]


@dataclass(frozen=True)
class Part:
    """One data set.

    Attributes:
        config: Configuration.
        flags: From the folder of all data and one for what is unpacked, and the case, to flags of `tidegate train`.
        arms: Presets.
        keys: Further ones of the configuration.
        cases: Other splits, each a row.
        seeds: At most.
    """

    config: str
    flags: Callable[[Path, Path, str], Flags]
    arms: tuple[str, ...]
    keys: tuple[str, ...] = ()
    cases: tuple[str, ...] = ("",)
    seeds: int = 5


def archive(name: str) -> Callable[[Path, Path, str], Flags]:
    """The official split. What is called validation is the training data: it chooses nothing."""

    def flags(data: Path, _out: Path, _case: str) -> Flags:
        stem = data / "ucr_open" / name / name
        train = f"{stem}_TRAIN.ts"
        return {"train": train, "valid": train, "test": f"{stem}_TEST.ts"}

    return flags


def spoken(data: Path, out: Path, speaker: str) -> Flags:
    folder = digits_without(data, out, speaker) if speaker else digits(data, out)
    return {"train": str(folder)}


def sensors(data: Path, out: Path, _case: str) -> Flags:
    folder = arem(data, out)
    return {"train": str(folder / "train"), "valid": str(folder / "train"), "test": str(folder / "test")}


def movement(data: Path, out: Path, case: str) -> Flags:
    if case:
        return {"train": str(movement_elsewhere(data, out))}
    return {"data": str(data / "indoor_movement" / "IndoorMovement.zip"), "split": "0.65/0.05/0.3"}


CURVES = ("lstm-fcn", "fcn", "bilstm", "resnet")
SPEECH = ("cnn-bigru", "crdnn", "bigru")
PARTS = {
    "ItalyPowerDemand": Part("ucr.toml", archive("ItalyPowerDemand"), CURVES),
    "BasicMotions": Part("ucr.toml", archive("BasicMotions"), CURVES, ("train.epochs=100",)),
    "GunPoint": Part("ucr.toml", archive("GunPoint"), CURVES),
    "JapaneseVowels": Part("ucr.toml", archive("JapaneseVowels"), CURVES, ("train.epochs=30",)),
    "ArrowHead": Part(
        "ucr.toml",
        archive("ArrowHead"),
        ("resnet", "fcn", "lstm-fcn", "bilstm"),
        ("train.epochs=100", "train.batch_size=4", "optimiser.learning_rate=0.001"),
    ),
    "fsdd": Part("fsdd.toml", spoken, SPEECH),
    "fsdd-speaker": Part("fsdd.toml", spoken, SPEECH[:1], ("signal.scaling=sample",), SPEAKERS, seeds=1),
    "arem": Part("arem.toml", sensors, ("fcn", "gru-fcn", "bilstm")),
    "indoor": Part("indoor.toml", movement, ("gru", "bilstm"), cases=("", "another building")),
}


def train(
    name: str, arm: str, case: str, seed: int, flags: argparse.Namespace, baselines: bool
) -> dict[str, Any]:
    """One run as a row."""
    part, unpacked = PARTS[name], flags.out / "data"
    run = flags.out / name / "-".join([arm, *case.split(), str(seed)])
    shutil.rmtree(run, ignore_errors=True)
    keys = (
        f"model.preset={arm}",
        *ARMS[arm],
        *part.keys,
        f"train.baselines={'true' if baselines else 'false'}",
    )
    given = part.flags(flags.data, unpacked, case)
    result, cost = tidegate(
        "train", str(HERE / part.config), *(f"--{flag}={value}" for flag, value in given.items()),
        *(f"--set={key}" for key in keys), "--seed", str(seed), "--threads", "1", "--out", str(run), threads=1,
    )  # fmt: skip
    return {"case": case, **row(arm, seed, result, cost)}


def study(name: str, seed: int, flags: argparse.Namespace) -> None:
    """The rows of one data set and seed that are missing."""
    part, path = PARTS[name], HERE / f"results-{name}.json"
    for case in part.cases:
        for arm in part.arms:
            # Read each time: another process may have written rows.
            rows = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
            if arm not in flags.arms or (case, arm, seed) in {(r["case"], r["arm"], r["seed"]) for r in rows}:
                continue
            # Cheap baselines depend on the split alone.
            split_anew = "split" in part.flags(flags.data, flags.out / "data", case)
            measured = {(r["case"], r["seed"] if split_anew else 0) for r in rows if r["baselines"]}
            baselines = (case, seed if split_anew else 0) not in measured
            rows.append(train(name, arm, case, seed, flags, baselines))
            record(path, QUESTION, rows, threads=1)
            print(name, case, arm, seed, rows[-1]["valid"], rows[-1]["test"], flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/signals"))
    flags = parser.parse_args()
    # Seed after seed: a study that is stopped can be read.
    for seed in range(flags.seeds):
        for name in flags.parts:
            if seed < PARTS[name].seeds:
                study(name, seed, flags)


if __name__ == "__main__":
    main()
