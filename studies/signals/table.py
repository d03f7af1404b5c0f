"""Print the result files as tables of Markdown: `python studies/signals/table.py`."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev

from run import ARMS, PARTS

HERE = Path(__file__).parent


def main() -> None:
    arms = [*ARMS, "majority", "logistic regression", "1-nn euclid", "1-nn dtw"]
    print("| data |", " | ".join(arms), "|")
    print("|---" * (len(arms) + 1) + "|")
    for name in PARTS:
        path = HERE / f"results-{name}.json"
        figures: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for row in json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []:
            figures[row["case"]][row["arm"]].append(row["test"]["accuracy"])
            for rival, metrics in row["baselines"].items():
                figures[row["case"]][rival].append(metrics["accuracy"])
        for case, columns in figures.items():
            print("|", f"{name} {case}".strip(), "|", " | ".join(cell(columns[arm]) for arm in arms), "|")
        if len(figures) > 2:
            every = {arm: [x for columns in figures.values() for x in columns[arm]] for arm in arms}
            print("|", name, "all |", " | ".join(cell(every[arm]) for arm in arms), "|")


def cell(figures: list[float]) -> str:
    """Mean ± standard deviation in %, and how many runs."""
    if not figures:
        return ""
    spread = f" ± {100 * stdev(figures):.1f}" if len(figures) > 1 else ""
    return f"{100 * mean(figures):.1f}{spread} ({len(figures)})"


if __name__ == "__main__":
    main()
