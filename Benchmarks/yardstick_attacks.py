"""Attacks that other suites of robustness tests publish, made anew from their published parameters, with numpy.

Each takes samples at 48 kHz, full scale 1, and a random generator, and returns samples. Where a suite draws from a
range, the end that is harder on a mark is taken.

RAW-Bench (strict), AudioMarkBench (no-box), OmniSealBench (the set of its paper) and deepmarkpy; what they ask of
neural codecs whose weights no package carries is left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy

from denoisers import Attack
from earmark_tools.audio import RATE, ffmpeg, read_samples, write_samples
from voices import stretched

# Samples at 48 kHz.
Sound = Any
Change = Callable[[Sound, Any], Sound]


@dataclass(frozen=True)
class Row:
    suite: str
    name: str
    change: Change


def rms(sound: Sound) -> float:
    return float(numpy.sqrt(numpy.mean(sound**2)))


def noise(colour: str, ratio: float) -> Change:
    """Noise `ratio` dB below the sound's power; "babble" is the sound itself, eight times, reversed and shifted."""

    def change(sound: Sound, chance: Any) -> Sound:
        added = chance.standard_normal(len(sound))
        if colour == "pink":
            bins = numpy.fft.rfft(added)
            bins /= numpy.sqrt(numpy.maximum(1, numpy.arange(len(bins))))
            added = numpy.fft.irfft(bins, len(sound))
        elif colour == "babble":
            added = sum(numpy.roll(sound[::-1], int(shift)) for shift in chance.integers(0, len(sound), 8))
        return sound + added * rms(sound) / rms(added) * 10 ** (-ratio / 20)

    return change


def filtered(gain: Callable[[Sound], Sound]) -> Change:
    """Multiplies the spectrum by a gain of frequency."""

    def change(sound: Sound, chance: Any) -> Sound:
        bins = numpy.fft.rfft(sound)
        return numpy.fft.irfft(bins * gain(numpy.fft.rfftfreq(len(sound), 1 / RATE)), len(sound))

    return change


def low_pass(edge: float) -> Change:
    """Butterworth of order 6, without its phase."""
    return filtered(lambda hertz: 1 / numpy.sqrt(1 + (hertz / edge) ** 12))


def high_pass(edge: float) -> Change:
    return filtered(lambda hertz: 1 / numpy.sqrt(1 + (edge / numpy.maximum(hertz, 1e-3)) ** 12))


def band_pass(low: float, high: float) -> Change:
    def change(sound: Sound, chance: Any) -> Sound:
        return low_pass(high)(high_pass(low)(sound, chance), chance)

    return change


def bark_equaliser(amount: float) -> Change:
    """A random gain within +-`amount` of 1 for each critical band (H. Traunmueller, "Analytical expressions for the
    tonotopic sensory scale", JASA 88(1), 1990)."""

    def change(sound: Sound, chance: Any) -> Sound:
        gains = 1 + chance.uniform(-amount, amount, 26)
        return filtered(lambda hertz: gains[(26.81 * hertz / (1960 + hertz)).astype(int).clip(0, 25)])(sound, chance)

    return change


def reverberation(tail: float) -> Change:
    """5 ms of direct sound, and a tail `tail` dB below its energy that falls by 60 dB in half a second."""

    def change(sound: Sound, chance: Any) -> Sound:
        length, direct = RATE // 2, RATE // 200
        response = chance.standard_normal(length) * 10 ** (-3 * numpy.arange(length) / length)
        response[:direct] = 0
        response *= 10 ** (-tail / 20) / numpy.sqrt(numpy.sum(response**2))
        response[0] = 1
        size = len(sound) + length
        return numpy.fft.irfft(numpy.fft.rfft(sound, size) * numpy.fft.rfft(response, size), size)[: len(sound)]

    return change


def dynamics(threshold: float, ratio: float) -> Change:
    """A compressor (`ratio` > 1: levels above the threshold rise by 1 / ratio) or expander (< 1) over 10 ms."""

    def change(sound: Sound, chance: Any) -> Sound:
        size = RATE // 100
        power = numpy.convolve(sound**2, numpy.ones(size) / size, "same")
        level = 10 * numpy.log10(numpy.maximum(power, 1e-12))
        above = numpy.maximum(0, level - threshold) if ratio > 1 else numpy.minimum(0, level - threshold)
        changed = above * (1 / ratio - 1)
        return sound * 10 ** (numpy.clip(changed, -60, 60) / 20)

    return change


def limiter(sound: Sound, chance: Any) -> Sound:
    return numpy.clip(sound, -0.3 * numpy.abs(sound).max(), 0.3 * numpy.abs(sound).max())


