"""Signals with several channels: classes, or values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from tidegate.report.charts.bars import error_of
from tidegate.report.read import Json, RunFiles
from tidegate.report.samples import Shown, judged
from tidegate.report.sections import (
    SampleStyle,
    Section,
    confusion_sections,
    length_sections,
    sample_sections,
    section,
    split_of,
)
from tidegate.report.tasks.forecast_windows import number
from tidegate.report.tasks.page import TaskPage
from tidegate.report.tasks.signal_chart import drawn
from tidegate.report.tasks.value_chart import estimates
from tidegate.report.text.escape import clipped, printable
from tidegate.report.text.metrics import Measure
from tidegate.report.text.wording import Wording

_WORDS = Wording(
    one="sequence",
    many="sequences",
    picture="Signal",
    worst="The wrong answers given with most confidence.",
    harder="dropout and augmentation",
    measured="a sequence of {} steps",
    length="Steps",
    lengths="of sequences by their number of steps",
)
_VALUES = replace(_WORDS, answer="estimated", worst="The answers that are farthest from what is right.")


class SignalPage(TaskPage):
    """Signals as small charts."""

    words = _WORDS
    style = SampleStyle(run="tiles signals", study="beside")
    front_end = (
        "Filters the channels and shortens the sequence before the recurrent layers.",
        "Ordóñez and Roggen 2016, Deep convolutional and LSTM recurrent neural networks for activity recognition",
    )

    def wording(self, error_analysis: Json) -> Wording:
        """Values are estimated."""
        return _VALUES if _of_values(error_analysis) else _WORDS

    def shown(self, examples: Sequence[Json], error_analysis: Json) -> list[Shown]:
        """Each with its chart."""
        return [_shown(example, _of_values(error_analysis)) for example in examples]

    def shared_reference(self, example: Json, shown: Shown) -> Markup | str:
        """As it is shown: a value has its digits."""
        return shown.reference

    def sections(self, files: RunFiles, primary: Measure) -> list[Section]:
        """Of values a chart of all of them first."""
        told = files.error_analysis
        words, split, values = self.wording(told), split_of(told), _of_values(told)
        points = estimates(told.get("scatter") or ())
        chart = (
            [section("estimates", "Estimates", "estimates", estimates=points, words=words, split=split)]
            if points
            else []
        )
        samples, worst = (self.shown(told.get(key) or (), told) for key in ("samples", "worst"))
        return [
            *chart,
            *sample_sections(samples, worst, words, self.style, split, farthest=values),
            *confusion_sections(told, words, self.change),
            *length_sections(told, words, error_of(primary, of_values=values)),
        ]


def _of_values(error_analysis: Json) -> bool:
    """Whether the answers are values: they are nearer or farther, and never right or wrong."""
    return error_analysis.get("scatter") is not None


def _shown(example: Json, as_values: bool) -> Shown:
    name = printable(str(example.get("name", "")))
    is_, said = (_answer(example.get(key)) for key in ("reference", "predicted"))
    right = is_ == said
    return Shown(
        name=name,
        image=None,
        reference=Markup.escape(is_),
        answer=Markup.escape(said),
        right=None if as_values else right,
        told=_off(example) if as_values else judged(right, example.get("confidence")),
        signal=drawn(example.get("signal") or {}, clipped(name)),
    )


def _answer(value: object) -> str:
    """A class as it is, a value to five digits."""
    if isinstance(value, float):
        return f"{value:.5g}"
    return clipped(printable(str("" if value is None else value)))


def _off(example: Json) -> str:
    """How far an estimated value is from what is right, in the unit of both."""
    is_, said = (_value(example.get(key)) for key in ("reference", "predicted"))
    return "" if is_ is None or said is None else f"{abs(said - is_):.3g} off"


def _value(told: object) -> float | None:
    """A value that is a number, or written as one."""
    try:
        return number(float(told)) if isinstance(told, str) else number(told)
    except ValueError:
        return None  # What cannot be read is shown as it is, without a distance.


PAGE = SignalPage()
