"""How well do small networks tell what a sentence is, without pretrained vectors: questions, subjectivity, film reviews?

    python studies/sentences/run.py DATA [--sets trec subj mr] [--arms cnn bilstm bigru mingru] [--seeds 1] [--out FOLDER]

DATA is a folder with trec.train.tsv, trec.test.tsv, subj.tsv and mr.tsv (README.md says where they are from). TREC has a
test part of its own, and a tenth of its training part is held out for validation; Subj and MR have none, and are split
80/10/10 by one seed, the same for all runs. Weights are chosen on validation, and the test part is read once a run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured import has, record, recorded, row, tidegate

HERE = Path(__file__).parent
CELLS = ("bilstm", "bigru", "mingru", "bimingru", "minlstm")
ARMS = {"cnn": [], **{name: ["--set", "model.pooling=max"] for name in CELLS}}
SETS = ("trec", "subj", "mr")


def data_of(name: str, folder: Path) -> list[str]:
    """What the command line says of a data set."""
    if name == "trec":
        return ["--train", str(folder / "trec.train.tsv"), "--test", str(folder / "trec.test.tsv")]
    return ["--data", str(folder / f"{name}.tsv"), "--split", "0.8/0.1/0.1"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=["cnn", "bilstm", "bigru", "mingru"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None, help="keep the run folders here")
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp())
    for name in options.sets:
        path = HERE / f"results-{name}.json"
        rows = recorded(path)
        for seed in range(options.seeds):
            for arm in options.arms:
                if has(path, arm, seed):
                    continue
                result, cost = tidegate(
                    "train", str(HERE / "config.toml"), *data_of(name, options.data), "--preset", arm, *ARMS[arm],
                    "--seed", str(seed), "--threads", str(options.threads), "--out", str(out / f"{name}-{arm}-{seed}"),
                    threads=options.threads,
                )  # fmt: skip
                rows.append(row(arm, seed, result, cost))
                record(path, __doc__.splitlines()[0], rows, options.threads)


if __name__ == "__main__":
    main()
