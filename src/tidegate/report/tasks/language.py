"""Language models: what they write, and what they did not expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tidegate.report.read import Json, RunFiles
from tidegate.report.sections import Section, section, split_of
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.tasks.language_text import costly_bars, dearest, legend, passage, written
from tidegate.report.tasks.page import TaskPage
from tidegate.report.text.metrics import Measure
from tidegate.report.text.numbers import count
from tidegate.report.text.wording import Wording


class LanguagePage(TaskPage):
    """Texts, and a passage shaded by surprise."""

    words = Wording(one="symbol", many="symbols", measured="{} symbols")
    both_directions = (
        "It would see the symbol that it is to foretell: refused.",
        "Schuster and Paliwal 1997, Bidirectional recurrent neural networks",
    )

    def sections(self, files: RunFiles, primary: Measure) -> list[Section]:
        """What it writes, a passage as it was expected, and what the loss is made of."""
        told, split = files.error_analysis, split_of(files.error_analysis)
        symbols: Sequence[Json] = told.get("passage") or ()
        definition = str(files.metrics.get("definition") or told.get("definition") or "")
        parts = (
            ("written", "What it writes", {"texts": written(told.get("written") or ())}),
            (
                "passage",
                "A passage",
                {"passage": passage(symbols), "dearest": dearest(symbols), "legend": legend()},
            ),
            (
                "costly",
                "Costliest symbols",
                {
                    "costly": costly_bars(told.get("costly") or (), definition),
                    "looked_at": count(told.get("looked_at")) if told.get("looked_at") else "",
                },
            ),
        )
        return [
            section(anchor, title, anchor, split=split, **values)
            for anchor, title, values in parts
            if next(iter(values.values()))
        ]

    def study_sections(self, board: Leaderboard, runs: Mapping[str, Sequence[RunFiles]]) -> list[Section]:
        """What every arm writes at the middle one of its temperatures, in its first seed that is done."""
        texts: list[dict[str, object]] = []
        for row in board.arms:
            told = next(
                (files.error_analysis for files in runs.get(row.name, ()) if files.error_analysis), {}
            )
            samples = written(told.get("written") or ())
            if samples:
                texts.append({"arm": row.name, "number": row.number, "written": samples[len(samples) // 2]})
        split = "test" if board.split == "test" else "validation"
        return (
            [section("written", "What they write", "arms_written", texts=texts, split=split)] if texts else []
        )


PAGE = LanguagePage()
