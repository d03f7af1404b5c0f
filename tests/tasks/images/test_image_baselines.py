"""What stands beside networks on images: the most frequent class, the nearest image, one text for all lines."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tidegate.config.resolve import resolve
from tidegate.tasks.images import baselines
from tidegate.tasks.images.split import ImageSplit
from tidegate.tasks.metrics import edits
from tidegate.tasks.registry import task_named


def parts(task: str, folder: Path) -> tuple[ImageSplit, ImageSplit]:
    splits = task_named(task).prepare(resolve({"task": task, "data": {"train": str(folder)}})).splits
    train, valid = splits["train"], splits["valid"]
    assert isinstance(train, ImageSplit) and isinstance(valid, ImageSplit)
    return train, valid


@pytest.mark.parametrize("most", [5, 1000])
def test_the_nearest_of_so_many_images(
    most: int, image_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, test = parts("classify", image_folder)
    monkeypatch.setattr(baselines, "NEIGHBOUR_SAMPLES", most)
    found = baselines.classification_baselines(train, test)
    places = np.linspace(0, len(train) - 1, min(most, len(train))).astype(int).tolist()
    known, asked = (
        split.batch(those).inputs.flatten(1).numpy()
        for split, those in ((train, places), (test, range(len(test))))
    )
    nearest = np.square(asked[:, None] - known[None]).sum(2).argmin(1)
    right = [train.references[places[at]] == name for at, name in zip(nearest, test.references, strict=True)]
    assert found.metrics["1-nn"]["accuracy"] == pytest.approx(sum(right) / len(test))
    usual, _ = Counter(train.references).most_common(1)[0]
    assert found.metrics["majority"]["accuracy"] == test.references.count(usual) / len(test)
    told = [one.what for one in found.notes]
    assert told == (
        [f"the baseline 1-nn looks at 5 of the {len(train)} training images"] if most == 5 else []
    )


def test_five_thousand_images_are_enough_of_a_neighbourhood() -> None:
    assert baselines.NEIGHBOUR_SAMPLES == 5000


def test_the_same_text_is_the_one_nearest_to_all_others(line_folder: Path) -> None:
    train, test = parts("transcribe", line_folder)
    distinct = sorted(set(train.references))
    assert len(distinct) < baselines.CANDIDATE_TEXTS
    distances = {text: sum(edits(other, text) for other in distinct) for text in distinct}
    nearest = min(distinct, key=lambda text: distances[text])
    assert distances[nearest] < max(distances.values())
    wrong = sum(edits(reference, nearest) for reference in test.references)
    metrics = baselines.transcription_baselines(train, test).metrics
    assert metrics["same text"]["cer"] == pytest.approx(wrong / sum(map(len, test.references)))
    assert metrics["empty"] == {"cer": 1.0, "wer": 1.0}
