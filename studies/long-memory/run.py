"""What do recurrent and convolutional networks remember over 600 and 1,000 steps?

    python studies/long-memory/run.py [--tasks adding copying] [--networks lstm gru] [--seeds 3] [--out FOLDER]

The adding problem with T = 600 and the copy-memory problem with T = 1,000 of Bai, Kolter and Koltun (2018), on networks
of their sizes. The tasks are those of `examples/long_memory`. Runs in FOLDER that are finished are read, and those that
were killed go on. Weights are chosen on 1,000 validation sequences; 1,000 other ones are looked at once, at the end.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
from long_memory import adding, copying
from measured import record

import tidegate
from tidegate import resume

HERE = Path(__file__).parent
QUESTION = (__doc__ or "").splitlines()[0]
Tables = dict[str, dict[str, Any]]
TASKS: dict[str, Tables] = {
    adding.ADDING.name: {
        "params": {"length": 600, "epoch": 3200},
        "train": {"batch_size": 8, "epochs": 6},
        "optimiser": {"learning_rate": 0.004},
    },
    copying.COPYING.name: {
        "params": {"length": 1000, "epoch": 3200},
        "train": {"batch_size": 8, "epochs": 15},
        "optimiser": {"learning_rate": 0.004},
    },
}
"""What all arms of a task share, save what `ARMS` says; the rest is the tasks' own."""
ARMS: dict[str, dict[str, Tables]] = {
    "adding": {
        "elman": {"params": {"hidden": 264, "gain": 6.0}},
        "elman-relu": {"params": {"hidden": 264, "gain": 0.1}, "optimiser": {"learning_rate": 0.0003}},
        "lstm": {"params": {"hidden": 130, "gain": 6.0, "span": 600}},
        "gru": {"params": {"hidden": 150, "gain": 6.0, "span": 600}},
        "tcn": {
            "params": {"hidden": 24},
            "train": {"batch_size": 32, "epochs": 12},
            "schedule": {"name": "constant"},
        },
    },
    "copying": {
        "elman": {"params": {"hidden": 118}},
        "elman-orthogonal": {"params": {"hidden": 118}, "optimiser": {"learning_rate": 0.0015}},
        "lstm": {"params": {"hidden": 58, "gain": 10.0, "span": 1000}, "optimiser": {"learning_rate": 0.01}},
        "gru": {"params": {"hidden": 67, "gain": 10.0, "span": 1000}, "optimiser": {"learning_rate": 0.01}},
        "tcn": {"params": {"hidden": 11}},
    },
}
"""What each arm is, on top."""
PUBLISHED: dict[str, dict[str, str]] = {
    "adding": {"elman": "0.177", "lstm": "0.164", "gru": "5.3e-5", "tcn": "5.8e-5"},
    "copying": {"elman": "0.0202", "lstm": "0.0204", "gru": "0.0197", "tcn": "3.5e-5"},
}
"""Table 1 of the paper."""


def train(task: str, network: str, seed: int, out: Path) -> None:
    """One run, if it is not there yet."""
    if (out / "metrics.json").exists():
        return
    if (out / "config.toml").exists():
        resume(out)
        return
    arm = ARMS[task][network]
    tables = {key: {**TASKS[task].get(key, {}), **arm.get(key, {})} for key in {*TASKS[task], *arm}}
    tables["params"]["network"] = network
    tables["train"] |= {"threads": 1, "device": "cpu"}
    tidegate.train(task=task, seed=seed, out=out, **tables)


def row(task: str, network: str, run: Path) -> dict[str, Any]:
    """A finished run as a row."""
    figures = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    kept = (
        "parameters",
        "flops",
        "steps",
        "stopped",
        "best",
        "valid",
        "test",
        "baselines",
        "samples_per_second",
    )
    seconds = {key: round(figures[key], 1) for key in ("cpu_seconds", "seconds")}
    seed = int(run.name.rpartition("-")[2])
    return {"task": task, "network": network, "seed": seed, **seconds, **{key: figures[key] for key in kept}}


def rows(out: Path) -> list[dict[str, Any]]:
    """Every finished run of the folder."""
    return [
        row(task, network, figures.parent)
        for task, networks in ARMS.items()
        for network in networks
        for figures in sorted(out.glob(f"{task}-{network}-[0-9]*/metrics.json"))
    ]


def table(found: list[dict[str, Any]], task: str) -> str:
    """The runs of a task beside the published figures, as Markdown."""
    figure = "mse" if task == adding.ADDING.name else "cross_entropy"
    lines = [
        f"| {task} | {figure.replace('_', '-')}, test | seeds | Bai et al. | parameters | steps | CPU-seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for network in ARMS[task]:
        runs = [one for one in found if (one["task"], one["network"]) == (task, network)]
        if runs:
            tests = ", ".join(f"{one['test'][figure]:.2g}" for one in runs)
            seconds = sum(one["cpu_seconds"] for one in runs) / len(runs)
            published = PUBLISHED[task].get(network, "")
            lines.append(
                f"| {network} | {tests} | {len(runs)} | {published} | {runs[0]['parameters']:,} | {runs[0]['steps']:,} "
                f"| {seconds:.0f} |"
            )
    return "\n".join(lines)


def main() -> None:
    names = sorted({name for arms in ARMS.values() for name in arms})
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--networks", nargs="+", choices=names, default=names)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/long-memory"), help="the run folders")
    options = parser.parse_args()
    wanted = [
        (task, network, seed)
        for seed in range(options.seeds)
        for task in options.tasks
        for network in ARMS[task]
        if network in options.networks
    ]
    for task, network, seed in wanted:
        run = options.out / f"{task}-{network}-{seed}"
        train(task, network, seed, run)
        record(HERE / "results.json", QUESTION, rows(options.out), threads=1)
        print(task, network, seed, row(task, network, run)["test"], flush=True)
    found = rows(options.out)
    record(HERE / "results.json", QUESTION, found, threads=1)
    print(*(table(found, task) for task in TASKS), sep="\n\n")


if __name__ == "__main__":
    main()
