"""``language``: text → the next symbol, by a recurrent network that carries its states through the whole text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor, nn

from tidegate.config.compile import compile_run
from tidegate.config.run import RunSpec
from tidegate.config.tables import AugmentSpec
from tidegate.config.tasks.language import LanguageSpec
from tidegate.data.finding import settle
from tidegate.data.text.documents import Text, find_texts, read_texts
from tidegate.data.text.splits import make_text_splits
from tidegate.data.text.tokens import Tokens, fit_tokens, note_unknown, tokens_from_json
from tidegate.data.text.vocabulary import TokenOptions
from tidegate.errors import ConfigError, Finding
from tidegate.network.layers import Architecture
from tidegate.network.vgsl import parse, render
from tidegate.ops.generation.generate import Sampling
from tidegate.tasks.contract import (
    Answer,
    Answered,
    Baselines,
    Carried,
    EvalResult,
    Json,
    Metrics,
    Prepared,
    Task,
    place_of,
)
from tidegate.tasks.language.baselines import kneser_ney, unigram
from tidegate.tasks.language.error_analysis import language_analysis
from tidegate.tasks.language.generate import generate
from tidegate.tasks.language.network import LanguageModel, symbol_losses
from tidegate.tasks.language.split import TextStream, Window


@dataclass(frozen=True)
class Language:
    """A language problem: symbols, and a network over them."""

    tokens: Tokens
    architecture: Architecture
    spec: RunSpec
    task: str = "language"

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

    def augment(self, batch: Window, spec: AugmentSpec, generator: Generator) -> Window:
        """Text is not changed."""
        return batch

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

    def error_analysis(self, network: nn.Module, split: TextStream, answers: Sequence[Answer]) -> Json:
        """Texts that the model writes, and how well it expects what stands in the split."""
        return language_analysis(self, network, split)

    def stream(self, texts: Sequence[Text], *, streams: int = 1) -> TextStream:
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

    def open_inputs(self, inputs: Sequence[Path]) -> tuple[Answered, dict[int, Finding]]:
        """Refused: a language model has no answer to an input.

        Raises:
            ConfigError: Always.
        """
        raise ConfigError(
            "a language model has nothing to predict for a file",
            got=", ".join(str(path) for path in inputs[:3]),
            hint="tidegate generate RUN --prompt TEXT writes on; tidegate evaluate RUN --data FILE measures a text",
        )

    def open_split(self, path: str, *, skip_bad: bool) -> tuple[TextStream, list[Finding]]:
        """A text to measure, in one stream."""
        files = find_texts(path)
        listing = read_texts(files, "test" if "test" in files.parts else "all")
        total = len(listing.texts) + len(listing.bad)
        notes = [
            *files.notes,
            *listing.notes,
            *settle(listing.bad, total=total, where=path, skip_bad=skip_bad and bool(listing.texts)),
        ]
        unknown = note_unknown(self.tokens, [text.text for text in listing.texts], path)
        return self.stream(listing.texts), [*notes, *unknown]

    def to_json(self) -> Json:
        """Symbols and network."""
        return {"tokens": self.tokens.to_json(), "architecture": render(self.architecture)}


def language_metrics(nats: float) -> Metrics:
    """One number in its three units.

    >>> language_metrics(math.log(2))["bits_per_symbol"]
    1.0
    """
    perplexity = math.exp(nats) if nats < 700 else math.inf
    return {
        "loss": nats,
        "nats_per_symbol": nats,
        "bits_per_symbol": nats / math.log(2),
        "perplexity": perplexity,
    }


def restore(data: dict[str, Any], spec: RunSpec) -> Language:
    """Make the problem again from model.json."""
    return Language(tokens_from_json(data["tokens"]), parse(data["architecture"]), spec)


def prepare(spec: RunSpec) -> Prepared:
    """Read the texts that a specification names; the symbols are those of the training text."""
    architecture = compile_run(spec)
    options = spec.settings(LanguageSpec)
    _check_tied(options)
    texts, record = make_text_splits(spec.data)
    parts = {"train": texts.train, "valid": texts.valid, **({"test": texts.test} if texts.test else {})}
    wanted = TokenOptions(options.tokens, options.vocabulary, options.min_count, options.lowercase)
    tokens = fit_tokens([text.text for text in texts.train], wanted)
    _check_adaptive(options.adaptive, tokens)
    problem = Language(tokens, architecture, spec)
    splits = {
        name: problem.stream(part, streams=options.streams if name == "valid" else 1)
        for name, part in parts.items()
    }
    notes = list(record.notes)
    for name in parts.keys() - {"train"}:
        unknown = note_unknown(tokens, [text.text for text in parts[name]], name)
        notes += unknown
    order = options.baseline_order or (3 if options.tokens in ("words", "bpe") else 6)
    test = splits.get("test", splits["valid"])
    baselines = partial(language_baselines, splits["train"], test, tokens.size, order)
    return Prepared(spec, problem, splits, record.to_json(), notes, baselines)


def language_baselines(train: TextStream, test: TextStream, symbols: int, order: int) -> Baselines:
    """Symbols by their frequency alone, and by the symbols before them (interpolated modified Kneser-Ney)."""
    known, asked = train.numbers.numpy(), test.numbers.numpy()
    nats = {
        "unigram": unigram(known, asked, symbols),
        f"{order}-gram": kneser_ney(known, asked, symbols, order),
    }
    return Baselines(
        {
            name: {key: value for key, value in language_metrics(one).items() if key != "loss"}
            for name, one in nats.items()
        }
    )


def _check_tied(options: LanguageSpec) -> None:
    if options.tied and options.adaptive:
        raise ConfigError(
            "an adaptive softmax has matrices of its own, and cannot be tied to the embedding",
            where="language.tied",
            got=f"tied = true, adaptive = {options.adaptive}",
            hint="leave out one of them",
        )


def _check_adaptive(cutoffs: Sequence[int], tokens: Tokens) -> None:
    if cutoffs and tokens.kind not in ("words", "characters"):
        raise ConfigError(
            "the adaptive softmax needs symbols in the order of their frequency",
            where="language.adaptive",
            expected="tokens = words or characters",
            got=tokens.kind,
            hint="leave it out",
        )
    rising = all(before < after for before, after in zip(cutoffs, [*cutoffs[1:], tokens.size], strict=False))
    if cutoffs and not rising:
        raise ConfigError(
            "the clusters of the adaptive softmax do not fit the symbols",
            where="language.adaptive",
            expected=f"rising numbers below {tokens.size}, the number of symbols",
            got=str(list(cutoffs)),
            hint="leave it out for vocabularies below some thousands: the plain softmax is faster there",
        )


LANGUAGE = Task(
    name="language",
    summary="text → the next symbol; generation",
    primary="nats_per_symbol",
    lower_is_better=True,
    prepare=prepare,
    restore=restore,
)
