"""What a task's samples, answers and mistakes are called."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from typing import Any

from tidegate.report.read import Json, RunFiles


@dataclass(frozen=True)
class Wording:
    """The words of one task.

    Attributes:
        one: What a sample is: figures are per sample, speeds are samples a second.
        many: Several of them.
        reads: What a trained model does with them.
        reading: The same as a noun.
        picture: What the image of a sample is called, where it has one.
        reference: Before what a sample is.
        answer: Before what the model says that it is.
        worst: How the worst mistakes are chosen.
        confusions: The heading over what was taken for what.
        arrow: What the two sides of a confusion are.
        harder: What makes training samples harder than those of the validation.
        measured: What the FLOPs are of, with a place for the typical size.
        length: What the length of a sample is counted in.
        lengths: Which groups errors by length are of.
    """

    one: str = "sample"
    many: str = "samples"
    reads: str = "reads"
    reading: str = "Reading"
    picture: str = "Line image"
    reference: str = "reference"
    answer: str = "read"
    worst: str = "The lines with the highest error rate. Some of them may be wrong in the reference."
    confusions: str = "Characters taken for others"
    arrow: str = "Is → read"
    harder: str = "dropout and augmentation"
    measured: str = "one sample"
    length: str = "Characters"
    lengths: str = "of lines by the number of characters in their reference"

    def speed(self, doing: str) -> str:
        """A column's heading.

        >>> wording("tag").speed("trains")
        'trains, sentences/s'
        """
        return f"{doing}, {self.many}/s"

    def size(self, typical: object) -> str:
        """What FLOPs are of.

        >>> wording("tag").size(23), wording("tag").size(None)
        ('a sentence of 23 words', 'one sentence')
        """
        return self.measured.format(typical) if isinstance(typical, int) else f"one {self.one}"


_TASKS = {
    "classify": Wording(
        one="image",
        many="images",
        picture="Picture",
        reference="is",
        answer="taken for",
        worst="The wrong answers given with most confidence.",
        confusions="Confusions",
        arrow="Is → taken for",
        measured="one image",
    ),
    "transcribe": Wording(one="line", many="lines", measured="one line"),
    "tag": Wording(
        one="sentence",
        many="sentences",
        reads="tags",
        reading="Tagging",
        answer="tagged",
        worst="The sentences with most wrong tags. Some of them may be wrong in the reference.",
        confusions="Tags taken for others",
        arrow="Is → tagged",
        harder="dropout",
        measured="a sentence of {} words",
    ),
    "language": Wording(one="symbol", many="symbols", harder="dropout", measured="{} symbols"),
    "forecast": Wording(
        one="window",
        many="windows",
        reads="forecasts",
        reading="Forecasting",
        picture="Forecast",
        harder="dropout",
        measured="a window of {} steps",
    ),
    "signal": Wording(
        one="sequence",
        many="sequences",
        picture="Signal",
        reference="is",
        answer="taken for",
        worst="The wrong answers given with most confidence.",
        confusions="Confusions",
        arrow="Is → taken for",
        measured="a sequence of {} steps",
        length="Steps",
        lengths="of sequences by their number of steps",
    ),
}
_VALUES = replace(
    _TASKS["signal"], answer="estimated", worst="The answers that are farthest from what is right."
)


def wording(task: str, error_analysis: Json | None = None) -> Wording:
    """The words of a task; of one that is not known, those that fit any.

    Args:
        task: Its name.
        error_analysis: Of a run: answers that are values have other words than classes.

    >>> wording("forecast").many, wording("adding").many
    ('windows', 'samples')
    """
    return _VALUES if task == "signal" and of_values(error_analysis or {}) else _TASKS.get(task, Wording())


def of_values(error_analysis: Json) -> bool:
    """Whether the answers of ``signal`` are values: they are nearer or farther, and never right or wrong."""
    return error_analysis.get("scatter") is not None


def task_of(files: RunFiles) -> str:
    """The task of a run: as its results or configuration say, else by what its error analysis holds; or empty."""
    told = files.metrics.get("task") or configured(files.config, "task")
    if told:
        return str(told)
    signs = {
        "forecasts": "forecast",
        "scatter": "signal",
        "matrix": "classify",
        "written": "language",
        "labels": "tag",
        "samples": "transcribe",
    }
    task = next((task for sign, task in signs.items() if sign in files.error_analysis), "")
    samples = files.error_analysis.get("samples") or ()
    return "signal" if task in ("classify", "transcribe") and samples and "signal" in samples[0] else task


def configured(config: str, *keys: str) -> Any:
    """A value of config.toml; ``None`` where it is not set, or the file is no TOML."""
    try:
        value: Any = tomllib.loads(config)
    except tomllib.TOMLDecodeError:
        return None  # The text is shown as it is; only what would have been read from it is left out.
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
