"""How good do small networks get on MNIST in ten minutes on two cores?

    python studies/mnist/run.py DATA [--arms cnn bilstm] [--seeds 1] [--out FOLDER]

DATA is a folder with the four IDX files. Weights are chosen on 6,000 held-out training images; the test images are
looked at once, at the end of each run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured import record, row, tidegate

ARMS = {
    "cnn": ["--preset", "cnn"],
    "bilstm": ["--preset", "bilstm"],
}
HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--max-time", type=float, default=570, help="seconds of training a run")
    parser.add_argument("--out", type=Path, default=None, help="keep the run folders here")
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp())
    rows = []
    for arm in options.arms:
        for seed in range(options.seeds):
            result, cost = tidegate(
                "train", "--task", "classify", "--train", str(options.data), "--test", str(options.data),
                *ARMS[arm], "--max-time", str(options.max_time), "--seed", str(seed),
                "--threads", str(options.threads), "--out", str(out / f"{arm}-{seed}"), threads=options.threads,
            )  # fmt: skip
            rows.append(row(arm, seed, result, cost))
            record(HERE / "results.json", __doc__.splitlines()[0], rows, options.threads)


if __name__ == "__main__":
    main()
