"""How often a study's verdicts are wrong, and how often they find what is there: simulated studies, judged by the
product's own functions.

    python benchmarks/study_simulations.py [--studies 4000] [--out benchmarks/results/study_simulations.json]

Errors are log-normal around their true value unless it is said otherwise, so that a deviation of 0.1 is a tenth of
the error. The slow tests run the same functions with fewer studies.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tidegate.results.samples import Samples
from tidegate.studies.analysis.best import WithBest, with_best
from tidegate.studies.analysis.comparison import compare
from tidegate.studies.analysis.contrasts import Contrasts
from tidegate.studies.analysis.runs import ArmResult, Question
from tidegate.studies.design.looks import FIRST, LOOKS, level

Values = NDArray[np.float64]
Noise = Callable[[np.random.Generator, tuple[int, int]], Values]
MARGIN = float(np.log(1.1))
FASTER = 1.2
"""By so much an arm that is good enough must be faster to be named in place of the best mean."""


def normal(chance: np.random.Generator, shape: tuple[int, int]) -> Values:
    return chance.standard_normal(shape)


def skewed(chance: np.random.Generator, shape: tuple[int, int]) -> Values:
    """Mostly near the best, now and then much worse; deviation 1."""
    drawn = chance.lognormal(0.0, 0.6, shape)
    return (drawn - np.exp(0.18)) / (np.exp(0.18) * np.sqrt(np.exp(0.36) - 1))


def unequal(chance: np.random.Generator, shape: tuple[int, int]) -> Values:
    """Some arms six times as unstable as others."""
    return chance.standard_normal(shape) * np.geomspace(0.4, 2.4, shape[1])


def diverging(chance: np.random.Generator, shape: tuple[int, int]) -> Values:
    """Of one arm a run in seven diverges, three deviations off; with few seeds often none has."""
    drawn = chance.standard_normal(shape)
    off = chance.random(shape[0]) < 1 / 7
    drawn[:, 0] += 3 * (off - 1 / 7)
    return drawn


NOISES: dict[str, Noise] = {"normal": normal, "skewed": skewed, "unequal": unequal}


@dataclass(frozen=True)
class Wrong:
    """Of simulated studies the shares that say something false.

    Attributes:
        worse: An arm within the margin is called worse.
        good_enough: An arm beyond the margin is called good enough.
        excluded: The best arm is said not to be the best; of several equal ones the first.
        any: Any of these.
    """

    worse: float
    good_enough: float
    excluded: float
    any: float


def wrong(found: WithBest, truth: Values, margin: float) -> tuple[bool, bool, bool]:
    beyond = truth - truth.min() > margin
    worse, good = bool((found.worse & ~beyond).any()), bool((found.good_enough & beyond).any())
    return worse, good, not bool(found.may_be_best[int(truth.argmin())])


def share(flags: Sequence[tuple[bool, bool, bool]]) -> Wrong:
    table = np.array(flags)
    return Wrong(*table.mean(axis=0).tolist(), float(table.any(axis=1).mean()))


def one_look(
    truth: Values,
    seeds: int,
    noise: Noise,
    deviation: float,
    *,
    studies: int,
    margin: float = 0.0,
    alpha: float = 0.05,
    chance: int = 0,
) -> Wrong:
    """Studies of so many seeds that are looked at once."""
    rng = np.random.default_rng([chance, seeds, len(truth)])
    flags = [
        wrong(
            with_best(Contrasts(truth + deviation * noise(rng, (seeds, len(truth)))), margin, alpha),
            truth,
            margin,
        )
        for _ in range(studies)
    ]
    return share(flags)


def all_looks(truth: Values, noise: Noise, deviation: float, *, studies: int, margin: float = 0.0) -> Wrong:
    """Studies that are looked at with 3, 5, 10 and 20 seeds; arms that are found worse get no more."""
    rng = np.random.default_rng(len(truth))
    flags: list[tuple[bool, bool, bool]] = []
    for _ in range(studies):
        table = truth + deviation * noise(rng, (LOOKS[-1], len(truth)))
        ever = [False, False, False]
        for look in LOOKS:
            if look <= FIRST:
                continue
            found = with_best(Contrasts(table[:look]), margin, level(look))
            ever = [a or b for a, b in zip(ever, wrong(found, truth, margin), strict=True)]
            table[look:, found.worse] = np.nan
        flags.append((ever[0], ever[1], ever[2]))
    return share(flags)


def named(arms: int, seeds: int, deviation: float, *, studies: int, cheaper_is_worse: bool = True) -> float:
    """How often the named arm has more than 25 % more errors than the best; true errors log-uniform within twice."""
    rng = np.random.default_rng([arms, seeds, int(100 * deviation)])
    bad = 0
    for _ in range(studies):
        truth = np.sort(rng.random(arms)) * np.log(2)
        time = np.geomspace(4, 1, arms) if cheaper_is_worse else rng.permutation(np.geomspace(4, 1, arms))
        contrasts = Contrasts(truth + deviation * rng.standard_normal((seeds, arms)))
        alpha = level(seeds)
        good = with_best(contrasts, MARGIN, alpha).good_enough & (seeds > FIRST)
        best = int(contrasts.means.argmin())
        quick = int(np.where(good, time, np.inf).argmin())
        use = quick if good.any() and time[best] >= FASTER * time[quick] else best
        bad += bool(truth[use] - truth.min() > np.log(1.25))
    return bad / studies


@dataclass(frozen=True)
class Advice:
    """What came of studies that did as they were told.

    Attributes:
        told: Share of studies that were given a number, or needed none.
        found: Of these, the share that called the arm of twice the margin worse by then.
        seeds: Mean of the seeds that were used.
    """

    told: float
    found: float
    seeds: float


def advised(arms: int, deviation: float, *, studies: int, begin: int = 5) -> Advice:
    """One arm is twice the margin worse; a study begins with so many seeds and takes as many as it is told at most."""
    rng = np.random.default_rng([arms, begin, int(1000 * deviation)])
    truth = np.append(np.zeros(arms - 1), 2 * MARGIN)
    told = found = total = 0
    for _ in range(studies):
        errors = 0.1 * np.exp(truth + deviation * rng.standard_normal((LOOKS[-1], arms)))
        first = _judged(errors[:begin])
        if first.arms[-1].verdict == "worse":
            told, found, total = told + 1, found + 1, total + begin
        elif first.seeds_needed is not None:
            seeds = first.seeds_needed[1]
            told, total = told + 1, total + seeds
            found += _judged(errors[:seeds]).arms[-1].verdict == "worse"
    return Advice(told / studies, found / max(1, told), total / max(1, told))


def _judged(errors: Values):
    arms = [ArmResult(str(at), dict(enumerate(column.tolist()))) for at, column in enumerate(errors.T)]
    found = compare(arms, Question(metric="cer", split="test", lower_is_better=True, units=1_000_000))
    assert found is not None
    return found


def covered(seeds: int, noise: Noise, *, studies: int, arms: int = 5) -> float:
    """How often the interval of an arm's mean contains the truth."""
    rng = np.random.default_rng(seeds)
    inside = 0.0
    for _ in range(studies):
        own = Contrasts(noise(rng, (seeds, arms))).own()
        inside += float(
            np.mean(np.abs(own.values) <= special.stdtrit(own.freedom, 0.975) * np.sqrt(own.variances))
        )
    return inside / studies


