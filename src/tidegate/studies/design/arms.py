"""``--arms``: from one line of text to arms."""

from __future__ import annotations

from tidegate.config.nearest import did_you_mean
from tidegate.config.presets.known import known_presets
from tidegate.errors import ConfigError
from tidegate.network.vgsl import parse
from tidegate.studies.design.plan import Arm


def parse_arms(text: str) -> tuple[Arm, ...]:
    """Read arms separated by commas: presets, ``NAME=preset``, VGSL strings, ``NAME=[VGSL]``.

    Args:
        text: Commas inside square brackets belong to a VGSL string.

    Raises:
        ConfigError: A name is no preset.
        VgslError: A string cannot be read.

    Example:
        >>> [arm.name for arm in parse_arms("gru,both=bigru,[1,28,28,1 Lfys64]")]
        ['gru', 'both', 'vgsl-1']
    """
    arms: list[Arm] = []
    strings = 0
    for part in _split(text):
        name, network = _named(part)
        if not network.startswith("["):
            arms.append(Arm(name or network, {"model": {"preset": _preset(network)}}))
            continue
        strings += 1
        parse(network)
        arms.append(Arm(name or f"vgsl-{strings}", {"model": {"spec": network}}))
    if not arms:
        raise ConfigError(
            "nothing to compare",
            where="--arms",
            expected="presets separated by commas",
            hint=f"choose from: {', '.join(known_presets())}",
        )
    return tuple(arms)


def _preset(name: str) -> str:
    known = known_presets()
    if name not in known:
        raise ConfigError(
            f"there is no arm {name}",
            where="--arms",
            expected="presets, NAME=preset, or VGSL strings in square brackets, separated by commas",
            got=repr(name),
            hint=did_you_mean(name, known),
        )
    return name


def _named(part: str) -> tuple[str, str]:
    """Name and network of ``NAME=network``; a VGSL string has no name of its own."""
    head, equals, tail = part.partition("=")
    if equals and "[" not in head:
        return head.strip(), tail.strip()
    return "", part


def _split(text: str) -> list[str]:
    parts, depth = [""], 0
    for symbol in text:
        depth += (symbol == "[") - (symbol == "]")
        if symbol == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += symbol
    return [part.strip().strip("\"'") for part in parts if part.strip()]
