"""Quirks of AVI files, and of what is of no type that is analysed."""

import struct

from earmark_tools.quirks.case import Book, incomplete, named, page, refused, report, specification
from earmark_tools.quirks.riff import (
    MP3,
    avi,
    chunk,
    interleaved,
    layout,
    pictures,
    riff,
    seconds,
    sound_stream,
    stream,
)
from earmark_tools.quirks.sound import CLEAN, RATE, SECONDS, Sound, noise

book = Book()
quirk = book.quirk

# How VirtualDub's author describes MP3 of variable rate in AVI.
VARIABLE = page("AVI timing and audio sync", "https://virtualdub.org/blog2/entry_027.html")
# How VirtualDub's help describes streams that begin late.
LATE = page(
    "AVI technical issues",
    "http://discmaster.textfiles.com/view/37241/DPCS0111DVD.ISO/Toolkit/Audio-Visual/VirtualDub/Source/"
    "VirtualDub-1.9.10-src.7z/src/helpfile/source/avi.lina",
)


def simple(sound: Sound) -> tuple[list[bytes], list[tuple[bytes, bytes]]]:
    data = sound.pcm()
    return [pictures(), sound_stream(data)], interleaved(seconds(data))


@quirk(
    "no-index.avi", "ESP32-CAM, losing power: no index, sizes 0", report("jameszah/CameraWebServerRecorder", 4), named()
)
def no_index(sound: Sound) -> bytes:
    return avi(*simple(sound), base=None, is_finished=False)


@quirk(
    "index-from-0.avi",
    "ESP32-CAM: offsets of the index begin at 0, not at 4",
    report("s60sc/ESP32-CAM_MJPEG2SD", 381),
    named(),
)
def index_from_0(sound: Sound) -> bytes:
    return avi(*simple(sound), base=0)


@quirk("opendml.avi", "captures over 1 GB: the second half in RIFF AVIX", report("imagej/ImageJ", 76), named())
def opendml(sound: Sound) -> bytes:
    streams, packets = simple(sound)
    half = len(packets) // 2
    pieces = [chunk(name, data) for name, data in packets[half:]]
    return avi(streams, packets[:half], behind=riff(chunk(b"LIST", b"movi", *pieces), form=b"AVIX"))


@quirk(
    "opendml-index-chunks.avi", "captures: ix01 and JUNK among the samples", report("Findit-AI/exifast", 156), named()
)
def index_chunks(sound: Sound) -> bytes:
    streams, packets = simple(sound)
    packets[7:7] = [(b"ix01", bytes(400)), (b"JUNK", bytes(4000))]
    return avi(streams, packets)


@quirk("vbr-mp3.avi", "Nandub: MP3 of variable rate, a frame a block", VARIABLE, named())
def variable_mp3(sound: Sound) -> bytes:
    audio = sound.mp3(options=("-q:a", 5))
    extra = struct.pack("<HIHHH", 1, 2, 1152, 1, 0)
    form = layout(MP3, bits=0, block=1152, extra=extra)
    frames = mp3_frames(audio)
    described = stream(b"auds", form, RATE, 1152, len(frames))
    packets, second = [], RATE / 1152
    for index in range(SECONDS + 1):
        packets.append((b"00dc", noise(64, index)))
        packets += [(b"01wb", frame) for frame in frames[round(index * second) : round((index + 1) * second)]]
    return avi([pictures(), described], packets)


def mp3_frames(audio: bytes) -> list[bytes]:
    """Frames of MPEG-1 Layer III at 48 kHz."""
    rates = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    frames, at = [], 0
    while at + 4 <= len(audio) and audio[at] == 0xFF:
        size = 144_000 * rates[audio[at + 2] >> 4] // RATE + (audio[at + 2] >> 1 & 1)
        frames.append(audio[at : at + size])
        at += size
    return frames


