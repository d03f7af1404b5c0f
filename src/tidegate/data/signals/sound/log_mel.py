"""Sound as features: log-mel energies, in NumPy. The mel scale is that of HTK (Young et al. 2006, eq. 5.13)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tidegate.errors import ConfigError

FLOOR = 1e-10
"""Energies are raised to this before the logarithm."""
AT_ONCE = 8192
"""Frames transformed at once, so that an hour of sound fits the memory."""


def to_mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frequency on the mel scale: ``2595 log10(1 + f / 700)``.

    >>> round(float(to_mel(np.array(1000.0))), 1)
    1000.0
    """
    return 2595.0 * np.log10(1.0 + hertz / 700.0)


def from_mel(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of ``to_mel``, in Hz."""
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)


@lru_cache(maxsize=8)
def mel_filters(rate: int, frame: int, mels: int) -> NDArray[np.float64]:
    """Triangles ``(mels, N/2 + 1)`` on the N/2 + 1 frequencies of a transform of N samples, 0 to ``rate / 2`` Hz.

    Each rises from the centre of the band below to 1 at its own and falls to that of the band above; the centres lie
    evenly on the mel scale. N is a power of two: the least that
    holds a frame, or up to 8 times that, so that every band has a frequency.

    Args:
        rate: Samples a second.
        frame: Samples of a frame.
        mels: Bands.

    Raises:
        ConfigError: There are more bands than frequencies could fill.

    >>> mel_filters(8000, 200, 40).shape
    (40, 129)
    """
    edges = from_mel(np.linspace(0.0, float(to_mel(np.array(rate / 2))), mels + 2))
    below, centre, above = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    least = 1 << max(1, (frame - 1).bit_length())
    for size in (least, 2 * least, 4 * least, 8 * least):
        if mels > size // 2:
            continue
        frequencies = np.arange(size // 2 + 1) * rate / size
        rising, falling = (frequencies - below) / (centre - below), (above - frequencies) / (above - centre)
        filters = np.maximum(0.0, np.minimum(rising, falling))
        if (filters.sum(axis=1) > 0).all():
            return filters
    raise ConfigError(
        "more bands of log-mel than frequencies",
        where="signal.mels",
        expected=f"fewer, or a longer signal.frame than {1000 * frame / rate:g} ms at {rate} Hz",
        got=str(mels),
    )


def frame_sizes(rate: int, frame: float, hop: float) -> tuple[int, int]:
    """Samples of a frame and from one to the next, for milliseconds; at least 1.

    >>> frame_sizes(8000, 25, 10)
    (200, 80)
    """
    return max(1, round(rate * frame / 1000)), max(1, round(rate * hop / 1000))


def log_mel(
    samples: NDArray[np.float32], rate: int, *, mels: int = 40, frame: float = 25, hop: float = 10
) -> NDArray[np.float32]:
    """Log-mel energies: Hann window, power spectrum, mel triangles, natural logarithm.

    Frames start at 0 and every hop after it, whatever follows, so that a stream gives the same ones; the last is filled
    up with zeros, so that every sample is in one.

    Args:
        samples: ``(N,)`` in [-1, 1]; N at least 1.
        rate: Samples a second.
        mels: Bands.
        frame: Milliseconds of a frame.
        hop: Milliseconds from one to the next.

    Returns:
        ``(T, mels)``.

    Raises:
        ConfigError: There are more bands than frequencies could fill.

    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(800) / 8000).astype(np.float32)
    >>> log_mel(tone, 8000).shape, int(log_mel(tone, 8000)[2].argmax())
    ((9, 40), 18)
    """
    length, step = frame_sizes(rate, frame, hop)
    filters = mel_filters(rate, length, mels)
    size = 2 * (filters.shape[1] - 1)
    count = 1 + -(-max(0, len(samples) - length) // step)
    padded = np.zeros((count - 1) * step + length, dtype=np.float64)
    padded[: min(len(samples), len(padded))] = samples[: len(padded)]
    frames = sliding_window_view(padded, length)[::step]  # (T, length)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    features = np.empty((count, mels), dtype=np.float32)
    for start in range(0, count, AT_ONCE):
        spectrum = np.fft.rfft(frames[start : start + AT_ONCE] * window, n=size)
        energies = (spectrum.real**2 + spectrum.imag**2) @ filters.T
        features[start : start + AT_ONCE] = np.log(np.maximum(energies, FLOOR))
    return features
