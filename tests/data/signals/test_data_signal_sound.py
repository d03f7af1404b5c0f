"""Sound: log-mel against a slow direct formula, WAV of all widths, rates, labels and broken files."""

from __future__ import annotations

import io
import math
import tarfile
import wave
from pathlib import Path

import numpy as np
import pytest

from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.reading import read_signals
from tidegate.data.signals.signal_set import SignalSet
from tidegate.data.signals.sound.log_mel import log_mel, mel_filters
from tidegate.errors import ConfigError, DataError


def put(path: Path, samples: np.ndarray, rate=8000, width=2) -> Path:
    """Write samples ``(N,)`` or ``(N, channels)`` in [-1, 1)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = np.round(samples * 2 ** (8 * width - 1)).astype(np.int64)
    content = whole.astype("<i8").reshape(-1, 1).view(np.uint8).reshape(-1, 8)[:, :width]
    if width == 1:
        content = (whole.reshape(-1, 1) + 128).astype(np.uint8)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(np.ascontiguousarray(content).tobytes())
    return path


def noise(count: int, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, count)


def read(
    path: Path | str, role="all", options: ReadOptions | None = None, labelled=True, group=None, **keys
) -> SignalSet:
    options = options or ReadOptions(SignalSpec(**keys), labelled=labelled, group=group)
    return read_signals(str(path), role, options)


def slow_log_mel(
    samples: np.ndarray, rate: int, mels: int, length: int, step: int, size: int
) -> list[list[float]]:
    """The formula as it is written: sums over samples and frequencies, band by band."""
    top = 2595 * math.log10(1 + rate / 2 / 700)
    edges = [700 * (10 ** (top * k / (mels + 1) / 2595) - 1) for k in range(mels + 2)]
    rows = []
    for start in range(0, max(1, len(samples) - length + step), step):
        frame = [samples[start + n] if start + n < len(samples) else 0.0 for n in range(length)]
        windowed = [v * (0.5 - 0.5 * math.cos(2 * math.pi * n / length)) for n, v in enumerate(frame)]
        energies = [0.0] * mels
        for k in range(size // 2 + 1):
            turn = -2j * math.pi * k / size
            value = abs(sum(v * np.exp(turn * n) for n, v in enumerate(windowed))) ** 2
            hertz = k * rate / size
            for band, (low, mid, high) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
                if low < hertz < high:
                    energies[band] += value * min((hertz - low) / (mid - low), (high - hertz) / (high - mid))
        rows.append([math.log(max(energy, 1e-10)) for energy in energies])
    return rows


@pytest.mark.parametrize("count", [1, 32, 33, 75])
def test_log_mel_is_the_formula(count: int):
    samples = noise(count).astype(np.float32)
    fast = log_mel(samples, 2000, mels=6, frame=16, hop=5)
    slow = slow_log_mel(samples.astype(float), 2000, 6, 32, 10, 2 * (mel_filters(2000, 32, 6).shape[1] - 1))
    np.testing.assert_allclose(fast, slow, rtol=1e-5, atol=1e-5)


def test_silence_has_the_floor_and_long_sound_is_cut_in_pieces(monkeypatch: pytest.MonkeyPatch):
    np.testing.assert_allclose(log_mel(np.zeros(400, np.float32), 8000), math.log(1e-10), rtol=1e-6)
    samples = noise(4000).astype(np.float32)
    whole = log_mel(samples, 8000)
    monkeypatch.setattr("tidegate.data.signals.sound.log_mel.AT_ONCE", 7)
    np.testing.assert_array_equal(log_mel(samples, 8000), whole)


def test_every_band_hears_something():
    for rate, frame, mels in ((8000, 200, 40), (8000, 80, 128), (44100, 1102, 80)):
        assert (mel_filters(rate, frame, mels).sum(axis=1) > 0).all()
    with pytest.raises(ConfigError, match="more bands"):
        mel_filters(8000, 10, 100_000)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_all_widths(tmp_path: Path, width: int):
    samples = np.array([0.0, 0.25, -0.5, 0.75, -1.0])
    found = read(put(tmp_path / "x.wav", samples, width=width), features="raw", labelled=False)
    np.testing.assert_allclose(found.signals[0].values[:, 0], samples, atol=1e-6)
    assert (found.channels, found.rate, found.sound_rate) == (("sound",), 8000.0, 8000)


def test_labels_groups_and_lists_of_an_archive(tmp_path: Path):
    with tarfile.open(tmp_path / "all.tar.gz", "w:gz") as archive:
        for digit in "01":
            for who in ("ann", "bob"):
                for take in range(2):
                    path = put(tmp_path / "one.wav", noise(400 + 80 * take))
                    archive.add(path, f"recordings/{digit}_{who}_{take}.wav")
    found = read(tmp_path / "all.tar.gz", group="re:_([a-z]+)_")
    assert [one.target for one in found.signals] == list("00001111")
    assert [one.group for one in found.signals] == ["ann", "ann", "bob", "bob"] * 2
    assert found.signals[1].name == "0_ann_1.wav"
    assert (found.signals[0].values.shape, found.rate, found.sound_rate) == ((4, 40), 100.0, 8000)
    (tmp_path / "test.txt").write_text("0_ann_0.wav\n1_bob_1.wav\n")
    chosen = read(f"{tmp_path}/all.tar.gz@{tmp_path}/test.txt", "test")
    assert [one.name for one in chosen.signals] == ["0_ann_0.wav", "1_bob_1.wav"]
    assert [one.target for one in chosen.signals] == ["0", "1"]


def test_folders_are_classes_and_parts(tmp_path: Path):
    for part, count in (("train", 3), ("test", 2)):
        for word in ("yes", "no"):
            for number in range(count):
                put(tmp_path / part / word / f"{number}.wav", noise(300, number))
    assert [len(read(tmp_path, role)) for role in ("train", "test", "all")] == [6, 4, 10]
    found = read(tmp_path, "test")
    assert [(one.name, one.target) for one in found.signals][::2] == [
        ("test/no/0.wav", "no"),
        ("test/yes/0.wav", "yes"),
    ]


def test_mixed_rates_and_channels(tmp_path: Path):
    put(tmp_path / "a" / "1.wav", noise(800), 8000)
    put(tmp_path / "b" / "2.wav", noise(1600).reshape(-1, 1).repeat(2, axis=1), 16000)
    with pytest.raises(DataError, match="mixed rates") as caught:
        read(tmp_path)
    assert "8000 samples a second: 1 files, such as a/1.wav" in str(caught.value)
    assert "16000 samples a second: 1 files, such as b/2.wav" in str(caught.value)
    found = read(tmp_path, rate=8000, features="raw")
    assert [len(one) for one in found.signals] == [800, 800]
    assert "1 files were brought from 16000 to 8000 samples a second" in [*map(str, found.notes)]
    assert "1 files of 2 channels were mixed to one" in [*map(str, found.notes)]
    with pytest.raises(DataError, match="another rate than that of training"):
        read(tmp_path / "b" / "2.wav", options=ReadOptions(SignalSpec(), sound_rate=8000, labelled=False))


def test_resampling_keeps_a_tone(tmp_path: Path):
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    put(tmp_path / "x.wav", tone, 16000)
    got = read(tmp_path / "x.wav", rate=8000, features="raw", labelled=False).signals[0].values[:, 0]
    np.testing.assert_allclose(got[100:-100], tone[::2][100:-100], atol=2e-3)


def test_broken_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    whole = put(tmp_path / "a" / "good.wav", noise(400)).read_bytes()
    put(tmp_path / "b" / "good.wav", noise(400))
    for name, content in {"cut": whole[:300], "empty": b"", "text": b"hello there", "silent": b""}.items():
        (tmp_path / "a" / f"{name}.wav").write_bytes(content)
    put(tmp_path / "a" / "silent.wav", np.zeros(0))
    floats = io.BytesIO(whole)
    floats.seek(20)
    floats.write(b"\x03\x00")  # 3 says IEEE floats
    (tmp_path / "a" / "float.wav").write_bytes(floats.getvalue())
    found = read(tmp_path)
    told = {one.where: one.what for one in found.bad}
    assert [one.name for one in found.signals] == ["a/good.wav", "b/good.wav"]
    assert told["a/cut.wav"] == "is cut off: 128 of 400 samples are there"
    assert told["a/empty.wav"] == "the file is empty"
    assert told["a/silent.wav"] == "has no samples"
    assert "tidegate[audio]" in told["a/float.wav"]
    assert "no plain WAV" in told["a/text.wav"]


def test_names_that_tell_no_class(tmp_path: Path):
    for number in range(3):
        put(tmp_path / f"{number}.wav", noise(300))
    assert {one.what for one in read(tmp_path).bad} == {"has no label"}
    assert len(read(tmp_path, labelled=False)) == 3
    (tmp_path / "meta.csv").write_text(
        "filename,fold,category\n" + "".join(f"{n}.wav,1,c{n}\n" for n in range(3))
    )
    assert [one.target for one in read(tmp_path, label="category").signals] == ["c0", "c1", "c2"]
