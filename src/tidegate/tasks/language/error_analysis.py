"""What a report shows of a language model: texts that it writes, a passage as it was expected, what costs most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tidegate.data.text.tokens import Tokens
from tidegate.ops.generation.generate import Sampling
from tidegate.results.analysis.language import CostlySymbol, LanguageAnalysis, Symbol, Written
from tidegate.results.samples import Samples
from tidegate.tasks.language.generate import generate
from tidegate.tasks.language.network import LanguageModel, symbol_losses
from tidegate.tasks.language.split import TextStream
from tidegate.tasks.per_sample import by_sample

TEMPERATURES = (0.5, 0.8, 1.0)
WRITTEN = {"bytes": 500, "characters": 500, "words": 100, "bpe": 150}
"""Symbols of each sample."""
PROMPT = {"bytes": 60, "characters": 60, "words": 12, "bpe": 16}
PASSAGE = {"bytes": 400, "characters": 400, "words": 80, "bpe": 120}
COSTLY = 20
STRETCH = 1000
LOOKED_AT = 20_000
"""Symbols at the beginning of the split that the passage is from and the dearest symbols are of."""


def language_analysis(
    tokens: Tokens, network: nn.Module, split: TextStream
) -> tuple[LanguageAnalysis, Samples]:
    """Samples at three temperatures, begun as the split begins; a passage from its middle; the dearest symbols."""
    kind = tokens.kind
    numbers = split.numbers[: LOOKED_AT + 1].numpy()
    beginning = TextStream(numbers, split.window)
    losses = np.concatenate(
        [part.float().cpu().numpy().ravel() for part in symbol_losses(network, beginning)]
    )
    prompt = tokens.decode(numbers[: PROMPT[kind]].tolist())
    middle = min(len(losses) // 2, max(0, len(losses) - PASSAGE[kind]))
    analysis = LanguageAnalysis(
        definition=tokens.definition,
        written=tuple(_written(tokens, network, prompt, temperature) for temperature in TEMPERATURES),
        passage=_passage(tokens, numbers, losses, middle, PASSAGE[kind]),
        costly=_costly(tokens, numbers[1:], losses),
        looked_at=len(losses),
    )
    return analysis, _by_sample(network, split)


def _by_sample(network: nn.Module, split: TextStream) -> Samples:
    """Nats of each stretch of a thousand symbols: neighbouring symbols are no samples of their own."""
    losses = np.concatenate([part.double().cpu().numpy().ravel() for part in symbol_losses(network, split)])
    ends = [*range(STRETCH, len(losses) - STRETCH // 2, STRETCH), len(losses)]
    pieces = np.split(losses, ends[:-1])
    return by_sample("nats_per_symbol", [float(one.sum()) for one in pieces], [len(one) for one in pieces])


def _written(tokens: Tokens, network: nn.Module, prompt: str, temperature: float) -> Written:
    assert isinstance(network, LanguageModel)
    known = prompt if not tokens.unknown(prompt) else ""
    sampling = Sampling(temperature=temperature, seed=0)
    with torch.inference_mode():
        pieces = list(generate(network, tokens, known, WRITTEN[tokens.kind], sampling))
    return Written(known, temperature, "".join(pieces))


def _passage(
    tokens: Tokens, numbers: NDArray[np.integer], losses: NDArray[np.floating], start: int, length: int
) -> tuple[Symbol, ...]:
    places = range(start, min(start + length, len(losses)))
    return tuple(
        Symbol(_shown(tokens, int(numbers[place + 1])), round(float(losses[place]), 4)) for place in places
    )


def _costly(
    tokens: Tokens, targets: NDArray[np.integer], losses: NDArray[np.floating]
) -> tuple[CostlySymbol, ...]:
    """Symbols by their share of the whole loss."""
    counts = np.bincount(targets, minlength=tokens.size)
    sums = np.bincount(targets, weights=losses, minlength=tokens.size)
    order: Sequence[int] = np.argsort(-sums, kind="stable")[:COSTLY].tolist()
    total = max(float(sums.sum()), 1e-12)
    return tuple(
        CostlySymbol(
            text=_shown(tokens, symbol),
            count=int(counts[symbol]),
            nats=float(sums[symbol] / counts[symbol]),
            share=float(sums[symbol]) / total,
        )
        for symbol in order
        if counts[symbol]
    )


def _shown(tokens: Tokens, number: int) -> str:
    piece = tokens.piece(number).decode("utf-8", "replace")
    return piece + " " if tokens.separator and piece != "\n" else piece
