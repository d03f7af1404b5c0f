"""Tokens a second of a BiLSTM-CRF and of recurrent language models, whole steps: ours beside the same on torch.nn.

    OMP_NUM_THREADS=1 python benchmarks/words.py [--rounds 7] [--threads 1] [--only language]

A step of training: the batch is made, forward, backward, the gradient is clipped, Adam. A step of tagging: the batch is
made, forward, Viterbi. All contenders get the same batches, weights to start from and freed memory to use again, and
their losses, gradients and paths must agree before anything is timed.

Contenders take turns, round by round. Tables give medians per second of processor time, which says more where others use
the machine; ratios are medians over rounds of the same batches. The file has every round.
"""

from __future__ import annotations

import argparse
import os
import statistics
import string
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from words_torch import carrying, check_paths, check_training, torch_language_model, torch_tagger

from tidegate.config.compile import compile_run
from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.config.tasks.language import LanguageSpec
from tidegate.files import write_json
from tidegate.nn.initialise import initialise
from tidegate.ops.crf.layer import crf_decode
from tidegate.ops.memory import large_blocks_kept
from tidegate.tasks.language.network import LanguageModel
from tidegate.tasks.registry import task_named
from tidegate.tasks.tag.problem import EVALUATION_BATCH
from tidegate.training.environment import environment
from tidegate.training.optimiser import clip, make_optimiser

HERE = Path(__file__).parent
# Flair 0.15.1 with the same model on CoNLL-2000, measured separately: sentences per second of processor time.
FLAIR_SENTENCES = {"training": 49.0, "tagging": 400.0}
# Lengths of CoNLL-2000's training sentences, at these shares of them; how frequent its words are by rank, about; and how
# long by rank.
SHARES = (0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1)
LENGTHS = (1, 3, 7, 10, 16, 23, 31, 39, 44, 54, 78)
ZIPF_OFFSET, ZIPF_POWER = 1.85, 1.12
RANKS, SPELLING = (1, 10, 100, 1000, 5000), (2, 2.5, 4.5, 6.3, 7.5)
BASE = {"optimiser": {"name": "adam", "learning_rate": 1e-3, "clip_norm": 5.0}}


@dataclass(frozen=True)
class TaggerRow:
    """A tagger, and the text that it learns."""

    tags: int
    hidden: int = 256
    embedding: int = 100
    character_hidden: int = 25
    sentences: int = 8936
    vocabulary: int = 19_000
    batch_size: int = 32
    steps: int = 10  # of a contender and round

    @property
    def name(self) -> str:
        return f"bilstm-{self.hidden}-crf, {self.tags} tags"


@dataclass(frozen=True)
class LanguageRow:
    """A language model over characters."""

    cell: str
    hidden: int
    layers: int = 1
    steps: int = 2
    embedding: int = 128
    symbols: int = 65
    window: int = 128
    batch_size: int = 32

    @property
    def name(self) -> str:
        return f"language, {self.cell} {self.layers}x{self.hidden}"


ROWS: tuple[TaggerRow | LanguageRow, ...] = (
    TaggerRow(45),
    TaggerRow(23),
    LanguageRow("lstm", 512, layers=2),
    LanguageRow("lstm", 128, steps=8),
    LanguageRow("gru", 512),
    LanguageRow("rnn", 512),
)
Batch = Any
Step = Callable[[Batch], object]


@dataclass(frozen=True)
class Bench:
    """What is timed.

    Attributes:
        name: Of the row, and what is done.
        ways: A step of each contender, on a batch; "ours" is the first.
        make: The batch of a number.
        count: A batch's true tokens, and its sentences (rows of a window).
        steps: Of a contender and round.
    """

    name: str
    ways: Mapping[str, Step]
    make: Callable[[int], Batch]
    count: Callable[[Batch], tuple[int, int]]
    steps: int


