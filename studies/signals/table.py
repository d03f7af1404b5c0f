"""Print the result files as tables of Markdown: `python studies/signals/table.py`."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev

from run import ARMS, PARTS

HERE = Path(__file__).parent
RIVALS = ("majority", "logistic regression", "1-nn euclid", "1-nn dtw")
Figures = dict[str, list[float]]


def main() -> None:
    curves = [name for name, part in PARTS.items() if part.config == "ucr.toml"]
    for names in (curves, [name for name in PARTS if name not in curves]):
        lines = {label: figures for name in names for label, figures in figures_of(name).items()}
        columns = [arm for arm in (*ARMS, *RIVALS) if any(figures[arm] for figures in lines.values())]
        print("| accuracy, % |", " | ".join(columns), "|")
        print("|---" * (len(columns) + 1) + "|")
        for label, figures in lines.items():
            print("|", label, "|", " | ".join(cell(figures[arm]) for arm in columns), "|")
        print()


def figures_of(name: str) -> dict[str, Figures]:
    """Test accuracies by case, and of all cases where there are many."""
    path = HERE / f"results-{name}.json"
    figures: dict[str, Figures] = defaultdict(lambda: defaultdict(list))
    for row in json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []:
        label = f"{name}, {row['case']}" if row["case"] else name
        figures[label][row["arm"]].append(row["test"]["accuracy"])
        for baseline, metrics in row["baselines"].items():
            figures[label][baseline].append(metrics["accuracy"])
    if len(figures) > 2:
        every: Figures = defaultdict(list)
        for one in figures.values():
            for arm, values in one.items():
                every[arm] += values
        figures[f"{name}, all of them"] = every
    return figures


def cell(figures: list[float]) -> str:
    """Mean ± standard deviation in %, and how many runs."""
    if not figures:
        return ""
    spread = f" ± {100 * stdev(figures):.1f}" if len(figures) > 1 else ""
    return f"{100 * mean(figures):.1f}{spread} ({len(figures)})"


if __name__ == "__main__":
    main()
