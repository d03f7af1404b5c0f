"""Networks that must not see what comes next: a language model's answer at a step is the input of the step after."""

from __future__ import annotations

from tidegate.errors import ConfigError
from tidegate.spec.layers import Architecture, Dropout, Layer, Output, Recurrence
from tidegate.spec.vgsl import render_layer

_WHY = (
    "a language model predicts the next symbol from those before it; {what} also reads those after it, so the "
    "answer would be in its input, training would look perfect, and nothing could be generated"
)
_ADVICE = "take a forward network: preset rnn, lstm or gru, or Lfx, Gfx, Rfx in a VGSL string"


def check_causal(architecture: Architecture) -> None:
    """Refuse a network for ``language`` with a layer that sees later symbols, or none at all.

    Raises:
        ConfigError: With the layer and the reason.

    Example:
        >>> from tidegate.spec.vgsl import parse
        >>> check_causal(parse("[1,1,0,64 Lfx128 Dl0.2 O1s0]"))
        >>> check_causal(parse("[1,1,0,64 Lbx128 O1s0]"))
        Traceback (most recent call last):
        tidegate.errors.ConfigError: a bidirectional layer cannot be part of a language model
          ...
    """
    for number, layer in enumerate(architecture.layers, start=1):
        what = _sees_ahead(layer)
        if what is not None:
            raise ConfigError(
                f"{what} cannot be part of a language model",
                where=f"layer {number}: {render_layer(layer)}",
                expected="forward recurrent layers (Lfx, Gfx, Rfx) and dropout (Do, Dl)",
                came=_WHY.format(what=what) if "directional" in what or "reverse" in what else None,
                advice=_ADVICE,
            )


def refuse_looking_ahead(preset: str, task: str) -> None:
    """Say why a preset is not offered for ``language``, where the reason is that it reads in both directions.

    Raises:
        ConfigError: It is such a preset.
    """
    if task != "language" or not preset.startswith(("bi", "cnn")):
        return
    what = "a bidirectional network" if preset.startswith("bi") else "a network of convolutions"
    raise ConfigError(
        f"{what} cannot be a language model",
        where="model.preset",
        expected="rnn, lstm or gru",
        came=f"{preset}: {_WHY.format(what='such a network')}",
        advice=_ADVICE,
    )


def _sees_ahead(layer: Layer) -> str | None:
    match layer:
        case Recurrence(direction="both"):
            return "a bidirectional layer"
        case Recurrence(direction="reverse"):
            return "a layer in reverse"
        case Recurrence(summarise=True):
            return "a layer that sums up the whole text"
        case Recurrence(axis="y"):
            return "a layer along y"
        case Recurrence() | Dropout() | Output():
            return None
        case _:
            return f"the layer {render_layer(layer)}"
