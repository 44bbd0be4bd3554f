"""Quirks of QuickTime's kind: edits, tracks beside the sound, PCM, boxes that only QuickTime writes."""

import struct
import zlib

from earmark_tools.boxes import box, full
from earmark_tools.quirks.case import Book, hidden, named, refused, report, specification
from earmark_tools.quirks.movie import (
    FRAME,
    MOVIE_SCALE,
    Edit,
    Track,
    aac,
    config,
    entry,
    esds,
    fragments,
    head,
    movie,
    pcm,
    picture,
    silence,
)
from earmark_tools.quirks.riff import on_channel
from earmark_tools.quirks.sound import CLEAN, RATE, SECONDS, Sound

book = Book()
quirk = book.quirk

# Bits that say how samples of lpcm are: floats, low byte first, signed, packed, aligned high.
IS_FLOAT, IS_BIG, IS_SIGNED, IS_PACKED, IS_HIGH = 1, 2, 4, 8, 16
# How exact places are where an edit says what an encoder put in front, seconds.
EXACT = 0.02


def lpcm(bits: int, flags: int, width: int, channels: int = 1, rate: int = RATE) -> bytes:
    """A sound description of version 2."""
    words = struct.pack(">IdIIIIII", 72, rate, channels, 0x7F000000, bits, flags, width * channels, 1)
    return entry(b"lpcm", channels=3, rate=1, version=2, extra=words)


# Edits


@quirk(
    "trimmed-front.m4a",
    "QuickTime Player: the first 8 s are cut off, but still there",
    report("HandBrake/HandBrake", 1900),
    named(-8, seconds=SECONDS - 8, says="leaves out 8"),
)
def trimmed_front(sound: Sound) -> bytes:
    return edited(sound, Edit((SECONDS - 8) * MOVIE_SCALE, 8 * RATE))


@quirk(
    "trimmed-middle.m4a",
    "AVFoundation: 8 s are cut out of the middle, but still there",
    report("rFlex/SCRecorder", 105),
    named(0, -8, seconds=SECONDS - 8, says="leaves out 8", effort="normal"),
)
def trimmed_middle(sound: Sound) -> bytes:
    return edited(sound, Edit(8 * MOVIE_SCALE, 0), Edit(8 * MOVIE_SCALE, 16 * RATE))


@quirk(
    "trimmed-away.m4a",
    "iOS 13, trimmed to the 5 s before the mark begins: all the rest is still there",
    report("mifi/lossless-cut", 204),
    hidden(5, "leaves out"),
)
def trimmed_away(sound: Sound) -> bytes:
    track = aac(sound)
    first = aac(sound, CLEAN, seconds=6)
    track.samples = [*first.samples, *track.samples]
    track.edits = [Edit(5 * MOVIE_SCALE, 0)]
    return movie(track, brand=b"M4A ")


def edited(sound: Sound, *edits: Edit) -> bytes:
    track = aac(sound)
    track.edits = edits
    return movie(track, brand=b"M4A ")


@quirk(
    "apple-priming.m4a",
    "afconvert: an edit that begins behind two frames",
    report("knik0/faad2", 238),
    named(tolerance=EXACT),
)
def priming(sound: Sound) -> bytes:
    # FFmpeg's encoder is a frame late itself; another is as near as frames come to Apple's delay.
    track = aac(sound)
    track.samples = [*silence(sound).samples[:1], *track.samples]
    track.edits = [Edit(SECONDS * MOVIE_SCALE, 2 * FRAME)]
    return movie(track, brand=b"M4A ")


@quirk(
    "itunes-no-priming.m4a",
    "iTunes 12.7: no edit that says how late the sound is",
    report("mixxxdj/mixxx", 3050),
    named(FRAME / RATE, tolerance=EXACT),
)
def no_priming(sound: Sound) -> bytes:
    return movie(aac(sound), brand=b"M4A ")


@quirk(
    "negative-start.mp4",
    "GPAC: the first time stamps are negative",
    report("Dash-Industry-Forum/dash.js", 644),
    named(tolerance=EXACT),
)
def negative(sound: Sound) -> bytes:
    track = aac(sound)
    track.edits = [Edit(SECONDS * MOVIE_SCALE, FRAME)]
    return b"".join(fragments(track))


