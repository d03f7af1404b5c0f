"""The variance of a mean over splits that are drawn anew from the same data."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def nadeau_bengio(variance: ArrayLike, splits: ArrayLike, ratio: float) -> NDArray[np.float64]:
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
