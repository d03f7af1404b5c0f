"""One sound file, from its bytes to samples: plain WAV here, all else by soundfile."""

from __future__ import annotations

import importlib.util
import io
import wave
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.border import at_border
from tidegate.errors import DataError

STREAMED = 0x7FFFFF00
"""A head that promises so many bytes was written before the sound was; what is there is all."""
LARGEST = 200_000_000
"""Samples of one file, at most."""


@dataclass(frozen=True)
class Sound:
    """Samples ``(N, channels)`` in [-1, 1], and how many there are a second."""

    samples: NDArray[np.float32]
    rate: int


def decode_sound(content: bytes) -> Sound | str:
    """The sound of a file, or the reason why it cannot be used."""
    if not content:
        return "the file is empty"
    try:
        with wave.open(io.BytesIO(content)) as file:
            sound = _pcm(file)
    except (wave.Error, EOFError) as error:
        return _with_soundfile(content, str(error) or "the file ends too early")
    if isinstance(sound, Sound) and not len(sound.samples):
        return "has no samples"
    return sound


def _pcm(file: wave.Wave_read) -> Sound | str:
    channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
    promised = file.getnframes()
    content = file.readframes(promised)
    frame = channels * width
    if promised * frame < STREAMED and len(content) < promised * frame:
        return f"is cut off: {len(content) // frame} of {promised} samples are there"
    if rate < 1:
        return f"has a rate of {rate} samples a second"
    content = content[: len(content) // frame * frame]
    if width == 1:
        samples = np.frombuffer(content, np.uint8).astype(np.float32) / np.float32(128) - np.float32(1)
    elif width == 2:
        samples = np.frombuffer(content, "<i2").astype(np.float32) / 2**15
    elif width == 3:
        # The three bytes become the upper ones of four.
        wide = np.zeros((len(content) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(content, np.uint8).reshape(-1, 3)
        samples = wide.view("<i4").reshape(-1).astype(np.float32) / 2**31
    elif width == 4:
        samples = np.frombuffer(content, "<i4").astype(np.float32) / 2**31
    else:
        return f"has {8 * width} bits a sample; 8, 16, 24 or 32 were expected"
    return Sound(samples.astype(np.float32, copy=False).reshape(-1, channels), rate)


def _with_soundfile(content: bytes, reason: str) -> Sound | str:
    if importlib.util.find_spec("soundfile") is None:
        return f"is no plain WAV ({reason}); other sound needs the extra audio: pip install 'tidegate[audio]'"
    import soundfile  # pyright: ignore[reportMissingImports]

    try:
        with at_border("it cannot be decoded", ""), soundfile.SoundFile(io.BytesIO(content)) as file:
            size = file.frames * file.channels
            if size > LARGEST:
                return f"promises {size:,} samples; {LARGEST:,} are read at most"
            samples, rate = file.read(dtype="float32", always_2d=True), file.samplerate
    except DataError as error:
        return f"cannot be decoded: {error.got}"
    if rate < 1:
        return f"has a rate of {rate} samples a second"
    sound = Sound(np.asarray(samples, dtype=np.float32), int(rate))
    return sound if len(sound.samples) else "has no samples"
