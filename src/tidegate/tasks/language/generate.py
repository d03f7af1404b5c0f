"""Text from a language model: the prompt warms the states, then one symbol after the other is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch

from tidegate.data.text.tokens import StreamDecoder, Tokens
from tidegate.errors import ConfigError, SymbolError
from tidegate.ops.generation.generate import GenerationLayer, GenerationModel, Sampling, draw, warm
from tidegate.ops.generation.generate import generate as generate_symbols
from tidegate.tasks.language.network import Decoder, LanguageModel


def generate(
    network: LanguageModel, tokens: Tokens, prompt: str, length: int, sampling: Sampling
) -> Iterator[str]:
    """Text that goes on from a prompt, in pieces as they are drawn; the prompt itself is not among them.

    The same seed gives the same text on one machine and engine. The symbol for unknown ones is never written. With an
    empty prompt the text starts as after a line's end, if there is such a symbol.

    Args:
        network: In evaluation mode.
        tokens: Its symbols.
        prompt: What stands before.
        length: Symbols to write.
        sampling: Temperature and the rest.

    Raises:
        SymbolError: The prompt holds symbols that the model does not know.
        ConfigError: The length is negative, or ``sampling`` cannot be so.
    """
    if length < 0:
        raise ConfigError(
            "the length cannot be negative", where="length", expected="0 or more", got=str(length)
        )
    check_prompt(tokens, prompt)
    sampling = replace(sampling, never=(*sampling.never, *tokens.unwritten))
    sampling.check(tokens.size)
    # A generator checks nothing before its first piece is asked for; hence a second function.
    return _pieces(network, tokens, prompt, length, sampling)


def _pieces(
    network: LanguageModel, tokens: Tokens, prompt: str, length: int, sampling: Sampling
) -> Iterator[str]:
    start = _start(tokens, prompt)
    decoder = StreamDecoder(tokens)
    if prompt:
        for number in start:
            decoder.feed(number)
    for number in _symbols(network, start, length, sampling):
        piece = decoder.feed(number)
        if piece:
            yield piece
    if rest := decoder.finish():
        yield rest


def check_prompt(tokens: Tokens, prompt: str) -> None:
    """Refuse a prompt with symbols that the model has never seen.

    Raises:
        SymbolError: With the symbols.
    """
    unknown = tokens.unknown(prompt)
    if not unknown:
        return
    listed = ", ".join(f"{symbol!r}" for symbol, _ in unknown[:10])
    more = f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""
    raise SymbolError(
        "the prompt holds symbols that training never saw",
        where="--prompt",
        expected=f"symbols of the training text ({tokens.definition})",
        got=f"{listed}{more}",
        hint="write the prompt with other symbols, or train on text that has these",
    )


def generation_model(network: LanguageModel) -> GenerationModel | None:
    """The network as the plain tensors that ``generate`` runs; ``None`` with an adaptive softmax."""
    decoder = network.decoder
    if not isinstance(decoder, Decoder):
        return None
    layers = [
        GenerationLayer(recurrent.cell, recurrent.weights(layer, "forward"))
        for recurrent in network.recurrent
        for layer in range(recurrent.layers)
    ]
    projection = None if decoder.projection is None else decoder.projection.weight
    return GenerationModel(network.embedding.weight, tuple(layers), decoder.weight, decoder.bias, projection)


def _symbols(network: LanguageModel, start: list[int], length: int, sampling: Sampling) -> Iterator[int]:
    model = generation_model(network)
    if model is None:
        yield from _by_the_network(network, start, length, sampling)
        return
    state = warm(model, start[:-1])
    for chunk in generate_symbols(model, state, start[-1], length, sampling):
        yield from chunk.symbols.tolist()


@torch.inference_mode()
def _by_the_network(
    network: LanguageModel, start: list[int], length: int, sampling: Sampling
) -> Iterator[int]:
    """Step by step through the network itself, which takes any softmax."""
    device = network.embedding.weight.device
    hidden = network.hidden(torch.tensor([start], device=device), ())
    for position in range(length):
        scores = network.decoder.scores(hidden.outputs[:, -1])[0]
        number = draw(scores.float().cpu().numpy(), sampling, position)
        yield number
        if number in sampling.stop:
            return
        hidden = network.hidden(torch.tensor([[number]], device=device), hidden.carried)


def _start(tokens: Tokens, prompt: str) -> list[int]:
    """Numbers of the prompt; of an empty one a line's end, or else the first symbol."""
    numbers = [int(number) for number in tokens.encode(prompt)] if prompt else []
    if not numbers and not tokens.unknown("\n"):
        numbers = [int(number) for number in tokens.encode("\n")]
    return numbers or [0]