@quirk(
    "mp3-from-the-middle.avi",
    "captures: MP3 that begins within a frame",
    report("mbunkus/mkvtoolnix", 1137),
    named(seconds=None),
)
def from_the_middle(sound: Sound) -> bytes:
    audio = sound.mp3()[77:]
    form = layout(MP3, bits=0, block=1, extra=struct.pack("<HIHHH", 1, 2, 192, 1, 0))
    described = stream(b"auds", form, 8000, 1, len(audio), sample=1)
    return avi([pictures(), described], interleaved(seconds(audio, 8000)))


@quirk("late.avi", "captures: the sound begins 5 s late (dwStart)", LATE, named(5, seconds=SECONDS + 5))
def late(sound: Sound) -> bytes:
    data = sound.pcm()
    return avi([pictures(), sound_stream(data, start=5 * RATE)], interleaved(seconds(data)))


@quirk(
    "third-stream.avi",
    "Fraps, VirtualDub: three sounds, the mark in the third",
    specification("Microsoft, AVI RIFF File Reference: any number of streams"),
    named(),
)
def third_stream(sound: Sound) -> bytes:
    other, data = sound.pcm(of=CLEAN), sound.pcm()
    streams = [pictures(), sound_stream(other), sound_stream(other), sound_stream(data)]
    return avi(streams, interleaved(seconds(other), seconds(other), seconds(data)))


@quirk(
    "unknown-second.avi",
    "captures: a second sound of a codec that nobody knows",
    specification("RFC 2361: format tags are registered, any may come"),
    incomplete("0x1234"),
)
def unknown_second(sound: Sound) -> bytes:
    other = sound.pcm(of=CLEAN)
    unknown = stream(b"auds", layout(0x1234, bits=0, block=1, rate=8000, extra=b"\0\0"), 8000, 1, 8000 * SECONDS, 1)
    return avi([pictures(), sound_stream(other), unknown], interleaved(seconds(other), [noise(8000)] * SECONDS))


@quirk("aac.avi", "screen recorders: AAC in AVI", specification("Microsoft, mmreg.h: WAVE_FORMAT_RAW_AAC1"), named())
def aac(sound: Sound) -> bytes:
    return coded(sound, "-c:a", "aac")


@quirk("ac-3.avi", "television cards: AC-3 in AVI", specification("Microsoft, mmreg.h: WAVE_FORMAT_DVM"), named())
def ac3(sound: Sound) -> bytes:
    return coded(sound, "-c:a", "ac3")


def coded(sound: Sound, *options: str) -> bytes:
    """An AVI file that FFmpeg writes, with pictures."""
    images = ("-f", "lavfi", "-i", f"color=size=64x64:rate=5:duration={SECONDS}")
    return sound.file("avi", *images, "-map", "1:v", "-map", "0:a", "-c:v", "mpeg4", *options)


@quirk("silent.avi", "screen recorders without sound", report("webadderallorg/Recordly", 279), refused("videoOnly"))
def pictures_alone(_: Sound) -> bytes:
    return avi([pictures()], interleaved())


# Of no type that is analysed


@quirk(
    "voice-message.m4a",
    "WhatsApp: Ogg Opus under the name of M4A",
    report("NousResearch/hermes-agent", 68719),
    refused("unsupportedType", says="Ogg"),
)
def voice_message(sound: Sound) -> bytes:
    return sound.file("ogg", "-c:a", "libopus", "-b:a", "16k")


@quirk(
    "webm.mp4",
    "Chrome's MediaRecorder: Matroska under the name of MP4",
    report("opencast/studio", 486),
    refused("unsupportedType", says="ffmpeg"),
)
def webm(sound: Sound) -> bytes:
    return sound.file("webm", "-c:a", "libopus", "-b:a", "24k")


@quirk(
    "flac.wav",
    "FLAC under the name of WAV",
    specification("RFC 9639, section 6: a FLAC stream begins with fLaC"),
    refused("unsupportedType", says="FLAC"),
)
def flac(sound: Sound) -> bytes:
    return sound.file("flac")
