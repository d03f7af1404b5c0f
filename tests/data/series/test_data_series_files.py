"""Tables as people have them: remarks and sums around them, other separators and encodings, workbooks."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pytest

from tidegate.config.tables import DataSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.panel import Panel
from tidegate.data.series.reader import read_panel
from tidegate.errors import DataError

DAYS = [str(day) for day in np.arange("2016-01-01", "2016-01-21", dtype="datetime64[D]")]
ROWS = [f"{day},{number}.5" for number, day in enumerate(DAYS)]
PLAIN = "\n".join(["date,y", *ROWS]) + "\n"


def read(path: Path, content: str | bytes, **data: str) -> Panel:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_panel(str(path), ForecastSpec(), skip_bad=False, data=DataSpec.model_validate(data))


SURROUNDED = {
    "sep=": "sep=;\n" + PLAIN.replace(",", ";"),
    "a remark": "# exported 2020\n" + PLAIN,
    "metadata": "Data Source,World Bank,x\nLast Updated\n\n" + PLAIN,
    "a sum": PLAIN + "Total,190\n",
    "a sum without a comma": PLAIN + "\nTotal\nSource: the bank\n",
    "bars": PLAIN.replace(",", "|"),
    "blanks": PLAIN.replace(",", "  "),
}


@pytest.mark.parametrize("name", SURROUNDED)
def test_what_stands_around_a_table_is_passed_over_and_told(tmp_path: Path, name: str):
    panel = read(tmp_path / "x.csv", SURROUNDED[name])
    assert panel.series[0].targets[:, 0].tolist() == [number + 0.5 for number in range(20)]
    told = [found.code for found in panel.notes]
    assert ("passed-over" in told) == (name not in ("sep=", "bars", "blanks"))


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> None:
    """The least that Excel's format asks for."""
    kind = "http://schemas.openxmlformats.org"
    names = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="r{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="r{number}" Type="{kind}/officeDocument/2006/relationships/worksheet" '
        f'Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{kind}/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{kind}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{kind}/spreadsheetml/2006/main" '
            f'xmlns:r="{kind}/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{kind}/package/2006/relationships">{links}</Relationships>',
        )
        for number, rows in enumerate(sheets.values(), 1):
            body = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
            archive.writestr(
                f"xl/worksheets/sheet{number}.xml",
                f'<worksheet xmlns="{kind}/spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>',
            )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def test_a_workbook_is_a_table(tmp_path: Path):
    rows: list[list[object]] = [
        ["Sales of 2016"],
        ["date", "y"],
        *([day, 999.0 + 0.125 * at] for at, day in enumerate(DAYS)),
    ]
    workbook(tmp_path / "x.xlsx", {"Sales": rows})
    panel = read_panel(str(tmp_path / "x.xlsx"), ForecastSpec(), skip_bad=False)
    assert panel.series[0].targets[:3, 0].tolist() == [999, 999.125, 999.25]
    assert "sheet Sales" in panel.notes[0].what


def test_one_of_several_sheets_is_asked_for(tmp_path: Path):
    rows: list[list[object]] = [["date", "y"], *([day, float(at)] for at, day in enumerate(DAYS))]
    workbook(tmp_path / "x.xlsx", {"North": rows, "South": rows[:15]})
    path = str(tmp_path / "x.xlsx")
    with pytest.raises(DataError, match="several sheets") as caught:
        read_panel(path, ForecastSpec(), skip_bad=False)
    found = re.search(r"data\.sheet=(\w+)", str(caught.value.hint))
    assert found is not None and "North, South" in str(caught.value.got)
    panel = read_panel(path, ForecastSpec(), skip_bad=False, data=DataSpec(sheet=found[1]))
    assert len(panel.series[0]) == 20
    with pytest.raises(DataError, match="no such sheet"):
        read_panel(path, ForecastSpec(), skip_bad=False, data=DataSpec(sheet="West"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"date,y\n"])
def test_a_workbook_that_is_none_is_an_error_of_ours(tmp_path: Path, content: bytes):
    with pytest.raises(DataError):
        read(tmp_path / "x.xlsx", content)
