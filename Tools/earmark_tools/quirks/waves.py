"""Quirks of WAV files."""

import struct

from earmark_tools.quirks.case import Book, incomplete, named, refused, report, specification
from earmark_tools.quirks.riff import FLOAT, UNKNOWN, chunk, information, layout, riff, wave
from earmark_tools.quirks.sound import CLEAN, RATE, Sound, noise

book = Book()
quirk = book.quirk


# What stands around the samples


@quirk(
    "junk-bext-ixml.wav",
    "Adobe Audition, field recorders: chunks before the format",
    report("rackfx/Node-WAV-File-Info", 10),
    named(),
)
def chunks_before_format(sound: Sound) -> bytes:
    first = chunk(b"JUNK", bytes(92)) + chunk(b"bext", bytes(602) + b"A=PCM,F=48000") + chunk(b"iXML", b"<BWFXML/>")
    return wave(layout(), sound.pcm(), first=first, behind=chunk(b"_PMX", noise(999)))


@quirk(
    "fllr.wav", "iOS AVAudioRecorder: samples begin at 4096", report("microsoft/ProjectOxford-ClientSDK", 12), named()
)
def filler(sound: Sound) -> bytes:
    return wave(layout(), sound.pcm(), before=chunk(b"FLLR", bytes(4096 - 52)))


@quirk(
    "list-of-zeros.wav",
    "Zoom R24: a LIST of 393,164 zeros before the samples",
    report("libsndfile/libsndfile", 370),
    named(),
)
def list_of_zeros(sound: Sound) -> bytes:
    return wave(layout(), sound.pcm(), before=chunk(b"LIST", bytes(393_164)))


@quirk(
    "odd-padded.wav",
    "writers that keep to the rule: odd chunks, padded",
    report("androidx/media", 1116),
    named(),
)
def odd_chunks(sound: Sound) -> bytes:
    before = chunk(b"note", noise(215)) + chunk(b"LIST", information(b"Rec 1"))
    return wave(layout(), sound.pcm(), before=before)


@quirk(
    "odd-not-padded.wav",
    "small recorders: an odd chunk without its padding",
    report("awslabs/ferret-scan", 346),
    named(),
)
def not_padded(sound: Sound) -> bytes:
    return wave(layout(), sound.pcm(), before=chunk(b"LIST", information(b"Rec 1"), is_padded=False))


@quirk(
    "cue-behind.wav",
    "Sound Devices, losing power: all sizes 0, a cue behind the samples",
    report("agfline/wavfix", 12),
    named(),
)
def no_sizes(sound: Sound) -> bytes:
    data = chunk(b"data", sound.pcm(), size=0)
    return riff(chunk(b"fmt ", layout()), data, chunk(b"cue ", bytes(28)), size=0)


@quirk(
    "header-in-samples.wav",
    "record on Windows: 36 bytes of an older head before the samples",
    report("llfbandit/record", 617),
    named(),
)
def stale_header(sound: Sound) -> bytes:
    stale = chunk(b"fmt ", layout(rate=16_000), size=18)[:28] + b"data\0\0\0\0"
    return wave(layout(), stale + sound.pcm())


