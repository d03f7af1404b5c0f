"""Networks that must not see what comes next: language models, forecasts step by step, signals that come in parts."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.errors import ConfigError
from tidegate.network.cells import CELLS
from tidegate.network.layers import Architecture, Layer, Parallel, pace
from tidegate.network.pace import SINGLE

_WHY = (
    "a language model predicts the next symbol from those before it; {what} also reads those after it, so the "
    "answer would be in its input, training would look perfect, and nothing could be generated"
)
_LAYERS = ", ".join(f"{cell.letter}fx" for cell in CELLS.values())
_PRESETS = ", ".join(cell.word for cell in CELLS.values())
_ADVICE = f"take a forward network: a preset of {_PRESETS}, or {_LAYERS} in a VGSL string"


def check_causal(architecture: Architecture) -> None:
    """Refuse a language model with a layer that sees later symbols, or none at all.

    Raises:
        ConfigError: With the layer and the reason.

    Example:
        >>> from tidegate.network.vgsl import parse
        >>> check_causal(parse("[1,1,0,64 Lfx128 Dl0.2 O1s0]"))
        >>> check_causal(parse("[1,1,0,64 Lbx128 O1s0]"))
        Traceback (most recent call last):
        tidegate.errors.ConfigError: a bidirectional layer cannot be part of a language model
          ...
    """
    for number, layer in enumerate(architecture.layers, start=1):
        what = layer.sees_ahead()
        if what is not None:
            raise ConfigError(
                f"{what} cannot be part of a language model",
                where=f"layer {number}: {layer.render()}",
                expected=f"forward recurrent layers ({_LAYERS}) and dropout (Do, Dl)",
                got=_WHY.format(what=what) if "directional" in what or "reverse" in what else None,
                hint=_ADVICE,
            )


def refuse_looking_ahead(preset: str) -> None:
    """Say why a preset is not offered for language models, where the reason is that it reads what comes later.

    Raises:
        ConfigError: It is such a preset.
    """
    if not preset.startswith(("bi", "cnn")):
        return
    what = "a bidirectional network" if preset.startswith("bi") else "a network of convolutions"
    raise ConfigError(
        f"{what} cannot be a language model",
        where="model.preset",
        expected=f"one of: {_PRESETS}",
        got=f"{preset}: {_WHY.format(what='such a network')}",
        hint=_ADVICE,
    )


def check_recursive(architecture: Architecture) -> None:
    """Refuse a forecasting network whose states cannot go on past the window, as the decoder ``recursive`` needs.

    Raises:
        ConfigError: With the layer and the reason.

    Example:
        >>> from tidegate.network.vgsl import parse
        >>> check_recursive(parse("[1,1,0,3 Cr1,1,32 Gfx64 Do0.1 O0l0]"))
        >>> check_recursive(parse("[1,1,0,3 Gbx64 O0l0]"))
        Traceback (most recent call last):
        tidegate.errors.ConfigError: the decoder recursive cannot go on from this network: a bidirectional layer reads ...
          ...
    """
    _refuse(
        _stuck(architecture.layers, "layer ", ends=False),
        "the decoder recursive cannot go on from this network",
        got="each forecast is the input of the next step, and the states after the window go on with it",
        hint="take a forward network such as preset gru or lstm, or another forecast.decoder: direct and "
        "encoder-decoder read the window in both directions",
    )


def check_streaming(architecture: Architecture) -> None:
    """Refuse a network for signals that cannot carry its state from one part of a sequence to the next.

    Forward recurrences, dropout, batch normalisation, convolutions of one step and additions can; so can one pooling over
    everything (``Ap0,0``, ``Mp0,0``, ``At``, or a layer that summarises), and whatever follows it.

    Raises:
        ConfigError: With the layer and the reason.

    Example:
        >>> from tidegate.network.vgsl import parse
        >>> check_streaming(parse("[1,1,0,3 Cr1,1,32 Lfx64 Ap0,0 Do0.2 Fr32 O0s5]"))
        >>> check_streaming(parse("[1,1,0,3 Cr1,3,32 Lfxs64 O0s5]"))
        Traceback (most recent call last):
        tidegate.errors.ConfigError: this network cannot read a sequence in parts: a convolution over several steps ...
          ...
    """
    _refuse(
        _stuck(architecture.layers, "layer ", ends=True),
        "this network cannot read a sequence in parts",
        got="a part must be answered before the next one is there",
        hint="take a forward network such as preset lstm or gru, with model.pooling last, mean, max or attention; or "
        "predict whole sequences",
    )


def _refuse(found: tuple[str, str] | None, what: str, *, got: str, hint: str) -> None:
    if found is not None:
        place, reason = found
        raise ConfigError(
            f"{what}: {reason}",
            where=place,
            expected=f"forward recurrent layers ({_LAYERS}), dropout, batch normalisation, C.1,1 and additions",
            got=got,
            hint=hint,
        )


def _stuck(layers: Sequence[Layer], place: str, *, ends: bool) -> tuple[str, str] | None:
    """The first layer that needs more than what was before, and why.

    Args:
        layers: In series.
        place: What stands before a layer's number.
        ends: Whether the steps may be pooled to one vector; what follows it may be anything.
    """
    for number, layer in enumerate(layers, start=1):
        here = f"{place}{number}"
        if isinstance(layer, Parallel):
            for branch, inner in enumerate(layer.branches, start=1):
                found = _stuck(inner, f"{here}, branch {branch}, layer ", ends=ends)
                if found is not None:
                    return found
        elif ends and layer.pools_all():
            return None
        else:
            reason = layer.needs_more()
            if reason is not None:
                return f"{here}: {layer.render()}", reason
        if ends and pace([layer]) == SINGLE:
            return None
    return None
