"""The presets of all tasks, by name."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.config.nearest import did_you_mean
from tidegate.config.presets.preset import Preset
from tidegate.config.registry import all_settings, settings_of
from tidegate.errors import ConfigError
from tidegate.network.causal import refuse_looking_ahead


@dataclass(frozen=True)
class KnownPreset:
    """A preset's name, and whom it is for.

    Attributes:
        name: As in ``model.preset``.
        summary: One line.
        tasks: The tasks that have one of this name.
    """

    name: str
    summary: str
    tasks: tuple[str, ...]


def known_presets() -> dict[str, KnownPreset]:
    """All presets, those of one family beside each other.

    Example:
        >>> known_presets()["gru"].tasks
        ('classify', 'transcribe', 'tag', 'language', 'forecast', 'signal', 'document')
    """
    tasks: dict[str, list[str]] = {}
    summaries: dict[str, str] = {}
    order: list[str] = []
    for settings in all_settings():
        shared = [name for name in settings.presets if name in tasks]
        place = 0
        for name, preset in settings.presets.items():
            if name in tasks:
                place = order.index(name) + 1
                shared.remove(name)
            else:
                # Between those that it stands between in the task; after all where it is one of the last.
                order.insert(place if shared else len(order), name)
                place += 1
            tasks.setdefault(name, []).append(settings.name)
            summaries.setdefault(name, preset.summary)
    return {name: KnownPreset(name, summaries[name], tuple(tasks[name])) for name in order}


def find_preset(name: str, task: str) -> Preset:
    """The preset of a name, for a task.

    Raises:
        ConfigError: There is none, or the task has none of this name.
    """
    settings = settings_of(task)
    if name in settings.presets:
        return settings.presets[name]
    check_preset(name)
    if settings.causal:
        refuse_looking_ahead(name)
    raise ConfigError(
        f"the preset {name} does not do the task {task}",
        where="model.preset",
        expected=f"one of: {', '.join(settings.presets)}",
        got=name,
        hint="choose another preset, or write the network as model.spec",
    )


def check_preset(name: str) -> None:
    """Refuse a name that no task has a preset of.

    Raises:
        ConfigError: With the names of those that there are.
    """
    known = known_presets()
    if name not in known:
        raise ConfigError(
            f"there is no preset {name}",
            where="model.preset",
            expected=f"one of: {', '.join(known)}",
            got=repr(name),
            hint=did_you_mean(name, known),
        )
