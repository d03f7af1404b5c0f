"""What trials of a study try: the spaces of each task, and checks of those that a person declares.

Two or three keys a task, since a few trials cannot look further: the learning rate decides most, dropout next, and they
hardly interact (Greff et al. 2017, "LSTM: a search space odyssey", §5.C). Sizes are no matter of trials: ``match`` makes
them equal, or they stand in the configuration.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.errors import ConfigError
from tidegate.spec.nearest import did_you_mean
from tidegate.spec.presets import find_preset
from tidegate.spec.resolve import known_keys
from tidegate.spec.run import RunSpec
from tidegate.spec.study import Design

Value = bool | int | float | str


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``; on a logarithmic scale, or in steps; whole ones if both ends are."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are tried."""
        return isinstance(self.low, int) and isinstance(self.high, int)


@dataclass(frozen=True)
class Choices:
    """One of several values."""

    values: tuple[Value, ...]


Space = dict[str, Range | Choices]

_DROPOUT = Range(0.0, 0.5)
_KEYS = {
    "classify": {"model.dropout": _DROPOUT},
    "transcribe": {"model.dropout": _DROPOUT},
    # Dropout of a word's features does for taggers what Reimers and Gurevych (2017) found to matter most after the output
    # layer.
    "tag": {"model.dropout": _DROPOUT, "tag.input_dropout": _DROPOUT},
    "language": {"model.dropout": _DROPOUT},
    "forecast": {"model.dropout": _DROPOUT},
    "signal": {"model.dropout": _DROPOUT},
}
# The rate that suits one cell is often half or twice that of another; beyond three times the task's own, runs diverge.
_RATE_FACTOR = 3.0
_SIZES = ("model.hidden", "model.units", "model.width", "model.layers", "model.cell", "model.bidirectional")
_RANGE_KEYS = {"low", "high", "log", "step"}


def space_for(design: Design, spec: RunSpec) -> tuple[Space, list[str]]:
    """What trials of one arm try.

    Args:
        design: Its ``search``, or nothing for the task's own.
        spec: The arm's configuration.

    Returns:
        The space, and keys that the arm's network does not have.

    Raises:
        ConfigError: The declared space is wrong.

    Example:
        >>> from tidegate.spec.resolve import resolve
        >>> space, left_out = space_for(Design(), resolve({"task": "signal", "model": {"preset": "fcn"}}))
        >>> list(space), left_out
        (['optimiser.learning_rate'], ['model.dropout'])
    """
    space = parse_search(design) if design.search else default_space(spec)
    left_out = [key for key in space if not _applies(key, spec)]
    return {key: value for key, value in space.items() if key not in left_out}, left_out


def default_space(spec: RunSpec) -> Space:
    """The learning rate around the one that the configuration has, and dropouts.

    Example:
        >>> default_space(RunSpec(task="tag"))["optimiser.learning_rate"]
        Range(low=0.000333, high=0.003, log=True, step=None)
    """
    rate = spec.optimiser.learning_rate
    rates = Range(_rounded(rate / _RATE_FACTOR), _rounded(rate * _RATE_FACTOR), log=True)
    return {"optimiser.learning_rate": rates, **_KEYS.get(spec.task, {})}


def parse_search(design: Design) -> Space:
    """The space that ``[study.search]`` declares.

    Raises:
        ConfigError: A key does not exist or may not be searched, or a range makes no sense.

    Example:
        >>> parse_search(Design(search={"train.batch_size": {"choices": [8, 16, 32]}}))
        {'train.batch_size': Choices(values=(8, 16, 32))}
    """
    known = {".".join(path) for path in known_keys()}
    space: Space = {}
    for key, told in design.search.items():
        where = f"study.search: {key}"
        if key not in known:
            raise ConfigError("there is no such key", where=where, came=key, advice=did_you_mean(key, known))
        if key.startswith(("data.", "task", "seed")):
            raise ConfigError(
                "trials may not change what is learnt from",
                where=where,
                expected="keys of the network and its training",
                came=key,
                advice="leave it out; several data sets are several files",
            )
        if design.match != "none" and key in _SIZES:
            raise ConfigError(
                f"sizes are not searched where all arms have equal {design.match}",
                where=where,
                came=key,
                advice="leave it out, or compare with match = none",
            )
        space[key] = _parsed(told, where)
    return space


def _parsed(told: Mapping[str, Any], where: str) -> Range | Choices:
    if set(told) == {"choices"} and isinstance(told["choices"], list) and len(told["choices"]) > 1:
        return Choices(tuple(told["choices"]))
    wrong = ConfigError(
        "this is no range and no choice",
        where=where,
        expected="{ low = 0.0001, high = 0.01, log = true } or { choices = [8, 16, 32] }",
        came=repr(dict(told)),
    )
    if not {"low", "high"} <= set(told) or not set(told) <= _RANGE_KEYS:
        raise wrong
    low, high, log, step = told["low"], told["high"], told.get("log", False), told.get("step")
    numbers = [one for one in (low, high, step) if one is not None]
    if not all(
        isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in numbers
    ):
        raise wrong
    if (
        low >= high
        or (log and (low <= 0 or step is not None))
        or (step is not None and step <= 0)
        or log not in (True, False)
    ):
        raise ConfigError(
            "this range cannot be searched",
            where=where,
            expected="low < high; with log = true both above 0 and no step",
            came=repr(dict(told)),
        )
    return Range(low, high, log, step)


def _applies(key: str, spec: RunSpec) -> bool:
    if not key.startswith("model."):
        return True
    if spec.model.spec is not None:
        return False
    preset = spec.model.preset
    return preset is None or key.removeprefix("model.") in find_preset(preset).keys


def _rounded(value: float) -> float:
    """To three digits, so that tables are readable."""
    return float(f"{value:.3g}")
