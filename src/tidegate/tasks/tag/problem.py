"""A tagging problem: what the training data taught, the network, its loss, and how tags are read off it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.config.run import RunSpec
from tidegate.config.tasks.tag import TagSpec
from tidegate.data.division.grouping import with_groups
from tidegate.data.finding import settle, warning
from tidegate.data.memory import Reference
from tidegate.data.words.files import read_documents
from tidegate.data.words.scheme_rules import allowed_transitions
from tidegate.data.words.schemes import Scheme, convert
from tidegate.data.words.sentence import Sentence
from tidegate.errors import DataError, Finding
from tidegate.network.layers import Architecture
from tidegate.network.vgsl import render
from tidegate.ops.crf.layer import crf_decode, crf_log_likelihood, crf_marginals, crf_n_best
from tidegate.results.analysis.tag import TagAnalysis
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer, Carried, EvalResult, Json, Metrics, Problem, place_of
from tidegate.tasks.evaluation_pass import Step, evaluate_batches
from tidegate.tasks.tag.answers import TagAnswer, tagged, written
from tidegate.tasks.tag.error_analysis import tag_analysis
from tidegate.tasks.tag.metrics import tag_metrics
from tidegate.tasks.tag.network import DirectScores, Tagger
from tidegate.tasks.tag.predict import TaggedSentences, files_of, read_parts, tagged_sentences
from tidegate.tasks.tag.reading import TagReading
from tidegate.tasks.tag.split import SentenceSplit, TagBatch
from tidegate.tasks.tag.vocabulary import TagVocabulary
from tidegate.tasks.words.features import WordFeatures

EVALUATION_BATCH = 64
SHOWN = 5
NOT_SAID = "\t"
"""A value that no column has, as tabs stand between columns."""


@dataclass(frozen=True, eq=False)
class Tag(Problem):
    """A tagging problem: a vocabulary, a scheme, a network.

    Attributes:
        vocabulary: Words and tags of training.
        scheme: Of the data, in which answers are given.
        learnt: What the network learns.
        reading: How files are read.
        architecture: The network over a sentence.
        spec: The run's specification.
        vectors: Pretrained word vectors to start from; they are not kept, as the weights have them.
    """

    vocabulary: TagVocabulary
    scheme: Scheme
    learnt: Scheme
    reading: TagReading
    architecture: Architecture
    spec: RunSpec
    vectors: Tensor | None = None
    task = "tag"

    @property
    def symbols(self) -> int:
        """K, tags in the scheme that is learnt."""
        return len(self.vocabulary.tags)

    @property
    def definition(self) -> str:
        """What the figures mean."""
        if self.scheme.name == "none":
            return ""
        return "f1 = exact matches of whole entities"

    def network(self) -> nn.Module:
        """Word features, layers, and the transitions that the scheme forbids."""
        words, options, sizes = (
            self.vocabulary.words,
            self.spec.settings(TagSpec),
            self.vocabulary.direct_sizes,
        )
        features = WordFeatures(words.tables, options, self.vectors, options.column_embedding)
        direct = DirectScores(sizes, self.symbols, options.direct_dropout) if sizes else None
        tagger = Tagger(self.architecture, features, self.symbols, direct)
        if tagger.field is not None:
            masks = allowed_transitions(self.vocabulary.tags, self.learnt)
            tagger.field.forbid(*(torch.tensor(mask) for mask in masks))
        return tagger

    def learn(self, network: nn.Module, batch: TagBatch, carried: Carried) -> tuple[Tensor, Carried]:
        """Negative log-likelihood, per word."""
        device, _ = place_of(network)
        return self.loss(network, network(batch.tokens.to(device)), batch), ()

    def loss(self, network: nn.Module, scores: Tensor, batch: TagBatch) -> Tensor:
        """Of scores ``(B, T, K)``, nats per word of a mean sentence.

        Not per word of the batch: batches are of sentences of like length, and each word is to weigh the same in all.
        """
        tags, lengths = batch.tags.to(scores.device), batch.tokens.lengths.to(scores.device)
        scores = scores.float() if scores.dtype != torch.float64 else scores
        if network.field is not None:  # pyright: ignore[reportUnnecessaryComparison] - of a wrapped module
            likelihood = crf_log_likelihood(scores, tags, lengths, network.field.transitions())  # pyright: ignore[reportCallIssue, reportAttributeAccessIssue]
            return -likelihood.sum() / (len(lengths) * batch.usual)
        inside = torch.arange(scores.shape[1], device=scores.device) < lengths[:, None]
        smoothing = self.spec.train.label_smoothing
        total = functional.cross_entropy(
            scores[inside], tags[inside], label_smoothing=smoothing, reduction="sum"
        )
        return total / (len(lengths) * batch.usual)

    def decode(self, network: Tagger, scores: Tensor, batch: TagBatch, *, best: int = 1) -> list[TagAnswer]:
        """The best tags of each sentence, and the probability of each tag by itself."""
        lengths = batch.tokens.lengths
        field = network.field
        if field is None:
            probabilities = functional.softmax(scores.float(), dim=2)
            confidence, numbers = (part.cpu() for part in probabilities.max(dim=2))
            paths = [row[:n].tolist() for row, n in zip(numbers, lengths.tolist(), strict=True)]
            sure = [row[:n].tolist() for row, n in zip(confidence, lengths.tolist(), strict=True)]
            return [self._answer(path, one, []) for path, one in zip(paths, sure, strict=True)]
        transitions, scores = field.transitions(), scores.float()
        places = lengths.to(scores.device)
        paths = crf_decode(scores, places, transitions)
        marginals = crf_marginals(scores, places, transitions).cpu()
        more = crf_n_best(scores, places, transitions, best) if best > 1 else [[] for _ in paths]
        return [
            self._answer(
                path, row[torch.arange(len(path)), torch.tensor(path, dtype=torch.int64)].tolist(), some
            )
            for path, row, some in zip(paths, marginals, more, strict=True)
        ]

    def _answer(
        self, path: Sequence[int], sure: Sequence[float], more: Sequence[tuple[Sequence[int], float]]
    ) -> TagAnswer:
        tags = self._in_scheme(path)
        alternatives = tuple((tuple(self._in_scheme(one)), score) for one, score in more)
        mean = sum(sure) / max(1, len(sure))
        return TagAnswer(" ".join(tags), mean, tuple(tags), tuple(sure), alternatives)

    def _in_scheme(self, path: Sequence[int]) -> list[str]:
        """Numbers of learnt tags as tags of the data's scheme."""
        return convert([self.vocabulary.tags[number] for number in path], self.learnt, self.scheme)

    def evaluate(self, network: nn.Module, split: SentenceSplit, *, labelled: bool) -> EvalResult:
        """Tags for every sentence."""
        assert isinstance(network, Tagger)
        device, _ = place_of(network)
        best = 1 if labelled else self.spec.settings(TagSpec).n_best

        def step(batch: TagBatch) -> Step:
            scores = network(batch.tokens.to(device))
            loss = float(self.loss(network, scores, batch)) if labelled else 0.0
            return Step(batch.indices, loss, self.decode(network, scores, batch, best=best))

        def metrics(_references: Sequence[str], answers: Sequence[Answer]) -> Metrics:
            return tag_metrics([one.tags for one in split.sentences], written(answers), self.scheme)

        return evaluate_batches(split, step, metrics if labelled else None, EVALUATION_BATCH)

    def answer_one(self, network: nn.Module, split: SentenceSplit, index: int) -> None:
        """Tag one sentence as prediction does; to be timed."""
        device, _ = place_of(network)
        assert isinstance(network, Tagger)
        batch = split.batch([index])
        self.decode(network, network(batch.tokens.to(device)), batch, best=1)

    def error_analysis(
        self, network: nn.Module, split: SentenceSplit, answers: Sequence[Answer]
    ) -> tuple[TagAnalysis, Samples]:
        """Sentences with their tags, the worst ones, what is taken for what, figures by label."""
        return tag_analysis(split.sentences, answers, self.scheme)

    def split_of(self, sentences: Sequence[Sentence]) -> SentenceSplit:
        """Tagged sentences as numbers."""
        tags = [convert(sentence.tags, self.scheme, self.learnt) for sentence in sentences]
        return SentenceSplit(sentences, self.vocabulary, tags)

    def untagged(self, sentences: Sequence[Sentence]) -> SentenceSplit:
        """Sentences without answers; of further columns that they lack, as plain text does, every value is unknown."""
        columns = len(self.vocabulary.words.columns)
        told = [
            one if one.features or not columns else replace(one, features=((NOT_SAID,) * columns,) * len(one))
            for one in sentences
        ]
        return SentenceSplit(told, self.vocabulary)

    def predict(self, network: nn.Module, inputs: Any, **options: Any) -> TaggedSentences:
        """Tags for texts, lists of words, and files; see ``read_parts``."""
        self.check_options(options)
        parts = read_parts(inputs, self.reading)
        sentences = [sentence for part in parts for sentence in part.sentences]
        answers: list[TagAnswer] = []
        if sentences:
            answers = tagged(self.evaluate(network, self.untagged(sentences), labelled=False).answers)
        return tagged_sentences(parts, answers, self.scheme)

    def portions(self, arguments: Sequence[str], stdin: BinaryIO) -> Iterator[Path | bytes]:
        """Files; ``-`` is one on ``stdin``."""
        return files_of(arguments, stdin)

    def open_split(self, where: Reference, *, skip_bad: bool) -> tuple[SentenceSplit, list[Finding]]:
        """Tagged sentences to compare with."""
        documents = read_documents(where, "test", self.reading.reader())
        every = [sentence for document in documents for sentence in document.sentences]
        sentences = with_groups(every, self.spec.data.group)
        bad = [one for document in documents for one in document.bad]
        notes = settle(bad, total=len(sentences) + len(bad), where=str(where), skip_bad=skip_bad)
        untagged = next((sentence for sentence in sentences if not sentence.tags), None)
        if untagged is not None:
            raise DataError(
                "there are no tags to compare with",
                where=untagged.name,
                hint="tidegate predict tags a file that has none",
            )
        return self.split_of(sentences), [*notes, *unseen_tags(str(where), self, sentences)]

    def to_json(self) -> Json:
        """Vocabulary, schemes, reading and network."""
        return {
            "vocabulary": self.vocabulary.to_json(),
            "scheme": vars(self.scheme),
            "learnt": vars(self.learnt),
            "reading": self.reading.to_json(),
            "architecture": render(self.architecture),
        }


def unseen_tags(where: str, problem: Tag, sentences: Sequence[Sentence]) -> list[Finding]:
    """A note on tags that the model cannot give, since training never had them."""
    unknown: Counter[str] = Counter()
    for sentence in sentences:
        learnt = convert(sentence.tags, problem.scheme, problem.learnt)
        known = problem.vocabulary.tag_numbers
        unknown.update(tag for tag, one in zip(sentence.tags, learnt, strict=True) if one not in known)
    if not unknown:
        return []
    listed = ", ".join(f"{tag} ({count:,})" for tag, count in unknown.most_common(SHOWN))
    more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
    what = f"tags that training never had, so that the model cannot give them: {listed}{more}"
    return [warning("unknown-tags", what, where)]
