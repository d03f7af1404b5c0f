"""The figures of ``tag``, by seqeval and scikit-learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tidegate.data.words.schemes import Scheme, convert
from tidegate.results.analysis.samples import Label
from tidegate.tasks.contract import Metrics
from tidegate.tasks.error_analysis import by_label

IOB2 = Scheme("iob2")
Tags = Sequence[Sequence[str]]


def tag_metrics(references: Tags, answers: Tags, scheme: Scheme) -> Metrics:
    """Accuracy over words; with a scheme also F1, precision and recall of entities, which count if they match exactly.

    Entities are those that the conlleval script sees (Tjong Kim Sang 2000), micro-averaged over labels.

    >>> tag_metrics([["B-PER", "I-PER", "O"]], [["B-PER", "O", "O"]], IOB2)["f1"]
    0.0
    """
    from sklearn.metrics import accuracy_score

    flat = [[tag for sentence in tags for tag in sentence] for tags in (references, answers)]
    accuracy = float(accuracy_score(*flat)) if flat[0] else 0.0
    if scheme.name == "none":
        return {"accuracy": accuracy}
    import seqeval.metrics as seqeval  # pyright: ignore[reportMissingTypeStubs] - it has none

    # In one spelling of the scheme: seqeval does not know M and W.
    true, said = ([convert(sentence, scheme, IOB2) for sentence in tags] for tags in (references, answers))
    figures: Any = seqeval
    return {
        "f1": float(figures.f1_score(true, said, zero_division=0)),
        "precision": float(figures.precision_score(true, said, zero_division=0)),
        "recall": float(figures.recall_score(true, said, zero_division=0)),
        "accuracy": accuracy,
    }


def span_counts(references: Tags, answers: Tags, scheme: Scheme) -> tuple[list[int], list[int]]:
    """Of each sentence twice the entities that were found, and all there are and were said: F1 is the ratio of the sums.

    Entities are those of ``tag_metrics``, by seqeval.

    >>> span_counts([["B-PER", "I-PER", "O"]], [["B-PER", "I-PER", "B-LOC"]], IOB2)
    ([2], [3])
    """
    from seqeval.metrics.sequence_labeling import get_entities  # pyright: ignore[reportMissingTypeStubs]

    entities: Any = get_entities
    hits: list[int] = []
    sizes: list[int] = []
    for true, said in zip(references, answers, strict=True):
        there, given = (set(entities(list(convert(tags, scheme, IOB2)))) for tags in (true, said))
        hits.append(2 * len(there & given))
        sizes.append(len(there) + len(given))
    return hits, sizes


def label_figures(references: Tags, answers: Tags, scheme: Scheme) -> tuple[Label, ...]:
    """Precision, recall and F1 of each label, the most frequent first; each tag is a label where there is no scheme."""
    true = [(i, span) for i, tags in enumerate(references) for span in scheme.to_spans(tags)]
    said = [(i, span) for i, tags in enumerate(answers) for span in scheme.to_spans(tags)]
    right = set(true) & set(said)
    there, given, both = (Counter(span.label for _, span in some) for some in (true, said, right))
    return by_label(there, given, both)
