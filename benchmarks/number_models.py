"""Windows a second of forecasting and sequences a second of signals, whole steps: ours beside the same on torch.nn.

    OMP_NUM_THREADS=1 python benchmarks/number_models.py [--rounds 15] [--threads 1] [--only "gru"]

A step of training: the batch is made, forward, backward, the gradient is clipped, AdamW. A step of forecasting or
predicting: the batch is made, forward, answers. Both get the same batches, weights to start from and freed memory to use
again; answers, losses and gradients must agree before anything is timed.

A window is one variable: a window of 7 variables counts as 7. Contenders take turns, round by round. Tables give medians
per second of processor time, which says more where others use the machine; ratios are medians over rounds of the same
batches. The file has every round.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from number_benches import ROWS, Bench, ForecastRow, SignalRow, forecast_benches, signal_benches
from words import timed

from tidegate.files import write_json
from tidegate.ops.memory import large_blocks_kept
from tidegate.ops.product import product
from tidegate.training.environment import environment

HERE = Path(__file__).parent
# NeuralForecast 3.3's LSTM (two layers of 128, 225k weights, lookback 95, horizon 96) training on ETTh1, windows of one
# variable, measured separately: windows per second of processor time.
NEURALFORECAST = 457.0
EQUAL = "forecast, direct lstm 2x132: training"
PEAK_SIZE = 1024


def measure(bench: Bench, rounds: int) -> dict[str, Any]:
    """Every round's speeds of both, and what follows."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in bench.ways}
    for name in bench.ways:
        timed(bench, name, range(1))
    names, peaks = list(bench.ways), list[float]()
    for done in range(rounds):
        numbers = range(done * bench.steps, (done + 1) * bench.steps)
        count = sum(bench.count(bench.make(number)) for number in numbers)
        peaks.append(peak())
        for place in range(len(names)):
            # Each begins a round in its turn: none always runs in the warmth or the noise of the other.
            name = names[(done + place) % len(names)]
            seconds = timed(bench, name, numbers)
            found[name].append({f"{bench.unit}_per_{one}": count / value for one, value in seconds.items()})
    return {"parameters": bench.parameters, **summary(found, bench.unit), "peak_gflops": round(max(peaks), 1)}


def peak() -> float:
    """GFLOP/s of processor time that the faster of torch's libraries reaches in a product of two large matrices."""
    a, b = torch.ones(2, PEAK_SIZE, PEAK_SIZE)
    product(a, b)
    begun = time.process_time()
    product(a, b)
    return 2 * PEAK_SIZE**3 / (time.process_time() - begun) / 1e9


def summary(found: Mapping[str, Sequence[Mapping[str, float]]], unit: str) -> dict[str, Any]:
    """Medians, and how many times as fast ours is, round against round."""

    def over(key: str) -> float:
        pairs = zip(found["ours"], found["torch"], strict=True)
        return round(statistics.median(mine[key] / other[key] for mine, other in pairs), 2)

    return {
        "median": {
            name: {key: round(statistics.median(one[key] for one in rounds), 1) for key in rounds[0]}
            for name, rounds in found.items()
        },
        "ours_over_torch": over(f"{unit}_per_processor_second"),
        "ours_over_torch_by_the_clock": over(f"{unit}_per_second"),
        "rounds": {
            name: [{key: round(value, 1) for key, value in one.items()} for one in rounds]
            for name, rounds in found.items()
        },
    }


def table(bench: Bench, result: Mapping[str, Any]) -> str:
    """Ratios by processor time."""
    unit = bench.unit
    lines = ["", f"{bench.name} ({bench.parameters:,} weights)"]
    lines.append(f"  {'':32}{unit + '/s':>14}{unit + '/CPU s':>18}{'ours over it':>14}")
    for contender, speeds in result["median"].items():
        numbers = [speeds[f"{unit}_per_{second}"] for second in ("second", "processor_second")]
        ratio = "" if contender == "ours" else f"{result['ours_over_torch']:.2f}"
        lines.append(f"  {contender:32}{numbers[0]:14,.0f}{numbers[1]:18,.0f}{ratio:>14}")
    if bench.name == EQUAL:
        ratio = result["median"]["ours"]["windows_per_processor_second"] / NEURALFORECAST
        lines.append(f"  {'NeuralForecast 3.3, separately':46}{NEURALFORECAST:18,.0f}{ratio:14.2f}")
    return "\n".join(lines)


def measure_rows(rows: Sequence[ForecastRow | SignalRow], rounds: int, only: str) -> dict[str, Any]:
    """The benches of rows whose name holds ``only``, printed as they are done."""
    results: dict[str, Any] = {}
    for row in rows:
        if only not in row.name:
            continue
        make = forecast_benches if isinstance(row, ForecastRow) else signal_benches
        with tempfile.TemporaryDirectory() as folder:
            torch.manual_seed(0)
            for bench in make(row, Path(folder)):
                results[bench.name] = measure(bench, rounds)
                print(table(bench, results[bench.name]), flush=True)
    return results


def main(arguments: Sequence[str] | None = None, rows: Sequence[ForecastRow | SignalRow] = ROWS) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--out", type=Path, default=HERE / "numbers.json")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    with large_blocks_kept():
        results = measure_rows(rows, options.rounds, options.only)
    machine = environment(options.threads, "cpu").to_json()
    del machine["command"], machine["started"]
    figures = {
        "rounds": options.rounds,
        "rows": results,
        "neuralforecast_windows_per_processor_second_measured_separately": NEURALFORECAST,
        "machine": machine,
        "load": round(os.getloadavg()[0], 1),
    }
    write_json(options.out, figures)


if __name__ == "__main__":
    main()
