"""``Preset``: one network of a task by name.

A preset is a function from the keys of ``[model]`` and the size of the input to layers: the same records that a VGSL
string gives. To add one: write its builder, and put it among the presets of its tasks in ``tidegate.config.tasks``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tidegate.config.tables import ModelSpec
from tidegate.errors import ConfigError
from tidegate.network.layers import Architecture, Input, Layer, Output


@dataclass(frozen=True)
class PresetContext:
    """The input that a preset builds for.

    Attributes:
        rows: Height in pixels; 1 where there are no images.
        columns: Width; ``None`` varies.
        channels: 1 grey, 3 colour; features of words; channels of signals.
    """

    rows: int
    columns: int | None
    channels: int

    @property
    def input(self) -> Input:
        """The input block."""
        return Input(self.rows, self.columns, self.channels)


Builder = Callable[[ModelSpec, PresetContext], tuple[Layer, ...]]


@dataclass(frozen=True)
class Preset:
    """One network of a task by name.

    Attributes:
        name: As in ``model.preset``.
        summary: One line.
        keys: The keys of ``[model]`` that change it.
        layers: Gives the layers before the output.
        training: Keys of other tables that suit it better than the task's own defaults.
        output: The output layer, where it is not the task's usual one.
    """

    name: str
    summary: str
    keys: frozenset[str]
    layers: Builder
    training: Mapping[str, object] = field(default_factory=dict[str, object])
    output: Output | None = None

    def build(self, model: ModelSpec, context: PresetContext, output: Output) -> Architecture:
        """The architecture for these keys and this input.

        Args:
            model: The keys.
            context: The input.
            output: The task's usual output layer.

        Raises:
            ConfigError: A key does not apply to the preset.
            VgslError: ``model.conv`` cannot be read.

        Example:
            >>> from tidegate.config.presets.known import find_preset
            >>> from tidegate.network.layers import Output
            >>> from tidegate.network.vgsl import render
            >>> gru = find_preset("gru", "transcribe")
            >>> context = PresetContext(rows=40, columns=None, channels=1)
            >>> render(gru.build(ModelSpec(hidden=64, layers=1, dropout=0.0), context, Output(1, "ctc", 0)))
            '[1,40,0,1 Ap2,2 Bn S1(1x0)1,3 Gfx64 O1c0]'
        """
        for key in sorted(model.model_dump(exclude_none=True).keys() - {"preset"} - self.keys):
            raise ConfigError(
                f"the preset {self.name} has no {key} to change",
                where=f"model.{key}",
                expected=f"one of: {', '.join(sorted(self.keys))}",
                got=f"{key} = {getattr(model, key)!r}",
                hint="leave the key out, or choose another preset",
            )
        return Architecture(context.input, (*self.layers(model, context), self.output or output))


def by_name(*presets: Preset) -> dict[str, Preset]:
    """Presets as ``TaskSettings.presets`` has them."""
    return {preset.name: preset for preset in presets}
