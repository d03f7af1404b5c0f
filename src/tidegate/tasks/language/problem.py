"""A language problem: symbols, a network over them, its loss, and text that goes on from a prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tidegate.config.run import RunSpec
from tidegate.config.tasks.language import LanguageSpec
from tidegate.data.finding import settle
from tidegate.data.memory import InMemory, Reference, described
from tidegate.data.text.documents import Text, TextListing, find_texts, read_texts
from tidegate.data.text.memory import documents_in_memory
from tidegate.data.text.tokens import Tokens, note_unknown
from tidegate.errors import ConfigError, Finding
from tidegate.network.layers import Architecture
from tidegate.network.vgsl import render
from tidegate.ops.generation.generate import Sampling
from tidegate.results.analysis.language import LanguageAnalysis
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer, Carried, EvalResult, Json, Problem, place_of
from tidegate.tasks.language.error_analysis import language_analysis
from tidegate.tasks.language.generate import generate
from tidegate.tasks.language.metrics import language_metrics
from tidegate.tasks.language.network import LanguageModel, symbol_losses
from tidegate.tasks.language.split import TextStream, Window
from tidegate.tasks.prediction.rows import Prediction, Predictions


@dataclass(frozen=True)
class Language(Problem):
    """A language problem: symbols, and a network over them."""

    tokens: Tokens
    architecture: Architecture
    spec: RunSpec
    task = "language"

    @property
    def symbols(self) -> int:
        """K."""
        return self.tokens.size

    @property
    def definition(self) -> str:
        """What the figures are a mean over."""
        return self.tokens.definition

    def network(self) -> nn.Module:
        """Embedding, layers, softmax."""
        return LanguageModel(self.architecture, self.spec.settings(LanguageSpec), self.symbols)

    def learn(self, network: nn.Module, batch: Window, carried: Carried) -> tuple[Tensor, Carried]:
        """Nats a symbol, and the states after the window, through which no gradient flows."""
        device, _ = place_of(network)
        if carried and carried[0].shape[1] != len(batch.symbols):
            carried = ()
        if carried and self.spec.settings(LanguageSpec).reset:
            # States are carried for whole epochs: without this, a prompt's zero states would be all but unknown, and some
            # texts would never recover from them.
            rows = (
                torch.rand(1, len(batch.symbols), 1, device=device) >= self.spec.settings(LanguageSpec).reset
            )
            carried = tuple(state * rows for state in carried)
        loss, after = network(batch.symbols.to(device), batch.targets.to(device), carried)
        return loss, tuple(state.detach() for state in after)

    def evaluate(self, network: nn.Module, split: TextStream, *, labelled: bool) -> EvalResult:
        """The mean over every symbol but the first, each once; states are carried from one end to the other."""
        total, count = 0.0, 0
        for losses in symbol_losses(network, split):
            total += float(losses.double().sum())
            count += losses.numel()
        return EvalResult(language_metrics(total / max(1, count)), [])

    def answer_one(self, network: nn.Module, split: TextStream, index: int) -> None:
        """Read one window, symbol probabilities included; to be timed."""
        start = index % max(1, len(split) - split.window)
        next(
            symbol_losses(
                network, TextStream(split.numbers[start : start + split.window + 1].numpy(), split.window)
            )
        )

    def error_analysis(
        self, network: nn.Module, split: TextStream, answers: Sequence[Answer]
    ) -> tuple[LanguageAnalysis, Samples]:
        """Texts that the model writes, and how well it expects what stands in the split."""
        return language_analysis(self.tokens, network, split)

    def text_stream(self, texts: Sequence[Text], *, streams: int = 1) -> TextStream:
        """Documents one after the other, as numbers."""
        *before, last = (text.text for text in texts)
        # A document ends with its last line, whether its file says so or not.
        text = "".join(one if one.endswith("\n") else one + "\n" for one in before) + last
        options = self.spec.settings(LanguageSpec)
        return TextStream(self.tokens.encode(text), options.window, vary=options.vary_window, streams=streams)

    def generate(self, network: nn.Module, prompt: str, length: int, sampling: Sampling) -> Iterator[str]:
        """Text that goes on from a prompt; see ``tidegate.tasks.language.generate``."""
        assert isinstance(network, LanguageModel)
        return generate(network, self.tokens, prompt, length, sampling)

    def predict(self, network: nn.Module, inputs: Any, **options: Any) -> Predictions[Prediction]:
        """Refused: a language model has no answer to an input.

        Raises:
            ConfigError: Always.
        """
        raise ConfigError(
            "a language model has nothing to predict for an input",
            got=described(inputs),
            hint="tidegate generate RUN --prompt TEXT or Model.generate writes on; tidegate evaluate RUN --data FILE or "
            "Model.evaluate measures a text",
        )

    def open_split(self, where: Reference, *, skip_bad: bool) -> tuple[TextStream, list[Finding]]:
        """A text to measure, in one stream."""
        listing = _listing(where)
        total, name = len(listing.texts) + len(listing.bad), str(where)
        notes = [
            *listing.notes,
            *settle(listing.bad, total=total, where=name, skip_bad=skip_bad and bool(listing.texts)),
        ]
        unknown = note_unknown(self.tokens, [text.text for text in listing.texts], name)
        return self.text_stream(listing.texts), [*notes, *unknown]

    def to_json(self) -> Json:
        """Symbols and network."""
        return {"tokens": self.tokens.to_json(), "architecture": render(self.architecture)}


def _listing(where: Reference) -> TextListing:
    """The texts in memory, or behind a path; of data with parts of their own the test part."""
    if isinstance(where, InMemory):
        return documents_in_memory(where)
    files = find_texts(where)
    listing = read_texts(files, "test" if "test" in files.parts else "all")
    listing.notes[:0] = files.notes
    return listing
