"""The figures of each task, by the field's libraries. Validation, evaluate, study and report all come here."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.tasks.contract import Metrics


def classification_metrics(references: Sequence[str], answers: Sequence[str]) -> Metrics:
    """Accuracy, and F1 averaged over the classes that occur, each counting the same (scikit-learn).

    >>> classification_metrics(["a", "b", "b"], ["a", "b", "a"])["macro_f1"]
    0.6666666666666666
    """
    from sklearn.metrics import accuracy_score, f1_score

    return {
        "accuracy": float(accuracy_score(references, answers)),
        "macro_f1": float(f1_score(references, answers, average="macro", zero_division=0)),  # pyright: ignore[reportArgumentType] - its stub says str
    }


def value_metrics(references: Sequence[float], answers: Sequence[float]) -> Metrics:
    """Root mean squared error, mean absolute error, and the share of the variance that is explained (R²).

    R² is left out where the references do not differ: there is no variance to explain.

    >>> value_metrics([1.0, 3.0], [1.0, 2.0])
    {'rmse': 0.7071067811865476, 'mae': 0.5, 'r2': 0.5}
    """
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    figures = {
        "rmse": float(root_mean_squared_error(references, answers)),
        "mae": float(mean_absolute_error(references, answers)),
    }
    if len(set(references)) > 1:
        figures["r2"] = float(r2_score(references, answers))
    return figures


def transcription_metrics(references: Sequence[str], answers: Sequence[str]) -> Metrics:
    """Character and word error rates: edits over the length of all references together (jiwer).

    Texts come in NFC with single spaces, as the readers give them. Above 1 where more is written than there is.

    >>> transcription_metrics(["tide gate"], ["tide gates"])
    {'cer': 0.1111111111111111, 'wer': 0.5}
    """
    import jiwer

    return {
        "cer": float(jiwer.process_characters(list(references), list(answers)).cer),
        "wer": float(jiwer.process_words(list(references), list(answers)).wer),
    }


def edits(reference: str, answer: str) -> int:
    """Insertions, deletions and substitutions between two texts (Levenshtein 1966)."""
    from rapidfuzz.distance import Levenshtein

    return int(Levenshtein.distance(reference, answer))


def confusions(references: Sequence[str], answers: Sequence[str]) -> dict[tuple[str, str], int]:
    """How often each character was read as another; an empty string stands for nothing.

    >>> confusions(["tide"], ["tjd"])
    {('i', 'j'): 1, ('e', ''): 1}
    """
    from rapidfuzz.distance import Levenshtein

    counts: dict[tuple[str, str], int] = {}
    for reference, answer in zip(references, answers, strict=True):
        for edit in Levenshtein.editops(reference, answer):
            pair = (
                reference[edit.src_pos] if edit.tag != "insert" else "",
                answer[edit.dest_pos] if edit.tag != "delete" else "",
            )
            counts[pair] = counts.get(pair, 0) + 1
    return counts
