"""Language models: what they write, and what they did not expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tidegate.report.read import RunFiles
from tidegate.report.sections import Section, section, split_of
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.tasks.language_text import costly_bars, dearest, legend, passage, written
from tidegate.report.tasks.page import TaskPage
from tidegate.report.text.metrics import Measure
from tidegate.report.text.numbers import count
from tidegate.report.text.wording import Wording
from tidegate.results.analysis.language import LanguageAnalysis


class LanguagePage(TaskPage[LanguageAnalysis, None]):
    """Texts, and a passage shaded by surprise."""

    analysis = LanguageAnalysis
    words = Wording(one="symbol", many="symbols", measured="{} symbols")
    both_directions = (
        "It would see the symbol that it is to foretell: refused.",
        "Schuster and Paliwal 1997, Bidirectional recurrent neural networks",
    )

    def sections(self, analysis: LanguageAnalysis, primary: Measure) -> list[Section]:
        """What it writes, a passage as it was expected, and what the loss is made of."""
        symbols, costly = analysis.passage, costly_bars(analysis.costly, analysis.definition)
        looked_at = count(analysis.looked_at) if analysis.looked_at else ""
        parts = (
            ("written", "What it writes", {"texts": written(analysis.written)}),
            (
                "passage",
                "A passage",
                {"passage": passage(symbols), "dearest": dearest(symbols), "legend": legend()},
            ),
            ("costly", "Costliest symbols", {"costly": costly, "looked_at": looked_at}),
        )
        return [
            section(anchor, title, anchor, split=split_of(analysis), **values)
            for anchor, title, values in parts
            if next(iter(values.values()))
        ]

    def study_sections(self, board: Leaderboard, runs: Mapping[str, Sequence[RunFiles]]) -> list[Section]:
        """What every arm writes at the middle one of its temperatures, in its first seed that is done."""
        texts: list[dict[str, object]] = []
        for row in board.arms:
            samples = [
                written(analysis.written)
                for analysis in self.analyses(runs.get(row.name, ()))
                if analysis.written
            ]
            if samples:
                texts.append(
                    {"arm": row.name, "number": row.number, "written": samples[0][len(samples[0]) // 2]}
                )
        split = "test" if board.split == "test" else "validation"
        return (
            [section("written", "What they write", "arms_written", texts=texts, split=split)] if texts else []
        )


PAGE = LanguagePage()
