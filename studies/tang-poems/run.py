"""What does a small LSTM write after ten thousand Tang poems?

    python studies/tang-poems/run.py POEMS [--out FOLDER]

POEMS is poems.tsv.gz: title, author and text of a poem a line. The last twentieth is the test part, the one before it
validation. The poems that the model writes, with their commands, go to samples.txt beside this file.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured import record, tidegate

HERE = Path(__file__).parent
QUESTION = (__doc__ or "").splitlines()[0]
SAMPLES = (("春", 0.7), ("明月", 0.7), ("秋風", 0.9), ("江", 0.9))


def text_of(poems: Path) -> str:
    """A poem a line, without title and author."""
    rows = gzip.decompress(poems.read_bytes()).decode("utf-8").splitlines()
    return "".join(row.split("\t")[2] + "\n" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("poems", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/tang-poems"))
    flags = parser.parse_args()
    run = flags.out / "run"
    if not (run / "metrics.json").exists():
        flags.out.mkdir(parents=True, exist_ok=True)
        text = flags.out / "poems.txt"
        text.write_text(text_of(flags.poems), encoding="utf-8")
        tidegate(
            "train", str(HERE / "lines.toml"), "--data", str(text), "--split", "0.9/0.05/0.05",
            "--threads", "1", "--out", str(run), threads=1,
        )  # fmt: skip
    figures = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    kept = (
        "valid",
        "test",
        "definition",
        "parameters",
        "epochs",
        "best",
        "seconds",
        "cpu_seconds",
        "baselines",
    )
    record(HERE / "results.json", QUESTION, [{key: figures[key] for key in kept}], threads=1)
    parts: list[str] = []
    for prompt, temperature in SAMPLES:
        options = ["--prompt", prompt, "--length", "120", "--temperature", str(temperature), "--seed", "1"]
        command = [sys.executable, "-m", "tidegate", "generate", str(run), *options]
        written = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
        parts.append(f"tidegate generate RUN {' '.join(options)}\n\n{written.strip()}\n")
    (HERE / "samples.txt").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
