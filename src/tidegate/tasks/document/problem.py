"""A problem of texts: what the training data taught, the network, its loss, and how answers are read off it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.config.run import RunSpec
from tidegate.data.division.grouping import with_groups
from tidegate.data.finding import settle
from tidegate.data.memory import Reference
from tidegate.data.text.labelled.reader import read_labelled
from tidegate.data.text.labelled.targets import Kind, unknown_labels, value_of
from tidegate.data.text.labelled.text import Text
from tidegate.data.words.sentence import Sentence
from tidegate.errors import DataError, Finding
from tidegate.network.layers import Architecture
from tidegate.network.vgsl import render
from tidegate.results.analysis.document import DocumentAnalysis
from tidegate.results.record import Record
from tidegate.results.samples import Samples
from tidegate.tasks.contract import (
    Answer,
    Carried,
    EvalResult,
    Json,
    Metrics,
    Problem,
    place_of,
)
from tidegate.tasks.document.answers import (
    DocumentAnswer,
    class_answer,
    document_answers,
    labels_answer,
    value_answer,
)
from tidegate.tasks.document.error_analysis import document_analysis
from tidegate.tasks.document.important_words import word_weights
from tidegate.tasks.document.metrics import best_threshold, indicators, label_metrics
from tidegate.tasks.document.network import TextNetwork
from tidegate.tasks.document.predict import (
    DocumentPrediction,
    document_prediction,
    files_of,
    read_inputs,
)
from tidegate.tasks.document.settings import columns_of, table_of
from tidegate.tasks.document.split import Cutting, DocumentSplit, TextBatch
from tidegate.tasks.evaluation import not_training
from tidegate.tasks.evaluation_pass import Step, evaluate_batches
from tidegate.tasks.metrics import classification_metrics, value_metrics
from tidegate.tasks.prediction.rows import Predictions, in_order
from tidegate.tasks.words.features import WordFeatures
from tidegate.tasks.words.vocabulary import WordVocabulary

EVALUATION_BATCH = 64
HALF = 0.5


@dataclass(frozen=True)
class Answers(Record):
    """What texts are answered with.

    Attributes:
        kind: A class, any number of labels, or a value.
        classes: Those of training; none where the answer is a value.
        mean: Of the training values.
        deviation: Of them.
        threshold: Probability from which a label is given.
    """

    kind: Kind
    classes: tuple[str, ...] = ()
    mean: float = 0.0
    deviation: float = 1.0
    threshold: float = HALF

    def encode(self, labels: tuple[str, ...] | None) -> list[float]:
        """The target of a text; of one without an answer, or with a class that training never had, zeros."""
        if self.kind == "labels":
            return [float(name in (labels or ())) for name in self.classes]
        if not labels:
            return [0.0]
        if self.kind == "value":
            return [(value_of(labels[0]) - self.mean) / self.deviation]
        return [float(self.classes.index(labels[0])) if labels[0] in self.classes else 0.0]

    def decode(self, logits: Tensor) -> list[DocumentAnswer]:
        """The answers for ``(B, K)`` scores."""
        logits = logits.double()
        if self.kind == "value":
            return [value_answer(one * self.deviation + self.mean) for one in logits[:, 0].tolist()]
        if self.kind == "labels":
            return [labels_answer(row, self.classes, self.threshold) for row in logits.sigmoid().tolist()]
        return [class_answer(row, self.classes) for row in logits.softmax(dim=1).tolist()]


@dataclass(frozen=True, eq=False)
class DocumentProblem(Problem):
    """Texts to classes, labels or values.

    Attributes:
        vocabulary: Words of training.
        answers: What texts are answered with.
        cutting: How texts become words.
        architecture: The network.
        spec: The run's specification.
        vectors: Pretrained word vectors to start from; they are not kept, as the weights have them.
    """

    vocabulary: WordVocabulary
    answers: Answers
    cutting: Cutting
    architecture: Architecture
    spec: RunSpec
    vectors: Tensor | None = None
    task: str = "document"

    @property
    def symbols(self) -> int:
        """Classes; 1 for a value."""
        return len(self.answers.classes) or 1

    @property
    def definition(self) -> str:
        """What the figures mean, where texts have several labels."""
        if self.answers.kind != "labels":
            return ""
        return f"micro_f1 = over all pairs of text and label, given from a probability of {self.answers.threshold:g} on"

    def network(self) -> nn.Module:
        """Word features, and the layers of the architecture."""
        features = WordFeatures(self.vocabulary.tables, table_of(self.spec), self.vectors)
        return TextNetwork(self.architecture, features, self.symbols)

    def learn(self, network: nn.Module, batch: TextBatch, carried: Carried) -> tuple[Tensor, Carried]:
        """The mean loss of a batch; nothing is carried on."""
        return self.loss(self._scores(network, batch), batch), ()

    def _scores(self, network: nn.Module, batch: TextBatch) -> Tensor:
        scores = network(batch.tokens.to(place_of(network)[0]))
        return scores if scores.dtype == torch.float64 else scores.float()

    def loss(self, scores: Tensor, batch: TextBatch) -> Tensor:
        """Cross-entropy of classes, binary cross-entropy of each label, or the squared error of scaled values."""
        targets = batch.targets.to(scores.device)
        if self.answers.kind == "class":
            smoothing = self.spec.train.label_smoothing
            return functional.cross_entropy(scores, targets[:, 0].long(), label_smoothing=smoothing)
        if self.answers.kind == "labels":
            return functional.binary_cross_entropy_with_logits(scores, targets.to(scores.dtype))
        return functional.mse_loss(scores, targets.to(scores.dtype))

    def metrics(self, split: DocumentSplit, answers: Sequence[Answer]) -> Metrics:
        """Accuracy and macro F1; F1 of labels; or the errors of values."""
        said = document_answers(answers)
        if self.answers.kind == "labels":
            truth = [text.labels or () for text in split.texts]
            return label_metrics(truth, [one.labels for one in said], self.answers.classes)
        if self.answers.kind == "value":
            return value_metrics([float(one) for one in split.references], [one.value for one in said])
        return classification_metrics(split.references, [one.text for one in said])

    def evaluate(self, network: nn.Module, split: DocumentSplit, *, labelled: bool) -> EvalResult:
        """An answer for every text."""

        def step(batch: TextBatch) -> Step:
            scores = self._scores(network, batch)
            loss = float(self.loss(scores, batch)) if labelled else 0.0
            return Step(batch.indices, loss, self.answers.decode(scores))

        def metrics(_references: Sequence[str], answers: Sequence[Answer]) -> Metrics:
            return self.metrics(split, answers)

        return evaluate_batches(split, step, metrics if labelled else None, EVALUATION_BATCH)

    def answer_one(self, network: nn.Module, split: DocumentSplit, index: int) -> None:
        """Answer one text as prediction does; to be timed."""
        self.answers.decode(self._scores(network, split.batch([index])))

    def error_analysis(
        self, network: nn.Module, split: DocumentSplit, answers: Sequence[Answer]
    ) -> tuple[DocumentAnalysis, Samples]:
        """Texts with the words that matter, the most confident mistakes, what is taken for what."""
        said = document_answers(answers)

        def weights(index: int) -> Sequence[float]:
            return self.word_weights(network, split.sentences[index], said[index])

        return document_analysis(split, said, self.answers.kind, self.answers.classes, weights)

    def word_weights(self, network: nn.Module, sentence: Sentence, answer: DocumentAnswer) -> list[float]:
        """What each word adds to an answer: to its probability, to that of all its labels, or to its value."""

        def scores(sentences: Sequence[Sentence]) -> list[float]:
            split = self._numbered([Text(one.name, "") for one in sentences], sentences)
            found = document_answers(self.evaluate(network, split, labelled=False).answers)
            if self.answers.kind == "value":
                return [one.value for one in found]
            places = [self.answers.classes.index(name) for name in answer.labels]
            return [sum(one.probabilities[i] for i in places) / max(1, len(places)) for one in found]

        with not_training(network):
            return word_weights(sentence, scores)

    def with_threshold(self, network: nn.Module, valid: DocumentSplit) -> DocumentProblem:
        """With the threshold that is best on the validation texts."""
        with not_training(network):
            said = document_answers(self.evaluate(network, valid, labelled=False).answers)
        true = indicators([text.labels or () for text in valid.texts], self.answers.classes)
        threshold = best_threshold(true, np.array([one.probabilities for one in said]))
        return replace(self, answers=replace(self.answers, threshold=threshold))

    def split_of(self, texts: Sequence[Text]) -> DocumentSplit:
        """Texts as numbers."""
        return self._numbered(texts, [self.cutting.sentence(text) for text in texts])

    def _numbered(self, texts: Sequence[Text], sentences: Sequence[Sentence]) -> DocumentSplit:
        return DocumentSplit(texts, sentences, self.vocabulary, self.answers.encode)

    def predict(self, network: nn.Module, inputs: Any, **options: Any) -> Predictions[DocumentPrediction]:
        """An answer for each text of strings, files and tables; see ``read_inputs``."""
        self.check_options(options)
        texts, refused, notes = read_inputs(inputs, columns_of(self.spec))
        answers: list[DocumentAnswer] = []
        if texts:
            answers = document_answers(self.evaluate(network, self.split_of(texts), labelled=False).answers)
        classes = self.answers.classes
        rows = (
            document_prediction(text.name, one, classes) for text, one in zip(texts, answers, strict=True)
        )
        bad = {place: DocumentPrediction(one.where, finding=one) for place, one in refused.items()}
        return Predictions(in_order(rows, bad), notes)

    def portions(self, arguments: Sequence[str], stdin: BinaryIO) -> Iterator[Path | bytes]:
        """Files; ``-`` is one on ``stdin``, with a text on each line."""
        return files_of(arguments, stdin)

    def open_split(self, where: Reference, *, skip_bad: bool) -> tuple[DocumentSplit, list[Finding]]:
        """Texts with answers to compare with."""
        found = read_labelled(where, "test", columns_of(self.spec))
        total = len(found.texts) + len(found.bad)
        notes = [
            *found.notes,
            *settle(found.bad, total=total, where=str(where), skip_bad=skip_bad),
        ]
        if self.answers.kind == "value":
            wrong = next(
                (text for text in found.texts if not np.isfinite(value_of(text.target))),
                None,
            )
            if wrong is not None:
                raise DataError("the answer is no number", where=wrong.name, got=wrong.target)
        else:
            notes += unknown_labels(found.texts, self.answers.classes, str(where))
        return self.split_of(with_groups(found.texts, self.spec.data.group)), notes

    def to_json(self) -> Json:
        """Vocabulary, answers, reading and network."""
        return {
            "vocabulary": self.vocabulary.to_json(),
            "answers": self.answers.to_json(),
            "cutting": dict(vars(self.cutting)),
            "architecture": render(self.architecture),
        }