def write_corpus(path: Path, row: TaggerRow) -> None:
    """Random sentences as long, words as frequent and about as long as CoNLL-2000's; every word at least once."""
    chance, words, seen = np.random.default_rng(0), list[str](), set[str]()
    letters = np.array(list(string.ascii_letters + string.digits))
    while len(words) < row.vocabulary:
        usual = np.interp(np.log(len(words) + 1), np.log(RANKS), SPELLING)
        word = "".join(chance.choice(letters, min(20, max(1, round(chance.normal(usual, usual * 0.38))))))
        if word not in seen:
            seen.add(word)
            words.append(word)
    lengths = np.rint(np.interp(chance.random(row.sentences), SHARES, LENGTHS)).astype(int)
    weights = (np.arange(row.vocabulary) + 1 + ZIPF_OFFSET) ** -ZIPF_POWER
    further = max(0, int(lengths.sum()) - row.vocabulary)
    text = chance.choice(row.vocabulary, further, p=weights / weights.sum())
    text = chance.permutation(np.concatenate([np.arange(row.vocabulary), text]))
    tags = chance.integers(row.tags, size=len(text))
    lines, ends = list[str](), set(np.cumsum(lengths).tolist())
    for place in range(int(lengths.sum())):
        lines.append(f"{words[text[place]]} t{tags[place]}\n")
        if place + 1 in ends:
            lines.append("\n")
    path.write_text("".join(lines), encoding="utf-8")


def tagger_spec(row: TaggerRow, text: Path) -> RunSpec:
    sizes = {"embedding": row.embedding, "character_hidden": row.character_hidden}
    as_written = {"scheme": "none", "min_count": 1, "lowercase": False, "zero_digits": False}
    nothing_else = {"case": 0, "affixes": 0, "direct": False}
    return resolve(
        {
            **BASE,
            "task": "tag",
            "data": {"train": str(text), "valid": str(text)},
            "model": {"preset": "bilstm-crf", "hidden": row.hidden, "layers": 1, "dropout": 0.5},
            "train": {"batch_size": row.batch_size},
            "tag": {"characters": "bilstm", **sizes, **as_written, **nothing_else},
        }
    )


class OurTagger:
    """A tagging problem and its network, as the contenders are called."""

    def __init__(self, problem: Any, network: nn.Module) -> None:
        self.problem, self.network = problem, network

    def loss(self, batch: Batch) -> Tensor:
        return self.problem.learn(self.network, batch, ())[0]

    def paths(self, batch: Batch) -> list[list[int]]:
        return crf_decode(self.network(batch.tokens), batch.tokens.lengths, self.network.field.transitions())

    def with_confidence(self, batch: Batch) -> object:
        """All that `tidegate predict` asks for."""
        return self.problem.decode(self.network, self.network(batch.tokens), batch)


def tagger_benches(row: TaggerRow, folder: Path) -> list[Bench]:
    """Training and tagging."""
    text = folder / "text.txt"
    write_corpus(text, row)
    prepared = task_named("tag").prepare(tagger_spec(row, text))
    split, spec = prepared.splits["train"], prepared.spec
    network = started(prepared.problem.network(), spec)
    ours = OurTagger(prepared.problem, network)
    contenders = {
        "ours": ours,
        "torch": torch_tagger(prepared.problem, network, distinct=False),
        "torch_distinct": torch_tagger(prepared.problem, network, distinct=True),
    }
    networks = {**contenders, "ours": network}
    plan = split.plan(row.batch_size, 0, 0)
    tagged = shuffled(split.plan_in_order(EVALUATION_BATCH))
    batch = split.batch(plan[0])
    check_training(row.name, networks, {name: one.loss(batch) for name, one in contenders.items()})
    check_paths(row.name, {name: one.paths(batch) for name, one in contenders.items()})
    training = {name: training_step(networks[name], one.loss, spec) for name, one in contenders.items()}
    tagging = {name: tagging_step(networks[name], one.paths) for name, one in contenders.items()}
    tagging["ours_with_confidence"] = tagging_step(network, ours.with_confidence)

    def batch_of(plan: Sequence[list[int]]) -> Callable[[int], Batch]:
        return lambda number: split.batch(plan[number % len(plan)])

    def count(batch: Batch) -> tuple[int, int]:
        return int(batch.tokens.lengths.sum()), batch.samples

    return [
        Bench(f"{row.name}: training", training, batch_of(plan), count, row.steps),
        Bench(f"{row.name}: tagging", tagging, batch_of(tagged), count, row.steps),
    ]


