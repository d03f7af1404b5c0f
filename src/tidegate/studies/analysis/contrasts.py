"""Means of runs on the scale, and the variance of any difference between them: by seed, or by seed and split.

On one split the runs of two arms have nothing in common: the same seed is another initialisation in another network,
and pairing by it would cost half of the degrees of freedom for nothing. Runs that share a split drawn anew have the
split in common, which varies as much as seeds do: there differences are taken within a split.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tidegate.studies.analysis.sampling import Sampled
from tidegate.studies.analysis.variance import Prior, Values, usual


@dataclass(frozen=True)
class Spread:
    """Estimates, as many as were asked for.

    Attributes:
        values: On the scale.
        variances: Of them; NaN where nothing is known of the noise.
        freedom: Degrees of freedom of the variances.
        fixed: The part of the variances that more runs would not lower.
    """

    values: Values
    variances: Values
    freedom: Values
    fixed: Values


@dataclass(frozen=True)
class Contrasts:
    """Arms with their runs on the scale.

    Attributes:
        table: A row a split or seed, a column an arm; NaN where an arm has no run.
        paired: Whether rows are splits that arms have in common.
        ratio: Test by training samples of splits drawn anew, which overlap (Nadeau and Bengio 2003); 0 on one split.
        sampled: What the draw of the test part adds; nothing where every split has its own.
    """

    table: Values
    paired: bool = False
    ratio: float = 0.0
    sampled: Sampled | None = None

    @property
    def counts(self) -> NDArray[np.int64]:
        """Runs of each arm."""
        return (~np.isnan(self.table)).sum(axis=0)

    @property
    def means(self) -> Values:
        """Of each arm; of one that lacks splits, as far from the complete arms as on the splits that it has."""
        gaps = np.isnan(self.table)
        if not self.paired or not gaps.any() or gaps.any(axis=0).all():
            return _mean(self.table)
        level = self.table[:, ~gaps.any(axis=0)].mean(axis=1, keepdims=True)
        return _mean(self.table - level) + level.mean()

    def own(self) -> Spread:
        """Each arm's mean by itself: over seeds, and over splits where they are drawn anew."""
        variances, freedom = _variance(self.table), self.counts - 1
        each, total = self._moderated(usual(variances, freedom), variances, freedom)
        return Spread(self.means, each * (1 / self.counts + self.ratio), total, each * self.ratio)

    def of(self, weights: Values) -> Spread:
        """Weighted sums of the arms' means, a row of weights each.

        Args:
            weights: ``(M, K)``; a row of 1 and −1 is a difference.
        """
        return self._by_split(weights) if self.paired else self._by_seed(weights)

    def pairs(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Spread:
        """Differences of pairs of arms."""
        weights = np.zeros((len(rows), self.table.shape[1]))
        weights[np.arange(len(rows)), rows] = 1
        weights[np.arange(len(rows)), columns] -= 1
        return self.of(weights)

    def _by_seed(self, weights: Values) -> Spread:
        variances, freedom = _variance(self.table), self.counts - 1
        each, freedom = self._moderated(usual(variances, freedom), variances, freedom)
        each = each / self.counts
        values, total = weights @ self.means, weights**2 @ each
        with np.errstate(divide="ignore", invalid="ignore"):
            by_arm = weights**4 @ np.where(freedom > 0, each**2 / freedom, np.nan_to_num(each) * np.inf)
        return self._with_test(weights, values, total, by_arm)

    def _with_test(self, weights: Values, values: Values, total: Values, squares: Values) -> Spread:
        """With the variance of the test part; degrees of freedom by Satterthwaite (1946), at most all runs'."""
        most = max(1, int((self.counts - 1).sum()))
        with np.errstate(divide="ignore", invalid="ignore"):
            freedom = np.minimum(np.where(squares > 0, total**2 / squares, most), most)
            if self.sampled is None:
                return Spread(values, total, freedom, np.zeros(len(values)))
            test = np.maximum(np.einsum("mk,kl,ml->m", weights, self.sampled.covariance, weights), 0)
            both = total + test
            whole = np.einsum("mk,kl,ml->m", weights, self.sampled.found, weights)
            squares = total**2 / freedom + whole**2 / (self.sampled.units - 1)
            return Spread(values, both, np.where(squares > 0, both**2 / squares, most), test)

    def _by_split(self, weights: Values) -> Spread:
        found, freedom = self._within(weights)
        rows, columns = np.triu_indices(self.table.shape[1], 1)
        every = np.zeros((len(rows), self.table.shape[1]))
        every[np.arange(len(rows)), rows], every[np.arange(len(rows)), columns] = 1, -1
        each, known = self._within(every)
        size = (weights**2).sum(axis=1)
        variances, total = self._moderated(
            usual(_variance(each) / 2, known), _variance(found) / size, freedom
        )
        most = max(1, int((self.table.shape[1] - 1) * (self.table.shape[0] - 1)))
        run = np.where(freedom >= 0, variances, np.nan) * size
        return Spread(
            # Arms without a split in common are as far apart as their means.
            np.where(freedom >= 0, _mean(found), weights @ self.means),
            nadeau_bengio(run, np.maximum(freedom + 1, 1), self.ratio),
            np.minimum(total, most),
            run * self.ratio,
        )

    def _within(self, weights: Values) -> tuple[Values, NDArray[np.int64]]:
        """Each weighted sum within each split ``(J, M)``, and how many of its splits are more than one."""
        missing = np.isnan(self.table).astype(float) @ (weights.T != 0) > 0
        sums = np.where(missing, np.nan, np.nan_to_num(self.table) @ weights.T)
        return sums, (~missing).sum(axis=0) - 1

    @staticmethod
    def _moderated(expected: Prior, variances: Values, freedom: NDArray[np.int64]) -> tuple[Values, Values]:
        """Variances of a run, NaN where nothing is known of them, and their degrees of freedom."""
        moderated, total = expected.moderate(variances, np.maximum(freedom, 0))
        most = max(1, int(np.maximum(freedom, 0).sum()))
        return np.where(total > 0, moderated, np.nan), np.minimum(total, most)


def nadeau_bengio(variance: ArrayLike, splits: ArrayLike, ratio: float) -> Values:
    """The variance of a mean difference over J splits: s² (1/J + n_test / n_train) (Nadeau and Bengio 2003).

    Splits of one data set overlap, so that their differences hang together: s² / J alone falls to 0 with the number
    of splits, though no new data came. More than a fifth of the data in the test part makes the second term the
    larger one.

    Args:
        variance: Of the difference over splits.
        splits: J.
        ratio: Test by training samples.

    >>> float(nadeau_bengio(1.0, 10, 0.25))
    0.35
    """
    return np.asarray(variance, np.float64) * (1 / np.asarray(splits, np.float64) + ratio)


def _mean(table: Values) -> Values:
    known = ~np.isnan(table)
    count = known.sum(axis=0)
    return np.where(count > 0, np.where(known, table, 0).sum(axis=0) / np.maximum(count, 1), np.nan)


def _variance(table: Values) -> Values:
    """Of each column, n − 1 in the denominator; NaN of fewer than two."""
    known = ~np.isnan(table)
    count = known.sum(axis=0)
    squares = np.where(known, (table - _mean(table)) ** 2, 0).sum(axis=0)
    return np.where(count > 1, squares / np.maximum(count - 1, 1), np.nan)


def joined(spreads: Sequence[Spread]) -> Spread:
    """Several as one."""
    values, variances, freedom, fixed = (
        np.concatenate([getattr(each, name) for each in spreads])
        for name in ("values", "variances", "freedom", "fixed")
    )
    return Spread(values, variances, freedom, fixed)