@quirk(
    "edit-of-no-length.m4a",
    "Jellyfin: fragments, and an edit of length 0",
    report("jellyfin/jellyfin", 17543),
    named(tolerance=EXACT),
)
def no_length(sound: Sound) -> bytes:
    track = aac(sound)
    track.edits = [Edit(0, FRAME)]
    return b"".join(fragments(track))


@quirk(
    "repeated.mov",
    "QuickTime Pro: the first 8 s are shown twice",
    specification("QuickTime File Format, “Playing with edit lists”"),
    named(0, 8, seconds=SECONDS + 8, says="more than once", effort="normal"),
)
def repeated(sound: Sound) -> bytes:
    return edited(sound, Edit(8 * MOVIE_SCALE, 0), Edit(SECONDS * MOVIE_SCALE, 0))


# Tracks beside the sound


@quirk("chapters.m4a", "Logic Pro, FFmpeg: chapters in a track of text", report("audiojs/decode", 48), named())
def chapters(sound: Sound) -> bytes:
    track = aac(sound)
    track.references = box(b"tref", box(b"chap", struct.pack(">I", 2)))
    return movie(track, text(), brand=b"M4A ")


def text() -> Track:
    samples = [b"\0\x0cTempo: 120.0", b"\0\3End"]
    return Track(box(b"text", struct.pack(">6xH", 1), bytes(51)), samples, SECONDS // 2, 1, handler=b"text")


@quirk("timecode.mov", "GoPro: timecode (tmcd) beside the sound", report("mifi/lossless-cut", 506), named())
def timecode(sound: Sound) -> bytes:
    described = box(b"tmcd", struct.pack(">6xHIIIIBB", 1, 0, 0, 25, 1, 25, 0))
    track = Track(described, [b"\0\1\0\0"], SECONDS * 25, 25, handler=b"tmcd", header=full(b"gmhd", 0, 0))
    return movie(picture(), track, aac(sound), brand=b"qt  ")


@quirk(
    "timed-metadata.mp4",
    "Sony Alpha: real-time metadata (rtmd) beside the sound",
    report("MediaArea/MediaInfo", 624),
    named(),
)
def metadata(sound: Sound) -> bytes:
    track = Track(box(b"rtmd", struct.pack(">6xH", 1)), [bytes(1024)] * SECONDS, 1, 1, handler=b"meta")
    return movie(picture(), aac(sound), track, brand=b"XAVC")


# Boxes


@quirk(
    "compressed-index.mov",
    "QuickTime 3: moov is compressed (cmov)",
    report("axiomatic-systems/Bento4", 50),
    named(),
)
def compressed(sound: Sound) -> bytes:
    def wrap(moov: bytes) -> bytes:
        data = box(b"cmvd", struct.pack(">I", len(moov)), zlib.compress(moov, 9))
        return box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), data))

    return movie(aac(sound), brand=b"qt  ", wrap=wrap)


@quirk(
    "wide-free-uuid.mov",
    "QuickTime: wide, skip, free, pnot, uuid; no ftyp; a zero at the end of udta",
    specification("QuickTime File Format, free, skip and wide atoms; user data atoms"),
    named(),
)
def odd_boxes(sound: Sound) -> bytes:
    before = b"".join(
        (
            box(b"skip", bytes(3000)),
            box(b"pnot", bytes(12)),
            box(b"uuid", bytes(5000)),
            box(b"free", bytes(300_000)),
            box(b"wide"),
        )
    )
    return movie(aac(sound), brand=b"", before=before, extra=box(b"udta", box(b"\xa9nam", b"\0\4\0\0Call"), bytes(4)))


@quirk(
    "photo-booth.mov",
    "Photo Booth, killed: wide and mdat, no moov",
    report("anthwlock/untrunc", 146),
    refused("truncated"),
)
def photo_booth(sound: Sound) -> bytes:
    return head(b"qt  ") + box(b"wide") + box(b"mdat", *sound.aac())


