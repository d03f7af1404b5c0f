"""Keep what the studies of one folder found: results with the machine that gave them, reports, and what it all took.

tidegate study studies/which-cell/*.toml --out cells
python studies/which-cell/collect.py cells
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from tidegate.files import write_json, write_text
from tidegate.report.markdown import table
from tidegate.report.text.differences import signed, span
from tidegate.report.text.metrics import measure
from tidegate.training.environment import environment

HERE = Path(__file__).parent
SIGNS = {"best": "", "better": "+", "worse": "−", "equivalent": "=", "undecided": "?"}
TRAITS = {
    ("front", "cnn", "none"): "CNN front end",
    ("direction", "both", "forward"): "second direction",
    ("cell", "lstm", "elman"): "LSTM instead of RNN",
    ("cell", "gru", "elman"): "GRU instead of RNN",
    ("cell", "gru", "lstm"): "GRU instead of LSTM",
}


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    cells = Path(sys.argv[1])
    machine = {k: v for k, v in environment(1, "cpu").to_json().items() if k not in ("command", "started")}
    took: dict[str, Any] = {}
    for study in sorted(path.parent for path in cells.glob("*/study.toml")):
        results = read(study / "results.json")
        tuning = read(study / "tuning.json") if (study / "tuning.json").exists() else {}
        took[study.name] = hours(study)
        kept = {"machine": machine, "took": took[study.name], "tuning": tuning, **results}
        write_json(HERE / f"results-{study.name}.json", kept)
        page = (study / "report.html").read_text(encoding="utf-8")
        # The runs' own reports are not kept.
        page = re.sub(r'<a href="runs/[^"]*">([^<]*)</a>', r"\1", page)
        write_text(HERE / f"report-{study.name}.html", page)
    if (cells / "results.json").exists():
        write_json(HERE / "results.json", {"machine": machine, "took": took, **read(cells / "results.json")})
        text = (cells / "report.html").read_text(encoding="utf-8")
        for name in took:
            text = text.replace(f'"{name}/report.html"', f'"report-{name}.html"')
        write_text(HERE / "report.html", text)
    studies = {name: read(HERE / f"results-{name}.json") for name in took}
    print(arms_table(studies), effects_table(studies), sep="\n\n")
    for name, one in took.items():
        print(f"{name}: {one['runs']} runs, {one['cpu_hours']:.2f} processor hours of training")


def arms_table(studies: dict[str, Any]) -> str:
    """Means of every arm on every data set, and its verdict against the best one there."""
    names = list(dict.fromkeys(arm["arm"] for one in studies.values() for arm in one["comparison"]["arms"]))
    rows: list[list[str]] = []
    for name in names:
        row = [f"`{name}`"]
        for one in studies.values():
            told = {arm["arm"]: arm for arm in one["comparison"]["arms"]}.get(name)
            figure = measure(one["primary"])
            text = "" if told is None else figure.text(told["mean"]).replace("\u202f", " ")
            row.append(
                f"**{text}**"
                if told and told["verdict"] == "best"
                else f"{text} {SIGNS[told['verdict']]}"
                if told
                else ""
            )
        rows.append(row)
    return table(
        ["arm", *(f"{name}, {measure(one['primary']).label}" for name, one in studies.items())], rows
    )


def effects_table(studies: dict[str, Any]) -> str:
    """What each trait is worth on every data set: more is better."""
    rows: list[list[str]] = []
    for trait, told in TRAITS.items():
        row = [told]
        for one in studies.values():
            figure = measure(one["primary"])
            keys = {(e["trait"], e["level"], e["against"]): e for e in one["comparison"]["effects"]}
            effect = keys.get(trait)
            if effect is None:
                row.append("")
                continue
            sign = -1 if one["lower_is_better"] else 1
            low, high = sorted((sign * effect["low"], sign * effect["high"]))
            gain = signed(figure, sign * effect["difference"])
            row.append(f"{gain} ({span(figure, low, high, signs=True)}) {SIGNS[effect['verdict']]}")
        rows.append(row)
    return table(["gain", *studies], rows)


def hours(study: Path) -> dict[str, float]:
    """Processor time of training, trials included."""
    seconds = [float(read(path)["cpu_seconds"]) for path in study.glob("*/*/*/metrics.json")]
    return {"runs": len(seconds), "cpu_hours": round(sum(seconds) / 3600, 3)}


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
