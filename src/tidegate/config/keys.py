"""Which keys a configuration may have: those of every run, and those of the table of its task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from tidegate.config.registry import BUILT_IN, settings_of
from tidegate.config.run import OWN, RunSpec
from tidegate.config.section import Section
from tidegate.config.task import PARAMS, TaskSettings

KeyPath = tuple[str, ...]
Fields = Mapping[str, FieldInfo]


@dataclass(frozen=True)
class Keys:
    """The keys that there are.

    Attributes:
        top: Those above all tables.
        tables: The tables by name, and their keys. ``[params]`` takes any.
    """

    top: Fields
    tables: Mapping[str, Fields]

    def within(self, path: KeyPath) -> list[str]:
        """What may stand at the top, or in the table that a path names.

        >>> keys_of(settings_of("classify")).within(("classify",))
        ['loss']
        """
        return list(self.tables[path[0]]) if path else [*self.top, *self.tables]

    def field(self, path: KeyPath) -> FieldInfo:
        """The field of a key, or of a table."""
        return RunSpec.model_fields.get(path[0], _TABLE) if len(path) == 1 else self.tables[path[0]][path[1]]

    def paths(self) -> Iterator[KeyPath]:
        """Every key, as a path."""
        yield from ((key,) for key in self.top)
        yield from ((name, key) for name, fields in self.tables.items() for key in fields)

    def has(self, path: KeyPath) -> bool:
        """Whether there is such a key, or such a table."""
        if len(path) == 1:
            return path[0] in self.top or path[0] in self.tables
        return len(path) == 2 and path[1] in self.tables.get(path[0], {})


def keys_of(settings: TaskSettings | None) -> Keys:
    """The keys of a run of a task; ``None``: those of all tasks of Tidegate's.

    Example:
        >>> ("train", "epochs") in keys_of(None).paths()
        True
    """
    top: dict[str, FieldInfo] = {}
    tables: dict[str, Fields] = {}
    for name, field in RunSpec.model_fields.items():
        kind = field.annotation
        if name == OWN:
            continue
        if isinstance(kind, type) and issubclass(kind, Section):
            tables[name] = kind.model_fields
        else:
            top[name] = field
    for task in [settings] if settings is not None else map(settings_of, BUILT_IN):
        tables[task.table] = task.settings.model_fields
    if settings is None:
        tables[PARAMS] = {}
    return Keys(top, tables)


_TABLE = FieldInfo()