def clustered(arms: int, seeds: int, *, clusters: int, studies: int, told: bool = True) -> Wrong:
    """Equal arms on one test part of clusters, such as speakers, whose difficulty differs by arm: what chance makes
    of these speakers is no truth.

    Args:
        arms: That are compared.
        seeds: Of each.
        clusters: Of 20 samples each.
        studies: Simulated.
        told: Whether samples.json says which cluster a sample is of.
    """
    rng = np.random.default_rng([arms, seeds, clusters])
    names = [str(at) for at in range(arms)]
    flags: list[tuple[bool, bool, bool]] = []
    for _ in range(studies):
        hard = rng.standard_normal(clusters)
        own = 0.7 * rng.standard_normal((arms, clusters))
        chances = np.repeat(1 / (1 + np.exp(2.0 - 0.7 * hard - own)), 20, axis=1)
        wrong_answers = rng.random((arms, seeds, clusters * 20)) < chances[:, None]
        results = [
            _sampled_arm(name, each, clusters if told else 0)
            for name, each in zip(names, wrong_answers, strict=True)
        ]
        question = Question(
            metric="error_rate", split="test", lower_is_better=True, margin=0.0, looks=(seeds,)
        )
        found = compare(results, question)
        assert found is not None
        worse = any(arm.verdict == "worse" for arm in found.arms)
        flags.append((worse, False, not found.arms[0].may_be_best))
    return share(flags)


