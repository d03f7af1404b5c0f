"""What a study found, for everybody who tells it: the page, the terminal, Markdown, JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tidegate.report.study.baseline_notes import unbeaten
from tidegate.report.study.caveats import caveats
from tidegate.report.study.data_sizes import order_told
from tidegate.report.study.leaderboard import Leaderboard, leaderboard, read_results
from tidegate.report.study.recommendation import decide
from tidegate.report.text.numbers import spread
from tidegate.results.comparison import Comparison
from tidegate.results.study import StudyResults
from tidegate.results.tuning import Tuning


@dataclass(frozen=True)
class Summary:
    """A study in a few sentences.

    Attributes:
        board: Arms and baselines, best first.
        results: Of the study.
        use: The arm to take; empty while there is no result.
        sentences: Which, how sure that is, what else was found.
        caveats: What limits it.
    """

    board: Leaderboard
    results: StudyResults
    use: str
    sentences: tuple[str, ...]
    caveats: tuple[str, ...]

    @property
    def reached(self) -> str:
        """The mean of the arm to take, with its spread."""
        row = next((row for row in self.board.arms if row.name == self.use), None)
        return "–" if row is None else spread(self.board.primary, row.mean, row.spread, row.n)

    @property
    def unbeaten(self) -> bool:
        """Whether a cheap baseline is better than the arm to take."""
        return any(row.name == self.use and row.beats_baselines is False for row in self.board.arms)


def summarise(study: Path, results: StudyResults | None = None) -> Summary:
    """Say what a study found.

    Args:
        study: Its folder.
        results: What its results.json holds, where that is known already.

    Raises:
        BundleError: A file in it cannot be read.
    """
    results = results or read_results(study)
    board = leaderboard(results)
    limits = caveats(board, results, Tuning.find(study / "tuning.json"))
    decision = decide(board, results)
    if decision is None or results.comparison is None:
        measured = [row.name for row in board.arms if row.mean is not None]
        texts = tuple(text for text in (_so_far(results, measured), _behind(board)) if text)
        return Summary(board, results, measured[0] if measured else "", texts, tuple(limits))
    told = order_told(results)
    sentences = (
        *decision.sentences,
        *_baselines(board, results.comparison),
        *((told,) if told else ()),
    )
    return Summary(board, results, decision.use, sentences, tuple(limits))


def _so_far(results: StudyResults, measured: list[str]) -> str:
    """Of a study with one arm, or that is still going."""
    if not measured:
        return "No arm has a result yet."
    ended = sum(len(arm.done) for arm in results.arms)
    if len(results.arms) < 2:
        return "One arm: nothing is compared."
    return (
        f"{measured[0]} has the best mean of what has ended so far ({ended} runs); nothing is compared yet."
    )


def _behind(board: Leaderboard) -> str:
    """That no mean is better than the best baseline's; a mean is all that there is to say it by."""
    measured = [row for row in board.arms if row.mean is not None]
    if not measured or not board.baselines or any(row.beats_baselines for row in measured):
        return ""
    cheap = board.baselines[0]
    why = unbeaten(cheap.name, measured[0].mean or 0.0, cheap.mean or 0.0)
    reached = (
        f"no arm beats the best baseline, “{cheap.name}”, which reaches {board.primary.text(cheap.mean)}."
    )
    return f"{why}: {reached}" if why else f"{reached[0].upper()}{reached[1:]}"


def _baselines(board: Leaderboard, comparison: Comparison) -> tuple[str, ...]:
    """That baselines are beaten, or why the best one is no surprise; what is not shown stands among the caveats."""
    rows = comparison.baselines
    name = next((row.baseline for row in rows), None)
    cheap = next((row for row in board.baselines if row.name == name), None)
    if cheap is None:
        return ()
    if all(row.verdict == "beats" for row in rows):
        return (
            f"Every arm beats the best baseline, “{cheap.name}”, which reaches {board.primary.text(cheap.mean)}.",
        )
    best = next((row.mean for row in board.arms if row.name == comparison.best), None)
    why = unbeaten(cheap.name, best or 0.0, cheap.mean or 0.0)
    beaten = any(row.verdict == "beats" for row in rows)
    return () if beaten or not why else (f"{why}.",)
