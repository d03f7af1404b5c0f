"""What the doctor found, as a page with pictures of the worst samples."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from tidegate.check.contract import Found, Shown
from tidegate.check.doctor import Diagnosis
from tidegate.errors import READ_AS
from tidegate.report.charts.lines import broken_line
from tidegate.report.charts.scale import linear
from tidegate.report.charts.svg import Frame, colour, drawing, element
from tidegate.report.page import write_page

_FRAME = Frame(width=240, height=84, left=4, right=4, top=6, bottom=6)


@dataclass(frozen=True)
class Sample:
    """A sample as the template shows it."""

    name: str
    text: str
    image: str
    chart: Markup


def write_check_page(path: Path, diagnoses: Sequence[Diagnosis]) -> Path:
    """Write what was found in some data.

    Args:
        path: The HTML file.
        diagnoses: One for each of the data.

    Raises:
        OutputError: It cannot be written.
    """
    return write_page(path, "check.html", diagnoses=[_section(one) for one in diagnoses])


def _section(diagnosis: Diagnosis) -> dict[str, object]:
    return {
        "where": diagnosis.where,
        "task": diagnosis.task,
        "summary": diagnosis.summary,
        "state": ("good", "warn", "bad")[diagnosis.code],
        "samples": [(name, f"{count:,}") for name, count in diagnosis.samples.items()],
        "read": [str(one.finding) for one in diagnosis.found if one.finding.code == READ_AS],
        "found": [_found(one) for one in diagnosis.found if one.finding.code != READ_AS],
    }


def _found(one: Found) -> dict[str, object]:
    return {
        "severity": one.finding.severity,
        "code": one.finding.code,
        "text": str(one.finding),
        "hint": one.finding.hint,
        "samples": [_sample(sample) for sample in one.shown],
        "more": max(0, one.count - len(one.shown)) if one.shown else 0,
    }


def _sample(sample: Shown) -> Sample:
    image = f"data:image/png;base64,{base64.b64encode(sample.picture).decode()}" if sample.picture else ""
    return Sample(sample.name, sample.text, image, _chart(sample) if sample.values else Markup(""))


def _chart(sample: Shown) -> Markup:
    values = list(sample.values)
    x = linear([0.0, float(max(1, len(values) - 1))], _FRAME.left, _FRAME.width - _FRAME.right)
    y = linear(values, _FRAME.height - _FRAME.bottom, _FRAME.top)
    points = [(x.place(float(at)), y.place(value)) for at, value in enumerate(values)]
    base = element(
        "line",
        x1=_FRAME.left,
        x2=_FRAME.width - _FRAME.right,
        y1=_FRAME.height - 2,
        y2=_FRAME.height - 2,
        class_="axis",
    )
    description = f"{sample.name}: {len(values)} values from {min(values):g} to {max(values):g}"
    return drawing(
        _FRAME, description, base, broken_line(points, description, class_="wave", stroke=colour(0))
    )
