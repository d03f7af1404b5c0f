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

from tidegate.report.markdown import markdown
from tidegate.spec.files import write_json, write_text
from tidegate.train.environment import environment

HERE = Path(__file__).parent


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    cells = Path(sys.argv[1])
    machine = {k: v for k, v in environment(1, "cpu").items() if k not in ("command", "started")}
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
    print(markdown(cells if (cells / "results.json").exists() else study))
    for name, one in took.items():
        print(f"{name}: {one['runs']} runs, {one['cpu_hours']:.2f} processor hours of training")


def hours(study: Path) -> dict[str, float]:
    """Processor time of training, trials included."""
    seconds = [float(read(path)["cpu_seconds"]) for path in study.glob("*/*/*/metrics.json")]
    return {"runs": len(seconds), "cpu_hours": round(sum(seconds) / 3600, 3)}


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
