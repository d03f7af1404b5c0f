"""What ``tidegate predict`` does with a tagger: files in, the same files out with their tags."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tidegate.errors import DataError, EmptyDataError

if TYPE_CHECKING:
    from tidegate.api.model import Model
    from tidegate.api.tagging import TaggedDocument, TaggedSentence


def predict_tags(model: Model, inputs: Sequence[str], *, as_json: bool) -> int:
    """Tag files, print them, and complain about what cannot be read.

    Returns:
        Files and sentences that could not be tagged.

    Raises:
        EmptyDataError: There was nothing to tag at all.
    """
    from tidegate.cli.printing import print_json

    failed = 0
    sentences: list[TaggedSentence] = []
    for document in _documents(model, inputs):
        if document is None:
            failed += 1
            continue
        for bad in document.bad:
            print(bad, file=sys.stderr)
        failed += len(document.bad)
        sentences += document.sentences
        if not as_json:
            sys.stdout.buffer.write(document.text.encode("utf-8", "surrogateescape"))
            sys.stdout.buffer.flush()
    if as_json:
        print_json([_plain(sentence) for sentence in sentences])
    if not sentences and not failed:
        raise EmptyDataError("no words to tag", where=" ".join(inputs), expected="files of text or columns")
    return failed


def _documents(model: Model, inputs: Sequence[str]) -> Iterator[TaggedDocument | None]:
    for text in inputs:
        try:
            yield model.tag_document(sys.stdin.buffer.read() if text == "-" else text)
        except DataError as error:
            # The other files are still worth their tags.
            print(f"{text}: {error}", file=sys.stderr)
            yield None


def _plain(sentence: TaggedSentence) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "name": sentence.name,
        "words": list(sentence.words),
        "tags": list(sentence.tags),
        "confidences": [round(one, 4) for one in sentence.confidences],
        "spans": [{**asdict(span), "confidence": round(span.confidence, 4)} for span in sentence.spans],
    }
    if sentence.alternatives:
        plain["alternatives"] = [
            {"tags": list(tags), "log_probability": round(score, 4)} for tags, score in sentence.alternatives
        ]
    return plain
