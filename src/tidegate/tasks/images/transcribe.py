"""``transcribe``: the image of a line of text → its text, by a network that answers at every column, and CTC."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial

import torch
from torch import Generator, Tensor, nn

from tidegate.config.run import RunSpec
from tidegate.config.tables import AugmentSpec
from tidegate.config.tasks.transcribe import TranscribeSpec
from tidegate.data.finding import warning
from tidegate.data.images.decode import WIDEST, Geometry
from tidegate.data.images.direction import (
    Direction,
    direction_findings,
    drawn_alike,
    find_direction,
    to_display,
    to_logical,
)
from tidegate.data.images.formats import LINES
from tidegate.data.images.memory import LINES_IN_MEMORY
from tidegate.data.images.sample import Sample
from tidegate.data.images.splits import make_splits
from tidegate.data.memory import Reference
from tidegate.errors import Finding
from tidegate.network.layers import Architecture
from tidegate.network.trace import steps
from tidegate.network.vgsl import parse, render
from tidegate.ops.ctc import ctc_loss, decode, steps_needed
from tidegate.results.analysis.samples import SampleAnalysis
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer, Json, Metrics, Prepared
from tidegate.tasks.description import Description
from tidegate.tasks.images.alphabet import Alphabet, describe, unseen
from tidegate.tasks.images.augment import augment, check_augment
from tidegate.tasks.images.baselines import transcription_baselines
from tidegate.tasks.images.describe import ImageTask, describe_images, describe_lines
from tidegate.tasks.images.error_analysis import transcription_analysis
from tidegate.tasks.images.problem import ImageProblem
from tidegate.tasks.images.reading import (
    Inputs,
    check_restored,
    line_input,
    load_parts,
    open_labelled,
    with_size,
)
from tidegate.tasks.images.split import ImageSplit
from tidegate.tasks.metrics import transcription_metrics
from tidegate.tasks.split import Pictured, TaskBatch

SHOWN = 10


@dataclass(frozen=True)
class Transcribe(ImageProblem):
    """A transcription problem: an alphabet, a line height, a network."""

    alphabet: Alphabet
    geometry: Geometry
    architecture: Architecture
    spec: RunSpec
    direction: Direction = "ltr"
    task = "transcribe"

    @property
    def symbols(self) -> int:
        """Characters, without the blank."""
        return len(self.alphabet)

    def augment(self, batch: TaskBatch, spec: AugmentSpec, generator: Generator) -> TaskBatch:
        """Change the look of lines; a horizontal scale changes their lengths too, as far as the text allows."""
        assert batch.lengths is not None and batch.target_lengths is not None
        texts = batch.targets.split(batch.target_lengths.tolist())
        needed = [_columns_needed(self.architecture, steps_needed(text.tolist())) for text in texts]
        images, lengths = augment(
            batch.inputs, batch.lengths, spec, generator, lines=True, shortest=torch.tensor(needed)
        )
        return replace(batch, inputs=images, lengths=lengths)

    def condition(self, inputs: Tensor) -> Tensor:
        """Ink is 1 and background 0 already, so that padding is background."""
        return inputs

    def loss(self, logits: Tensor, lengths: Tensor | None, batch: TaskBatch) -> Tensor:
        """CTC, per character."""
        assert lengths is not None and batch.target_lengths is not None
        return ctc_loss(
            logits, lengths, batch.targets.to(logits.device), batch.target_lengths.to(logits.device)
        )

    def decode(self, logits: Tensor, lengths: Tensor | None) -> list[Answer]:
        """Greedy or beam, as the specification says."""
        assert lengths is not None
        options = self.spec.settings(TranscribeSpec)
        width = options.beam_width if options.decoder == "beam" else None
        readings = decode(logits, lengths, beam_width=width)
        return [
            Answer(to_logical(self.alphabet.decode(reading.symbols), self.direction), reading.confidence)
            for reading in readings
        ]

    def metrics(self, references: Sequence[str], answers: Sequence[Answer]) -> Metrics:
        """CER and WER."""
        return transcription_metrics(references, [one.text for one in self._as_drawn(references, answers)])

    def _as_drawn(self, references: Sequence[str], answers: Sequence[Answer]) -> list[Answer]:
        """The answers, without differences that no image shows."""
        return [
            replace(answer, text=drawn_alike(reference, answer.text, self.direction))
            for reference, answer in zip(references, answers, strict=True)
        ]

    def encode(self, text: str) -> list[int]:
        """Numbers of the letters in the order in which they are drawn; unknown ones are left out."""
        return self.alphabet.encode_known(to_display(text, self.direction))

    def error_analysis(
        self, network: nn.Module, split: Pictured, answers: Sequence[Answer]
    ) -> tuple[SampleAnalysis, Samples]:
        """Lines with what was read, and what is taken for what."""
        return transcription_analysis(split, self._as_drawn(split.references, answers))

    def why_not(self, sample: Sample, columns: int) -> str | None:
        """Why CTC cannot learn a line: too few steps for its text."""
        have, need = steps(self.architecture, columns), steps_needed(sample.target)
        if have >= need:
            return None
        return (
            f"too narrow for its text: {columns} columns give {have} steps after down-sampling, and the "
            f"{len(sample.target)} characters need {need}"
        )

    def split_of(self, inputs: Inputs) -> ImageSplit:
        """A split that knows the alphabet; unknown characters count as errors, and the loss leaves them out."""
        return ImageSplit(inputs.images, self.encode, lines=True)

    def open_split(self, where: Reference, *, skip_bad: bool) -> tuple[ImageSplit, list[Finding]]:
        """Lines with texts."""
        opened = open_labelled(where, self.spec, self.geometry, LINES, skip_bad=skip_bad, check=None)
        return self.split_of(opened), [
            *opened.notes,
            *self.unknown(str(where), opened.images.samples),
        ]

    def unknown(self, where: str, samples: Sequence[Sample]) -> list[Finding]:
        """A warning of characters that the alphabet lacks."""
        drawn = [replace(one, target=to_display(one.target, self.direction)) for one in samples]
        return _unknown(where, self.alphabet, drawn)

    def to_json(self) -> Json:
        """Alphabet, direction, geometry and network."""
        return {
            "alphabet": list(self.alphabet.symbols),
            "direction": self.direction,
            "geometry": asdict(self.geometry),
            "architecture": render(self.architecture),
        }


@cache
def _columns_needed(architecture: Architecture, need: int) -> int:
    """The fewest columns that give so many steps."""
    return bisect_left(range(WIDEST), need, lo=1, key=lambda columns: steps(architecture, columns))


def _unknown(where: str, alphabet: Alphabet, samples: Sequence[Sample]) -> list[Finding]:
    unknown = unseen(alphabet.symbols, samples)
    if not unknown:
        return []
    listed = "; ".join(describe(symbol, names) for symbol, names in list(unknown.items())[:SHOWN])
    more = f"; … and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
    count = "1 character" if len(unknown) == 1 else f"{len(unknown)} characters"
    what = f"{count} that training never saw and the model cannot write: {listed}{more}"
    return [warning("unknown-characters", what, where)]


class _Lines(ImageTask):
    name = "transcribe"
    formats = LINES
    primary = "cer"
    lower_is_better = True
    shares_data = True
    in_memory = LINES_IN_MEMORY

    def prepare(self, spec: RunSpec) -> Prepared:
        """Read the lines that a specification names; the alphabet is that of the training texts."""
        wanted = spec.data
        check_augment(spec.augment, lines=True)
        architecture, geometry = line_input(spec)
        spec = with_size(spec, geometry)
        parts, record = make_splits(spec.data, LINES, spec.seed)
        texts = [sample.target for sample in parts.train]
        direction = find_direction(texts) if wanted.direction == "auto" else wanted.direction
        spec = spec.model_copy(update={"data": spec.data.model_copy(update={"direction": direction})})
        alphabet = Alphabet.of(to_display(text, direction) for text in texts)
        problem = Transcribe(alphabet, geometry, architecture, spec, direction)
        # Only the loss minds a line that is too narrow: in validation and test it is a line like any other.
        learnt = {id(sample) for sample in parts.train}
        inputs, loaded = load_parts(
            parts,
            geometry,
            spec,
            lambda sample, n: problem.why_not(sample, n) if id(sample) in learnt else None,
        )
        problem = replace(problem, geometry=loaded.geometry)
        splits = {name: problem.split_of(part) for name, part in inputs.items()}
        notes = [*record.notes, *direction_findings(texts, wanted.direction, direction), *loaded.notes]
        for name, part in inputs.items():
            notes += problem.unknown(f"the {name} data", part.images.samples)
        baselines = partial(transcription_baselines, splits["train"], splits.get("test", splits["valid"]))
        return Prepared(spec, problem, splits, record.to_json(), notes, baselines)

    def restore(self, data: Json, spec: RunSpec) -> Transcribe:
        """Make the problem again from model.json."""
        geometry, architecture = Geometry(**data["geometry"]), parse(data["architecture"])
        check_restored(geometry, architecture)
        alphabet = Alphabet(tuple(data["alphabet"]))
        return Transcribe(alphabet, geometry, architecture, spec, data["direction"])

    def describe(self, spec: RunSpec, path: str) -> Description:
        """Lines and characters."""
        return describe_images(LINES, path, describe_lines)


TRANSCRIBE = _Lines()
