"""The figures that runs report, as people read them: names, direction, unit."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    key: str
    label: str
    name: str
    lower_is_better: bool
    percent: bool
    from_zero: bool = True

    def text(self, value: float | None) -> str:
        """A value for people: two decimals of a percentage, four significant digits of anything else.

        >>> measure("cer").text(0.01314)
        '1.31\\u202f%'
        >>> measure("cer").text(None)
        '–'
        """
        if value is None:
            return "–"
        return f"{value * 100:.2f}\u202f%" if self.percent else f"{value:.4g}"

    def number(self, value: float | None) -> str:
        """The same without the unit, for tables whose heading gives it."""
        return self.text(value).removesuffix("\u202f%")

    def plotted(self, value: float) -> float:
        """The value in the unit of an axis."""
        return value * 100 if self.percent else value

    @property
    def heading(self) -> str:
        """Label with unit, for tables and axes."""
        return f"{self.label}, %" if self.percent else self.label

    @property
    def inside(self) -> str:
        """The heading as it stands inside a phrase.

        >>> measure("accuracy").inside, measure("cer").inside
        ('accuracy, %', 'CER, %')
        """
        heading = self.heading
        return heading[0].lower() + heading[1:] if heading[1].islower() else heading

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
    Measure(
        "smape", "sMAPE", "symmetric mean absolute percentage error", lower_is_better=True, percent=False
    ),
    Measure("mase", "MASE", "mean absolute scaled error", lower_is_better=True, percent=False),
    Measure("mse", "MSE", "mean squared error", lower_is_better=True, percent=False),
    Measure("rmse", "RMSE", "root mean squared error", lower_is_better=True, percent=False),
    Measure("mae", "MAE", "mean absolute error", lower_is_better=True, percent=False),
    Measure("perplexity", "Perplexity", "perplexity", lower_is_better=True, percent=False, from_zero=False),
    Measure(
        "nats_per_symbol",
        "Nats/symbol",
        "nats per symbol",
        lower_is_better=True,
        percent=False,
        from_zero=False,
    ),
    Measure(
        "bits_per_symbol",
        "Bits/symbol",
        "bits per symbol",
        lower_is_better=True,
        percent=False,
        from_zero=False,
    ),
    Measure("loss", "Loss", "loss", lower_is_better=True, percent=False),
)
MEASURES: dict[str, Measure] = {measure.key: measure for measure in _ALL}


def measure(key: str, lower_is_better: bool | None = None) -> Measure:
    """The measure of a key; one that is not listed is shown as a plain number under its own name.

    Args:
        key: As in metrics.json.
        lower_is_better: What the result file says, for a key that is not listed.
    """
    known = MEASURES.get(key)
    if known is not None:
        return known
    label = key.replace("_", " ")
    return Measure(key, label, label, lower_is_better=lower_is_better is not False, percent=False)
