"""How well do small networks tell what a sentence is, without pretrained vectors: questions, subjectivity, film reviews?

    python studies/sentences/run.py DATA [--sets trec subj mr] [--arms cnn bilstm bigru bimingru] [--seeds 1]

DATA is a folder with trec.train.tsv, trec.test.tsv, subj.tsv and mr.tsv (README.md says where they are from). TREC has a
test part of its own; settings were chosen with a tenth of its training part held out, and runs train on all but a
hundredth and keep the last weights. Subj and MR are split 80/10/10 by one seed, the same for all runs, and weights are
chosen on validation. The test part is read once a run.
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
# What was chosen on validation and is not the task's default: more is hidden where opinions are told by many words.
HIDDEN = ("document.embedding=100", "document.word_dropout=0.3", "document.input_dropout=0.5")
SETTINGS = {"trec": ("train.choose=last",), "subj": HIDDEN, "mr": HIDDEN}


def arguments_of(name: str, folder: Path) -> list[str]:
    """What the command line says of a data set."""
    settings = [word for setting in SETTINGS[name] for word in ("--set", setting)]
    if name == "trec":
        train, test = (str(folder / f"trec.{part}.tsv") for part in ("train", "test"))
        return ["--train", train, "--split", "0.99/0.01", "--test", test, *settings]
    return ["--data", str(folder / f"{name}.tsv"), "--split", "0.8/0.1/0.1", *settings]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=["cnn", "bilstm", "bigru", "bimingru"])
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
                    "train", str(HERE / "config.toml"), *arguments_of(name, options.data), "--preset", arm, *ARMS[arm],
                    "--seed", str(seed), "--threads", str(options.threads), "--out", str(out / f"{name}-{arm}-{seed}"),
                    threads=options.threads,
                )  # fmt: skip
                rows.append(row(arm, seed, result, cost))
                record(path, __doc__.splitlines()[0], rows, options.threads)


if __name__ == "__main__":
    main()
