"""Quirks of the samples of WAV files."""

import array
import struct

from earmark_tools.quirks.case import Book, named, refused, report, specification
from earmark_tools.quirks.riff import ALAW, FLOAT, MP3, chunk, extensible, information, layout, on_channel, wave
from earmark_tools.quirks.sound import RATE, SECONDS, Sound, noise

book = Book()
quirk = book.quirk


@quirk("24-in-32.wav", "WASAPI: 24 valid bits in 32, the low byte 0", report("xiph/flac", 301), named())
def padded_samples(sound: Sound) -> bytes:
    samples = array.array("i", sound.pcm("s32le", channels=2))
    data = array.array("i", (sample & ~255 for sample in samples)).tobytes()
    return wave(extensible(2, bits=32, valid=24, mask=3), data)


@quirk(
    "24-in-4-bytes.wav",
    "WASAPI without the extensible form: 24 bits, 4 bytes a sample",
    report("HEnquist/wasapi-rs", 62),
    named(),
)
def padded_without_saying(sound: Sound) -> bytes:
    return wave(layout(bits=24, block=8, channels=2), sound.pcm("s32le", channels=2))


@quirk(
    "extensible-24.wav",
    "DirectShow recorders: extensible, 24 bits in 3 bytes",
    report("rackfx/Node-WAV-File-Info", 12),
    named(),
)
def packed_samples(sound: Sound) -> bytes:
    return wave(extensible(2, bits=24), sound.pcm("s24le", channels=2))


@quirk(
    "valid-bits-0.wav",
    "drivers: extensible with no valid bits, floats",
    specification("Microsoft, WAVEFORMATEXTENSIBLE: wValidBitsPerSample may be 0"),
    named(),
)
def no_valid_bits(sound: Sound) -> bytes:
    return wave(extensible(bits=32, valid=0, tag=FLOAT), sound.pcm("f32le"))


@quirk(
    "extensible-alaw.wav",
    "telephone recorders: extensible A-law, 8 kHz",
    specification("Microsoft, WAVEFORMATEXTENSIBLE: SubFormat of any format tag"),
    named(),
)
def extensible_law(sound: Sound) -> bytes:
    return wave(extensible(rate=8000, bits=8, tag=ALAW), sound.pcm("alaw", 8000))


@quirk(
    "x-live-32.wav",
    "Behringer X-LIVE: 32 channels, the sound on the last",
    report("wieslawsoltes/SimpleWavSplitter", 4),
    named(says="32 channels differ"),
)
def many_channels(sound: Sound) -> bytes:
    data = on_channel(sound.pcm(rate=16_000), 32, 31)
    return wave(extensible(32, 16_000), data, before=chunk(b"JUNK", bytes(100)))


@quirk("gsm.WAV", "Asterisk, format WAV: GSM 6.10", report("CyCoreSystems/ari", 113), named())
def gsm(sound: Sound) -> bytes:
    return sound.file("wav", "-c:a", "libgsm_ms", "-ar", 8000)


@quirk(
    "dictation.wav",
    "dictation machines: ADPCM of IMA",
    specification("Microsoft, Multimedia Data Standards Update: IMA ADPCM"),
    named(),
)
def adpcm(sound: Sound) -> bytes:
    return sound.file("wav", "-c:a", "adpcm_ima_wav", "-ar", 16_000)


@quirk("mp3-in-wave.mp3", "MP3 in WAV, named .mp3", report("libsndfile/libsndfile", 779), named(seconds=SECONDS))
def mp3_in_wave(sound: Sound) -> bytes:
    extra = struct.pack("<HIHHH", 1, 2, 192, 1, 1393)
    return wave(layout(MP3, bits=0, block=1, extra=extra), sound.mp3(), behind=chunk(b"LIST", information(b"Rec")))


@quirk(
    "unknown-tag.wav",
    "a codec that nobody knows",
    specification("RFC 2361: format tags are registered, any may come"),
    refused("unsupportedSampleFormat", says="0x1234"),
)
def unknown_tag(sound: Sound) -> bytes:
    return wave(layout(0x1234, bits=0, block=1, extra=b"\0\0"), noise(200_000))


@quirk(
    "few-nan.wav",
    "plug-ins that divide by zero: a NaN each second",
    specification("Microsoft, mmreg.h: WAVE_FORMAT_IEEE_FLOAT, any value of IEEE 754"),
    named(says="no numbers"),
)
def not_a_number(sound: Sound) -> bytes:
    samples = array.array("f", sound.pcm("f32le"))
    for at in range(0, len(samples), RATE):
        samples[at] = float("nan")
    return wave(layout(FLOAT, bits=32), samples.tobytes())
