"""``classify``: an image → its class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from tidegate.config.run import RunSpec
from tidegate.config.tables import AugmentSpec
from tidegate.config.tasks.classify import ClassifySpec
from tidegate.data.classes import classes_of
from tidegate.data.images.decode import Geometry
from tidegate.data.images.formats import CLASSES
from tidegate.data.images.memory import CLASSES_IN_MEMORY
from tidegate.data.images.sample import Sample
from tidegate.data.images.splits import make_splits
from tidegate.data.memory import Reference
from tidegate.errors import Finding
from tidegate.network.layers import Architecture
from tidegate.network.vgsl import parse, render
from tidegate.results.analysis.samples import SampleAnalysis
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer, Json, Metrics, Prepared
from tidegate.tasks.description import Description
from tidegate.tasks.images.augment import augment
from tidegate.tasks.images.baselines import classification_baselines
from tidegate.tasks.images.describe import ImageTask, describe_classes, describe_images
from tidegate.tasks.images.error_analysis import classification_analysis
from tidegate.tasks.images.problem import ImageProblem
from tidegate.tasks.images.reading import (
    Inputs,
    check_restored,
    class_input,
    load_parts,
    open_labelled,
    with_size,
)
from tidegate.tasks.images.split import ImageSplit
from tidegate.tasks.metrics import classification_metrics
from tidegate.tasks.showing import Showing
from tidegate.tasks.split import Pictured, TaskBatch

STATISTICS_SAMPLES = 2000


@dataclass(frozen=True)
class Brightness:
    """Mean and standard deviation of each channel of the training images, 0 to 1."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]


@dataclass(frozen=True)
class Classify(ImageProblem):
    """A classification problem: classes, an image size, a network."""

    classes: tuple[str, ...]
    geometry: Geometry
    brightness: Brightness
    architecture: Architecture
    spec: RunSpec
    task = "classify"

    @property
    def symbols(self) -> int:
        """How many classes there are."""
        return len(self.classes)

    def augment(self, batch: TaskBatch, spec: AugmentSpec, generator: Generator) -> TaskBatch:
        """Change the look of images."""
        lengths = torch.full((len(batch.indices),), batch.inputs.shape[3])
        images, _ = augment(batch.inputs, lengths, spec, generator, lines=False)
        return replace(batch, inputs=images)

    def condition(self, inputs: Tensor) -> Tensor:
        """Subtract the training images' mean and divide by their spread, channel by channel."""
        mean = inputs.new_tensor(self.brightness.mean).view(1, -1, 1, 1)
        deviation = inputs.new_tensor(self.brightness.deviation).view(1, -1, 1, 1)
        return (inputs - mean) / deviation

    def loss(self, logits: Tensor, lengths: Tensor | None, batch: TaskBatch) -> Tensor:
        """Cross-entropy, or the squared error to one-hot targets, as the specification says."""
        targets = batch.targets.to(logits.device)  # (B,)
        smoothing = self.spec.train.label_smoothing
        if self.spec.settings(ClassifySpec).loss == "cross-entropy":
            return functional.cross_entropy(logits.float(), targets, label_smoothing=smoothing)
        wanted = (
            functional.one_hot(targets, self.symbols).float() * (1 - smoothing) + smoothing / self.symbols
        )
        return functional.mse_loss(logits.float(), wanted)

    def decode(self, logits: Tensor, lengths: Tensor | None) -> list[Answer]:
        """The class with the highest score."""
        if self.spec.settings(ClassifySpec).loss == "mse":
            probabilities = logits.float().clamp(0, 1)
        else:
            probabilities = functional.softmax(logits.float(), dim=-1)
        confidence, number = probabilities.max(dim=-1)
        number = logits.argmax(dim=-1)
        return [Answer(self.classes[n], c) for n, c in zip(number.tolist(), confidence.tolist(), strict=True)]

    def metrics(self, references: Sequence[str], answers: Sequence[Answer]) -> Metrics:
        """Accuracy and macro F1."""
        return classification_metrics(references, [answer.text for answer in answers])

    def error_analysis(
        self, network: nn.Module, split: Pictured, answers: Sequence[Answer]
    ) -> tuple[SampleAnalysis, Samples]:
        """Images with what was answered, and the confusion matrix."""
        return classification_analysis(split, answers, self.classes)

    def encode(self, name: str) -> list[int]:
        """A class's number; a sample without one, as in prediction, has none."""
        return [self.classes.index(name)] if name else []

    def split_of(self, inputs: Inputs) -> ImageSplit:
        """A split that knows the classes."""
        return ImageSplit(inputs.images, self.encode, lines=False)

    def why_not(self, sample: Sample, columns: int) -> str | None:
        """Why a labelled image cannot be used: its class was never seen in training."""
        if sample.target in self.classes:
            return None
        return f"its class {sample.target!r} does not occur in the training data ({_listed(self.classes)})"

    def open_split(self, where: Reference, *, skip_bad: bool) -> tuple[ImageSplit, list[Finding]]:
        """Images with classes."""
        opened = open_labelled(
            where, self.spec, self.geometry, CLASSES, skip_bad=skip_bad, check=self.why_not
        )
        return self.split_of(opened), opened.notes

    def to_json(self) -> Json:
        """Classes, geometry, brightness and network."""
        return {
            "classes": list(self.classes),
            "geometry": asdict(self.geometry),
            "brightness": {"mean": self.brightness.mean, "deviation": self.brightness.deviation},
            "architecture": render(self.architecture),
        }


