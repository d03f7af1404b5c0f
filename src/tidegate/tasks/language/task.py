"""``language``: text → the next symbol, by a recurrent network that carries its states through the whole text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tidegate.config.compile import compile_run
from tidegate.config.run import RunSpec
from tidegate.config.tasks.language import LanguageSpec
from tidegate.data.text.memory import EXPECTED
from tidegate.data.text.splits import make_text_splits
from tidegate.data.text.tokens import Tokens, fit_tokens, note_unknown, tokens_from_json
from tidegate.data.text.vocabulary import TokenOptions
from tidegate.errors import ConfigError
from tidegate.network.vgsl import parse
from tidegate.tasks.contract import Baselines, Json, Prepared, Task
from tidegate.tasks.description import Description
from tidegate.tasks.language.baselines import kneser_ney, unigram
from tidegate.tasks.language.describe import describe
from tidegate.tasks.language.metrics import language_metrics
from tidegate.tasks.language.problem import Language
from tidegate.tasks.language.split import TextStream
from tidegate.tasks.showing import Showing


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


class _Texts(Task):
    name = "language"
    primary = "nats_per_symbol"
    lower_is_better = True
    shares_data = True
    in_memory = EXPECTED
    reads_text = True
    # The window that gradients go back through by default.
    showing = Showing(
        columns=128,
        example="{columns} symbols with {channels} features each",
        counted="{symbols} different ones",
        beside="the embedding comes on top of these parameters; the output layer may share it (language.tied)",
    )

    def prepare(self, spec: RunSpec) -> Prepared:
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
            name: problem.text_stream(part, streams=options.streams if name == "valid" else 1)
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

    def restore(self, data: Json, spec: RunSpec) -> Language:
        """Make the problem again from model.json."""
        return Language(tokens_from_json(data["tokens"]), parse(data["architecture"]), spec)

    def describe(self, spec: RunSpec, path: str) -> Description:
        """Documents, lines and characters."""
        return describe(path)


LANGUAGE = _Texts()
