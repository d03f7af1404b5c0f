"""What character error does a small CRNN reach from scratch on 400 printed lines, in 300 and in 900 CPU-seconds?

    python studies/uw3-lines/run.py DATA [--parts 300s 900s five-fold read] [--seeds 1] [--out FOLDER]

DATA is a folder with lines.tar.gz (500 lines, x.png + x.gt.txt) and fold.{train,valid,test}.txt. Weights are chosen on
validation; the test lines are looked at once a run. `five-fold` cuts the 500 names, in order, into every fifth, tests on
each part, and holds out every tenth of the other names for validation; `--folds` does some of them, and the result file
keeps the others. `read` times `tidegate predict` on all 500 lines as a process, with the model of the 900s part.
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured import record, row, tidegate

HERE = Path(__file__).parent
QUESTION = (__doc__ or "").splitlines()[0]


def save(part: str, rows: list[dict[str, Any]]) -> None:
    record(HERE / f"results-{part}.json", QUESTION, rows, threads=1)


def train(config: str, lists: dict[str, str], seed: int, out: Path) -> dict[str, Any]:
    result, cost = tidegate(
        "train", str(HERE / config), *(f"--{name}={path}" for name, path in lists.items()),
        "--seed", str(seed), "--threads", "1", "--out", str(out), threads=1,
    )  # fmt: skip
    return row(out.name, seed, result, cost)


def fold(data: Path, seeds: int, out: Path, part: str) -> None:
    lines = data / "lines.tar.gz"
    lists = {name: f"{lines}@{data / f'fold.{name}.txt'}" for name in ("train", "valid", "test")}
    rows: list[dict[str, Any]] = []
    for seed in range(seeds):
        rows.append(train(f"{part}.toml", lists, seed, out / f"{part}-{seed}"))
        save(part, rows)


def five_fold(data: Path, folds: list[int], out: Path) -> None:
    lines = data / "lines.tar.gz"
    with tarfile.open(lines) as archive:
        names = sorted(Path(n).stem for n in archive.getnames() if n.endswith(".png"))
    folder = Path(tempfile.mkdtemp())
    for number in folds:
        test = names[number::5]
        rest = [name for name in names if name not in set(test)]
        parts = {"test": test, "valid": rest[5::10]}
        parts["train"] = [name for name in rest if name not in set(parts["valid"])]
        lists: dict[str, str] = {}
        for name, members in parts.items():
            path = folder / f"{number}.{name}.txt"
            path.write_text("\n".join(members), encoding="utf-8")
            lists[name] = f"{lines}@{path}"
        row = {"fold": number, **train("five-fold.toml", lists, 0, out / f"fold-{number}")}
        before = HERE / "results-five-fold.json"
        rows = json.loads(before.read_text(encoding="utf-8"))["rows"] if before.exists() else []
        kept = [other for other in rows if other["fold"] != number]
        save("five-fold", sorted([*kept, row], key=lambda one: one["fold"]))


def read(data: Path, out: Path) -> None:
    folder = out / "lines"
    folder.mkdir(exist_ok=True)
    with tarfile.open(data / "lines.tar.gz") as archive:
        for member in archive.getmembers():
            if member.isfile():
                (folder / Path(member.name).name).write_bytes(archive.extractfile(member).read())  # type: ignore[union-attr]
    rows: list[dict[str, Any]] = []
    for _ in range(3):
        answers, cost = tidegate("predict", str(out / "900s-0"), str(folder), "--threads=1", threads=1)
        rows.append(
            {
                "lines": len(answers),
                "cpu_seconds": cost.cpu_seconds,
                "lines_per_cpu_second": round(len(answers) / cost.cpu_seconds, 1),
            }
        )
        save("read", rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument(
        "--parts", nargs="+", choices=["300s", "900s", "five-fold", "read"], default=["300s", "900s"]
    )
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--folds", type=int, nargs="+", choices=range(5), default=list(range(5)))
    parser.add_argument("--out", type=Path, default=None, help="keep the run folders here")
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp())
    out.mkdir(parents=True, exist_ok=True)
    for part in options.parts:
        if part == "five-fold":
            five_fold(options.data, options.folds, out)
        elif part == "read":
            read(options.data, out)
        else:
            fold(options.data, options.seeds, out, part)
    print(json.dumps({"results": str(HERE)}))


if __name__ == "__main__":
    main()