def gain(factor: float) -> Change:
    return lambda sound, chance: numpy.clip(sound * factor, -1, 1)


def jitter(deviation: float) -> Change:
    def change(sound: Sound, chance: Any) -> Sound:
        places = numpy.arange(len(sound)) + chance.normal(0, deviation, len(sound))
        return numpy.interp(places, numpy.arange(len(sound)), sound)

    return change


def levels(count: int) -> Change:
    """Quantised to so many levels between the extremes."""

    def change(sound: Sound, chance: Any) -> Sound:
        largest = numpy.abs(sound).max()
        return numpy.round((sound / largest + 1) / 2 * (count - 1)) / (count - 1) * 2 * largest - largest

    return change


def bits(count: int) -> Change:
    return lambda sound, chance: numpy.round(sound * 2 ** (count - 1)) / 2 ** (count - 1)


def stretch(tempo: float) -> Change:
    return lambda sound, chance: stretched(sound, 1 / tempo)


def speed(factor: float) -> Change:
    def change(sound: Sound, chance: Any) -> Sound:
        return numpy.interp(numpy.arange(0, len(sound) - 1, factor), numpy.arange(len(sound)), sound)

    return change


def moving_average(size: int) -> Change:
    return lambda sound, chance: numpy.convolve(sound, numpy.ones(size) / size, "same")


def echo(amount: float, seconds: float) -> Change:
    def change(sound: Sound, chance: Any) -> Sound:
        delay = int(seconds * RATE)
        return sound + amount * numpy.concatenate([numpy.zeros(delay), sound])[: len(sound)]

    return change


def coded(extension: str, *arguments: str) -> Change:
    def change(sound: Sound, chance: Any) -> Sound:
        with TemporaryDirectory() as place:
            clean, small = Path(place) / "clean.wav", Path(place) / f"coded.{extension}"
            save(sound, clean)
            ffmpeg("-i", clean, *arguments, small)
            return load(small)

    return change


def zeroed(share: float) -> Change:
    def change(sound: Sound, chance: Any) -> Sound:
        return numpy.concatenate([numpy.zeros(int(len(sound) * share)), sound[int(len(sound) * share) :]])

    return change