def _listed(classes: Sequence[str]) -> str:
    return ", ".join(classes[:12]) + (f", … {len(classes)} in all" if len(classes) > 12 else "")


def _brightness(train: ImageSplit) -> Brightness:
    step = max(1, len(train) // STATISTICS_SAMPLES)
    pixels = train.batch(range(0, len(train), step)).inputs  # (B, C, Y, X)
    deviation, mean = torch.std_mean(pixels, dim=(0, 2, 3))
    return Brightness(tuple(mean.tolist()), tuple(deviation.clamp(min=1e-3).tolist()))


class _Classes(ImageTask):
    name = "classify"
    formats = CLASSES
    primary = "accuracy"
    lower_is_better = False
    shares_data = True
    in_memory = CLASSES_IN_MEMORY
    # Images of a classification have no usual size; MNIST's is the one that most numbers are known for.
    showing = Showing(side=28)

    def prepare(self, spec: RunSpec) -> Prepared:
        """Read the images that a specification names; the classes are those of the training split."""
        parts, record = make_splits(spec.data, CLASSES, spec.seed, stratify=True)
        classes = classes_of(
            [sample.target for sample in parts.train], where=spec.data.train or spec.data.source
        )
        architecture, geometry = class_input(spec, parts.train)
        spec = with_size(spec, geometry)
        problem = Classify(classes, geometry, Brightness((0.0,), (1.0,)), architecture, spec)
        inputs, loaded = load_parts(parts, geometry, spec, problem.why_not)
        splits = {name: problem.split_of(part) for name, part in inputs.items()}
        problem = replace(problem, geometry=loaded.geometry, brightness=_brightness(splits["train"]))
        baselines = partial(classification_baselines, splits["train"], splits.get("test", splits["valid"]))
        return Prepared(spec, problem, splits, record.to_json(), [*record.notes, *loaded.notes], baselines)

    def restore(self, data: Json, spec: RunSpec) -> Classify:
        """Make the problem again from model.json."""
        brightness = Brightness(tuple(data["brightness"]["mean"]), tuple(data["brightness"]["deviation"]))
        geometry, architecture = Geometry(**data["geometry"]), parse(data["architecture"])
        check_restored(geometry, architecture)
        return Classify(tuple(data["classes"]), geometry, brightness, architecture, spec)

    def describe(self, spec: RunSpec, path: str) -> Description:
        """Images and classes."""
        return describe_images(CLASSES, path, describe_classes)


CLASSIFY = _Classes()
