"""``music``: piano rolls → the notes of the next frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.config.compile import compile_run
from tidegate.config.run import RunSpec
from tidegate.errors import ConfigError, Finding, TidegateError
from tidegate.network.layers import Architecture
from tidegate.network.vgsl import parse, render
from tidegate.results.analysis.samples import Sample, SampleAnalysis
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer, Carried, EvalResult, Json, Prepared, Problem, Task, place_of
from tidegate.tasks.per_sample import by_sample
from tidegate.tasks.prediction.inputs import as_list, one_line
from tidegate.tasks.prediction.rows import Prediction, Predictions
from tidegate.tasks.showing import Showing
from tidegate_music.baselines import baselines
from tidegate_music.network import Composer, recurrences
from tidegate_music.pieces import Frames, Pieces
from tidegate_music.rolls import PORTIONS, notes_of, read_rolls
from tidegate_music.settings import KEYS, MUSIC, MusicSettings

DEFINITION = (
    "negative log-likelihood in nats of the 88 keys of a frame, given all frames before it; keys are independent given "
    "those; a mean over all frames of all pieces but each piece's first"
)
SHOWN = 12
"""Pieces that a report shows."""


@dataclass(frozen=True)
class Music(Problem):
    """The problem: 88 yes-or-no answers a frame.

    Attributes:
        settings: The table ``[music]``.
        architecture: Recurrent layers.
        source: The file that it was trained on.
    """

    settings: MusicSettings
    architecture: Architecture
    source: str
    task = "music"

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
        return Composer(self.architecture, self.settings)

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
        total = 0.0
        for batch, scores in answered(network, split):
            total += float(frame_losses(scores, batch).double().sum())
        nats = total / len(split)
        return EvalResult({"loss": nats, "nats_per_frame": nats}, [])

    def error_analysis(
        self, network: nn.Module, split: Pieces, answers: Sequence[Answer]
    ) -> tuple[SampleAnalysis, Samples]:
        """The last frame of some pieces beside what was expected; nats piece by piece."""
        nats, frames = np.zeros(len(split.rolls)), np.zeros(len(split.rolls), np.int64)
        expected: dict[int, Prediction] = {}
        for batch, scores in answered(network, split):
            losses = frame_losses(scores, batch).double().split(batch.lengths.tolist())
            for row, piece in enumerate(batch.pieces):
                nats[piece], frames[piece] = float(losses[row].sum()), len(losses[row])
                expected[piece] = next_frame(f"piece {piece + 1}", scores[row, len(losses[row]) - 1])
        worst = np.argsort(-nats / frames, kind="stable")[:SHOWN].tolist()
        spread = np.linspace(0, len(split.rolls) - 1, min(SHOWN, len(split.rolls))).astype(int).tolist()
        analysis = SampleAnalysis(
            samples=tuple(shown(split, expected[piece], piece) for piece in spread),
            worst=tuple(shown(split, expected[piece], piece) for piece in worst),
        )
        return analysis, by_sample("nats_per_frame", nats.tolist(), frames.tolist())

    def predict(self, network: nn.Module, inputs: Any, **options: Any) -> Predictions[Prediction]:
        """What would come after each test piece of some files: the keys that more probably sound than not."""
        self.check_options(options)
        rows: list[Prediction] = []
        notes: list[str] = []
        device, _ = place_of(network)
        for path in as_list(inputs, expected="files of piano rolls"):
            try:
                rolls = read_rolls(str(path), skip_bad=True)
            except TidegateError as error:
                rows.append(
                    Prediction(str(path), finding=Finding("error", "unreadable", str(path), one_line(error)))
                )
                continue
            notes += rolls.notes
            for number, roll in enumerate(rolls.portions["test"], start=1):
                frames = torch.from_numpy(roll)[None].float().to(device)
                rows.append(next_frame(f"{path}: piece {number}", network(frames)[0][0, -1]))
        return Predictions(rows, notes)

    def open_split(self, path: str, *, skip_bad: bool) -> tuple[Pieces, list[str]]:
        """``train``, ``valid`` or ``test`` of the file that it was trained on, or the test pieces of another file."""
        rolls = read_rolls(self.source if path in PORTIONS else path, skip_bad=skip_bad)
        return Pieces(rolls.portions[path if path in PORTIONS else "test"]), rolls.notes

    def to_json(self) -> Json:
        """The network and the file; the settings are those of the run."""
        return {"architecture": render(self.architecture), "source": self.source}


def answered(network: nn.Module, split: Pieces) -> Iterator[tuple[Frames, Tensor]]:
    """The whole pieces of a portion, and the scores of their next frames ``(B, T, 88)``."""
    device, _ = place_of(network)
    for batch in split.held_out():
        yield batch, network(batch.inputs.to(device), batch.lengths.to(device))[0]


def frame_losses(scores: Tensor, batch: Frames) -> Tensor:
    """Nats of each frame that is predicted ``(N,)``, a sum over the 88 keys."""
    present = batch.present.to(scores.device)
    targets = batch.targets.to(scores.device)[present]
    return functional.binary_cross_entropy_with_logits(
        scores[present].float(), targets, reduction="none"
    ).sum(1)


def next_frame(name: str, scores: Tensor) -> Prediction:
    """The keys that more probably sound than not, by their scores ``(88,)``, and how sure that is of a key on average.

    >>> next_frame("a", torch.full((88,), -9.0).scatter(0, torch.tensor([39, 43]), 9.0))
    <Prediction 'a': 'C4 E4' (1.000)>
    """
    probabilities = scores.float().sigmoid().cpu()
    sounding = probabilities > 0.5
    sure = torch.where(sounding, probabilities, 1 - probabilities).mean()
    return Prediction(name, notes_of(sounding.numpy()), float(sure))


def shown(split: Pieces, expected: Prediction, piece: int) -> Sample:
    """The last frame of a piece, for a report."""
    came = notes_of(split.rolls[piece][-1].numpy())
    return Sample(
        name=expected.name, reference=came, predicted=expected.answer, confidence=expected.confidence
    )


class MusicTask(Task):
    """What there is to know before data are read."""

    name = MUSIC.name
    summary = MUSIC.summary
    primary = "nats_per_frame"
    lower_is_better = True
    showing = Showing(columns=100, symbols=KEYS, example="a piece of {columns} frames", counted="")

    def prepare(self, spec: RunSpec) -> Prepared:
        """Read the file that ``data.source`` names.

        Raises:
            ConfigError: No file is named, or the network does not suit the task.
            DataError: The file cannot be used.
        """
        architecture = compile_run(spec)
        recurrences(architecture)
        settings = spec.settings(MusicSettings)
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
            Music(settings, architecture, str(Path(spec.data.source))),
            {"train": train, **splits},
            record,
            rolls.notes,
            partial(baselines, rolls.portions["train"], rolls.portions["test"]),
        )

    def restore(self, data: Json, spec: RunSpec) -> Music:
        """Make the problem again from model.json."""
        return Music(spec.settings(MusicSettings), parse(data["architecture"]), data["source"])


MUSIC_TASK = MusicTask()
