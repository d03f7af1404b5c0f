"""Our figures against other libraries'."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.tasks.metrics import classification_metrics, confusions, edits, transcription_metrics

words = (
    st.text("abc ", min_size=1, max_size=12)
    .filter(lambda text: bool(text.strip()))
    .map(lambda t: " ".join(t.split()))
)


@given(pairs=st.lists(st.tuples(words, words), min_size=1, max_size=6))
@settings(max_examples=50, deadline=None)
def test_error_rates_equal_torchmetrics(pairs: list[tuple[str, str]]) -> None:
    from torchmetrics.functional.text import char_error_rate, word_error_rate

    references, answers = [a for a, _ in pairs], [b for _, b in pairs]
    ours = transcription_metrics(references, answers)
    assert ours["cer"] == pytest.approx(float(char_error_rate(answers, references)), rel=1e-6)
    assert ours["wer"] == pytest.approx(float(word_error_rate(answers, references)), rel=1e-6)
    assert ours["cer"] == pytest.approx(sum(edits(a, b) for a, b in pairs) / sum(map(len, references)))


def test_classification_equals_torchmetrics() -> None:
    from torchmetrics.functional.classification import multiclass_accuracy, multiclass_f1_score

    chance = np.random.default_rng(0)
    references, answers = chance.integers(0, 4, 200), chance.integers(0, 4, 200)
    ours = classification_metrics([str(i) for i in references], [str(i) for i in answers])
    theirs = torch.from_numpy(answers), torch.from_numpy(references)
    assert ours["accuracy"] == pytest.approx(float(multiclass_accuracy(*theirs, 4, average="micro")))
    assert ours["macro_f1"] == pytest.approx(float(multiclass_f1_score(*theirs, 4, average="macro")))


def test_confusions_count_all_edits() -> None:
    found = confusions(["tide", "gate"], ["tjd", "gaate"])
    assert found == {("i", "j"): 1, ("e", ""): 1, ("", "a"): 1}
    assert sum(found.values()) == edits("tide", "tjd") + edits("gate", "gaate")


def test_more_written_than_there_is() -> None:
    assert transcription_metrics(["a"], ["abc"])["cer"] == 2.0
    assert transcription_metrics(["abc"], [""]) == {"cer": 1.0, "wer": 1.0}