def _sampled_arm(name: str, wrong_answers: NDArray[np.bool_], clusters: int) -> ArmResult:
    count = wrong_answers.shape[1]
    runs = [
        Samples(
            metric="error_rate", of=count, numerator=tuple(run.astype(float).tolist()), denominator=(1.0,) * count,
            **({"cluster": tuple(np.repeat(np.arange(clusters), count // clusters).tolist())} if clusters else {}),
        )
        for run in wrong_answers
    ]  # fmt: skip
    return ArmResult(name, dict(enumerate(wrong_answers.mean(axis=1).tolist())), samples=runs)


def resampled(arms: int, splits: int, *, studies: int, size: int = 200, ratio: float = 0.25) -> Wrong:
    """Equal learners on splits drawn anew from a small data set: class means of features that tell as much, each
    learner its own.

    Every study has new data of two classes; a run draws a split, learns from the rest, and is tested on the split.
    """
    rng = np.random.default_rng([arms, splits, size])
    test = round(size * ratio / (1 + ratio))
    flags: list[tuple[bool, bool, bool]] = []
    for _ in range(studies):
        label = rng.integers(0, 2, size)
        features = rng.standard_normal((arms, 10, size)) + 0.4 * (2 * label - 1)
        table = np.empty((splits, arms))
        for row in range(splits):
            order = rng.permutation(size)
            held, known = order[:test], order[test:]
            means = [features[:, :, known[label[known] == one]].mean(axis=2) for one in (0, 1)]
            middle, direction = (means[0] + means[1]) / 2, means[1] - means[0]
            score = np.einsum("af,afn->an", direction, features[:, :, held] - middle[:, :, None])
            error = ((score > 0) != (label[held] == 1)).mean(axis=1)
            table[row] = np.log((error * test + 0.5) / (test + 1))
        found = with_best(Contrasts(table, paired=True, ratio=ratio), 0.0, 0.05)
        flags.append(wrong(found, np.zeros(arms), 0.0))
    return share(flags)


def null(studies: int) -> dict[str, object]:
    return {
        f"{kind}, {arms} arms, {seeds} seeds": vars(
            one_look(np.zeros(arms), seeds, noise, 1.0, studies=studies)
        )
        for kind, noise in {**NOISES, "diverging": diverging}.items()
        for arms in (2, 3, 5, 10)
        for seeds in (3, 5, 10, 20)
    }


def looks(studies: int) -> dict[str, object]:
    return {
        f"{kind}, {arms} arms": vars(all_looks(np.zeros(arms), noise, 1.0, studies=studies))
        for kind, noise in {**NOISES, "diverging": diverging}.items()
        for arms in (2, 5, 10)
    }


def at_the_margin(studies: int) -> dict[str, object]:
    """All other arms just within, just beyond, and half of each."""
    made: dict[str, object] = {}
    for arms in (2, 5, 10):
        for where, factor in {"within": 0.999, "beyond": 1.001}.items():
            truth = np.append(0.0, np.full(arms - 1, factor * MARGIN))
            made[f"{where}, {arms} arms"] = _at(truth, studies)
        if arms > 2:
            both = np.where(np.arange(arms - 1) % 2 == 0, 0.999, 1.001) * MARGIN
            made[f"both, {arms} arms"] = _at(np.append(0.0, both), studies)
    return made


def _at(truth: Values, studies: int) -> dict[str, object]:
    return {
        f"{kind}, {seeds} seeds": vars(one_look(truth, seeds, noise, 0.03, studies=studies, margin=MARGIN))
        for kind, noise in NOISES.items()
        for seeds in (5, 10, 20)
    }


def names(studies: int) -> dict[str, object]:
    return {
        f"deviation {deviation}, {arms} arms, {'cheaper is worse' if cheaper else 'speed is unrelated'}": {
            seeds: named(arms, seeds, deviation, studies=studies, cheaper_is_worse=cheaper) for seeds in LOOKS
        }
        for deviation in (0.1, 0.25, 0.4)
        for arms in (6, 10)
        for cheaper in (True, False)
    }


def advice(studies: int) -> dict[str, object]:
    return {
        f"deviation {deviation}, {arms} arms, from {begin} seeds": vars(
            advised(arms, deviation, studies=studies // 4, begin=begin)
        )
        for deviation in (0.02, 0.04, 0.06)
        for arms in (2, 5, 10)
        for begin in (3, 5)
    }


def intervals(studies: int) -> dict[str, object]:
    return {
        kind: {seeds: covered(seeds, noise, studies=studies) for seeds in (3, 5, 10, 20)}
        for kind, noise in NOISES.items()
    }


def units(studies: int) -> dict[str, object]:
    return {
        f"{arms} arms, {seeds} seeds, {clusters} clusters, {'told' if told else 'not told'}": vars(
            clustered(arms, seeds, clusters=clusters, studies=studies // 4, told=told)
        )
        for arms in (2, 5)
        for seeds in (5, 20)
        for clusters in (12, 40)
        for told in (True, False)
    }


def splits(studies: int) -> dict[str, object]:
    return {
        f"{arms} arms, {count} splits": vars(resampled(arms, count, studies=studies // 4))
        for arms in (2, 5)
        for count in (5, 10, 20)
    }


PARTS: dict[str, Callable[[int], dict[str, object]]] = {
    "no difference": null,
    "no difference, looks at 3, 5, 10 and 20 seeds": looks,
    "at the margin": at_the_margin,
    "named arm more than 25 % worse": names,
    "twice the margin, seeds as advised": advice,
    "coverage of 95 % intervals of means": intervals,
    "no difference, clustered test part": units,
    "no difference, splits drawn anew": splits,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=4000)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "results" / "study_simulations.json"
    )
    chosen = parser.parse_args()
    made: dict[str, object] = {"studies": chosen.studies}
    for title, part in PARTS.items():
        if chosen.only in (None, title):
            print(title, file=sys.stderr)
            made[title] = part(chosen.studies)
    chosen.out.write_text(json.dumps(_rounded(made), indent=2) + "\n", encoding="utf-8")


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _rounded(one) for key, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
