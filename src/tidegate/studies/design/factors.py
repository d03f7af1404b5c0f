"""``--factor``: keys with several values, whose combinations are arms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from tidegate.config.presets.families import USUAL
from tidegate.config.resolve import merge, parse_override
from tidegate.errors import ConfigError
from tidegate.network.cells import CELLS
from tidegate.studies.design.plan import Arm

AS_IS = "auto"
"""The value of a factor that leaves its key as the configuration and the preset have it."""

NO_CONV = "none"
Factors = Mapping[str, Sequence[Any]]


def parse_factor(text: str) -> tuple[str, list[Any]]:
    """Read ``KEY=VALUE,VALUE,…``; commas inside quotation marks and brackets belong to a value.

    Raises:
        ConfigError: There is no key, or fewer than two values.

    Example:
        >>> parse_factor("model.bidirectional=false,true")
        ('model.bidirectional', [False, True])
        >>> parse_factor('model.conv=none,"Cr1,3,64"')
        ('model.conv', ['none', 'Cr1,3,64'])
    """
    key, equals, values = text.partition("=")
    found = [_value(key.strip(), one) for one in _split(values)]
    if not equals or not key.strip() or len(found) < 2:
        raise ConfigError(
            "not a factor",
            where=f"--factor {text}",
            expected="KEY=VALUE,VALUE,… with two values or more, such as model.cell=rnn,lstm,gru",
            hint="a key with one value is set with --set",
        )
    return key.strip(), found


def cross(arms: Sequence[Arm], factors: Factors) -> tuple[Arm, ...]:
    """Every arm with every combination of the factors' values; the combinations alone, if there is no arm.

    The value ``auto`` leaves a key as it is. Names are those of the presets where cell, direction and convolutions say
    it all.

    Raises:
        ConfigError: Two combinations have one name.

    Example:
        >>> factors = {"model.bidirectional": [False, True], "model.conv": ["none", "usual"]}
        >>> [arm.name for arm in cross((), {"model.cell": ["lstm", "gru"], **factors})]
        ['lstm', 'cnn-lstm', 'bilstm', 'cnn-bilstm', 'gru', 'cnn-gru', 'bigru', 'cnn-bigru']
    """
    if not factors:
        return tuple(arms)
    made: list[Arm] = []
    for arm in arms or (None,):
        for values in product(*factors.values()):
            combination = dict(zip(factors, values, strict=True))
            name = _name(combination)
            tables = [_table(key, value) for key, value in combination.items() if value != AS_IS]
            overrides = merge(*([arm.overrides] if arm else []), *tables)
            made.append(Arm(f"{arm.name}-{name}" if arm else name, overrides))
    return tuple(made)


def _table(key: str, value: object) -> dict[str, Any]:
    nested: Any = value
    for part in reversed(key.split(".")):
        nested = {part: nested}
    return nested


def _name(combination: Mapping[str, Any]) -> str:
    """The preset's name as far as it goes, and the other keys with their values."""
    known = dict(combination)
    parts: list[str] = []
    if str(known.get("model.conv", "")).lower() == USUAL or (
        known.get("model.conv") == NO_CONV and len(known) > 1
    ):
        parts += ["cnn"] if known.pop("model.conv") != NO_CONV else []
    way = (
        known.pop("model.bidirectional", None) if isinstance(known.get("model.bidirectional"), bool) else None
    )
    cell = known.pop("model.cell", None)
    word = "" if cell is None else CELLS[cell].word if cell in CELLS else str(cell)
    if word or way is not None:
        parts.append(f"{'bi' if way else ''}{word}" if word else ("both" if way else "forward"))
    parts += [f"{key.rpartition('.')[2]}-{_plain(value)}" for key, value in known.items()]
    return "-".join(parts) or "plain"


def _plain(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return re.sub(r"[^A-Za-z0-9._+]+", "_", text).strip("_")[:30] or "empty"


def _value(key: str, text: str) -> Any:
    nested: Any = parse_override(f"{key}={text}") if key and text else {}
    for part in key.split("."):
        nested = nested.get(part, text) if isinstance(nested, dict) else nested
    return nested


def _split(text: str) -> list[str]:
    parts, depth, quoted = [""], 0, False
    for symbol in text:
        quoted ^= symbol == '"'
        depth += (symbol in "[({") - (symbol in "])}")
        if symbol == "," and depth <= 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += symbol
    return [part.strip() for part in parts if part.strip()]
