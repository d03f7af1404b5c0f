"""How long a person waits before anything happens: `tidegate --help`, `--version`, and importing what predict needs.

    python benchmarks/startup.py [--rounds 7]

Each command runs as a process of its own; medians of wall-clock and processor seconds.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tidegate.files import write_json
from tidegate.training.environment import environment

HERE = Path(__file__).parent
COMMANDS = {
    "tidegate --help": ["-m", "tidegate", "--help"],
    "tidegate train --help": ["-m", "tidegate", "train", "--help"],
    "tidegate show cnn-bilstm": ["-m", "tidegate", "show", "cnn-bilstm"],
    "import what predict needs": ["-c", "from tidegate.api import load"],
}


def measure(arguments: list[str]) -> tuple[float, float]:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begun, cpu


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=HERE / "startup.json")
    options = parser.parse_args()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(options.rounds + 1):
        for name, arguments in COMMANDS.items():
            times[name].append(measure(arguments))
    rows = {
        name: {
            "seconds": round(statistics.median(wall for wall, _ in pairs[1:]), 3),
            "cpu_seconds": round(statistics.median(cpu for _, cpu in pairs[1:]), 3),
        }
        for name, pairs in times.items()
    }
    machine = {k: v for k, v in environment(None, "cpu").to_json().items() if k not in ("command", "started")}
    write_json(options.out, {"rounds": options.rounds, "medians": rows, "machine": machine})
    print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
