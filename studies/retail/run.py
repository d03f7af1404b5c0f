"""Monthly sales: one network for 150 Australian retail series, and one for AirPassengers, beside AutoETS and others.

    python studies/retail/run.py DATA [--arms retail passengers] [--cells gru lstm rnn bigru] [--seeds 5] [--out FOLDER]

DATA is the folder that holds aus_retail/aus_retail.csv and small_series/airline-passengers.csv. The configurations are
those of docs/how-to/series. The last 24 months are test; weights are chosen on the 24 before. Rows of results.json are
not run again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured import has, record, recorded, row, spread, tidegate

HERE = Path(__file__).parent
CONFIGURATIONS = HERE.parents[1] / "docs" / "how-to" / "series"
RESULTS = HERE / "results.json"
TABLES = {"retail": "aus_retail/aus_retail.csv", "passengers": "small_series/airline-passengers.csv"}
CELLS = ("gru", "lstm", "rnn", "bigru", "bilstm")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--arms", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=["gru", "lstm", "rnn", "bigru"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None, help="keep the run folders here")
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp())
    for seed in range(options.seeds):
        for table in options.arms:
            for cell in options.cells:
                arm = f"{table}-{cell}"
                if has(RESULTS, arm, seed):
                    continue
                baselines = seed == 0 and cell == options.cells[0]
                result, cost = tidegate(
                    "train", str(CONFIGURATIONS / f"{table}.toml"), "--data", str(options.data / TABLES[table]),
                    "--preset", cell, "--set", f"train.baselines={str(baselines).lower()}", "--seed", str(seed),
                    "--threads", str(options.threads), "--out", str(out / f"{arm}-{seed}"), threads=options.threads,
                )  # fmt: skip
                record(
                    RESULTS,
                    __doc__.splitlines()[0],
                    [*recorded(RESULTS), row(arm, seed, result, cost)],
                    options.threads,
                )
    print_table()


def print_table() -> None:
    """Mean and spread of the test figures over seeds, and the baselines."""
    done = recorded(RESULTS)
    for arm in dict.fromkeys(one["arm"] for one in done):
        these = [one for one in done if one["arm"] == arm]
        cells = [spread([one["test"][key] for one in these], 3) for key in ("smape", "mase")]
        print(f"{arm:18} sMAPE {cells[0]}  MASE {cells[1]}  {len(these)} seeds")
        for name, figures in next((one["baselines"] for one in these if one["baselines"]), {}).items():
            print(f"  {name:16} sMAPE {figures['smape']:.3f}  MASE {figures['mase']:.3f}")


if __name__ == "__main__":
    main()
