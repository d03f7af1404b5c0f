"""Speed of Tidegate's LSTM, GRU and RNN beside torch's and ONNX Runtime's, shape by shape.

    python benchmarks/kernels.py --list all --out benchmarks/results/kernels.csv
    python benchmarks/kernels.py --list grid --sample 100 --mode train --cells lstm gru   # a quick look
    python benchmarks/kernels.py --summary benchmarks/results/kernels.csv                 # Markdown, nothing is measured

Contenders are timed in turn, round by round, so that what disturbs the machine disturbs them all; a row holds medians.
Before a shape is timed the answers are compared. The peak is torch's product of two 2048×2048 matrices with as many
threads, measured again every three minutes of the same run, since machines drift. A row is written when it is measured:
a run that ended early goes on with --resume. Measure on a quiet machine, without OMP_NUM_THREADS.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kernel_shapes import CELLS, LENGTHS, LISTS, MODES, Shape, chosen
from kernel_summary import read_rows, row_key, summary

from tidegate.errors import ConfigError, MissingExtraError
from tidegate.files import append_line, read_json, write_json, write_text
from tidegate.ops.memory import large_blocks_kept
from tidegate.ops.native_library import isa
from tidegate.training.environment import environment

try:
    from kernel_contenders import NAMES
    from kernel_step import kernel_step_microseconds
    from kernel_timing import Peak, measure
except ImportError as error:
    raise MissingExtraError(
        f"this benchmark needs {error.name}", hint="pip install -c constraints.txt -e '.[bench]'"
    ) from error

HERE = Path(__file__).parent
COLUMNS = (
    *("cell", "direction", "B", "T", "F", "H", "layers", "lengths", "mode", "threads", "list"),
    *(f"{name}_ms" for name in NAMES),
    *(f"{name}_gflops" for name in NAMES),
    *("peak_gflops", "ours_share", "ratio_torch", "ratio_best", "rounds"),
)


def measure_all(
    shapes: list[Shape], out: Path, *, rounds: int | None, minutes: float | None, resume: bool
) -> None:
    """Measures shapes one by one into a CSV file, and writes what they ran on into a JSON file beside it."""
    record = out.with_suffix(".json")
    resume = resume and out.exists()
    known = {row_key(row) for row in read_rows(out)} if resume else set()
    runs = read_json(record)["runs"] if resume else []
    left = [shape for shape in shapes if shape.key not in known]
    out.parent.mkdir(parents=True, exist_ok=True)
    if not resume:
        write_text(out, ",".join(COLUMNS) + "\n")
    run = _machine()
    # At once, so that rows of a run that is killed are not without their machine.
    write_json(record, {"runs": [*runs, run]})
    run |= _measured(left, out, rounds, minutes * 60 if minutes else float("inf"))
    write_json(record, {"runs": [*runs, run]})


def _measured(left: list[Shape], out: Path, rounds: int | None, seconds: float) -> dict[str, Any]:
    """Measures until the time is up; gives what is to be said of the run."""
    peak, begun, done = Peak(), time.monotonic(), 0
    for shape in left:
        spent = time.monotonic() - begun
        if spent > seconds:
            print(f"\nthe time is up: {len(left) - done} rows are left for --resume", file=sys.stderr)
            break
        row = measure(shape, peak, rounds, (seconds - spent) / (len(left) - done))
        append_line(out, ",".join(str(row.get(column, "")) for column in COLUMNS))
        done += 1
        _progress(done, len(left), time.monotonic() - begun, shape)
    return {
        "minutes": round((time.monotonic() - begun) / 60, 1),
        "rows": done,
        "rows_left": len(left) - done,
        "peak_gflops": peak.history,
        "kernel_step_microseconds": {
            f"{cell} {hidden}": kernel_step_microseconds(cell, hidden)
            for cell, hidden in sorted({(one.cell, one.H) for one in left[:done] if one.list == "stream"})
        },
    }


def _machine() -> dict[str, Any]:
    found = {**environment(None, "cpu").to_json(), "isa": isa(), "onnxruntime": version("onnxruntime")}
    # A row says its own number of threads.
    found.pop("threads")
    return {"machine": found, "load_before": [round(one, 2) for one in os.getloadavg()]}


def _progress(done: int, of: int, seconds: float, shape: Shape) -> None:
    eta = seconds / done * (of - done) / 60
    line = f"{done}/{of}  {seconds / 60:.1f} min, {eta:.1f} to go  {shape}"
    # A terminal sees every shape; a log a line now and then.
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
    elif done == of or done % 100 == 0 or seconds / done > 5:
        print(line, file=sys.stderr, flush=True)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--list", nargs="+", choices=[*LISTS, "all"], default=["all"])
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=list(CELLS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--mode", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--lengths", nargs="+", choices=LENGTHS, default=list(LENGTHS))
    parser.add_argument("--sample", type=int, help="so many shapes of the grid, a seeded random choice")
    parser.add_argument("--rounds", type=int, help="so many for every shape; else by what a shape takes")
    parser.add_argument("--budget-minutes", type=float, help="stop after this; --resume goes on")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "kernels.csv")
    parser.add_argument("--resume", action="store_true", help="measure only what --out does not hold yet")
    parser.add_argument("--summary", type=Path, metavar="CSV", help="print the summary of a result file")
    return parser.parse_args()


def main() -> None:
    given = options()
    if given.summary:
        print(summary(read_rows(given.summary)))
        return
    cores = len(os.sched_getaffinity(0))
    if max(given.threads) > cores:
        raise ConfigError(
            "more threads than cores measure only how they wait for each other",
            where="--threads",
            expected=f"at most {cores}",
            got=str(max(given.threads)),
            hint="leave that number out, or measure on a larger machine",
        )
    lists = list(LISTS) if "all" in given.list else given.list
    only = {"cell": given.cells, "mode": given.mode, "lengths": given.lengths, "threads": given.threads}
    shapes = chosen(lists, given.sample, **only)
    # As `tidegate train` does, for all contenders alike: page faults would be a third of the larger shapes.
    with large_blocks_kept():
        measure_all(shapes, given.out, rounds=given.rounds, minutes=given.budget_minutes, resume=given.resume)
    print(summary(read_rows(given.out)))


if __name__ == "__main__":
    main()
