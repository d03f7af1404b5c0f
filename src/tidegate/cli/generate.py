"""``tidegate generate``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer


def generate(
    run: Annotated[Path, typer.Argument(help="A run folder of the task language.")],
    prompt: Annotated[str, typer.Option(help="What the text goes on from; - reads it from stdin.")] = "",
    length: Annotated[int, typer.Option(min=0, help="Symbols to write.")] = 500,
    temperature: Annotated[
        float, typer.Option(min=0, help="1: as learnt; lower: safer; 0: always the likeliest symbol.")
    ] = 1.0,
    top_k: Annotated[int | None, typer.Option(min=1, help="Choose from the K likeliest only.")] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Choose from the likeliest with this probability together, up to 1.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed gives the same text.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; default: one.")] = None,
) -> None:
    """Write text with a language model, as it comes. The prompt is repeated before it.

    Without --seed a new one is drawn; it is told on stderr at the end, with the speed.

    Examples:
        tidegate generate runs/plays --prompt 'ROMEO:' --temperature 0.8
        tidegate generate runs/poems --prompt 春 --length 100 --top-p 0.9 --seed 7
    """
    from secrets import randbits

    from tidegate.api.model import load
    from tidegate.ops.generation.generate import Sampling

    # One symbol at a time is too little work for several threads.
    model = load(run, threads=threads or 1)
    if prompt == "-":
        prompt = sys.stdin.read()
    chosen = randbits(32) if seed is None else seed
    pieces = model.generate(prompt, length, Sampling(temperature, top_k, top_p, chosen))
    begun = time.perf_counter()
    first = next(pieces, "")
    sys.stdout.write(prompt + first)
    sys.stdout.flush()
    for piece in pieces:
        sys.stdout.write(piece)
        if sys.stdout.isatty():
            sys.stdout.flush()
    seconds = time.perf_counter() - begun
    sys.stdout.write("\n")
    sys.stdout.flush()
    print(f"{length / max(seconds, 1e-9):,.0f} symbols/s, seed {chosen}", file=sys.stderr)
