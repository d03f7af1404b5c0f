"""The doctor of sentences with a tag for each word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.check.contract import Checks, Found, Shown, Subject, found
from tidegate.check.doubles import contradictions, near_leaks
from tidegate.check.kinds.vocabulary import check_words
from tidegate.check.labels import plain
from tidegate.config.compile import compile_run
from tidegate.config.run import RunSpec
from tidegate.config.tasks.tag import TagSpec
from tidegate.data.words.scheme_rules import scheme_problems
from tidegate.data.words.schemes import OUTSIDE, Scheme
from tidegate.data.words.sentence import Sentence
from tidegate.tasks.tag.parts import read_tagged, scheme_of

LONG = 1000
"""Words of a sentence from which it is none."""
TAGGED_AS_WORDS = 0.2
"""Different tags for each word from which a column holds no tags."""


@dataclass(frozen=True)
class Sentences(Subject[Sentence]):
    """Tagged sentences.

    Attributes:
        scheme: Of their tags.
    """

    scheme: Scheme = field(default_factory=lambda: Scheme("none"))


def read(spec: RunSpec) -> Sentences:
    """Sentences and tags, as training reads them."""
    _, splits, record = read_tagged(spec)
    parts: Mapping[str, Sequence[Sentence]] = {"train": splits.train, "valid": splits.valid}
    parts = parts if splits.test is None else {**parts, "test": splits.test}
    tags = {tag for sentence in splits.train for tag in sentence.tags}
    return Sentences(
        spec,
        parts,
        record.notes,
        architecture=compile_run(spec),
        columns=25,
        symbols=len(tags),
        answers=sum(map(len, splits.train)),
        scheme=scheme_of(spec, splits.train),
    )


def show(sentence: Sentence) -> Shown:
    """Words with their tags."""
    pairs = zip(sentence.words, sentence.tags, strict=False)
    return Shown(sentence.name, " ".join(f"{word}/{tag}" for word, tag in pairs)[:400])


def tags(subject: Sentences) -> Iterator[Found]:
    """Tags that say nothing, or are none."""
    train = Counter(tag for sentence in subject.train for tag in sentence.tags)
    words = train.total()
    if len(train) == 1:
        yield found(
            "error",
            "constant-label",
            "train",
            f"all {words:,} words have the tag {next(iter(train))!r}: there is nothing to tell apart",
            "check which column holds the tags: --set tag.tag_column=2 is the second one",
        )
    elif words > 50 and len(train) > TAGGED_AS_WORDS * words:
        yield found(
            "error",
            "label-per-sample",
            "train",
            f"{len(train):,} different tags for {words:,} words: that column holds words, and no tags",
            "name the columns: --set tag.word_column=2 and --set tag.tag_column=1, say",
        )
    elif subject.scheme.name == "none" and train[OUTSIDE] > 0.5 * words:
        others = ", ".join(repr(tag) for tag, _ in train.most_common(4)[1:])
        yield found(
            "warning",
            "bare-labels",
            "train",
            f"{train[OUTSIDE] / words:.0%} of the words are {OUTSIDE!r}, and the other tags ({others}) do not say "
            "where an entity begins: what is measured is the accuracy of words, and whoever always says O is nearly "
            "right",
            "write B- before the first word of an entity and I- before the others (B-PER I-PER); of marks of single "
            "words, look at the figures of each tag and not at accuracy",
        )


def entities(subject: Sentences) -> Iterator[Found]:
    """Parts without entities, and labels of one part only."""
    if subject.scheme.name == "none":
        return
    spans = {
        name: Counter(span.label for sentence in sentences for span in subject.scheme.to_spans(sentence.tags))
        for name, sentences in subject.parts.items()
    }
    for name in subject.others:
        if not spans[name]:
            yield found(
                "warning",
                "no-entities",
                name,
                f"its {len(subject.parts[name]):,} sentences have no entity: F1 is 0 whatever the network says",
                f"tag it, or leave it out (--{name}), so that it is made of the training data",
            )
            continue
        unknown = {label: count for label, count in spans[name].items() if label not in spans["train"]}
        if unknown:
            listed = ", ".join(f"{label} ({count:,})" for label, count in list(unknown.items())[:5])
            yield found(
                "warning",
                "unknown-tags",
                name,
                f"labels that training never has, so that the model cannot give them: {listed}",
                "use the same labels in all parts, in one spelling; or add sentences with them to the training data",
            )
    once = [label for label, count in spans["train"].items() if count == 1]
    if once:
        yield found(
            "note",
            "one-sample-class",
            "train",
            f"labels with a single entity for training: {', '.join(once[:5])}",
            "add sentences with them, or join the labels to others",
        )


def scheme(subject: Sentences) -> Iterator[Found]:
    """Tags that break their own scheme."""
    for name, sentences in subject.parts.items():
        slips = scheme_problems(sentences, subject.scheme)
        entities_there = sum(len(subject.scheme.to_spans(sentence.tags)) for sentence in sentences)
        if slips:
            count = "1 tag breaks" if len(slips) == 1 else f"{len(slips):,} tags break"
            yield found(
                "warning" if len(slips) > 0.01 * entities_there else "note",
                "broken-scheme",
                name,
                f"{count} the scheme {subject.scheme.name}, and are read as conlleval does; the first is {slips[0]}",
                "correct the tags; where they are right by another scheme, name it: --set tag.scheme=iob1",
            )


def lengths(subject: Sentences) -> Iterator[Found]:
    """Files without blank lines, where everything is one sentence."""
    for name, sentences in subject.parts.items():
        long = [sentence for sentence in sentences if len(sentence) > LONG]
        if long:
            yield found(
                "warning",
                "long-sentence",
                name,
                f"{len(long):,} of {len(sentences):,} sentences have more than {LONG:,} words, as where no blank line "
                "stands between sentences",
                "put a blank line behind each sentence",
                long,
            )


def words(subject: Sentences) -> Iterator[Found]:
    """Words that training, or the vectors, do not have."""
    parts = {name: [sentence.words for sentence in part] for name, part in subject.parts.items()}
    yield from check_words(parts, subject.spec.settings(TagSpec), subject.spec.table_name)


def doubles(subject: Sentences) -> Iterator[Found]:
    """Sentences that stand there twice: with other tags, or in two parts but for case and width."""

    def near(sentence: Sentence) -> str | None:
        # Short ones are alike by nature.
        return plain(" ".join(sentence.words)) if len(sentence) >= 8 else None

    def exact(sentence: Sentence) -> tuple[str, ...] | None:
        return sentence.words

    yield from contradictions(
        subject.train, lambda sentence: sentence.words if len(sentence) >= 5 else None, show
    )
    yield from near_leaks(subject.train, subject.others, exact, near, alike="case and width", show=show)


CHECKS = Checks(read, (tags, entities, scheme, lengths, words, doubles))
