"""The doctor of running text, of which the next symbol is learnt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tidegate.check.contract import Checks, Found, Subject, found
from tidegate.config.compile import compile_run
from tidegate.config.run import RunSpec
from tidegate.config.tasks.language import LanguageSpec
from tidegate.data.source import find_place, holds_images
from tidegate.data.text.documents import Text
from tidegate.data.text.formats import TEXTS
from tidegate.data.text.splits import make_text_splits
from tidegate.data.text.tokens import Tokens, fit_tokens
from tidegate.data.text.vocabulary import TokenOptions

LOOKED_AT = 1_000_000
"""Characters of a part that are cut into symbols; the first ones."""
STRANGE = 0.1
"""Share of unknown symbols from which another part is of another kind of text."""
REPEATED = 0.5
"""Share of long lines of another part that stand in the training text too, from which it measures memory."""
LONG_LINE = 30
"""Characters of a line that do not come together twice by chance."""


@dataclass(frozen=True)
class Texts(Subject[Text]):
    """Texts, and what their symbols are.

    Attributes:
        tokens: Learnt from the training text; ``None`` where they could not be.
    """

    tokens: Tokens | None = None


def read(spec: RunSpec) -> Texts:
    """Texts, as training reads them."""
    splits, record = make_text_splits(spec.data)
    parts: Mapping[str, Sequence[Text]] = {"train": splits.train, "valid": splits.valid}
    parts = parts if splits.test is None else {**parts, "test": splits.test}
    options = spec.settings(LanguageSpec)
    wanted = TokenOptions(options.tokens, options.vocabulary, options.min_count, options.lowercase)
    tokens = fit_tokens([text.text for text in splits.train], wanted)
    start = _start(splits.train)
    characters = sum(len(text.text) for text in splits.train)
    count = round(len(tokens.encode(start)) * characters / max(1, len(start)))
    return Texts(
        spec,
        parts,
        record.notes,
        architecture=compile_run(spec),
        columns=options.window,
        symbols=tokens.size,
        answers=count,
        examples=max(1, count // options.window),
        tokens=tokens,
    )


def _start(texts: Sequence[Text]) -> str:
    """The first characters of a part."""
    pieces: list[str] = []
    left = LOOKED_AT
    for text in texts:
        if left <= 0:
            break
        pieces.append(text.text[:left])
        left -= len(text.text)
    return "\n".join(pieces)


def size(subject: Texts) -> Iterator[Found]:
    """Text that is too short for windows and batches."""
    window = subject.spec.settings(LanguageSpec).window
    if subject.answers < 4 * window:
        yield found(
            "warning",
            "short-text",
            "train",
            f"{subject.answers:,} symbols are a few windows of {window}: a network learns them by heart, or nothing",
            f"add text, or read shorter windows: --set language.window={max(1, subject.answers // 32)}",
        )


def symbols(subject: Texts) -> Iterator[Found]:
    """Text of hardly any symbols, and symbols that training never has."""
    assert subject.tokens is not None
    counts = Counter(_start(subject.train))
    (most, count), total = counts.most_common(1)[0], counts.total()
    if count > 0.9 * total:
        yield found(
            "error",
            "constant-label",
            "train",
            f"{count / total:.0%} of the text is the character {most!r}: there is nothing to learn",
            "check what the files hold, and their encoding (--set data.encoding=…)",
        )
    for part, texts in subject.others.items():
        start = _start(texts)
        unknown = sum(number for _, number in subject.tokens.unknown(start))
        there = len(subject.tokens.encode(start))
        if unknown > STRANGE * max(1, there):
            yield found(
                "warning",
                "unknown-tokens",
                part,
                f"{unknown / there:.0%} of its symbols never come in the training text, and cannot be foreseen",
                "check that both parts are of one language and encoding; of words, more text or --set "
                "language.tokens=characters helps",
            )


def repeated(subject: Texts) -> Iterator[Found]:
    """Lines of another part that stand in the training text too."""
    # Hashes, since the lines of a large text are as large as the text.
    seen = {hash(line.strip()) for text in subject.train for line in text.text.splitlines()}
    for part, texts in subject.others.items():
        lines = [line.strip() for text in texts for line in text.text.splitlines()]
        long = [line for line in lines if len(line) >= LONG_LINE]
        again = [line for line in long if hash(line) in seen]
        if len(long) >= 10 and len(again) > REPEATED * len(long):
            yield found(
                "warning",
                "near-leak",
                part,
                f"{len(again):,} of its {len(long):,} long lines stand in the training text too (such as "
                f"{again[0][:40]!r}): what is measured is memory",
                "take a text for it that does not repeat the training text",
            )


def unlikeness(path: str) -> float | None:
    """Texts among images tell of these."""
    source = find_place(path).source
    if holds_images(source):
        return None
    TEXTS.find(source)
    return 0.0


CHECKS = Checks(read, (size, symbols, repeated), unlikeness)
