"""How few nats a character does an LSTM need on tiny Shakespeare, in minutes and in an hour, and GRU and RNN?

    python studies/shakespeare/run.py INPUT [--arms lstm gru rnn hour] [--out FOLDER]

INPUT is tiny Shakespeare's input.txt; the first nine tenths train, the last tenth is validation, as in nanoGPT. There is
no test part: weights are chosen on the tenth that is reported, as in the figures beside. Each arm's best weights are then
measured again in one stream over the whole tenth. Runs that stand in FOLDER are not trained again. One thread.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured import record, tidegate

HERE = Path(__file__).parent
QUESTION = (__doc__ or "").splitlines()[0]
ARMS = {
    "lstm": ("minutes.toml", "model.preset=lstm", "model.hidden=512"),
    "gru": ("minutes.toml", "model.preset=gru", "model.hidden=598"),
    # At the others' rate, 4e-3, it stood at 2.3 nats after two passes.
    "rnn": ("minutes.toml", "model.preset=rnn", "model.hidden=1053", "optimiser.learning_rate=1e-3"),
    "hour": ("hour.toml",),
}
KEPT = ("valid", "parameters", "epochs", "best", "seconds", "cpu_seconds", "samples_per_second", "baselines")


def train(arm: str, data: Path, out: Path) -> None:
    config, *keys = ARMS[arm]
    tidegate(
        "train", str(HERE / config), "--data", str(data), "--split", "0.9/0.1",
        *(f"--set={key}" for key in keys), "--threads", "1", "--out", str(out), threads=1,
    )  # fmt: skip


def measure(arm: str, data: Path, out: Path) -> dict[str, Any]:
    """The figures of a run, and its loss over the validation text in one stream."""
    text = data.read_text(encoding="utf-8")
    tenth = out / "last-tenth.txt"
    tenth.write_text(text[int(0.9 * len(text)) :], encoding="utf-8")
    exact, _ = tidegate("evaluate", str(out), "--data", str(tenth), "--threads", "1", threads=1)
    tenth.unlink()
    figures = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    return {"arm": arm, "one_stream": exact, **{key: figures[key] for key in KEPT}}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--out", type=Path, default=Path("runs/shakespeare"))
    flags = parser.parse_args()
    path = HERE / "results.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text())["rows"] if path.exists() else []
    for arm in flags.arms:
        out = flags.out / arm
        if not (out / "metrics.json").exists():
            train(arm, flags.data, out)
        rows = [one for one in rows if one["arm"] != arm] + [measure(arm, flags.data, out)]
        record(path, QUESTION, rows, threads=1)
        print(arm, rows[-1]["one_stream"], flush=True)


if __name__ == "__main__":
    main()
