"""Quirks of codecs in MP4."""

from earmark_tools.quirks.case import Book, named, refused, report, specification
from earmark_tools.quirks.movie import FRAME, PS, SBR, USAC, Track, config, entry, esds, movie
from earmark_tools.quirks.mpegs import with_implicit_sbr
from earmark_tools.quirks.sound import CLEAN, Sound

book = Book()
quirk = book.quirk


def explicit(kind: int) -> str:
    """Bits behind an object type of SBR or PS: 48 kHz after it, then the type below."""
    assert kind in (SBR, PS)
    return "0011" + "00010" + "000"


@quirk("he-aac-explicit.m4a", "HE-AAC, told by its object type", report("gpac/gpac", 131), named())
def he_explicit(sound: Sound) -> bytes:
    described = entry(b"mp4a", esds(config(24_000, kind=SBR, behind=explicit(SBR))))
    return movie(Track(described, sound.aac(24_000), 2 * FRAME))


@quirk("he-aac-compatible.m4a", "HE-AAC, told behind the old description", report("gpac/gpac", 121), named())
def he_compatible(sound: Sound) -> bytes:
    behind = "000" + f"{0x2B7:011b}" + f"{SBR:05b}" + "1" + "0011"
    return movie(Track(entry(b"mp4a", esds(config(24_000, behind=behind))), sound.aac(24_000), 2 * FRAME))


@quirk(
    "he-aac-implicit.m4a", "HE-AAC that nothing but its payload tells", report("stefansundin/privatkopiera", 7), named()
)
def he_implicit(sound: Sound) -> bytes:
    frames = [with_implicit_sbr(frame) for frame in sound.aac(24_000)]
    return movie(Track(entry(b"mp4a", esds(config(24_000)), rate=24_000), frames, scale=24_000))


@quirk("he-aac-v2.m4a", "HE-AAC v2, told by its object type", report("axiomatic-systems/Bento4", 577), named())
def he_second(sound: Sound) -> bytes:
    described = entry(b"mp4a", esds(config(24_000, kind=PS, behind=explicit(PS))), channels=2)
    return movie(Track(described, sound.aac(24_000), 2 * FRAME))


@quirk(
    "xhe-aac.m4a",
    "xHE-AAC: object type 42",
    report("MartinEesmaa/VVCEasy", 56),
    refused("unsupportedSampleFormat", says="xHE-AAC"),
)
def xhe(sound: Sound) -> bytes:
    described = entry(b"mp4a", esds(config(kind=USAC)))
    return movie(Track(described, sound.aac(of=CLEAN)))


@quirk("alac.m4a", "iTunes, Voice Memos without loss: ALAC", report("audacity/audacity", 5827), named())
def alac(sound: Sound) -> bytes:
    return sound.file("m4a", "-c:a", "alac")


@quirk("opus.mp4", "Chrome's MediaRecorder: Opus with 312 samples to skip", report("Vanilagy/mp4-muxer", 62), named())
def opus(sound: Sound) -> bytes:
    return sound.file("mp4", "-c:a", "libopus", "-b:a", "24k")


@quirk("flac.mp4", "OBS: FLAC", report("obsproject/obs-studio", 10608), named())
def flac(sound: Sound) -> bytes:
    return sound.file("mp4", "-c:a", "flac", "-strict", -2)


@quirk("ac-3.mp4", "camcorders, televisions: AC-3", report("HandBrake/HandBrake", 4788), named())
def ac3(sound: Sound) -> bytes:
    return sound.file("mp4", "-c:a", "ac3")


@quirk("e-ac-3.mp4", "streaming services: E-AC-3", report("HandBrake/HandBrake", 4788), named())
def eac3(sound: Sound) -> bytes:
    return sound.file("mp4", "-c:a", "eac3")


@quirk("mp3.mp4", "converters: MP3 in MP4", specification("ISO/IEC 14496-1: object type 0x6B"), named())
def mp3(sound: Sound) -> bytes:
    return sound.file("mp4", "-c:a", "libmp3lame")
