"""Sizes that follow from the design: how wide an arm's layers are, so that all arms have as many parameters or FLOPs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tidegate.config.run import RunSpec
from tidegate.errors import ConfigError
from tidegate.report.read import Json
from tidegate.results.record import Record
from tidegate.studies.callbacks import RunKey
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.design.plan import StudySpec

Survey = Callable[[Json], Json]
"""Asks a worker process how large networks are; see ``tidegate.studies.design.survey``."""

Settings = Mapping[str, Any]

# What settings may change without changing how large a network is.
_NO_SIZE = ("optimiser.", "schedule.", "train.", "augment.", "initialise.", "model.dropout")


@dataclass(frozen=True)
class ArmSize(Record):
    """How large one network was made.

    Attributes:
        units: of its layers; null where it is as it was
        off: relative deviation from the target
        parameters: that it has then
        flops: of one example
        architecture: as a VGSL string
    """

    units: tuple[int, ...] | None = None
    off: float = 0.0
    parameters: int | None = None
    flops: int | None = None
    architecture: str = ""


@dataclass(frozen=True)
class MatchedSizes(Record):
    """sizes.json: how large the networks of a study were made.

    Attributes:
        target: parameters or FLOPs that all should have
        arms: by the name of the arm, and settings that change what its network is made of
    """

    target: int | None = None
    arms: Mapping[str, ArmSize] = field(default_factory=dict[str, ArmSize])


@dataclass(frozen=True)
class Wanted:
    """One network whose size is asked for: the arm's, with the settings of a trial or the chosen ones."""

    run: RunKey
    settings: Settings
    spec: RunSpec

    @property
    def key(self) -> str:
        """The arm's name, and settings that change what the network is made of."""
        shaping = {
            key: value
            for key, value in sorted(self.settings.items())
            if not key.startswith(_NO_SIZE) and "dropout" not in key
        }
        return self.run.arm + (f" {json.dumps(shaping)}" if shaping else "")


class Sizes:
    """What sizes.json holds: asked for once, and kept.

    Args:
        study: Its design says what is made equal.
        folder: Where sizes.json is.
        survey: Asks a worker.
    """

    def __init__(self, study: StudySpec, folder: StudyFolder, survey: Survey) -> None:
        self._study, self._folder, self._survey = study, folder, survey
        self._known = MatchedSizes.find(folder.sizes) or MatchedSizes()

    @property
    def needed(self) -> bool:
        """Whether there is anything to make equal."""
        return self._study.design.match != "none"

    def find(self, networks: Sequence[Wanted]) -> None:
        """See that the sizes of these networks are known.

        Raises:
            ConfigError: An arm cannot be made as large as the others.
        """
        unknown = {one.key: one for one in networks if one.key not in self._known.arms}
        if not self.needed or not unknown:
            return
        design, base = self._study.design, self._study.base
        request = {
            "specs": [{"key": key, "spec": one.spec.model_dump(mode="json")} for key, one in unknown.items()],
            "match": design.match,
            "size": design.size or self._known.target,
            "reference": base.model_dump(mode="json"),
            "seconds": 0.0,
        }
        answer = self._survey(request)
        wrong = [f"{arm['key']}: {arm['error']}" for arm in answer["arms"] if arm.get("error")]
        if wrong:
            raise ConfigError(
                f"not all arms can have {answer.get('target') or 'the same number of'} {design.match}",
                where=f"--match {design.match}",
                got="\n".join(wrong),
                hint="give another --size, leave these arms out, or compare networks as they are: --match none",
            )
        found = {arm["key"]: _size(arm) for arm in answer["arms"]}
        self._known = MatchedSizes(answer["target"], {**self._known.arms, **found})
        self._known.write(self._folder.sizes)

    def table(self, one: Wanted) -> dict[str, Any]:
        """The keys that make a network as large as the others; nothing where each is as it is."""
        size = self._known.arms.get(one.key) if self.needed else None
        return {"model": {"units": list(size.units)}} if size and size.units else {}

    def notes(self) -> list[str]:
        """Arms whose size whole units cannot bring within one percent."""
        arms = [{"key": key, **size.to_json()} for key, size in self._known.arms.items()]
        return off_target(arms, self._known.target, self._study.design.match)


def _size(told: Json) -> ArmSize:
    units = told.get("units")
    return ArmSize(
        None if units is None else tuple(units),
        told.get("off") or 0.0,
        told.get("parameters"),
        told.get("flops"),
        told.get("architecture") or "",
    )


def off_target(arms: Sequence[Json], target: int | None, match: str) -> list[str]:
    """A note on each arm that is more than one percent away from the size that all should have."""
    return [
        f"{one['key']} has {one[match]:,} {match}, {one['off']:+.1%} of the {target:,} that all arms should have: its "
        "layers cannot be matched more closely in whole units"
        for one in arms
        if match != "none" and abs(one.get("off") or 0) > 0.01
    ]
