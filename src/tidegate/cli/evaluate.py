"""``tidegate evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidegate.errors import ConfigError


def evaluate(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    data: Annotated[str | None, typer.Option(help="Labelled data: a path or a built-in name.")] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out files that cannot be used.")
    ] = False,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; default: all cores.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Measure a trained model on labelled data. A folder of IDX files gives its t10k files.

    Examples:
        tidegate evaluate runs/lines --data other-lines/
        tidegate evaluate runs/mnist --data mnist/ --json
        tidegate evaluate runs/shakespeare --data another-play.txt
    """
    from tidegate.api.model import load
    from tidegate.cli.printing import number, print_findings, print_json, print_pairs, whole, without_loss

    model = load(run, threads=threads)
    if data is None:
        raise _nothing_to_measure(run, model.spec.data.origin)
    evaluation = model.evaluate(data, skip_bad=skip_bad)
    print_findings(evaluation.notes)
    if as_json:
        known = {"definition": evaluation.definition} if evaluation.definition else {}
        findings = [found.to_json() for found in evaluation.notes]
        measured = {"metrics": without_loss(evaluation.metrics), "samples": evaluation.count}
        print_json({**measured, **known, "findings": findings})
    else:
        metrics = [(name, number(value)) for name, value in evaluation.metrics.items()]
        known = [("where", evaluation.definition)] if evaluation.definition else []
        print_pairs([("samples", whole(evaluation.count)), *metrics, *known])


def _nothing_to_measure(run: Path, origin: str) -> ConfigError:
    python = f"; data in memory from Python: tidegate.load({str(run)!r}).evaluate(data)" if origin else ""
    return ConfigError(
        "nothing says what to measure the model on",
        where="--data",
        expected="labelled data: a path, or a built-in name",
        got=f"a run {origin}, and no path" if origin else None,
        hint=f"tidegate evaluate {run} --data PATH{python}",
    )
