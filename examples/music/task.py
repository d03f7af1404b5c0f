"""``music``: piano rolls → the notes of the next frame.

import tidegate
import music.task

tidegate.train(task="music", data={"source": "JSB_Chorales.mat"}, params={"cell": "gru"}, out="runs/chorales")
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

import tidegate
from music.baselines import baselines
from music.network import Composer, layers_of
from music.pieces import Frames, Pieces
from music.rolls import KEYS, PORTIONS, read_rolls
from music.settings import Settings
from tidegate.config.run import RunSpec
from tidegate.errors import ConfigError, Finding
from tidegate.network.layers import Architecture
from tidegate.tasks.contract import Carried, EvalResult, Json, Prepared, Problem, Task, place_of
from tidegate.tasks.prediction.rows import Prediction, Predictions

DEFINITION = (
    "negative log-likelihood in nats of the 88 keys of a frame, given all frames before it; keys are independent given "
    "those; a mean over all frames of all pieces but each piece's first"
)


@dataclass(frozen=True)
class Music(Problem):
    """The problem: 88 yes-or-no answers a frame.

    Attributes:
        settings: The table ``[params]``.
        source: The file that it was trained on.
        architecture: The network as data, for reports.
    """

    settings: Settings
    source: str
    architecture: Architecture = field(init=False)
    task = "music"

    def __post_init__(self) -> None:
        object.__setattr__(self, "architecture", layers_of(self.settings))

    @property
    def symbols(self) -> int:
        """Keys."""
        return KEYS

    @property
    def definition(self) -> str:
        """What the figures mean."""
        return DEFINITION

    def network(self) -> nn.Module:
        """The network that the settings name."""
        return Composer(self.settings)

    def learn(self, network: nn.Module, batch: Frames, carried: Carried) -> tuple[Tensor, Carried]:
        """The mean loss of a frame; states go on to the next window of the same pieces."""
        device, _ = place_of(network)
        # Pieces stand longest first, so that those that still go on are the first ones.
        states = (
            () if batch.first else tuple(state[:, : len(batch.lengths)].contiguous() for state in carried)
        )
        scores, after = network(batch.inputs.to(device), batch.lengths.to(device), states)
        loss = frame_losses(scores, batch).mean()
        return loss, tuple(state.detach() for state in after) if self.settings.window else ()

    def evaluate(self, network: nn.Module, split: Pieces, *, labelled: bool) -> EvalResult:
        """The figures of a portion."""
        device, _ = place_of(network)
        total = 0.0
        for batch in split.held_out():
            scores, _ = network(batch.inputs.to(device), batch.lengths.to(device))
            total += float(frame_losses(scores, batch).double().sum())
        nats = total / len(split)
        return EvalResult({"loss": nats, "nats_per_frame": nats}, [])

    def predict(self, network: nn.Module, inputs: Any, **options: Any) -> Predictions[Prediction]:
        """Refused: there is no answer for a whole piece.

        Raises:
            ConfigError: Always.
        """
        raise ConfigError(
            "the task music has no answer for a file",
            got=str(inputs)[:80],
            hint="evaluate measures the pieces of a file",
        )

    def open_split(self, path: str, *, skip_bad: bool) -> tuple[Pieces, list[Finding]]:
        """``train``, ``valid`` or ``test`` of the file that it was trained on, or the test pieces of another file."""
        rolls = read_rolls(self.source if path in PORTIONS else path, skip_bad=skip_bad)
        return Pieces(rolls.portions[path if path in PORTIONS else "test"]), rolls.notes

    def to_json(self) -> Json:
        """The settings and the file."""
        return {"settings": asdict(self.settings), "source": self.source}


def frame_losses(scores: Tensor, batch: Frames) -> Tensor:
    """Nats of each frame that is predicted ``(N,)``, a sum over the 88 keys."""
    present = batch.present.to(scores.device)
    targets = batch.targets.to(scores.device)[present]
    return functional.binary_cross_entropy_with_logits(
        scores[present].float(), targets, reduction="none"
    ).sum(1)


class _Rolls(Task):
    name = "music"
    summary = "piano rolls → the notes of the next frame"
    primary = "nats_per_frame"
    lower_is_better = True

    def prepare(self, spec: RunSpec) -> Prepared:
        """Read the file that ``data.source`` names.

        Raises:
            ConfigError: No file is named, or ``[params]`` is wrong.
            DataError: The file cannot be used.
        """
        settings = Settings.read(spec.params)
        if spec.data.source is None:
            raise ConfigError("no data", where="data.source", expected="a MATLAB file of piano rolls")
        rolls = read_rolls(spec.data.source, skip_bad=spec.data.skip_bad)
        splits = {name: Pieces(rolls.portions[name]) for name in ("valid", "test")}
        train = Pieces(rolls.portions["train"], settings.window, settings.transpose)
        record = {
            name: {"pieces": len(pieces), "frames": sum(map(len, pieces))}
            for name, pieces in rolls.portions.items()
        }
        return Prepared(
            spec,
            Music(settings, spec.data.source),
            {"train": train, **splits},
            record,
            rolls.notes,
            partial(baselines, rolls.portions["train"], rolls.portions["test"]),
        )

    def restore(self, data: Json, spec: RunSpec) -> Music:
        """Make the problem again from model.json."""
        return Music(Settings.read(data["settings"]), data["source"])


MUSIC = _Rolls()
tidegate.register(
    MUSIC,
    keys={
        "train": {"batch_size": 4, "epochs": 50, "average": 0.99},
        "optimiser": {"name": "adamw", "learning_rate": 3e-3, "clip_norm": 1.0, "weight_decay": 0.1},
        "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
    },
)
