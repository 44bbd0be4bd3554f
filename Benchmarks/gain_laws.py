"""The embedder's gains in numpy, under laws that make the mark deeper or shallower with the host.

The same resonators, depths, edges and weights as `Sources/EarmarkMark` has (docs/signal-design.md, "Embedder"), at half
the rate of the recording; signs are drawn at random. A law sees what a live embedder has: the powers of the 56
resonators every 4 ms, up to now.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import lfilter, resample_poly

from earmark_tools.audio import RATE

# An array of numpy.
Array = Any
# Weights of the bands at every weighing, from the host's powers; shape: weighings x bands.
Law = Callable[["Host"], Array]

BANDS, LOWEST, WIDTH = 56, 250.0, 125.0
# Half-width of a resonator, hertz, and the rate at which the resonators run.
HALF_WIDTH, BANK_RATE = 50.0, RATE // 2
CHIP_SECONDS, EDGE_SHARE = 0.064, 0.6
UPDATES_PER_SECOND, UPDATES_PER_WEIGHING = 2_000, 8
WEIGHING_SECONDS = UPDATES_PER_WEIGHING / UPDATES_PER_SECOND
CENTRES = LOWEST + WIDTH * (np.arange(BANDS) + 0.5)
# Depths at standard strength, decibels (`MarkProfile`).
DEPTHS = np.select([CENTRES < 750, CENTRES < 1_000, CENTRES < 2_000, CENTRES < 4_000], [0.2, 0.9, 1.1, 1.5], 1.3)
LEAST_POWER = 1e-12


class Host:
    """What the embedder's resonators make of a recording: their outputs, and their powers every 4 ms."""

    def __init__(self, samples: Array) -> None:
        """`samples` are mono at 48 kHz."""
        low = resample_poly(samples.astype(np.float64), 1, RATE // BANK_RATE)
        step = BANK_RATE // UPDATES_PER_SECOND
        self.updates = len(low) // (step * UPDATES_PER_WEIGHING) * UPDATES_PER_WEIGHING
        low = low[: self.updates * step]
        radius = math.exp(-2 * math.pi * HALF_WIDTH / BANK_RATE)
        self.outputs = np.empty((BANDS, self.updates, step), np.float32)
        powers = np.empty((self.updates // UPDATES_PER_WEIGHING, BANDS))
        for band, centre in enumerate(CENTRES):
            pole = radius * np.exp(2j * math.pi * centre / BANK_RATE)
            state = lfilter([2 * (1 - radius)], [1, -pole], low.astype(np.complex128))
            self.outputs[band] = state.real.reshape(self.updates, step)
            # What is known at a weighing is the state just before it.
            powers[1:, band] = np.abs(state[step * UPDATES_PER_WEIGHING - 1 :: step * UPDATES_PER_WEIGHING][:-1]) ** 2
            powers[0, band] = 0
        self.powers = powers
        self.frames = len(samples)

    def mark(self, signs: Array, depths: Array, weights: Array) -> Array:
        """The mark of `signs` (chips x dipoles), at 48 kHz; `depths` by band in decibels, `weights` by weighing."""
        pattern = np.repeat(signs, 2, axis=1) * np.tile([1.0, -1.0], BANDS // 2) * depths * gain_per_decibel(depths)
        gains = edges(pattern, self.updates) * np.repeat(weights, UPDATES_PER_WEIGHING, axis=0)
        low = np.einsum("ub,buk->uk", gains.astype(np.float32), self.outputs).ravel()
        mark = np.zeros(self.frames)
        high = resample_poly(low.astype(np.float64), RATE // BANK_RATE, 1)[: self.frames]
        mark[: len(high)] = high
        return mark


def edges(pattern: Array, updates: int) -> Array:
    """Gains at every update: raised cosines over 60 % of a chip, centred on the chips' borders."""
    position = np.arange(updates) / UPDATES_PER_SECOND / CHIP_SECONDS
    nearest = np.rint(position).astype(int)
    offset = np.clip((position - nearest) / EDGE_SHARE + 0.5, 0, 1)
    share = (np.sin(math.pi / 2 * offset) ** 2)[:, None]
    before = pattern[np.clip(nearest - 1, 0, len(pattern) - 1)]
    after = pattern[np.clip(nearest, 0, len(pattern) - 1)]
    return before + (after - before) * share


def gain_per_decibel(depths: Array) -> float:
    """Factor from a depth to a gain such that the pattern that results projects on the wanted one at depth."""
    points = (LOWEST + WIDTH * (np.arange(5 * BANDS) + 0.5) / 5) * 2 * math.pi / BANK_RATE
    radius = math.exp(-2 * math.pi * HALF_WIDTH / BANK_RATE)
    response = sum(
        (1 - radius) / (1 - radius * np.exp(1j * (sign * 2 * math.pi * CENTRES / BANK_RATE - points[:, None])))
        for sign in (1, -1)
    )
    naive = math.log(10) / 20
    draw = np.random.default_rng(1)
    energy = projection = 0.0
    for _ in range(24):
        wanted = np.repeat(draw.choice([-1.0, 1.0], BANDS // 2), 2) * np.tile([1.0, -1.0], BANDS // 2) * depths
        got = 20 * np.log10(np.abs(1 + naive * response @ wanted)).reshape(BANDS, 5).mean(1)
        energy += float(wanted @ wanted)
        projection += float(wanted @ got)
    return naive * energy / projection


def smoothed(values: Array, seconds: float) -> Array:
    """One-pole mean of rows at weighings."""
    share = 1 - math.exp(-WEIGHING_SECONDS / seconds)
    return lfilter([share], [1, share - 1], values, axis=0)


def decibels(powers: Array) -> Array:
    return 10 * np.log10(powers + LEAST_POWER)


def ramp(values: Array, low: float, high: float) -> Array:
    """0 up to `low`, 1 from `high` on."""
    return np.clip((values - low) / (high - low), 0, 1)


def paired(values: Array, choose: Callable[..., Array] = np.minimum) -> Array:
    """One value for the two bands of each dipole."""
    return np.repeat(choose(values[:, 0::2], values[:, 1::2]), 2, axis=1)


def present(host: Host) -> Array:
    """`HostWeights` as it is: level over a floor that rises by 2 dB a second, the weaker band of each pair."""
    power = smoothed(host.powers, 0.02)
    rise = 10 ** (2 * WEIGHING_SECONDS / 10)
    floor = np.full(BANDS, 1e-9)
    over = np.empty_like(power)
    for place, row in enumerate(power):
        floor = np.maximum(np.minimum(floor * rise, row), 1e-9)
        over[place] = row / floor
    return 0.25 + 0.75 * ramp(paired(decibels(over)), 4, 10)


def bark(frequency: Array) -> Array:
    """Critical-band rate (Traunmüller, J. Acoust. Soc. Am. 88, 1990)."""
    return 26.81 * frequency / (1960 + frequency) - 0.53


def spreading() -> Array:
    """What a band excites at the others: 27 dB a Bark below it, 12 above, itself left out."""
    apart = bark(CENTRES)[None, :] - bark(CENTRES)[:, None]
    matrix = 10 ** (-np.where(apart < 0, -27.0, 12.0) * apart / 10)
    np.fill_diagonal(matrix, 0)
    return matrix


def exposure(host: Host) -> Array:
    """Level of a band over what all others excite at its place, decibels."""
    power = smoothed(host.powers, 0.02)
    return decibels(power) - decibels(power @ spreading())


def prominence(host: Host) -> Array:
    """Level of a band over the mean of the nine bands around it, decibels."""
    power = smoothed(host.powers, 0.02)
    return decibels(power) - decibels(uniform_filter1d(power, 9, axis=1, mode="nearest"))


def restlessness(host: Host) -> Array:
    """Deviation of a band's level over the last 60 ms or so, decibels: small in a tone, 5.6 in noise."""
    level = decibels(host.powers)
    return np.sqrt(np.maximum(smoothed(level**2, 0.06) - smoothed(level, 0.06) ** 2, 0))


def change(host: Host) -> Array:
    """Level of a band over its level of the last 200 ms, decibels: large just after an onset."""
    return decibels(smoothed(host.powers, 0.02)) - decibels(smoothed(host.powers, 0.2))


def standing(host: Host) -> Array:
    """Level of a band below the loudest of its moment, decibels (at most 0)."""
    level = decibels(smoothed(host.powers, 0.02))
    return level - level.max(1, keepdims=True)


def loudness(host: Host) -> Array:
    """Level of all bands of a moment below the loudest of the last seconds, decibels (at most 0)."""
    level = decibels(smoothed(host.powers, 0.02).sum(1))
    peak = np.empty_like(level)
    held = -math.inf
    for place, value in enumerate(level):
        held = max(value, held - 2 * WEIGHING_SECONDS)
        peak[place] = held
    return np.repeat((level - peak)[:, None], BANDS, axis=1)


def beyond_typical(host: Host) -> Array:
    """Exposure beyond the band's own mean in this recording: what a moment adds to a fixed table of depths.

    A live embedder would have to learn the mean; here it knows it, which bounds what can be gained.
    """
    values, weights = paired(exposure(host), mean), present(host)
    return values - (values * weights).sum(0) / weights.sum(0)


def mean(even: Array, odd: Array) -> Array:
    return (even + odd) / 2


def law(trait: Callable[[Host], Array], low: float, high: float, least: float, *, at_low: bool = False) -> Law:
    """The present weights, times a ramp over the dipole's mean of a trait, decibels.

    `least` holds from `high` on and 1 up to `low`; the other way round with `at_low`.
    """

    def weights(host: Host) -> Array:
        share = ramp(paired(trait(host), mean), low, high)
        return present(host) * (1 - (1 - least) * (1 - share if at_low else share))

    return weights


def alone(host: Host) -> Array:
    """Exposure, but each band for itself: the fainter one of a dipole carries more of its difference."""
    return present(host) * (1 - 0.5 * ramp(exposure(host), -4, 4))


def table(factors: Array) -> Law:
    """Other depths by band, and nothing that moves with the host but the present weights."""
    return lambda host: present(host) * factors


# What the laws of exposure come to on average: the same factors on every recording, to within 0.03.
STEEP = np.interp(CENTRES, [1_250, 2_000, 3_000, 4_000, 5_000], [0.5, 0.65, 0.86, 0.95, 1])
FLAT = np.interp(CENTRES, [1_000, 1_300, 2_000, 2_500, 3_200], [0.42, 0.49, 0.79, 0.93, 1])

LAWS: dict[str, Law] = {
    "exposure": law(exposure, -4, 4, 0.5),
    "exposure, late": law(exposure, -1, 6, 0.4),
    "exposure, each band alone": alone,
    "table of exposure": table(STEEP),
    "table of exposure, late": table(FLAT),
    "exposure beyond the band's mean": law(beyond_typical, -5, 5, 0.5),
    "less at peaks of the spectrum": law(prominence, -3, 4, 0.4),
    "less near the loudest band": law(standing, -20, -5, 0.4),
    "less in steady tones": law(restlessness, 5, 9, 0.5, at_low=True),
    "more after onsets": law(change, -8, -2, 0.6, at_low=True),
    "less in soft moments": law(loudness, -20, -8, 0.6, at_low=True),
}
