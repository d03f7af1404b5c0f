"""What character error does a small CRNN reach from scratch on 19th-century German print (3,800 lines)?

    python studies/archiscribe/run.py DATA [--seed 0] [--threads 1] [--out FOLDER]

DATA is a folder with train.tar.gz and test.tar.gz (x.png + x.gt.txt, split by work). About a tenth of the training works
is held out for validation (those whose name's SHA-1 is 1 modulo 10); the test works are looked at once, at the end.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured import record, row, tidegate

HERE = Path(__file__).parent


def work(name: str) -> str:
    return name.rsplit("_", 1)[0]


def lists(data: Path, folder: Path) -> dict[str, str]:
    archive = data / "train.tar.gz"
    with tarfile.open(archive) as members:
        names = sorted(Path(n).stem for n in members.getnames() if n.endswith(".png"))
    held = {n for n in names if int(hashlib.sha1(work(n).encode()).hexdigest(), 16) % 10 == 1}
    parts = {"train": [n for n in names if n not in held], "valid": sorted(held)}
    for name, chosen in parts.items():
        (folder / f"{name}.txt").write_text("\n".join(chosen), encoding="utf-8")
    return {name: f"{archive}@{folder / f'{name}.txt'}" for name in parts} | {
        "test": str(data / "test.tar.gz")
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None, help="keep the run folder here")
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp()) / "run"
    folder = Path(tempfile.mkdtemp())
    paths = (f"--{name}={path}" for name, path in lists(options.data, folder).items())
    result, cost = tidegate(
        "train", str(HERE / "config.toml"), *paths, "--seed", str(options.seed),
        "--threads", str(options.threads), "--out", str(out), threads=options.threads,
    )  # fmt: skip
    rows = [row("crnn", options.seed, result, cost)]
    record(HERE / "results.json", (__doc__ or "").splitlines()[0], rows, options.threads)


if __name__ == "__main__":
    main()