def language_spec(row: LanguageRow) -> RunSpec:
    return resolve(
        {
            **BASE,
            "task": "language",
            "data": {"train": "random symbols"},
            "model": {"preset": row.cell, "hidden": row.hidden, "layers": row.layers},
            "language": {"embedding": row.embedding, "window": row.window},
        }
    )


def language_benches(row: LanguageRow, _folder: Path) -> list[Bench]:
    """Training, states carried from window to window."""
    spec = language_spec(row)
    architecture = compile_run(spec)
    ours = started(LanguageModel(architecture, spec.settings(LanguageSpec), row.symbols), spec)
    networks = {"ours": ours, "torch": torch_language_model(architecture, ours)}
    losses = {name: carrying(network) for name, network in networks.items()}
    generator = torch.Generator().manual_seed(0)
    windows = torch.randint(row.symbols, (4, row.batch_size, row.window + 1), generator=generator)
    for window in windows[:2]:  # The second goes on from the states of the first.
        check_training(row.name, networks, {name: loss(window) for name, loss in losses.items()})
    ways = {name: training_step(networks[name], loss, spec) for name, loss in losses.items()}

    def make(number: int) -> Tensor:
        return windows[number % len(windows)]

    def count(_window: Tensor) -> tuple[int, int]:
        return row.batch_size * row.window, row.batch_size

    return [Bench(f"{row.name}: training", ways, make, count, row.steps)]


def started(network: nn.Module, spec: RunSpec) -> Any:
    """In evaluation, so that no dropout hides whether contenders agree; transitions are not the zeros they start from."""
    generator = torch.Generator().manual_seed(0)
    initialise(network, spec.initialise, generator)
    for name, parameter in network.named_parameters():
        if name.rsplit(".", 1)[-1] in ("between", "start", "end", "bias"):
            nn.init.uniform_(parameter, -0.5, 0.5, generator=generator)
    return network.eval()


def training_step(network: nn.Module, loss: Callable[[Batch], Tensor], spec: RunSpec) -> Step:
    optimiser = make_optimiser(spec.optimiser, network)

    def step(batch: Batch) -> float:
        network.train()
        value = loss(batch)
        value.backward()
        clip(network.parameters(), spec.optimiser)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        return value.item()

    return step


def tagging_step(network: nn.Module, find: Step) -> Step:
    @torch.inference_mode()
    def step(batch: Batch) -> object:
        network.eval()
        return find(batch)

    return step


def shuffled(plan: Sequence[list[int]]) -> list[list[int]]:
    """In random order: a plan of evaluation goes by length."""
    return [plan[place] for place in np.random.default_rng(0).permutation(len(plan))]