def interleaved(size: int) -> Change:
    """Blocks of so many samples, each second pair exchanged."""

    def change(sound: Sound, chance: Any) -> Sound:
        whole = sound[: len(sound) // (2 * size) * 2 * size].reshape(-1, 2, size)
        return whole[:, ::-1].reshape(-1)

    return change


def cuts(count: int, longest: int) -> Change:
    def change(sound: Sound, chance: Any) -> Sound:
        keep = numpy.ones(len(sound), bool)
        for start in chance.integers(0, len(sound) - longest, count):
            keep[start : start + chance.integers(1, longest + 1)] = False
        return sound[keep]

    return change


def flips(count: int, seconds: float) -> Change:
    """So many stretches played backwards."""

    def change(sound: Sound, chance: Any) -> Sound:
        result, size = sound.copy(), int(seconds * RATE)
        for start in chance.integers(0, max(1, len(sound) - size), count):
            result[start : start + size] = result[start : start + size][::-1].copy()
        return result

    return change


def spectral_levels(count: int) -> Change:
    """Magnitudes of a short-time transform in so many levels."""

    def change(sound: Sound, chance: Any) -> Sound:
        size, window = 1_024, numpy.hanning(1_025)[:-1]
        result, largest = numpy.zeros(len(sound)), numpy.abs(sound).max() * size / 4
        for start in range(0, len(sound) - size, size // 4):
            bins = numpy.fft.rfft(window * sound[start : start + size])
            sizes = numpy.round(numpy.abs(bins) / largest * (count - 1)) / (count - 1) * largest
            piece = numpy.fft.irfft(sizes * numpy.exp(1j * numpy.angle(bins)))
            result[start : start + size] += window * piece * 2 / 3
        return result

    return change


def haar(threshold: float) -> Change:
    """One level of the db1 wavelet, its details drawn towards 0 by the threshold times their largest."""

    def change(sound: Sound, chance: Any) -> Sound:
        pairs = sound[: len(sound) // 2 * 2].reshape(-1, 2)
        mean, detail = (pairs[:, 0] + pairs[:, 1]) / 2, (pairs[:, 0] - pairs[:, 1]) / 2
        detail = numpy.sign(detail) * numpy.maximum(0, numpy.abs(detail) - threshold * numpy.abs(detail).max())
        return numpy.stack([mean + detail, mean - detail], axis=1).reshape(-1)

    return change


def predicted(order: int) -> Change:
    """Linear prediction: each sample as the ones before foretell it, in frames of 20 ms."""

    def change(sound: Sound, chance: Any) -> Sound:
        size, result = RATE // 50, sound.copy()
        for start in range(size, len(sound) - size, size):
            frame = sound[start : start + size]
            lags = numpy.array([numpy.dot(frame[: size - lag], frame[lag:]) for lag in range(order + 1)])
            matrix = lags[numpy.abs(numpy.subtract.outer(numpy.arange(order), numpy.arange(order)))]
            weights = numpy.linalg.solve(matrix + numpy.eye(order) * (1e-6 * lags[0] + 1e-9), lags[1:])
            past = [sound[start - lag : start - lag + size] for lag in range(1, order + 1)]
            result[start : start + size] = numpy.dot(weights, past)
        return result

    return change


def load(source: Path) -> Sound:
    return numpy.array(read_samples(source, RATE, "f"), dtype=numpy.float64)


def save(sound: Sound, target: Path) -> None:
    import array

    write_samples(array.array("f", sound.clip(-1, 1).astype("float32").tobytes()), RATE, target)


def attack(row: Row, seed: int) -> Attack:
    """A row as the other benchmarks take attacks."""

    def run(sources: Sequence[Path], folder: Path) -> Path:
        target = folder / "attacked.wav"
        save(row.change(load(sources[0]), numpy.random.default_rng(seed)), target)
        return target

    return run


AAC64, MP3_64 = ("m4a", "-c:a", "aac", "-b:a", "64k"), ("mp3", "-c:a", "libmp3lame", "-b:a", "64k")
VORBIS48 = ("ogg", "-c:a", "libvorbis", "-b:a", "48k")


def opus(rate: str) -> Change:
    return coded("ogg", "-c:a", "libopus", "-b:a", rate)


def mp3(rate: str) -> Change:
    return coded("mp3", "-ar", "16000", "-c:a", "libmp3lame", "-b:a", rate)


ROWS = [
    Row(suite, name, change)
    for suite, rows in {
        "RAW-Bench strict": {
            "white noise 20 dB": noise("white", 20),
            "pink noise 20 dB": noise("pink", 20),
            "reverberation 0 dB": reverberation(0),
            "AAC 64": coded(*AAC64),
            "MP3 64": coded(*MP3_64),
            "Vorbis 48": coded(*VORBIS48),
            "compressor -36 dB": dynamics(-36, 4),
            "expander -18 dB": dynamics(-18, 0.25),
            "limiter": limiter,
            "equaliser 0.75": bark_equaliser(0.75),
            "high-pass 500 Hz": high_pass(500),
            "low-pass 3.5 kHz": low_pass(3_500),
            "gain 0.2": gain(0.2),
            "gain 5": gain(5),
            "polarity": gain(-1),
            "jitter 0.2": jitter(0.2),
            "12 bit": bits(12),
            "stretch 0.75": stretch(0.75),
            "stretch 1.25": stretch(1.25),
        },
        "AudioMarkBench no-box": {
            "stretch 0.7": stretch(0.7),
            "stretch 1.5": stretch(1.5),
            "white noise 5 dB": noise("white", 5),
            "babble 5 dB": noise("babble", 5),
            "Opus 6": opus("6k"),
            "Opus 16": opus("16k"),
            "4 levels": levels(4),
            "16 levels": levels(16),
            "high-pass 0.1 of 16 kHz": high_pass(1_600),
            "high-pass 0.3 of 16 kHz": high_pass(4_800),
            "low-pass 0.1 of 16 kHz": low_pass(1_600),
            "low-pass 0.3 of 16 kHz": low_pass(4_800),
            "average of 22": moving_average(22 * 3),
            "echo 0.9": echo(0.9, 0.1),
            "MP3 8": mp3("8k"),
            "MP3 24": mp3("24k"),
        },
        "OmniSealBench": {
            "speed 1.25": speed(1.25),
            "band-pass 0.5 to 5 kHz": band_pass(500, 5_000),
            "echo 0.5 at 0.5 s": echo(0.5, 0.5),
            "white noise 0.05": lambda sound, chance: sound + 0.05 * chance.standard_normal(len(sound)),
            "low-pass 500 Hz": low_pass(500),
            "high-pass 1.5 kHz": high_pass(1_500),
            "first tenth zeroed": zeroed(0.1),
            "average of 40": moving_average(40),
        },
        "deepmarkpy": {
            "interleave of 25": interleaved(25),
            "20 cuts of up to 20": cuts(20, 20),
            "50 flips of 0.5 s": flips(50, 0.5),
            "LPC of order 12": predicted(12),
            "256 levels of magnitude": spectral_levels(256),
            "wavelet, threshold 0.5": haar(0.5),
            "stretch 1.4": stretch(1.4),
        },
    }.items()
    for name, change in rows.items()
]
