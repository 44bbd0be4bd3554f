"""Features of dipole cells in numpy (docs/signal-design.md, "Features"), and z of known signs at a known place."""

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import uniform_filter1d

Array = Any
RATE, WINDOW, HOP, FRAMES_PER_CHIP = 16_000, 768, 256, 4
BANDS, DIPOLES, LOWEST, WIDTH = 56, 28, 250.0, 125.0
# Rows before a chip's first frame in which its evidence is sought: codecs are late by up to a frame.
PLACES = range(-3, 2)
LEAST_POWER = 1e-20


def band_powers(samples: Array) -> Array:
    """Power between the exact edges of each band; shape: frames x bands."""
    window = 0.5 - 0.5 * np.cos(2 * math.pi * (np.arange(WINDOW) + 0.5) / WINDOW)
    frames = sliding_window_view(samples.astype(np.float64), WINDOW)[::HOP]
    spectra = np.abs(np.fft.rfft(frames * window)) ** 2
    bins = np.arange(spectra.shape[1])
    low = (LOWEST + WIDTH * np.arange(BANDS))[:, None] * WINDOW / RATE
    high = low + WIDTH * WINDOW / RATE
    shares = np.maximum(0, np.minimum(high, bins + 0.5) - np.maximum(low, bins - 0.5))
    return spectra @ shares.T


def features(samples: Array) -> Array:
    """u of every frame and dipole, of 16 kHz samples."""
    powers = band_powers(samples)
    logs = 10 * np.log10(powers + LEAST_POWER)
    valid = len(powers) - FRAMES_PER_CHIP + 1
    difference = np.stack([(logs[k : k + valid, 0::2] - logs[k : k + valid, 1::2]) for k in range(FRAMES_PER_CHIP)])
    weight = np.array([0.6, 1, 1, 0.6])[:, None, None]
    level = (weight * difference).sum(0) / weight.sum()
    spread = ((difference - level) ** 2).mean(0)
    mean = sum(powers[k : k + valid] for k in range(FRAMES_PER_CHIP)) / FRAMES_PER_CHIP
    reliability = 0.1 + 0.9 * np.sqrt(heard(mean))
    prominence = standing_out(mean) / np.sqrt(1 + spread / 33)
    local = reliability + 0.02
    residual = level - around(local * level, 251) / around(local, 251)
    square = np.minimum(residual**2, 150)
    variance = around(local * square, 37) / around(local, 37)
    overall = (local * square).sum() / local.sum() + 1e-3
    beside = np.pad(variance, ((0, 0), (1, 1)), mode="edge")
    variance = 0.25 * (beside[:, :-2] + beside[:, 1:-1] + beside[:, 2:]) / 3 + 0.75 * overall
    deviation = np.sqrt(variance)
    value = reliability * prominence * np.clip(residual / deviation, -1.4, 1.4) / deviation * math.sqrt(overall)
    return matched(value)


def heard(mean: Array) -> Array:
    """How far the fainter band of a dipole stands over its floor, alone and among its neighbours."""
    share = np.ones(mean.shape)
    floor = np.quantile(mean, 0.05, axis=0)
    for power, quiet in ((mean, floor), (three(mean), three(floor[None])[0])):
        share *= np.maximum(0, 1 - (1.584893 * quiet + LEAST_POWER) / (power + LEAST_POWER))
    return np.minimum(share[:, 0::2], share[:, 1::2])


def three(rows: Array) -> Array:
    """Mean over three neighbouring bands."""
    padded = np.pad(rows, ((0, 0), (1, 1)), mode="edge")
    return (padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]) / 3


def standing_out(mean: Array) -> Array:
    """R of a dipole by its louder band: over the nine bands around it, and below the loudest of the frame."""
    near = uniform_filter1d(mean, 9, axis=1, mode="nearest") + LEAST_POWER
    peak = np.sqrt(np.clip(mean / near, 0.1, 3.162278))
    peak = np.maximum(peak[:, 0::2], peak[:, 1::2])
    louder = np.maximum(mean[:, 0::2], mean[:, 1::2])
    depth = 10 * np.log10(louder / (mean.max(1, keepdims=True) + LEAST_POWER) + LEAST_POWER)
    return peak * np.clip((depth + 65) / 20, 0, 1)


def around(rows: Array, length: int) -> Array:
    """Sum over `length` rows around each, of those that there are, divided by `length`."""
    return uniform_filter1d(rows, length, axis=0, mode="constant")


def matched(value: Array) -> Array:
    """The filter over the cells beside, before and after."""
    result = value.copy()
    result[FRAMES_PER_CHIP:] -= 0.13 * value[:-FRAMES_PER_CHIP]
    result[:-FRAMES_PER_CHIP] -= 0.13 * value[FRAMES_PER_CHIP:]
    for apart, weight in ((1, 0.1), (2, 0.045)):
        result[:, apart:] -= weight * value[:, :-apart]
        result[:, :-apart] -= weight * value[:, apart:]
    return result


class Evidence:
    """What cells of known signs show, at the place where the pilot cells show most."""

    def __init__(self, samples: Array, signs: Array, pilot: Array) -> None:
        """`samples` at 16 kHz; `signs` and `pilot` (whether a cell is known beforehand) by chip and dipole."""
        rows = features(samples)
        best = -math.inf
        self.pilot = pilot
        for place in PLACES:
            index = FRAMES_PER_CHIP * np.arange(len(signs)) + place
            inside = (index >= 0) & (index < len(rows))
            values = rows[index[inside]]
            shown = float((values * (signs * pilot)[inside]).sum())
            if shown > best:
                best = shown
                self.values, self.inside, self.known = values, inside, (signs * pilot)[inside]

    def weights(self) -> Array:
        """`DipoleWeights`: regression on the pilot by dipole, drawn towards the common value."""
        energies = (self.values**2 * self.known**2).sum(0)
        sums = (self.values * self.known).sum(0)
        if energies.sum() <= 0 or sums.sum() <= 0:
            return np.ones(DIPOLES)
        common = sums.sum() / energies.sum()
        prior = 1 / (0.7 * common) ** 2
        return np.maximum(0.05, (sums + prior * common) / (energies + prior) / common)

    def z(self, signs: Array, cells: Array) -> float:
        """The statistic of `signs` in those `cells` that are not known beforehand."""
        weighted = self.weights() * (cells & ~self.pilot)[self.inside] * self.values
        return float((weighted * signs[self.inside]).sum() / np.sqrt((weighted**2).sum()))
