"""ETTh1 at horizons 96 to 720 from a lookback of 96: SegRNN with four cells beside linear and naive forecasts.

    python studies/etth1/run.py DATA [--horizons 96 192 336 720] [--cells gru lstm rnn bigru] [--seeds 5] [--out FOLDER]

DATA is ETTh1.csv. Rows 8,640 / 2,880 / 2,880 are train, validation and test, as published; weights are chosen on
validation, and every window of the test part is forecast. Rows that stand in results.json are not run again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured import has, record, recorded, row, spread, tidegate

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
CELLS = {
    "gru": (),
    "lstm": ("--set", "model.cell=lstm"),
    "rnn": ("--set", "model.cell=elman"),
    "bigru": ("--set", "model.bidirectional=true", "--set", "model.hidden=192"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--horizons", nargs="+", type=int, default=[96, 192, 336, 720])
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=list(CELLS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None, help="keep the run folders here")
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp())
    for seed in range(options.seeds):
        for horizon in options.horizons:
            for cell in options.cells:
                arm = f"{cell}-{horizon}"
                if has(RESULTS, arm, seed):
                    continue
                # The baselines know no seed: once a horizon is enough.
                baselines = seed == 0 and cell == options.cells[0]
                result, cost = tidegate(
                    "train", str(HERE / "config.toml"), "--data", str(options.data), "--horizon", str(horizon),
                    *CELLS[cell], "--set", f"train.baselines={str(baselines).lower()}", "--seed", str(seed),
                    "--threads", str(options.threads), "--out", str(out / f"{arm}-{seed}"), threads=options.threads,
                )  # fmt: skip
                done = [*recorded(RESULTS), row(arm, seed, result, cost)]
                record(RESULTS, __doc__.splitlines()[0], done, options.threads)
    print_table()


def print_table() -> None:
    """Mean and spread of the test figures over seeds, and the baselines."""
    done = recorded(RESULTS)
    for arm in sorted({one["arm"] for one in done}, key=lambda arm: (int(arm.split("-")[1]), arm)):
        these = [one for one in done if one["arm"] == arm]
        cells = [spread([one["test"][key] for one in these]) for key in ("mse", "mae")]
        seconds = mean(one["cpu_seconds"] for one in these)
        print(f"{arm:10} {cells[0]}  {cells[1]}  {len(these)} seeds  {seconds:.0f} CPU-s a run")
        for name, figures in next((one["baselines"] for one in these if one["baselines"]), {}).items():
            print(f"  {name:16} {figures['mse']:.4f}  {figures['mae']:.4f}")


if __name__ == "__main__":
    main()
