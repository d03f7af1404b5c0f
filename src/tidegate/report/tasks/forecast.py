"""Forecasts of series: windows, error by step and by series, intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tidegate.report.read import RunFiles
from tidegate.report.sections import Section
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.tasks.forecast_sections import forecast_sections
from tidegate.report.tasks.forecast_study import study_forecasts
from tidegate.report.tasks.page import TaskPage
from tidegate.report.text.metrics import Measure
from tidegate.report.text.wording import Wording
from tidegate.results.analysis.forecast import ForecastAnalysis


class ForecastPage(TaskPage[ForecastAnalysis, None]):
    """Windows as charts."""

    analysis = ForecastAnalysis
    words = Wording(
        one="window",
        many="windows",
        reads="forecasts",
        reading="Forecasting",
        picture="Forecast",
        measured="a window of {} steps",
    )
    both_directions = (
        "It may read the seen window both ways; over the future it would read the answer.",
        "Schuster and Paliwal 1997, Bidirectional recurrent neural networks",
    )

    def sections(self, analysis: ForecastAnalysis, primary: Measure) -> list[Section]:
        """Windows, error by step, intervals, and error by series."""
        return forecast_sections(analysis, primary)

    def study_sections(self, board: Leaderboard, runs: Mapping[str, Sequence[RunFiles]]) -> list[Section]:
        """The same windows by every arm, error by step, and intervals."""
        return study_forecasts(board, {arm: self.analyses(files) for arm, files in runs.items()})


PAGE = ForecastPage()
