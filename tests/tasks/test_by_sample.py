"""The primary metric sample by sample: together it is the metric that the field's libraries give."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import tide_series
import tidegate.tasks.language.error_analysis as language_analysis
from signal_cases import CLASSES, problem_of, signals
from tidegate.config.resolve import resolve
from tidegate.data.words.columns import read_columns
from tidegate.data.words.conllu import read_conllu
from tidegate.data.words.schemes import Scheme
from tidegate.data.words.sentence import Sentence
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer
from tidegate.tasks.images.error_analysis import classification_analysis, transcription_analysis
from tidegate.tasks.language.task import LANGUAGE
from tidegate.tasks.metrics import classification_metrics, transcription_metrics
from tidegate.tasks.per_sample import MOST, MOST_TEXTS, Units, by_sample
from tidegate.tasks.signal.answers import class_answer
from tidegate.tasks.signal.error_analysis import signal_analysis
from tidegate.tasks.tag.answers import TagAnswer
from tidegate.tasks.tag.error_analysis import tag_analysis
from tidegate.tasks.tag.metrics import tag_metrics

EXACT = 1e-9
WORDS = st.text("tidegaé ", min_size=1, max_size=12).map(lambda text: " ".join(text.split()) or "t")


def together(told: Samples) -> float:
    """The metric, from what its samples add to it; 0 where nothing counts, as the libraries have it."""
    assert len(told.numerator) == len(told.denominator) == told.of
    assert Samples.from_json(json.dumps(told.to_json()), "samples.json") == told
    value = sum(told.numerator) / max(1, sum(told.denominator))
    return math.sqrt(value) if told.root else value


@dataclass(frozen=True)
class Drawn:
    """Images that are none, with their right answers."""

    references: list[str]

    @property
    def names(self) -> list[str]:
        return [f"{i}.png" for i in range(len(self.references))]

    @property
    def groups(self) -> list[str]:
        return [""] * len(self.references)

    def __len__(self) -> int:
        return len(self.references)

    def picture(self, index: int) -> bytes:
        return b""

    def sizes(self) -> list[int]:
        raise NotImplementedError

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        raise NotImplementedError

    def plan_in_order(self, batch_size: int) -> list[list[int]]:
        raise NotImplementedError

    def batch(self, indices: Any) -> Any:
        raise NotImplementedError


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS, st.text("tidegaé", max_size=12)), min_size=1, max_size=14))
def test_edits_and_characters_are_the_error_rate(pairs: list[tuple[str, str]]) -> None:
    references, texts = [one for one, _ in pairs], [other for _, other in pairs]
    told = transcription_analysis(Drawn(references), [Answer(text, 0.5) for text in texts])[1]
    assert told.metric == "cer"
    assert together(told) == pytest.approx(transcription_metrics(references, texts)["cer"], rel=EXACT)
    assert (told.references, told.answers) == (tuple(references), tuple(texts))
    lengths = [len(reference) for reference in references]
    assert told.length == (tuple(lengths) if len(set(lengths)) > 1 else ())


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=20))
def test_right_answers_are_the_accuracy(pairs: list[tuple[str, str]]) -> None:
    references, said = [one for one, _ in pairs], [other for _, other in pairs]
    told = classification_analysis(Drawn(references), [Answer(one, 0.5) for one in said], "abc")[1]
    assert together(told) == pytest.approx(classification_metrics(references, said)["accuracy"], rel=EXACT)
    assert told.length == () and told.names[0] == "0.png"


TAGS = ["O", "B-A", "I-A", "B-B", "I-B"]


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(*[st.sampled_from(TAGS)] * 2), min_size=1, max_size=6), min_size=1))
@pytest.mark.parametrize("scheme", [Scheme("iob2"), Scheme("none")], ids=["entities", "words"])
def test_entities_found_are_the_f1(scheme: Scheme, pairs: list[list[tuple[str, str]]]) -> None:
    """F1 by seqeval over all sentences, also of tags that break the scheme; plain tags have accuracy."""
    true = [tuple(one for one, _ in sentence) for sentence in pairs]
    said = [tuple(other for _, other in sentence) for sentence in pairs]
    sentences = [Sentence(f"s:{i}", ("w",) * len(tags), tags=tags) for i, tags in enumerate(true)]
    answers = [TagAnswer(" ".join(tags), 1.0, tags, (1.0,) * len(tags)) for tags in said]
    told = tag_analysis(sentences, answers, scheme)[1]
    assert told.metric == ("accuracy" if scheme.name == "none" else "f1")
    assert together(told) == pytest.approx(tag_metrics(true, said, scheme)[told.metric], rel=EXACT)
    assert told.references[0] == " ".join(true[0]) and told.answers[0] == " ".join(said[0])


@pytest.mark.parametrize("valued", [False, True])
def test_signals(valued: bool) -> None:
    some = signals(20, valued=valued)
    problem, network = problem_of(f"[1,1,0,2 Gbxs8 {'O0l1' if valued else 'O0s3'}]", some, valued=valued)
    split = problem.split_of(some)
    with torch.inference_mode():
        evaluated = problem.evaluate(network, split, labelled=True)
    told = signal_analysis(split, evaluated.answers, () if valued else CLASSES)[1]
    assert (told.metric, told.root) == (("rmse", True) if valued else ("accuracy", False))
    assert together(told) == pytest.approx(evaluated.metrics[told.metric], rel=EXACT)
    assert told.length == tuple(len(one) for one in some)


def test_samples_that_are_shown_are_spread_over_the_whole_split() -> None:
    """The first ones may all be of one class or one document; and none is picked by its result."""
    references, sentences = ["a"] * 50, [Sentence(f"s:{i}", ("w",), tags=("O",)) for i in range(50)]
    answers = [Answer("a", 1.0)] * 50
    tagged = [TagAnswer("O", 1.0, ("O",), (1.0,))] * 50
    twelve = [50 * i // 12 for i in range(12)]
    for analysis in (
        transcription_analysis(Drawn(references), answers)[0],
        classification_analysis(Drawn(references), answers, "ab")[0],
        tag_analysis(sentences, tagged, Scheme("iob2"))[0],
    ):
        assert [int(re.sub(r"\D", "", one.name)) for one in analysis.samples] == twelve
        assert analysis.worst == ()
    some = signals(50)
    problem, _ = problem_of("[1,1,0,2 Gfxs4 O0s3]", some)
    said = [class_answer(np.eye(3)[CLASSES.index(one.target)], CLASSES) for one in some]
    shown = signal_analysis(problem.split_of(some), said, CLASSES)[0].samples
    assert [one.name for one in shown] == [f"s:{50 * i // 10}" for i in range(10)]


@pytest.mark.parametrize("stretch", [7, 50, 10_000])
def test_stretches_of_a_text(stretch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_analysis, "STRETCH", stretch)
    path = tmp_path / "tide.txt"
    path.write_text("the tide comes in and the gate goes up\n" * 30, encoding="utf-8")
    model = {"preset": "lstm", "hidden": 10, "layers": 1, "dropout": 0}
    data = {"train": str(path)}
    ready = LANGUAGE.prepare(
        resolve(
            {"task": "language", "data": data, "model": model, "language": {"window": 10, "embedding": 8}}
        )
    )
    torch.manual_seed(0)
    network, split = ready.problem.network().eval(), ready.splits["valid"]
    with torch.inference_mode():
        nats = ready.problem.evaluate(network, split, labelled=True).metrics["nats_per_symbol"]
        told = ready.problem.error_analysis(network, split, [])[1]
    assert together(told) == pytest.approx(nats, rel=EXACT)
    sizes = told.denominator
    assert sum(sizes) == len(split) and set(sizes[:-1]) <= {stretch}
    assert len(sizes) == 1 or stretch / 2 <= sizes[-1] < 1.5 * stretch


def tides(folder: Path, *, names: str = "abc", repeats: str = "b") -> str:
    """Two targets each; the second target of some series repeats season by season, and has no mase."""
    frames = [
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": tide_series.stamps(60),
                "y": tide_series.tide(60, number),
                "z": np.tile(np.arange(1.0, 7), 10) if name in repeats else tide_series.tide(60, number + 9),
            }
        )
        for number, name in enumerate(names)
    ]
    return tide_series.written(folder, pd.concat(frames, ignore_index=True))


@pytest.mark.parametrize("select", ["mse", "mae", "smape", "mase"])
def test_series_of_which_a_target_has_no_figure(select: str, tmp_path: Path) -> None:
    """A series counts for as many targets as the figure is the mean of."""
    ready = tide_series.prepared(tides(tmp_path), forecast={"select": select, "target": ["y", "z"]})
    network, split = tide_series.network_of(ready), tide_series.split_of(ready, "test")
    value = ready.problem.evaluate(network, split, labelled=True).metrics[select]
    told = ready.problem.error_analysis(network, split, [])[1]
    assert (told.metric, told.of) == (select, 3)
    assert together(told) == pytest.approx(value, rel=EXACT)


def test_a_single_series_tells_nothing_by_sample(tmp_path: Path) -> None:
    path = tides(tmp_path, names="a", repeats="")
    ready = tide_series.prepared(path, forecast={"target": ["y", "z"]})
    analysis, samples = ready.problem.error_analysis(
        tide_series.network_of(ready), tide_series.split_of(ready, "test"), []
    )
    assert samples is None and analysis.forecasts


def test_of_very_many_samples_evenly_spaced_ones_are_kept() -> None:
    count = 3 * MOST
    texts = {key: ["x"] * count for key in ("names", "references", "answers")}
    told = by_sample("cer", range(count), [1] * count, length=range(count), texts=texts)
    assert told.of == count and told.numerator[0] == 0 and told.numerator[-1] == count - 1
    assert len(told.numerator) == len(told.denominator) == len(told.length) == MOST
    assert told.numerator == told.length and set(np.diff(told.length)) <= {2, 3, 4}
    assert told.names == told.references == told.answers == ()


@pytest.mark.parametrize(("count", "kept"), [(MOST_TEXTS, MOST_TEXTS), (MOST_TEXTS + 1, 0)])
def test_texts_of_at_most_so_many(count: int, kept: int) -> None:
    texts = {key: ["x"] * count for key in ("names", "references", "answers")}
    told = by_sample("accuracy", [1] * count, [1] * count, texts=texts)
    assert {len(getattr(told, key)) for key in texts} == {kept} and len(told.numerator) == count


def test_numbers_are_short() -> None:
    told = by_sample("mse", [1 / 3, 2.0, np.float64(0.0)], [np.int64(3), 1, 1])
    assert json.dumps(told.numerator) == "[0.3333333333, 2, 0]" and told.denominator == (3, 1, 1)


def test_samples_that_vary_together_are_told_where_there_are_some() -> None:
    def units(*names: str) -> tuple[str, tuple[int, ...]]:
        found = by_sample("cer", [1] * len(names), [1] * len(names), units=Units("page", names))
        return found.unit, found.cluster

    assert units("b", "a", "b") == ("page", (0, 1, 0))
    assert units("a", "a", "a") == units("a", "b", "c") == ("", ())


def test_lines_of_a_folder_and_sentences_of_a_document_vary_together() -> None:
    class Paged(Drawn):
        @property
        def names(self) -> list[str]:
            return ["p1/a.png", "p1/b.png", "p2/a.png"]

    texts = ["a", "b", "c"]
    told = transcription_analysis(Paged(texts), [Answer(text, 0.5) for text in texts])[1]
    assert (told.unit, told.cluster) == ("page", (0, 0, 1))
    columns = read_columns("a.txt", b"-DOCSTART- O\n\na O\n\nb O\n\n-DOCSTART- O\n\nc O\n")
    conllu = read_conllu(
        "a.conllu", "".join(f"{_line(head)}\n" for head in ("# newdoc", "", "# newdoc")).encode()
    )
    for document in (columns, conllu):
        said = [TagAnswer(one.target, 1.0, one.tags, (1.0,)) for one in document.sentences]
        found = tag_analysis(document.sentences, said, Scheme("none"))[1]
        assert (found.unit, found.cluster) == ("document", (0, 0, 1))


def _line(head: str) -> str:
    return f"{head}\n1\tWords\tword\tNOUN\tNNS\t_\t0\troot\t_\t_\n".lstrip("\n")