@quirk(
    "open-media.mp4",
    "live muxers: mdat of size 0, to the end of the file",
    specification("ISO/IEC 14496-12, section 4.2: a size of 0"),
    named(),
)
def open_media(sound: Sound) -> bytes:
    return movie(aac(sound), is_open=True)


@quirk(
    "quicktime-aac.mov",
    "QuickTime: AAC in a description of version 1, with wave and chan",
    report("Vanilagy/mediabunny", 311),
    named(),
)
def version_1(sound: Sound) -> bytes:
    form = box(b"frma", b"mp4a")
    wave = box(b"wave", form, box(b"mp4a", bytes(4)), esds(config()), bytes.fromhex("0000000800000000"))
    channels = full(b"chan", 0, 0, struct.pack(">III", 100 << 16 | 1, 0, 0))
    words = struct.pack(">IIII", 1024, 0, 0, 2)
    track = aac(sound)
    track.entry = entry(b"mp4a", wave, channels, version=1, extra=words)
    return movie(picture(), track, brand=b"qt  ")


# PCM


@quirk("sowt.mov", "QuickTime, FFmpeg: sowt, low byte first", report("Eyevinn/mp4ff", 554), named())
def sowt(sound: Sound) -> bytes:
    return movie(pcm(sound, entry(b"sowt"), "s16le", 2), brand=b"qt  ")


@quirk("twos.mov", "Apple's products: twos, high byte first", report("xiph/flac", 850), named())
def twos(sound: Sound) -> bytes:
    return movie(pcm(sound, entry(b"twos"), "s16be", 2), brand=b"qt  ")


@quirk("in24.mov", "editors: in24", report("gpac/gpac", 2470), named())
def in24(sound: Sound) -> bytes:
    words = struct.pack(">IIII", 1, 3, 3, 2)
    described = entry(b"in24", bits=16, version=1, extra=words)
    return movie(pcm(sound, described, "s24be", 3), brand=b"qt  ")


@quirk("lpcm-24-in-32.mov", "Core Audio: lpcm, 24 bits aligned high in 32", report("Eyevinn/mp4ff", 553), named())
def lpcm_high(sound: Sound) -> bytes:
    return movie(pcm(sound, lpcm(24, IS_SIGNED | IS_HIGH, 4), "s32le", 4), brand=b"qt  ")


@quirk("lpcm-float-96.mov", "high rates: lpcm of version 2, floats, 96 kHz", report("kixelated/mp4-atom", 195), named())
def lpcm_float(sound: Sound) -> bytes:
    described = lpcm(32, IS_FLOAT | IS_PACKED, 4, rate=96_000)
    return movie(pcm(sound, described, "f32le", 4, 96_000), brand=b"qt  ")


@quirk("quicktake.mov", "iPhone QuickTake: lpcm of version 2", report("enzo1982/mp4v2", 7), named())
def quicktake(sound: Sound) -> bytes:
    return movie(picture(), pcm(sound, lpcm(16, IS_SIGNED | IS_PACKED, 2), "s16le", 2), brand=b"qt  ")


@quirk(
    "lpcm-64-channels.mov",
    "MADI recorders: 64 channels, the sound on the last",
    specification("QuickTime File Format, sound description of version 2: any number of channels"),
    named(says="64 channels differ"),
)
def lpcm_64(sound: Sound) -> bytes:
    rate, channels = 16_000, 64
    data = on_channel(sound.pcm(rate=rate), channels, channels - 1)
    block = 2 * channels * rate // 10
    blocks = [data[at : at + block] for at in range(0, len(data), block)]
    described = lpcm(16, IS_SIGNED | IS_PACKED, 2, channels, rate)
    return movie(Track(described, blocks, 1, rate, frame=2 * channels), brand=b"qt  ")


@quirk("big-floats.mov", "Logic: lpcm, floats with their high byte first", report("Eyevinn/mp4ff", 544), named())
def lpcm_big(sound: Sound) -> bytes:
    return movie(pcm(sound, lpcm(32, IS_FLOAT | IS_BIG | IS_PACKED, 4), "f32be", 4), brand=b"qt  ")
