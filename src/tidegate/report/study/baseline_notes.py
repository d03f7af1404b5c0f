"""What it means that a cheap baseline is not beaten, said of those that are known."""

from __future__ import annotations

_HARD = {
    "last value": "the last value",
    "drift": "a straight line through the past",
    "seasonal naive": "the value of one season before",
    "linear": "a linear map of the window",
    "nlinear": "a linear map of the window",
    "AutoETS": "exponential smoothing, fitted to each series,",
    "AutoTheta": "the Theta method, fitted to each series,",
    "1-nn euclid": "the nearest training sequence",
    "1-nn dtw": "the nearest training sequence under time warping",
    "logistic regression": "logistic regression on summary statistics",
    "ridge regression": "ridge regression on summary statistics",
}
_NEAR = 0.1
_NOTHING = {
    "majority": "which class is the most frequent",
    "mean": "the mean of the training data",
}


def unbeaten(baseline: str, value: float, reached: float) -> str:
    """Why it is no surprise that a baseline is not beaten, or how bad it is.

    Args:
        baseline: Its name in the results.
        value: What the network reaches.
        reached: What the baseline reaches.

    Returns:
        The beginning of a sentence; empty for a baseline that is not known, or that is ahead by more than a tenth: what
        has hardly learnt anything finds everything hard to beat.

    >>> unbeaten("last value", 0.39, 0.384)
    'The last value is hard to beat here'
    >>> unbeaten("majority", 0.4, 0.5)
    'Learnt was no more than which class is the most frequent'
    >>> unbeaten("last value", 0.6, 0.384), unbeaten("6-gram", 1.5, 1.4)
    ('', '')
    """
    if baseline in _NOTHING:
        return f"Learnt was no more than {_NOTHING[baseline]}"
    if baseline not in _HARD or abs(value - reached) > _NEAR * abs(reached):
        return ""
    baseline = _HARD[baseline]
    return f"{baseline[0].upper()}{baseline[1:]} is hard to beat here"
