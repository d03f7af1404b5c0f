"""How well do recurrent taggers do without pretrained vectors: chunks, parts of speech, entities?

    python studies/tagging/run.py DATA [--parts conll2000-pos conll2000 ewt wnut17 weibo] [--arms bilstm-crf …]
        [--seeds 5] [--out FOLDER]

DATA is a folder with conll2000_chunking, ud_english_ewt, wnut17 and weibo_ner as `tidegate datasets` describes them.
`conll2000-pos` lets the network see the file's column of parts of speech, `conll2000` does not. Rows that stand in a
result file already are kept, so the command goes on where it was stopped. Weights are chosen on validation; test data are
read once a run. One thread.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured import record, row, tidegate

HERE = Path(__file__).parent
QUESTION = (__doc__ or "").splitlines()[0]
FOUR = ("lstm", "bilstm", "lstm-crf", "bilstm-crf")


@dataclass(frozen=True)
class Part:
    """One data set: configuration, files, presets, and keys on top."""

    config: str
    files: dict[str, str]
    arms: tuple[str, ...]
    keys: tuple[str, ...] = ()


CONLL = {"train": "conll2000_chunking/train.txt", "test": "conll2000_chunking/test.txt"}
PARTS = {
    "conll2000-pos": Part("conll2000.toml", CONLL, FOUR, ("tag.feature_columns=[2]",)),
    "conll2000": Part("conll2000.toml", CONLL, FOUR),
    "ewt": Part(
        "ewt.toml",
        {
            name: f"ud_english_ewt/en_ewt-ud-{part}.conllu.gz"
            for name, part in (("train", "train"), ("valid", "dev"), ("test", "test"))
        },
        ("bilstm-crf",),
    ),
    "wnut17": Part(
        "wnut17.toml",
        {
            "train": "wnut17/wnut17train.conll",
            "valid": "wnut17/emerging.dev.conll",
            "test": "wnut17/emerging.test.annotated",
        },
        ("bilstm-crf",),
    ),
    "weibo": Part(
        "weibo.toml",
        {
            name: f"weibo_ner/weiboNER_2nd_conll.{part}"
            for name, part in (("train", "train"), ("valid", "dev"), ("test", "test"))
        },
        ("bilstm-crf",),
    ),
}


def train(part: Part, data: Path, arm: str, seed: int, out: Path, *, baselines: bool) -> dict[str, Any]:
    keys = (f"model.preset={arm}", f"train.baselines={'true' if baselines else 'false'}", *part.keys)
    result, cost = tidegate(
        "train", str(HERE / part.config), *(f"--{name}={data / path}" for name, path in part.files.items()),
        *(f"--set={key}" for key in keys), "--seed", str(seed), "--threads", "1", "--out", str(out), threads=1,
    )  # fmt: skip
    return row(arm, seed, result, cost)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--arms", nargs="+", choices=FOUR, default=list(FOUR))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/tagging"))
    flags = parser.parse_args()
    for name in flags.parts:
        part, path = PARTS[name], HERE / f"results-{name}.json"
        rows: list[dict[str, Any]] = json.loads(path.read_text())["rows"] if path.exists() else []
        done = {(one["arm"], one["seed"]) for one in rows}
        # The best network first, and seed after seed: a study that is stopped can be read.
        for seed in range(flags.seeds):
            for arm in reversed(part.arms):
                if (arm, seed) in done or arm not in flags.arms:
                    continue
                out = flags.out / name / f"{arm}-{seed}"
                shutil.rmtree(out, ignore_errors=True)
                rows.append(train(part, flags.data, arm, seed, out, baselines=not rows))
                record(path, QUESTION, rows, threads=1)
                print(name, arm, seed, rows[-1]["valid"], rows[-1]["test"], flush=True)


if __name__ == "__main__":
    main()
