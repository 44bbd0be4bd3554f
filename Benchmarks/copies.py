"""Marks copied from one recording onto another, without any key: attacks for Benchmarks/content.

The gain pattern of the mark is the difference of level within each pair of neighbouring bands, less what moves slowly.
A copier reads it off a marked recording and applies it to other audio. Needs numpy and soundfile.
"""

from pathlib import Path
from typing import Any

# What numpy's functions take and return.
Array = Any

RATE = 48_000
# Analysis frames: 48 ms, every 16 ms.
WINDOW = 2304
HOP = 768
BANDS = 56
LOWEST, WIDTH = 250.0, 125.0
# Frames of the mean that is taken out, 4 s, and of a chip.
SLOW = 251
CHIP = 4
# Largest pattern, standard deviations: what sticks out further is the host.
CLIP = 1.2
# What words are made of: differences of level between neighbouring groups of bands, and their change.
GROUP = 4
CALM = 8
STRIDE = 16
# A change of less than that leaves a word to chance, dB.
LEAST_CHANGE = 1.0
ROUNDS = 60


def read(path: Path) -> Array:
    import soundfile

    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    if rate != RATE:
        raise SystemExit(f"{path}: {rate} Hz, not {RATE}")
    return samples.mean(axis=1)


def write(path: Path, samples: Array) -> None:
    import numpy as np
    import soundfile

    peak = np.abs(samples).max()
    soundfile.write(path, samples * min(1.0, 0.98 / max(peak, 1e-9)), RATE, subtype="PCM_24")


def pattern(marked: Array) -> Array:
    """The gains that a copier reads off, frames x bands, about one standard deviation."""
    import numpy as np

    levels = 10 * np.log10(smoothed(band_powers(marked), CHIP) + 1e-12)
    difference = levels[:, 0::2] - levels[:, 1::2]
    difference -= smoothed(difference, SLOW)
    dipoles = np.clip(difference / (np.sqrt(smoothed(difference**2, SLOW)) + 0.5), -CLIP, CLIP)
    gains = np.zeros((len(dipoles), BANDS))
    gains[:, 0::2], gains[:, 1::2] = dipoles, -dipoles
    return gains


def at_loudest(gains: Array, samples: Array, share: float) -> Array:
    """The gains in the loudest `share` of each dipole's frames, 0 elsewhere."""
    import numpy as np

    powers = smoothed(band_powers(samples), CHIP)
    powers = powers[:, 0::2] + powers[:, 1::2]
    count = min(len(powers), len(gains))
    loud = powers[:count] >= np.quantile(powers, 1 - share, axis=0)
    return gains[:count] * np.repeat(loud, 2, axis=1)


def bent(samples: Array, marked: Array, margin: float, most: float) -> Array:
    """Audio whose levels are changed by `most` decibels or less, slowly, until its words are those of `marked`, by a
    margin in decibels where that can be."""
    import numpy as np

    def levels(audio: Array) -> Array:
        powers = band_powers(audio).reshape(-1, BANDS // GROUP, GROUP).sum(axis=2)
        return 10 * np.log10(smoothed(powers, CALM) + 1e-7)

    def change(differences: Array) -> Array:
        result = np.zeros_like(differences)
        result[STRIDE:] = differences[STRIDE:] - differences[:-STRIDE]
        return result

    own, wanted = np.diff(levels(samples), axis=1), change(np.diff(levels(marked), axis=1))
    count = min(len(own), len(wanted))
    own, wanted = own[:count], wanted[:count]
    goal = np.where(np.abs(wanted) > LEAST_CHANGE, np.minimum(margin, np.abs(wanted)), -np.inf)
    kernel = np.hanning(9)[1:-1] / 4
    gains = np.zeros((count, BANDS // GROUP))
    for _ in range(ROUNDS):
        differences = np.diff(gains, axis=1)
        lack = np.maximum(0, goal - np.sign(wanted) * change(own + differences)) * np.sign(wanted)
        step = np.zeros_like(own)
        step[STRIDE:] += lack[STRIDE:] / 2
        step[:-STRIDE] -= lack[STRIDE:] / 2
        differences += np.apply_along_axis(lambda column: np.convolve(column, kernel, "same"), 0, step) / 2
        gains = np.c_[np.zeros(count), np.cumsum(differences, axis=1)]
        gains = np.clip(gains - gains.mean(axis=1, keepdims=True), -most, most)
    centres, groups = np.arange(BANDS), GROUP * np.arange(BANDS // GROUP) + (GROUP - 1) / 2
    return applied(samples, np.array([np.interp(centres, groups, row) for row in gains]))


def applied(samples: Array, gains: Array) -> Array:
    """Audio with gains in decibels, frames x bands, by overlapping frames."""
    import numpy as np

    window = np.sqrt(np.hanning(WINDOW + 1)[:-1])
    frequencies = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    centres = LOWEST + WIDTH * (np.arange(BANDS) + 0.5)
    result, weight = np.zeros(len(samples)), np.zeros(len(samples))
    for frame in range((len(samples) - WINDOW) // HOP + 1):
        place = slice(frame * HOP, frame * HOP + WINDOW)
        gain = np.interp(frequencies, centres, gains[min(frame, len(gains) - 1)], left=0, right=0)
        spectrum = np.fft.rfft(samples[place] * window) * 10 ** (gain / 20)
        result[place] += np.fft.irfft(spectrum, WINDOW) * window
        weight[place] += window**2
    return result / np.maximum(weight, 1e-3)


def band_powers(samples: Array) -> Array:
    import numpy as np

    count = (len(samples) - WINDOW) // HOP + 1
    window = np.hanning(WINDOW + 1)[:-1]
    frequencies = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    bands = np.floor((frequencies - LOWEST) / WIDTH).astype(int)
    powers = np.zeros((count, BANDS))
    for frame in range(count):
        power = np.abs(np.fft.rfft(samples[frame * HOP : frame * HOP + WINDOW] * window)) ** 2
        inside = (bands >= 0) & (bands < BANDS)
        powers[frame] = np.bincount(bands[inside], power[inside], BANDS)
    return powers


def smoothed(values: Array, frames: int) -> Array:
    """Mean over `frames` neighbouring rows."""
    import numpy as np

    kernel = np.ones(frames) / frames
    return np.apply_along_axis(lambda column: np.convolve(column, kernel, "same"), 0, values)
