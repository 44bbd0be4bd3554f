"""Attacks by radios and telephones at their edge: vocoders of a few kbit/s, some after a room, and codecs in turn.

IMBE is the P25 full rate of the Python package blip25-vocoder, G.729 Debian's libbcg729-0; rooms are made here with
numpy. `RADIOS` can be asked whether a tool is there.
"""

import array
import ctypes
import ctypes.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codings import AAC64, amr_narrow, chain, codec2, encode
from denoisers import Attack, OptionalAttack
from earmark_tools.audio import RATE, WAV, ffmpeg, read_samples, write_samples
from voices import has, has_numpy, samples_of, written

# Hertz of telephones, and the frames of IMBE and G.729 in its samples.
NARROW, IMBE_FRAME, G729_FRAME = 8_000, 160, 80
# Hertz of recordings in rooms: what the detector looks at.
WIDE = 16_000
# A frame of 20 ms counts as speech from so far below the loud ones on, decibels.
SPEECH_RANGE = 30
# Hertz between which a small loudspeaker and a telephone's microphone pass sound.
SPEAKER = (180.0, 7_500.0)
# Samples of which the sizes of long transforms are multiples.
BLOCK = 1 << 15
# Clock of the recording telephone beside that of the player, parts.
CLOCK = 50e-6


def then(*attacks: Attack) -> Attack:
    """One attack after another."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        place = sources[0]
        for number, step in enumerate(attacks):
            inner = folder / f"part{number}"
            inner.mkdir()
            place = step([place], inner)
        return place

    return attack


def by_frames(samples: "array.array[Any]", size: int, coded: Callable[[Any], Any]) -> "array.array[Any]":
    """Whole frames, each as it comes out of `coded`."""
    result = array.array("h")
    for start in range(0, len(samples) - size + 1, size):
        result.extend(coded(samples[start : start + size]))
    return result


def imbe(sources: Sequence[Path], folder: Path) -> Path:
    """P25's full rate: 4.4 kbit/s of speech in 7.2."""
    import numpy
    from blip25_vocoder import Rate, Vocoder

    sender, receiver = Vocoder(Rate.FULL_RATE_7200X4400), Vocoder(Rate.FULL_RATE_7200X4400)

    def coded(frame: "array.array[Any]") -> Any:
        return receiver.decode_bits(sender.encode_pcm(numpy.array(frame, dtype=numpy.int16))).tolist()

    target = folder / "radio.wav"
    write_samples(by_frames(read_samples(sources[0], NARROW, "h"), IMBE_FRAME, coded), NARROW, target)
    return target


def g729(sources: Sequence[Path], folder: Path) -> Path:
    """G.729A at 8 kbit/s, without pauses left out."""
    library = ctypes.CDLL(ctypes.util.find_library("bcg729"))
    library.initBcg729EncoderChannel.restype = library.initBcg729DecoderChannel.restype = ctypes.c_void_p
    library.initBcg729EncoderChannel.argtypes = [ctypes.c_uint8]
    library.bcg729Encoder.argtypes = [ctypes.c_void_p] * 4
    library.bcg729Decoder.argtypes = [ctypes.c_void_p] * 2 + [ctypes.c_uint8] * 4 + [ctypes.c_void_p]
    library.closeBcg729EncoderChannel.argtypes = library.closeBcg729DecoderChannel.argtypes = [ctypes.c_void_p]
    sender, receiver = library.initBcg729EncoderChannel(0), library.initBcg729DecoderChannel()
    # Ten bytes a frame; the speech in, and out.
    sent, length = (ctypes.c_uint8 * 10)(), ctypes.c_uint8()
    speech, heard = (ctypes.c_int16 * G729_FRAME)(), (ctypes.c_int16 * G729_FRAME)()

    def coded(frame: "array.array[Any]") -> Any:
        speech[:] = frame.tolist()
        library.bcg729Encoder(sender, speech, sent, ctypes.byref(length))
        library.bcg729Decoder(receiver, sent, length.value, 0, 0, 0, heard)
        return heard

    target = folder / "telephone.wav"
    write_samples(by_frames(read_samples(sources[0], NARROW, "h"), G729_FRAME, coded), NARROW, target)
    library.closeBcg729EncoderChannel(sender)
    library.closeBcg729DecoderChannel(receiver)
    return target


def speech_power(samples: Any, rate: int) -> float:
    """Mean square of the frames of 20 ms that hold speech."""
    import numpy

    size = rate // 50
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    powers = (frames**2).mean(1)
    return float(powers[powers >= numpy.quantile(powers, 0.95) * 10 ** (-SPEECH_RANGE / 10)].mean())


