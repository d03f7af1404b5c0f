"""``TaskSettings``: the record of a task, as far as it can be told without torch.

Each task has one file, ``tidegate.config.tasks.<name>``, with the class of its table and one such record, and one line
in ``tidegate.config.registry``. What the other rooms need of a task by name they ask this record for:

- configuration: ``settings`` (the class of its table), ``defaults``, ``flags``, ``search``; of predictions ``options``;
- networks: ``network`` (``NetworkDefaults``), ``presets``, ``features``, ``causal``, ``decodes``;
- elsewhere: ``task``, the implementation, ``formats``, those of its data, and ``page``, its part of a report, as
  ``"module:NAME"``, imported when asked.

>>> from tidegate.config.registry import settings_of
>>> tag = settings_of("tag")
>>> tag.summary, tag.table, tag.network.preset
('the words of a sentence → a tag for each', 'tag', 'bilstm-crf')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from pydantic import ConfigDict

from tidegate.config.metrics import MetricKind
from tidegate.config.presets.preset import Preset
from tidegate.config.search_space import DROPOUT, Space
from tidegate.config.section import Section
from tidegate.network.layers import Output, OutputKind

InputKind = Literal["image", "features", "data"]
Parameter = bool | int | float | str


class Params(Section):
    """Keys of a task that was registered without a table of its own."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Parameter]  # pyright: ignore[reportIncompatibleVariableOverride]


PARAMS = "params"
"""The table of such a task."""


@dataclass(frozen=True)
class NetworkDefaults:
    """What a task's network is unless ``[model]`` says otherwise.

    Attributes:
        preset: The network when ``[model]`` names none.
        recurrent: The same when ``[model]`` has a key of recurrent networks, such as ``cell``.
        unconvolved: The same when ``model.conv`` is ``none``.
        rows: Height of the input where neither the data nor the user decide it.
        columns: Its width; ``None`` varies.
        output: The output layer that the task needs, unless the preset brings its own.
        kinds: The kinds of output layer that suit it.
        input: What the network reads. ``image``: pixels. ``features``: one row of words or symbols, whose channels are
            what ``TaskSettings.features`` says. ``data``: one row of values, whose channels the data decide.
    """

    preset: str = "lstm"
    recurrent: str = "lstm"
    unconvolved: str = "lstm"
    rows: int = 1
    columns: int | None = None
    output: Output = field(default=Output(1, "linear", 0))
    kinds: tuple[OutputKind, ...] = ("softmax", "linear", "ctc", "crf")
    input: InputKind = "image"


@dataclass(frozen=True)
class TaskSettings:
    """The record of a task.

    Attributes:
        name: As in ``--task``, and the name of its table.
        summary: One line: what goes in → what comes out.
        settings: The class of its table ``[name]``. ``Params``: it has none of its own, and its keys stand in
            ``[params]``, unchecked.
        task: Where its implementation is, ``"module:NAME"``, or the implementation itself.
        formats: Where the formats of its data are (``tidegate.data.format.Formats``), likewise; ``None``: it names none.
        page: Where its part of a report is, likewise; ``None``: it has none.
        check: Where its doctor is (``tidegate.check.contract.Checks``), likewise; ``None``: it has none.
        data_key: The key of ``[data]`` that names training data: ``source`` where they are always one to be split.
        defaults: Tables of the configuration under what a user says.
        network: What its network is unless ``[model]`` says otherwise.
        presets: Its networks by name.
        metrics: How metrics of its own are judged when networks are compared, by their names; others by what their
            values allow.
        search: Keys, beside the learning rate, that trials of a study try unless ``[study.search]`` says otherwise.
        flags: Keys of its table that ``train``, ``study`` and ``init`` take as flags.
        options: What ``Model.predict`` takes beside inputs; flags of ``predict`` too.
        predict_flags: What else ``predict`` takes as flags: ``out`` where the answers are a table, ``stream`` and
            ``every`` where an input may come piece by piece.
        features: Channels of what the network reads, from its table; for ``network.input`` ``features``.
        causal: Whether its network may not see what comes next.
        decodes: Whether something of the task's own follows the network's last layer but one, so that the output layer
            need not fit it.
    """

    name: str
    summary: str
    settings: type[Section] = Params
    task: object = ""
    formats: object = None
    page: object = None
    check: object = None
    data_key: str = "train"
    defaults: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    network: NetworkDefaults = NetworkDefaults()
    presets: Mapping[str, Preset] = field(default_factory=dict[str, Preset])
    metrics: Mapping[str, MetricKind] = field(default_factory=dict[str, MetricKind])
    search: Space = field(default_factory=lambda: {"model.dropout": DROPOUT})
    flags: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    predict_flags: tuple[str, ...] = ()
    features: Callable[[Any], int] | None = None
    causal: bool = False
    decodes: bool = False

    @property
    def table(self) -> str:
        """The name of its table."""
        return PARAMS if self.settings is Params else self.name


def referenced(reference: object) -> Any:
    """What ``"module:NAME"`` names, imported now; anything else is itself.

    Example:
        >>> referenced("math:pi"), referenced(3)
        (3.141592653589793, 3)
    """
    if not isinstance(reference, str):
        return reference
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)
