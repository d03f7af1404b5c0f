"""What ``tidegate predict`` does with a forecasting model: tables in, tables of what comes next out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import BadFilesError, ConfigError, OutputError

if TYPE_CHECKING:
    from tidegate.api.forecasting import ForecastTable
    from tidegate.api.model import Model
    from tidegate.errors import Finding


def predict_forecast(
    model: Model, inputs: Sequence[str], *, horizon: int | None, out: Path | None, as_json: bool
) -> int:
    """Forecast a table, and print or write what comes next.

    Returns:
        Series that could not be forecast.

    Raises:
        ConfigError: There are several tables, or ``out`` has no ending of a table.
        DataError: The table cannot be read, or no series can be forecast.
        OutputError: The file exists or cannot be written.
    """
    from tidegate.cli.printing import print_warnings

    if len(inputs) != 1:
        raise ConfigError("a forecast is made of one table at a time", got=" ".join(inputs))
    if out is not None and out.exists():
        raise OutputError("the file exists", where=str(out), hint="give another name with --out")
    table, bad = _forecast(model, inputs[0], horizon)
    if out is not None:
        _write(out, table, as_json=as_json)
        print(out)
    else:
        sys.stdout.write(_json(table) if as_json else table.frame.to_csv(index=False, float_format="%.8g"))
        sys.stdout.flush()
    print_warnings(table.notes)
    bad = [*bad, *table.bad]
    for one in bad:
        print(one, file=sys.stderr)
    return len(bad)


def _forecast(model: Model, path: str, horizon: int | None) -> tuple[ForecastTable, Sequence[Finding]]:
    """The forecasts of all series that can be read, and those that cannot."""
    try:
        return model.forecast(path, horizon=horizon), ()
    except BadFilesError as error:
        table = model.forecast(path, horizon=horizon, skip_bad=True)
        # They are named one by one, not in a note as well.
        notes = [note for note in table.notes if note.code != "left-out"]
        return replace(table, notes=notes), error.findings


def _write(out: Path, table: ForecastTable, *, as_json: bool) -> None:
    from tidegate.data.series.writer import write_table
    from tidegate.files import write_text

    if as_json:
        write_text(out, _json(table))
    else:
        write_table(out, table.frame)


def _json(table: ForecastTable) -> str:
    return str(table.frame.to_json(orient="records", date_format="iso", double_precision=10)) + "\n"
