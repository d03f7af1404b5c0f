"""Cheap baselines that stand in every leaderboard: a network that does not beat them is reported as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from tidegate.data.finding import note
from tidegate.tasks.contract import Baselines
from tidegate.tasks.images.split import ImageSplit
from tidegate.tasks.metrics import classification_metrics, edits, transcription_metrics

NEIGHBOUR_SAMPLES = 5000
CANDIDATE_TEXTS = 100


def classification_baselines(train: ImageSplit, test: ImageSplit) -> Baselines:
    """The most frequent class, and the class of the nearest training image (Euclid on pixels).

    Of many training images ``NEIGHBOUR_SAMPLES`` are looked at, from the first to the last; a note says so.
    """
    most, _ = Counter(train.references).most_common(1)[0]
    looked_at = min(len(train), NEIGHBOUR_SAMPLES)
    fewer = f"the baseline 1-nn looks at {looked_at:,} of the {len(train):,} training images"
    return Baselines(
        {
            "majority": classification_metrics(test.references, [most] * len(test)),
            "1-nn": classification_metrics(test.references, _nearest(train, test, looked_at)),
        },
        [note("sampled-baseline", fewer)] if looked_at < len(train) else [],
    )


def _nearest(train: ImageSplit, test: ImageSplit, looked_at: int) -> list[str]:
    from sklearn.neighbors import KNeighborsClassifier

    places = np.linspace(0, len(train) - 1, looked_at).astype(int).tolist()
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