def filtered(samples: Any, gain: Callable[[Any], Any]) -> Any:
    import numpy

    size = -(-len(samples) // BLOCK) * BLOCK
    bins = numpy.fft.rfft(samples, size)
    return numpy.fft.irfft(bins * gain(numpy.fft.rfftfreq(size, 1 / WIDE)), size)[: len(samples)]


def beside(noise: Any, samples: Any, ratio: float, rate: int) -> Any:
    """The sum of speech and noise, `ratio` dB below it, within full scale."""
    both = samples + noise * (speech_power(samples, rate) / (noise**2).mean()) ** 0.5 * 10 ** (-ratio / 20)
    return both / max(1, 1.1 * abs(both).max())


def white(ratio: float) -> Attack:
    """White noise up to 24 kHz, `ratio` dB below the speech."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        import numpy

        samples = samples_of(sources[0])
        noise = numpy.random.default_rng(7).standard_normal(len(samples))
        return written(beside(noise, samples, ratio, RATE), folder)

    return attack


@dataclass(frozen=True)
class Room:
    """How a recorder hears a loudspeaker: direct sound over reverberation, decibels, that falls by 60 dB in `seconds`,
    and pink noise so far below the speech, decibels."""

    direct: float
    seconds: float
    noise: float

    def response(self, chance: Any) -> Any:
        """Direct sound and, from 2.5 ms on, noise that dies away, darker than it began as walls are."""
        import numpy

        length = int(WIDE * self.seconds)
        times = numpy.arange(length) / WIDE
        tail = chance.standard_normal(length) * 10 ** (-3 * times / self.seconds)
        tail[times < 0.0025] = 0
        tail = filtered(tail, lambda hertz: 1 / numpy.sqrt(1 + (hertz / 4_000) ** 2))
        tail *= 10 ** (-self.direct / 20) / (tail**2).sum() ** 0.5
        tail[0] += 1
        return tail


DESK = Room(direct=10, seconds=0.4, noise=25)
ONE_METRE = Room(direct=4, seconds=0.4, noise=15)


def heard_in(room: Room) -> Attack:
    """Played by a small loudspeaker in a room and recorded there by a telephone, at 16 kHz, as AAC at 64 kbit/s."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        import numpy

        chance = numpy.random.default_rng(11)
        samples = numpy.array(read_samples(sources[0], WIDE, "f"))
        low, high = SPEAKER
        played = filtered(
            samples, lambda hertz: 1 / numpy.sqrt((1 + (low / (hertz + 1)) ** 6) * (1 + (hertz / high) ** 4))
        )
        played = numpy.tanh(1.2 * played / abs(played).max())
        response = room.response(chance)
        # A multiple of many twos, as transforms of other sizes take minutes.
        size = -(-(len(played) + len(response)) // BLOCK) * BLOCK
        heard = numpy.fft.irfft(numpy.fft.rfft(played, size) * numpy.fft.rfft(response, size), size)[: len(played)]
        places = numpy.arange(0, len(heard) - 1, 1 + CLOCK)
        heard = numpy.interp(places, numpy.arange(len(heard)), heard)
        # Pink noise, from 20 Hz on.
        noise = filtered(chance.standard_normal(len(heard)), lambda hertz: 1 / numpy.sqrt(numpy.maximum(hertz, 20)))
        recorded, target = folder / "recorded.wav", folder / "recorded.m4a"
        sound = beside(noise, 0.5 * heard / abs(heard).max(), room.noise, WIDE)
        write_samples(array.array("f", sound.astype("float32").tobytes()), WIDE, recorded)
        ffmpeg("-i", recorded, *AAC64, target)
        return target

    return attack


def has_imbe() -> bool:
    return has("numpy", "blip25_vocoder")


def has_g729() -> bool:
    return ctypes.util.find_library("bcg729") is not None


NUMPY, IMBE, G729 = "pip install numpy", "pip install blip25-vocoder numpy", "apt-get install libbcg729-0"
OPUS6 = encode("ogg", "-c:a", "libopus", "-b:a", "6k", "-application", "voip")
desk, one_metre = heard_in(DESK), heard_in(ONE_METRE)
decoded = chain(("wav", WAV))

RADIOS: dict[str, OptionalAttack] = {
    "imbe": OptionalAttack(imbe, has_imbe, IMBE),
    "white5_imbe": OptionalAttack(then(white(5), imbe), has_imbe, IMBE),
    "desk_imbe": OptionalAttack(then(desk, imbe), has_imbe, IMBE),
    "metre_imbe": OptionalAttack(then(one_metre, imbe), has_imbe, IMBE),
    "desk": OptionalAttack(desk, has_numpy, NUMPY),
    "metre": OptionalAttack(one_metre, has_numpy, NUMPY),
    "desk_codec2_3200": OptionalAttack(then(desk, codec2(3200)), has_numpy, NUMPY),
    "desk_amrnb4.75": OptionalAttack(then(desk, decoded, amr_narrow(0)), has_numpy, NUMPY),
    "desk_opus6": OptionalAttack(then(desk, OPUS6), has_numpy, NUMPY),
    "g729": OptionalAttack(g729, has_g729, G729),
    "g729_amrnb5.9": OptionalAttack(then(g729, amr_narrow(2)), has_g729, G729),
}
