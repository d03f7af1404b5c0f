"""The figures that runs report, as people read them: names, direction, unit."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

_THIN = "\u202f"


@dataclass(frozen=True)
class Measure:
    """One metric.

    Attributes:
        key: As in metrics.json.
        label: Short, for tables and axes.
        name: In full, for sentences.
        lower_is_better: Which way it improves.
        percent: Whether it is a share that is shown in %.
        from_zero: Whether a chart's axis begins at 0: no model comes near 0 nats, so that the axis would be empty there.
        unit: What the value is already in; empty for plain numbers and shares.
        detail: Whether it stands in tables only, and not among the few figures on top.
        logarithm: Whether it is one already, such as nats: its differences tell what factors of other errors do.
    """

    key: str
    label: str
    name: str
    lower_is_better: bool
    percent: bool
    from_zero: bool = True
    unit: str = ""
    detail: bool = False
    logarithm: bool = False

    def text(self, value: float | None) -> str:
        """A value for people: two decimals of a percentage, four significant digits of anything else.

        >>> measure("cer").text(0.01314)
        '1.31\\u202f%'
        >>> measure("smape").text(7.5512)
        '7.55\\u202f%'
        >>> measure("cer").text(None)
        '–'
        """
        if value is None:
            return "–"
        if self.shown_in == "%":
            return f"{self.plotted(value):.2f}{_THIN}%"
        return f"{value:.4g}{_THIN}{self.unit}" if self.unit else f"{value:.4g}"

    def number(self, value: float | None) -> str:
        """The same without the unit, for tables whose heading gives it."""
        return self.text(value).removesuffix(f"{_THIN}{self.shown_in}")

    def plotted(self, value: float) -> float:
        """The value in the unit of an axis."""
        return value * 100 if self.percent else value

    @property
    def heading(self) -> str:
        """Label with unit, for tables and axes."""
        return f"{self.label}, {self.shown_in}" if self.shown_in else self.label

    @property
    def shown_in(self) -> str:
        """The unit of an axis; empty where there is none."""
        return "%" if self.percent else self.unit

    @property
    def inside(self) -> str:
        """The heading as it stands inside a phrase.

        >>> measure("accuracy").inside, measure("cer").inside
        ('accuracy, %', 'CER, %')
        """
        heading = self.heading
        return heading[0].lower() + heading[1:] if heading[1:2].islower() else heading

    @property
    def ceiling(self) -> float | None:
        """The best possible value on an axis, for a share that is better when higher."""
        return 100.0 if self.percent and not self.lower_is_better else None

    def better(self, value: float, than: float) -> bool:
        """Whether a value is strictly better than another."""
        return value < than if self.lower_is_better else value > than


_ALL = (
    Measure("cer", "CER", "character error rate", lower_is_better=True, percent=True),
    Measure("wer", "WER", "word error rate", lower_is_better=True, percent=True),
    Measure("accuracy", "Accuracy", "accuracy", lower_is_better=False, percent=True),
    Measure("macro_f1", "Macro F1", "macro-averaged F1", lower_is_better=False, percent=True),
    Measure("f1", "F1", "entity F1", lower_is_better=False, percent=True),
    Measure("precision", "Precision", "precision", lower_is_better=False, percent=True),
    Measure("recall", "Recall", "recall", lower_is_better=False, percent=True),
    # Errors of numbers: noise keeps them from 0, so that an axis from there would be empty.
    Measure("mse", "MSE", "mean squared error", lower_is_better=True, percent=False, from_zero=False),
    Measure("rmse", "RMSE", "root mean squared error", lower_is_better=True, percent=False, from_zero=False),
    Measure("mae", "MAE", "mean absolute error", lower_is_better=True, percent=False, from_zero=False),
    Measure(
        "smape",
        "sMAPE",
        "symmetric mean absolute percentage error",
        lower_is_better=True,
        percent=False,
        from_zero=False,
        unit="%",
    ),
    Measure(
        "mase", "MASE", "mean absolute scaled error", lower_is_better=True, percent=False, from_zero=False
    ),
    Measure(
        "r2", "R²", "coefficient of determination", lower_is_better=False, percent=False, from_zero=False
    ),
    Measure(
        "pinball",
        "Pinball loss",
        "pinball loss of the quantiles",
        lower_is_better=True,
        percent=False,
        from_zero=False,
        detail=True,
    ),
    Measure("perplexity", "Perplexity", "perplexity", lower_is_better=True, percent=False, from_zero=False),
    Measure(
        "nats_per_symbol",
        "Nats/symbol",
        "nats per symbol",
        lower_is_better=True,
        percent=False,
        from_zero=False,
        logarithm=True,
    ),
    Measure(
        "bits_per_symbol",
        "Bits/symbol",
        "bits per symbol",
        lower_is_better=True,
        percent=False,
        from_zero=False,
        logarithm=True,
    ),
    Measure("loss", "Loss", "loss", lower_is_better=True, percent=False),
)
_LEVEL = re.compile(r"(coverage|width|pinball)_(\d+(?:\.\d+)?)")
MEASURES: dict[str, Measure] = {measure.key: measure for measure in _ALL}


def measure(key: str, lower_is_better: bool | None = None) -> Measure:
    """The measure of a key; one that is not listed is shown as a plain number under its own name.

    >>> measure("coverage_80").text(0.7912).split()
    ['79.12', '%']
    >>> measure("mae_units").label
    'MAE in units'

    Args:
        key: As in metrics.json.
        lower_is_better: What the result file says, for a key that is not listed.
    """
    known = MEASURES.get(key) or _of_level(key) or _of_units(key) or _of_windows(key)
    if known is not None:
        return known
    label = key.replace("_", " ")
    return Measure(key, label, label, lower_is_better=lower_is_better is not False, percent=False)


def scaled(key: str, beside: Collection[str]) -> str:
    """The label of a key in a table; where the same error in units stands beside it, it is one of scaled values.

    >>> scaled("mae", ["mae", "mae_units"]), scaled("mae", ["mae"])
    ('MAE (scaled)', 'MAE')
    """
    label = measure(key).label
    return (
        f"{label} (scaled)"
        if f"{key}_units" in beside or (key == "mse" and "rmse_units" in beside)
        else label
    )


def _of_level(key: str) -> Measure | None:
    """The measures of intervals and quantiles of a level, such as ``coverage_80``.

    A coverage is a share that is best when it is the level itself: it ranks nothing.
    """
    found = _LEVEL.fullmatch(key)
    if found is None:
        return None
    kind, level = found.groups()
    share = f"{level}{_THIN}%"
    if kind == "coverage":
        name = f"share of values inside their {share} interval"
        return Measure(key, f"Coverage of {share}", name, lower_is_better=False, percent=True)
    if kind == "width":
        name = f"mean width of {share} intervals"
        return Measure(key, f"Width of {share}", name, lower_is_better=True, percent=False, detail=True)
    return replace(MEASURES["pinball"], key=key, label=f"Pinball loss at {share}")


def _of_units(key: str) -> Measure | None:
    """An error in the units of the data, such as ``mae_units``."""
    scaled_one = MEASURES.get(key.removesuffix("_units"))
    if scaled_one is None or not key.endswith("_units"):
        return None
    return replace(
        scaled_one,
        key=key,
        label=f"{scaled_one.label} in units",
        name=f"{scaled_one.name} in units",
        detail=True,
    )


def _of_windows(key: str) -> Measure | None:
    """A figure of the windows that sequences were cut into, such as ``window_accuracy``."""
    whole = MEASURES.get(key.removeprefix("window_"))
    if whole is None or not key.startswith("window_"):
        return None
    return replace(whole, key=key, label=f"{whole.label} of windows", name=f"{whole.name} of windows")
