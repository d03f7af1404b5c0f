"""Cheap baselines that stand in every leaderboard: a network that does not beat them is reported as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from tidegate.tasks.contract import Baselines
from tidegate.tasks.images.split import ImageSplit
from tidegate.tasks.metrics import classification_metrics, edits, transcription_metrics

NEIGHBOUR_SAMPLES = 5000
CANDIDATE_TEXTS = 100


def classification_baselines(train: ImageSplit, test: ImageSplit) -> Baselines:
    """The most frequent class, and the class of the nearest training image (Euclid on pixels, at most 5,000 of them)."""
    most, _ = Counter(train.references).most_common(1)[0]
    return Baselines(
        {
            "majority": classification_metrics(test.references, [most] * len(test)),
            "1-nn": classification_metrics(test.references, _nearest(train, test)),
        }
    )


def _nearest(train: ImageSplit, test: ImageSplit) -> list[str]:
    from sklearn.neighbors import KNeighborsClassifier

    places = np.linspace(0, len(train) - 1, min(len(train), NEIGHBOUR_SAMPLES)).astype(int).tolist()
    model = KNeighborsClassifier(n_neighbors=1, algorithm="brute")
    model.fit(_pixels(train, places), [train.references[i] for i in places])
    answers: list[str] = []
    for start in range(0, len(test), 500):
        places = list(range(start, min(start + 500, len(test))))
        answers.extend(str(name) for name in model.predict(_pixels(test, places)))
    return answers


def _pixels(split: ImageSplit, places: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return split.batch(places).inputs.flatten(1).numpy()


def transcription_baselines(train: ImageSplit, test: ImageSplit) -> Baselines:
    """Writing the same training text for every line: the one nearest to the others, and nothing at all."""
    distinct = sorted(set(train.references))
    step = max(1, len(distinct) // CANDIDATE_TEXTS)
    some = distinct[::step]
    middle = min(some, key=lambda text: sum(edits(other, text) for other in some))
    return Baselines(
        {
            "same text": transcription_metrics(test.references, [middle] * len(test)),
            "empty": transcription_metrics(test.references, [""] * len(test)),
        }
    )
