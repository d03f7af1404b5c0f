"""How well do RNN, LSTM and GRU foresee the next frame of polyphonic music?

    python studies/music/run.py --data FOLDER [--music chorales] [--cells lstm gru] [--seeds 3] [--out RUNS]

JSB Chorales and Nottingham as Boulanger-Lewandowski, Bengio and Vincent (2012) divided them, beside table 1 of Bai,
Kolter and Koltun (2018). The task is that of `examples/music`. FOLDER holds JSB_Chorales.mat and Nottingham.mat. Rows
that `results.json` has are not run again, and a run that was killed goes on. Weights are chosen on validation pieces.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import mean, stdev
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "music"))
from measured import record
from tidegate_music.settings import MUSIC

import tidegate
from tidegate.config import registry

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
QUESTION = (__doc__ or "").splitlines()[0]
Tables = dict[str, dict[str, Any]]
Row = dict[str, Any]
FILES = {"chorales": "JSB_Chorales.mat", "nottingham": "Nottingham.mat"}
SETTINGS: dict[str, Tables] = {
    "chorales": {
        "music": {
            "shortcut": True,
            "gain": 10.0,
            "input_dropout": 0.1,
            "locked_dropout": 0.2,
            "output_dropout": 0.5,
        },
        "train": {"batch_size": 4, "epochs": 50, "average": 0.99, "evaluate_every": 2},
        "optimiser": {"learning_rate": 0.003, "weight_decay": 0.1},
    },
    "nottingham": {
        "music": {"shortcut": True, "gain": 10.0, "window": 25, "output_dropout": 0.3},
        "train": {"batch_size": 8, "epochs": 30, "average": 0.998},
        "optimiser": {"learning_rate": 0.002, "weight_decay": 0.1},
    },
}
"""What all cells share; the rest is the task's own."""
ARMS: dict[str, dict[str, Tables]] = {
    "chorales": {
        "rnn": {"model": {"hidden": 440}, "optimiser": {"learning_rate": 0.001}},
        "lstm": {"model": {"hidden": 220}},
        "gru": {"model": {"hidden": 256}},
    },
    "nottingham": {
        "rnn": {"model": {"hidden": 440}, "optimiser": {"learning_rate": 0.001}},
        "lstm": {
            "model": {"hidden": 320},
            "music": {"window": 50},
            "train": {"batch_size": 4},
            "optimiser": {"learning_rate": 0.001},
        },
        "gru": {
            "model": {"hidden": 320},
            "music": {"window": 50},
            "train": {"batch_size": 4},
            "optimiser": {"learning_rate": 0.001},
        },
    },
}
"""What each cell is, on top."""
PUBLISHED = {
    "chorales": {"rnn": 8.91, "lstm": 8.45, "gru": 8.43, "tcn": 8.10},
    "nottingham": {"rnn": 4.05, "lstm": 3.29, "gru": 3.46, "tcn": 3.07},
}
"""Table 1 of the paper."""


def train(data: Path, music: str, cell: str, seed: int, run: Path) -> Row:
    """One run as a row; what the folder has of it is gone on with."""
    if not finished(run):
        if (run / "config.toml").exists():
            tidegate.resume(run)
        else:
            arm, shared = ARMS[music][cell], SETTINGS[music]
            tables = {key: {**shared.get(key, {}), **arm.get(key, {})} for key in {*shared, *arm}}
            tables.setdefault("model", {})["preset"] = cell
            tables["train"] |= {"threads": 1, "device": "cpu"}
            tables["data"] = {"source": str(data / FILES[music])}
            tidegate.train(task=MUSIC.name, seed=seed, out=run, **tables)
    if not finished(run):
        sys.exit(f"{run.name} was interrupted; the same command goes on with it")
    figures = figures_of(run)
    kept = (
        "parameters",
        "flops",
        "epochs",
        "steps",
        "best",
        "valid",
        "test",
        "baselines",
        "samples_per_second",
    )
    seconds = {key: round(figures[key], 1) for key in ("cpu_seconds", "seconds")}
    return {"music": music, "cell": cell, "seed": seed, **seconds, **{key: figures[key] for key in kept}}


def finished(run: Path) -> bool:
    """Whether it came to its end; one that was asked to stop has figures too."""
    return (run / "metrics.json").exists() and figures_of(run)["stopped"] != "interrupted"


def figures_of(run: Path) -> Row:
    """What the run says of itself."""
    return json.loads((run / "metrics.json").read_text(encoding="utf-8"))


def known() -> list[Row]:
    """The rows that are there."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))["rows"] if RESULTS.exists() else []


def table(rows: list[Row], music: str) -> str:
    """Mean ± spread over seeds beside the published figures, as Markdown."""
    lines = [
        f"| {music} | nats a frame, test | validation | seeds | Bai et al. | parameters | CPU-seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for cell in ARMS[music]:
        runs = [row for row in rows if (row["music"], row["cell"]) == (music, cell)]
        if runs:
            test, valid = (
                _spread([run[part]["nats_per_frame"] for run in runs]) for part in ("test", "valid")
            )
            seconds = mean(run["cpu_seconds"] for run in runs)
            lines.append(
                f"| {cell} | {test} | {valid} | {len(runs)} | {PUBLISHED[music][cell]:.2f} "
                f"| {runs[0]['parameters']:,} | {seconds:.0f} |"
            )
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    return f"{mean(values):.3f}" + (f" ± {stdev(values):.3f}" if len(values) > 1 else "")


def main() -> None:
    registry.register(MUSIC)
    cells = list(ARMS["chorales"])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of the two MATLAB files")
    parser.add_argument("--music", nargs="+", choices=FILES, default=list(FILES))
    parser.add_argument("--cells", nargs="+", choices=cells, default=cells)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/music"), help="the run folders")
    options = parser.parse_args()
    wanted = [
        (music, cell, seed)
        for seed in range(options.seeds)
        for music in options.music
        for cell in options.cells
    ]
    for music, cell, seed in wanted:
        if any((row["music"], row["cell"], row["seed"]) == (music, cell, seed) for row in known()):
            continue
        row = train(options.data, music, cell, seed, options.out / f"{music}-{cell}-{seed}")
        record(RESULTS, QUESTION, [*known(), row], threads=1)
        print(music, cell, seed, row["test"], f"{row['cpu_seconds']} CPU-seconds", flush=True)
    print(*(table(known(), music) for music in FILES), sep="\n\n")


if __name__ == "__main__":
    main()