@quirk(
    "peak-too-short.wav",
    "Adobe Audition: 32-bit float on two channels, with a PEAK of one",
    report("libsndfile/libsndfile", 1046),
    named(),
)
def peak(sound: Sound) -> bytes:
    data = sound.pcm("f32le", channels=2)
    before = chunk(b"fact", struct.pack("<I", len(data) // 8)) + chunk(b"PEAK", struct.pack("<IIfI", 1, 0, 1, 0))
    return wave(layout(FLOAT, channels=2, bits=32), data, before=before)


# Sizes


@quirk("pipe-ffmpeg.wav", "FFmpeg into a pipe: sizes of 0xFFFFFFFF", report("kkroening/ffmpeg-python", 118), named())
def pipe_of_ffmpeg(sound: Sound) -> bytes:
    return riff(
        chunk(b"fmt ", layout()),
        chunk(b"LIST", information(b"Lavf")),
        chunk(b"data", sound.pcm(), size=UNKNOWN),
        size=UNKNOWN,
    )


@quirk("pipe-sox.wav", "SoX into a pipe: sizes of two gigabytes", report("rs1729/RS", 39), named(is_truncated=True))
def pipe_of_sox(sound: Sound) -> bytes:
    return riff(chunk(b"fmt ", layout()), chunk(b"data", sound.pcm(), size=0x7FFFF000), size=0x7FFFF024)


@quirk(
    "oboe.wav",
    "Android, Oboe: sizes of 0x7FFFFFFF that nobody filled in",
    report("google/oboe", 2108),
    named(is_truncated=True),
)
def oboe(sound: Sound) -> bytes:
    largest = 0x7FFFFFFF
    return riff(chunk(b"fmt ", layout()), chunk(b"data", sound.pcm(), size=largest), size=largest)


@quirk(
    "first-buffer.wav",
    "recorders that died after they had written the size of their first buffer",
    specification("Multimedia Programming Interface 1.0: what follows a chunk is a chunk, which this is not"),
    named(),
)
def first_buffer(sound: Sound) -> bytes:
    return riff(chunk(b"fmt ", layout()), chunk(b"data", sound.pcm(), size=8192), size=8192 + 36)


@quirk(
    "killed-avaudiofile.wav",
    "macOS AVAudioFile, killed: data of size 0 behind JUNK",
    report("island-io/mila", 151),
    named(),
)
def killed(sound: Sound) -> bytes:
    filler = chunk(b"JUNK", bytes(4096 - 52))
    return riff(chunk(b"fmt ", layout()), filler, chunk(b"data", sound.pcm(), size=0), size=4088)


@quirk(
    "size-44-too-large.wav",
    "record on Android: data 44 bytes larger than it is",
    report("llfbandit/record", 96),
    named(is_truncated=True),
)
def too_large(sound: Sound) -> bytes:
    data = sound.pcm()
    return riff(chunk(b"fmt ", layout()), chunk(b"data", data, size=len(data) + 44))


@quirk(
    "stopped-at-once.wav",
    "Expo, stopped at once: a head that is cut",
    report("deeeed/audiolab", 53),
    refused("truncated"),
)
def head_alone(sound: Sound) -> bytes:
    return wave(layout(), b"")[:30]


@quirk(
    "no-samples.wav",
    "recorders without permission for the microphone: a head and nothing else",
    report("deeeed/audiolab", 53),
    refused("noAudio", "tooShort", "truncated"),
)
def no_samples(sound: Sound) -> bytes:
    return wave(layout(), b"")


# More than four gigabytes


def large(kind: bytes, sizes: tuple[int, int, int], said: int, data: bytes) -> bytes:
    """RF64 or BW64: true sizes of file, samples and frames in ds64, and what the old field says of the samples."""
    ds64 = chunk(b"ds64", struct.pack("<QQQI", *sizes, 0))
    return riff(ds64, chunk(b"fmt ", layout()), chunk(b"data", data, size=said), kind=kind, size=UNKNOWN)


@quirk(
    "rf64-wrong-size.wav",
    "joined in WaveLab: RF64 whose old size is neither −1 nor right",
    report("Zeugma440/atldotnet", 191),
    named(),
)
def rf64(sound: Sound) -> bytes:
    data = sound.pcm()
    return large(b"RF64", (len(data) + 72, len(data), len(data) // 2), 0x000FFFFF, data)


@quirk("bw64.wav", "broadcasters: BW64 of ITU-R BS.2088", report("ebu/libbw64", 10), named())
def bw64(sound: Sound) -> bytes:
    data = sound.pcm()
    return large(b"BW64", (len(data) + 72, len(data), len(data) // 2), UNKNOWN, data)


@quirk(
    "rf64-unfinished.wav",
    "RF64 that nobody finished: ds64 of zeros",
    specification("EBU Tech 3306, section 3: sizes are filled in at the end"),
    named(),
)
def unfinished_rf64(sound: Sound) -> bytes:
    return large(b"RF64", (0, 0, 0), UNKNOWN, sound.pcm())


@quirk(
    "rifx.wav",
    "SoX -B: RIFX, all numbers with their high byte first",
    report("mackron/dr_libs", 210),
    named(),
)
def big_endian(sound: Sound) -> bytes:
    data = sound.pcm("s16be")
    words = struct.pack(">IHHIIHH", 16, 1, 1, RATE, RATE * 2, 2, 16)
    return (
        b"RIFX"
        + struct.pack(">I", len(data) + 36)
        + b"WAVEfmt "
        + words
        + b"data"
        + struct.pack(">I", len(data))
        + data
    )


@quirk(
    "two-samples-chunks.wav",
    "recorders that resume: a second data chunk",
    specification("Multimedia Programming Interface 1.0: one data chunk, or a wave list"),
    incomplete("another"),
)
def two_chunks(sound: Sound) -> bytes:
    return wave(layout(), sound.pcm(of=CLEAN), behind=chunk(b"data", sound.pcm()))
