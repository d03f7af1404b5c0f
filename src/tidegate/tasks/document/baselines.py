"""The cheap baselines of texts: no look at them, and a linear model of which words they have."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NewType, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from tidegate.data.text.labelled.targets import Kind
from tidegate.data.text.labelled.text import Text
from tidegate.data.text.labelled.words import Cut, tokens_of
from tidegate.tasks.contract import Baselines, Metrics
from tidegate.tasks.document.metrics import THRESHOLDS, best_threshold, indicators, label_metrics
from tidegate.tasks.metrics import classification_metrics, value_metrics

STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)
"""Inverse penalties of the logistic regression; those of ridge regression are one over these."""
MOST_FEATURES = 200_000
Labels = Sequence[tuple[str, ...]]
Features = NewType("Features", object)
"""Sparse ``(N, F)``, as scikit-learn makes and takes them."""
Part = tuple[Features, Labels]
_Model = TypeVar("_Model")


class _Regression(Protocol):
    """A fitted model of scikit-learn."""

    def predict(self, features: Features, /) -> NDArray[np.float64]: ...


class _Classifier(Protocol):
    """The same of classes, or of labels."""

    def predict(self, features: Features, /) -> NDArray[np.str_]: ...
    def predict_proba(self, features: Features, /) -> NDArray[np.float64]: ...


def document_baselines(
    parts: Mapping[str, Sequence[Text]], kind: Kind, classes: Sequence[str], cut: Cut
) -> Baselines:
    """What each baseline reaches on the test texts, or where there are none on those of validation.

    Words and pairs of neighbours, or up to three characters, weighted by TF-IDF (Salton and Buckley 1988); the penalty is
    what is best on the validation texts.

    Args:
        parts: ``train``, ``valid`` and perhaps ``test``.
        kind: What texts are answered with.
        classes: Those of training.
        cut: What texts are cut into.
    """
    asked = parts.get("test", parts["valid"])
    features = _Features(parts["train"], cut)
    train, valid, test = (features.of(texts) for texts in (parts["train"], parts["valid"], asked))
    known, held_out, truth = (
        [text.labels or () for text in texts] for texts in (parts["train"], parts["valid"], asked)
    )
    if kind == "value":
        metrics = _of_values((train, known), (valid, held_out), (test, truth))
    elif kind == "labels":
        metrics = _of_labels((train, known), (valid, held_out), (test, truth), classes)
    else:
        metrics = _of_classes((train, known), (valid, held_out), (test, truth))
    return Baselines(metrics)


def best_of(
    strengths: Sequence[float], fit: Callable[[float], _Model], score: Callable[[_Model], float]
) -> _Model:
    """The model whose score is best; of equals the one with the strongest penalty.

    >>> best_of((1.0, 2.0, 3.0), lambda strength: strength, lambda model: -abs(model - 2.2))
    2.0
    """
    models = [fit(strength) for strength in strengths]
    return max(models, key=score)


class _Features:
    """TF-IDF of the words that training has."""

    def __init__(self, train: Sequence[Text], cut: Cut) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        def grams(text: str) -> list[str]:
            tokens = tokens_of(text.lower(), cut)
            longest = 2 if cut == "words" else 3
            return [
                " ".join(tokens[start : start + size])
                for size in range(1, longest + 1)
                for start in range(len(tokens) - size + 1)
            ] or [""]

        made: Any = TfidfVectorizer
        self._vectors = made(analyzer=grams, sublinear_tf=True, max_features=MOST_FEATURES)
        self._vectors.fit([text.text for text in train])

    def of(self, texts: Sequence[Text]) -> Features:
        """``(N, features)``, sparse."""
        return Features(self._vectors.transform([text.text for text in texts]))


def _of_values(train: Part, valid: Part, test: Part) -> dict[str, Metrics]:
    values, wanted, truth = (_numbers(labels) for _, labels in (train, valid, test))
    model = best_of(
        STRENGTHS,
        lambda strength: _ridge(train[0], values, strength),
        lambda model: -float(np.square(model.predict(valid[0]) - wanted).mean()),
    )
    return {
        "mean": value_metrics(truth, [float(np.mean(values))] * len(truth)),
        "tf-idf ridge regression": value_metrics(truth, model.predict(test[0]).tolist()),
    }


def _of_classes(train: Part, valid: Part, test: Part) -> dict[str, Metrics]:
    names, wanted, truth = ([one[0] for one in labels] for _, labels in (train, valid, test))
    model = best_of(
        STRENGTHS,
        lambda strength: _logistic(train[0], names, strength),
        lambda model: float((model.predict(valid[0]) == np.array(wanted)).mean()),
    )
    majority = Counter(names).most_common(1)[0][0]
    said = [str(one) for one in model.predict(test[0])]
    return {
        "majority": classification_metrics(truth, [majority] * len(truth)),
        "tf-idf logistic regression": classification_metrics(truth, said),
    }


def _of_labels(train: Part, valid: Part, test: Part, classes: Sequence[str]) -> dict[str, Metrics]:
    known, wanted = indicators(train[1], classes), indicators(valid[1], classes)
    model = best_of(
        STRENGTHS,
        lambda strength: _logistic(train[0], known, strength),
        lambda model: max(_micro_f1(wanted, model.predict_proba(valid[0]), one) for one in THRESHOLDS),
    )
    threshold = best_threshold(wanted, model.predict_proba(valid[0]))
    said = _names(model.predict_proba(test[0]) >= threshold, classes)
    sets = Counter(tuple(sorted(labels)) for labels in train[1]).most_common(1)[0][0]
    return {
        "majority": label_metrics(test[1], [sets] * len(test[1]), classes),
        "tf-idf logistic regression": label_metrics(test[1], said, classes),
    }


def _micro_f1(true: NDArray[np.int64], probabilities: NDArray[np.float64], threshold: float) -> float:
    said = probabilities >= threshold
    return 2 * int((said & (true == 1)).sum()) / max(1, int(said.sum()) + int(true.sum()))


def _names(said: NDArray[np.bool_], classes: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(classes[place] for place in np.flatnonzero(row).tolist()) for row in said]


def _logistic(features: Features, targets: Sequence[str] | NDArray[np.int64], strength: float) -> _Classifier:
    """One logistic regression for each class against the others: for sparse texts as good as all at once, and faster."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    model: Any = OneVsRestClassifier(LogisticRegression(C=strength, solver="liblinear", random_state=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # A label of all texts, or of none, is answered as such.
        return model.fit(features, targets)


def _ridge(features: Features, values: Sequence[float], strength: float) -> _Regression:
    from sklearn.linear_model import Ridge

    return Ridge(alpha=1 / strength, solver="lsqr").fit(features, values)


def _numbers(labels: Labels) -> list[float]:
    return [float(one[0]) for one in labels]
