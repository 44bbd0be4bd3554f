"""Attacks by voice changers: other formants, another pitch, another tempo, each by itself.

Praat's "Change gender" is the Python package praat-parselmouth, WORLD the package pyworld; the phase vocoder is written
out here and needs numpy alone. `VOICES` can be asked whether a tool is there.
"""

import array
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from denoisers import Attack, OptionalAttack, denoised
from earmark_tools.audio import RATE, read_samples

# What is changed: a factor on the frequencies of the formants, and one on the pitch of the voice.
SETTINGS = {"child": (1.15, 1.0), "chipmunk": (1.2, 1.5), "giant": (0.87, 0.8)}
# Pitch of people's voices, hertz: what Praat's manual proposes to look for.
PITCHES = (75.0, 600.0)
# Samples of a frame of the phase vocoder (43 ms) and how many frames overlap.
FRAME, OVERLAP = 2_048, 4
# Milliseconds between frames of WORLD.
PERIOD = 5.0


def has(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) is not None for module in modules)


def samples_of(source: Path) -> Any:
    import numpy

    return numpy.array(read_samples(source, RATE, "f"), dtype=numpy.float64)


def written(samples: Any, folder: Path) -> Path:
    return denoised(array.array("f", samples.clip(-1, 1).astype("float32").tobytes()), RATE, folder)


def praat(formants: float, pitch: float) -> Attack:
    """Praat's "Change gender": the recording is resampled by the formants' factor, and pitch and duration are restored
    by overlapping whole periods of the voice."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        import parselmouth
        from parselmouth.praat import call

        sound = parselmouth.Sound(samples_of(sources[0]), sampling_frequency=RATE)
        median = 0.0
        if pitch != 1:
            median = pitch * call(sound.to_pitch_ac(pitch_floor=PITCHES[0], pitch_ceiling=PITCHES[1]), *QUANTILE)
        changed = call(sound, "Change gender", *PITCHES, formants, median, 1.0, 1.0)
        return written(changed.values[0], folder)

    return attack


QUANTILE = ("Get quantile", 0, 0, 0.5, "Hertz")


def world(formants: float, pitch: float) -> Attack:
    """WORLD: taken apart into pitch, envelope and breath, and spoken anew."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        import numpy
        import pyworld

        sound = samples_of(sources[0])
        raw, times = pyworld.dio(sound, RATE, frame_period=PERIOD)
        melody = pyworld.stonemask(sound, raw, times, RATE)
        envelope = pyworld.cheaptrick(sound, melody, times, RATE)
        breath = pyworld.d4c(sound, melody, times, RATE)
        bins = numpy.arange(envelope.shape[1])
        for frames in (envelope, breath):
            for row in frames:
                row[:] = numpy.interp(bins / formants, bins, row)
        return written(pyworld.synthesize(melody * pitch, envelope, breath, RATE, PERIOD), folder)

    return attack


def stretched(samples: Any, factor: float) -> Any:
    """`factor` times as long, by a phase vocoder whose phases follow the nearest peak (J. Laroche and M. Dolson,
    "Improved phase vocoder time-scale modification of audio", IEEE Transactions on Speech and Audio Processing 7(3),
    1999)."""
    import numpy

    hop = FRAME // OVERLAP
    window = numpy.hanning(FRAME + 1)[:-1]
    result = numpy.zeros(int(len(samples) * factor) + 2 * FRAME)
    turn = 2 * numpy.pi * hop * numpy.arange(FRAME // 2 + 1) / FRAME
    phase = None
    for frame in range(int((len(samples) - FRAME - hop) * factor / hop)):
        start = int(frame * hop / factor)
        before = numpy.fft.rfft(window * samples[start : start + FRAME])
        here = numpy.fft.rfft(window * samples[start + hop : start + hop + FRAME])
        if phase is None:
            phase = numpy.angle(before)
        advance = numpy.angle(here) - numpy.angle(before) - turn
        phase = phase + turn + advance - 2 * numpy.pi * numpy.round(advance / (2 * numpy.pi))
        size = numpy.abs(here)
        peaks = numpy.flatnonzero((size[1:-1] > size[:-2]) & (size[1:-1] >= size[2:])) + 1
        if len(peaks):
            bins = numpy.arange(len(size))
            nearest = peaks[numpy.clip(numpy.searchsorted((peaks[1:] + peaks[:-1]) / 2, bins), 0, len(peaks) - 1)]
            phase = phase[nearest] + numpy.angle(here) - numpy.angle(here)[nearest]
        result[frame * hop : frame * hop + FRAME] += window * numpy.fft.irfft(size * numpy.exp(1j * phase)) * 2 / 3
    return result


def vocoder(formants: float, tempo: float = 1) -> Attack:
    """Resampled by the formants' factor, which moves the pitch as well, and stretched back to `tempo`."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        import numpy

        sound = samples_of(sources[0])
        places = numpy.arange(0, len(sound) - 1, formants)
        return written(stretched(numpy.interp(places, numpy.arange(len(sound)), sound), formants / tempo), folder)

    return attack


def has_praat() -> bool:
    return has("numpy", "parselmouth")


def has_world() -> bool:
    return has("numpy", "pyworld")


def has_numpy() -> bool:
    return has("numpy")


VOICES: dict[str, OptionalAttack] = {}
for name, (formants, pitch) in SETTINGS.items():
    VOICES[f"praat_{name}"] = OptionalAttack(praat(formants, pitch), has_praat, "pip install praat-parselmouth numpy")
    VOICES[f"world_{name}"] = OptionalAttack(world(formants, pitch), has_world, "pip install pyworld numpy")
    VOICES[f"vocoder_{name}"] = OptionalAttack(vocoder(formants), has_numpy, "pip install numpy")
# Away from the lines on which only one thing is changed.
VOICES["vocoder_slow_child"] = OptionalAttack(vocoder(1.15, 0.88), has_numpy, "pip install numpy")
VOICES["vocoder_fast_giant"] = OptionalAttack(vocoder(0.87, 1.12), has_numpy, "pip install numpy")