def measure(bench: Bench, rounds: int) -> dict[str, Any]:
    """Every round's speeds of every contender, and what follows."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in bench.ways}
    for name in bench.ways:
        timed(bench, name, range(1))
    names = list(bench.ways)
    for done in range(rounds):
        numbers = range(done * bench.steps, (done + 1) * bench.steps)
        counts = [bench.count(bench.make(number)) for number in numbers]
        tokens, sentences = (sum(column) for column in zip(*counts, strict=True))
        for place in range(len(names)):
            # Each begins a round in its turn: none always runs in the warmth or the noise of the same other.
            name = names[(done + place) % len(names)]
            found[name].append(
                {
                    f"{what}_per_{second}": count / seconds
                    for second, seconds in timed(bench, name, numbers).items()
                    for what, count in (("tokens", tokens), ("sentences", sentences))
                }
            )
    return summary(found)


def timed(bench: Bench, name: str, numbers: Sequence[int]) -> dict[str, float]:
    """Seconds of the clock, and of the processor, all threads together."""
    step = bench.ways[name]
    begun, processor_begun = time.perf_counter(), time.process_time()
    for number in numbers:
        step(bench.make(number))
    return {
        "second": time.perf_counter() - begun,
        "processor_second": time.process_time() - processor_begun,
    }


def summary(found: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    """Medians, and how many times as fast ours is, round against round."""

    def over(name: str, key: str) -> float:
        pairs = zip(found["ours"], found[name], strict=True)
        return round(statistics.median(mine[key] / other[key] for mine, other in pairs), 2)

    baselines = [name for name in found if name != "ours"]
    return {
        "median": {
            name: {key: round(statistics.median(one[key] for one in rounds), 1) for key in rounds[0]}
            for name, rounds in found.items()
        },
        "ours_over": {name: over(name, "tokens_per_processor_second") for name in baselines},
        "ours_over_by_the_clock": {name: over(name, "tokens_per_second") for name in baselines},
        "rounds": {
            name: [{key: round(value, 1) for key, value in one.items()} for one in rounds]
            for name, rounds in found.items()
        },
    }


def table(name: str, result: Mapping[str, Any]) -> str:
    """Ratios by processor time."""
    lines = ["", f"{name:34}{'tokens/s':>10}{'tokens/CPU s':>14}{'sentences/CPU s':>17}{'ours over it':>14}"]
    for contender, speeds in result["median"].items():
        numbers = [speeds[key] for key in ("tokens_per_second", "tokens_per_processor_second")]
        sentences = speeds["sentences_per_processor_second"]
        ratio = "" if contender == "ours" else f"{result['ours_over'][contender]:.2f}"
        lines.append(f"  {contender:32}{numbers[0]:10,.0f}{numbers[1]:14,.0f}{sentences:17,.1f}{ratio:>14}")
    figure = FLAIR_SENTENCES.get(name.rpartition(": ")[2]) if name.startswith("bilstm") else None
    if figure:
        ratio = result["median"]["ours"]["sentences_per_processor_second"] / figure
        lines.append(f"  {'Flair 0.15.1, measured separately':56}{figure:17,.1f}{ratio:14.1f}")
    return "\n".join(lines)


def measure_rows(rows: Sequence[TaggerRow | LanguageRow], rounds: int, only: str) -> dict[str, Any]:
    """The benches of rows whose name holds ``only``, printed as they are done."""
    results: dict[str, Any] = {}
    for row in rows:
        if only not in row.name:
            continue
        make = tagger_benches if isinstance(row, TaggerRow) else language_benches
        with tempfile.TemporaryDirectory() as folder:
            torch.manual_seed(0)
            for bench in make(row, Path(folder)):
                results[bench.name] = measure(bench, rounds)
                print(table(bench.name, results[bench.name]), flush=True)
    return results


def main(arguments: Sequence[str] | None = None, rows: Sequence[TaggerRow | LanguageRow] = ROWS) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--out", type=Path, default=HERE / "words.json")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    with large_blocks_kept():
        results = measure_rows(rows, options.rounds, options.only)
    machine = environment(options.threads, "cpu").to_json()
    del machine["command"], machine["started"]
    figures = {
        "rounds": options.rounds,
        "rows": results,
        "flair_sentences_per_processor_second_measured_separately": FLAIR_SENTENCES,
        "machine": machine,
        "load": round(os.getloadavg()[0], 1),
    }
    write_json(options.out, figures)


if __name__ == "__main__":
    main()
