"""What trials of a study try: the spaces of each task, and checks of those that a person declares.

Two or three keys a task, since a few trials cannot look further. The learning rate decides most, then the size of the
layers, and the two hardly interact (Greff et al. 2017, "LSTM: a search space odyssey"); sizes are no matter of trials:
``match`` makes them equal, or they stand in the configuration. Of the rest dropout counts for much (Reimers and Gurevych
2017, "Optimal hyperparameters for deep LSTM-networks for sequence labeling tasks").
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tidegate.config.compile import compile_run, preset_name
from tidegate.config.keys import keys_of
from tidegate.config.nearest import did_you_mean
from tidegate.config.registry import BUILT_IN, settings_of
from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.config.search_space import Choices, Range, Space, Value
from tidegate.config.study import Design
from tidegate.errors import ConfigError, SpecError

# The rate that suits one network is often a quarter or four times that of another: a vanilla RNN reads lines at .001 and
# does not learn them at the task's own .004. A range that leaves such a rate out judges the range and not the network.
_RATE_FACTOR = 10.0
_SIZES = ("model.hidden", "model.units", "model.width", "model.layers", "model.cell", "model.bidirectional")
_RANGE_KEYS = {"low", "high", "log", "step"}
# What no trial may change, or the arm that does more of it wins.
_REFUSED = {
    "trials may not change what is learnt from": ("data.", "task", "seed"),
    "trials may not change the budget, which is the same for all": (
        *(
            f"train.{key}"
            for key in ("epochs", "max_time", "steps", "examples", "patience", "validation_only")
        ),
        *(f"train.{key}" for key in ("device", "threads", "processes", "baselines", "checkpoint_minutes")),
    ),
    "networks are arms, and no settings of one": ("model.preset", "model.spec"),
}


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
        >>> from tidegate.config.resolve import resolve
        >>> space, left_out = space_for(Design(), resolve({"task": "signal", "model": {"preset": "fcn"}}))
        >>> list(space), left_out
        (['optimiser.learning_rate'], ['model.dropout'])
    """
    space = parse_search(design, spec.task) if design.search else default_space(spec)
    left_out = [key for key, choice in space.items() if not _applies(key, choice, spec)]
    return {key: value for key, value in space.items() if key not in left_out}, left_out


def default_space(spec: RunSpec) -> Space:
    """The learning rate around the one that the configuration has, and dropouts.

    Example:
        >>> default_space(RunSpec(task="tag"))["optimiser.learning_rate"]
        Range(low=0.0001, high=0.01, log=True, step=None)
    """
    rate = spec.optimiser.learning_rate
    rates = Range(_rounded(rate / _RATE_FACTOR), _rounded(rate * _RATE_FACTOR), log=True)
    return {"optimiser.learning_rate": rates, **settings_of(spec.task).search}


def parse_search(design: Design, task: str) -> Space:
    """The space that ``[study.search]`` declares, for a task; keys of other tasks may stand in it.

    Raises:
        ConfigError: A key does not exist or may not be searched, a range makes no sense, or its key does not take it.

    Example:
        >>> parse_search(Design(search={"train.batch_size": {"choices": [8, 16, 32]}}), "tag")
        {'train.batch_size': Choices(values=(8, 16, 32))}
    """
    own = settings_of(task)
    known = {".".join(path) for keys in (keys_of(None), keys_of(own)) for path in keys.paths()}
    space: dict[str, Range | Choices] = {}
    for key, table in design.search.items():
        where = f"study.search: {key}"
        if key not in known:
            raise ConfigError("there is no such key", where=where, got=key, hint=did_you_mean(key, known))
        for what, keys in _REFUSED.items():
            if key.startswith(keys):
                raise ConfigError(
                    what,
                    where=where,
                    expected="keys of the network and its training",
                    got=key,
                    hint="leave it out; other data are another file, other networks are --arms, budgets are the base's",
                )
        if design.match != "none" and key in _SIZES:
            raise ConfigError(
                f"sizes are not searched where all arms have equal {design.match}",
                where=where,
                got=key,
                hint="leave it out, or compare with match = none",
            )
        space[key] = _parsed(key, table, where, task)
    return space


def _parsed(key: str, table: Mapping[str, Any], where: str, task: str) -> Range | Choices:
    parsed = _choices(table) or _range(key, table, where, task)
    if parsed is None:
        raise ConfigError(
            "this is no range and no choice",
            where=where,
            expected="{ low = 0.0001, high = 0.01, log = true } or { choices = [8, 16, 32] }",
            got=repr(dict(table)),
        )
    for value in parsed.values if isinstance(parsed, Choices) else (parsed.low, parsed.high):
        misfit = _misfit(key, value, task)
        if misfit is not None:
            raise ConfigError(
                "the key does not take this value",
                where=where,
                expected=misfit.expected,
                got=repr(value),
                hint=misfit.hint,
            ) from misfit
    return parsed


def _choices(table: Mapping[str, Any]) -> Choices | None:
    values: Any = table.get("choices")
    if set(table) != {"choices"} or not isinstance(values, list):
        return None
    plain = all(isinstance(value, bool | int | float | str) for value in values)
    return Choices(tuple(values)) if plain and len(set(values)) > 1 else None


def _range(key: str, table: Mapping[str, Any], where: str, task: str) -> Range | None:
    if not {"low", "high"} <= set(table) or not set(table) <= _RANGE_KEYS:
        return None
    low, high, log, step = table["low"], table["high"], table.get("log", False), table.get("step")
    ends = [end for end in (low, high, step) if end is not None]
    if not all(_number(end) for end in ends) or not isinstance(log, bool):
        return None
    whole = isinstance(low, int) and isinstance(high, int)
    if whole and low < high and _misfit(key, low + 0.5, task) is None:
        # Whoever writes { low = 0, high = 1 } for a dropout does not mean the two ends alone.
        low, high, whole = float(low), float(high), False
    stepped = step is None or (0 < step <= high - low and (not whole or isinstance(step, int)))
    if low >= high or (log and (low <= 0 or step is not None)) or not stepped:
        raise ConfigError(
            "this range cannot be searched",
            where=where,
            expected="low < high; with log = true both above 0 and no step; a step within the range, "
            "whole for whole numbers",
            got=repr(dict(table)),
        )
    return Range(low, high, log, step)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _misfit(key: str, value: Value, task: str) -> ConfigError | None:
    """Why a key does not take a value."""
    table: Any = value
    for name in reversed(key.split(".")):
        table = {name: table}
    try:
        first = key.partition(".")[0]
        resolve({"task": first if first in BUILT_IN else task}, table)
    except ConfigError as error:
        return error
    return None


def _applies(key: str, choice: Range | Choices, spec: RunSpec) -> bool:
    table, _, name = key.partition(".")
    if table in BUILT_IN:
        return table == spec.task
    if table != "model":
        return True
    if spec.model.spec is not None:
        return False
    value = choice.values[0] if isinstance(choice, Choices) else choice.low
    # A key of recurrent networks would choose another preset where none is named: that is another arm.
    preset = preset_name(spec.model, spec.task)
    model = spec.model.model_copy(update={"preset": preset, name: value})
    try:
        compile_run(spec.model_copy(update={"model": model}))
    except SpecError as error:
        # Other mistakes, such as layers that do not fit, are told when the arm is built.
        return error.where != key
    return True


def _rounded(value: float) -> float:
    """To three digits, so that tables are readable."""
    return float(f"{value:.3g}")
