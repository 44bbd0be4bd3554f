"""Quirks of MP3 and AAC streams."""

import struct

from earmark_tools.quirks.case import Book, incomplete, named, refused, report, specification
from earmark_tools.quirks.sound import CLEAN, RATE, SECONDS, Sound, noise

book = Book()
quirk = book.quirk

# What an MP3 decoder is late where nothing says so: encoder's 576 samples, decoder's 529.
DELAY = 1105 / RATE
# How exact places are where a head says how late the decoder is, seconds.
EXACT = 0.02
# Bytes of a frame of MP3 at 64 kbit/s and 48 kHz.
MP3_FRAME = 192


def synchsafe(number: int) -> bytes:
    return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))


def tag(body: bytes, version: int = 4, size: int | None = None) -> bytes:
    """An ID3v2 tag."""
    return b"ID3" + bytes([version, 0, 0]) + synchsafe(len(body) if size is None else size) + body


def field(name: bytes, body: bytes) -> bytes:
    """A frame of ID3v2.4."""
    return name + synchsafe(len(body)) + b"\0\0" + body


def picture(size: int) -> bytes:
    """As much of a PNG image as whoever looks for one sees: how it begins and ends."""
    return b"\x89PNG\r\n\x1a\n" + noise(size) + b"IEND\xaeB`\x82"


def artwork(size: int) -> bytes:
    return field(b"APIC", b"\0image/png\0\3\0" + picture(size))


def ape(size: int, is_header: bool = False) -> bytes:
    """The head or foot of an APEv2 tag without items, which says that it has `size` bytes."""
    flags = 0xA0000000 if is_header else 0x80000000
    return b"APETAGEX" + struct.pack("<IIII", 2000, size, 0, flags) + bytes(8)


ID3V1 = b"TAG" + bytes(125)


# MP3


@quirk("artwork-12-mb.mp3", "iTunes: a picture of 12 MB in ID3v2.4", report("gabriel-vasile/mimetype", 839), named())
def large_artwork(sound: Sound) -> bytes:
    return tag(artwork(12_000_000)) + sound.mp3()


@quirk("two-tags.mp3", "tools that add a tag to a tag", report("JamesHeinrich/getID3", 104), named())
def two_tags(sound: Sound) -> bytes:
    return tag(field(b"TIT2", b"\0Call")) + tag(artwork(300_000)) + sound.mp3()


@quirk("ape-in-front.mp3", "taggers: APEv2 in front of the audio", report("agersant/mp3-duration", 6), named())
def ape_in_front(sound: Sound) -> bytes:
    item = struct.pack("<II", 400_000, 2) + b"Cover Art (Front)\0" + picture(400_000)
    return ape(len(item) + 32, is_header=True) + item + ape(len(item) + 32) + sound.mp3()


@quirk(
    "ape-id3v1-behind.mp3",
    "Mp3tag: APEv2 of a wrong size and ID3v1 behind the audio",
    report("Borewit/music-metadata", 362),
    named(),
)
def tags_behind(sound: Sound) -> bytes:
    return tag(field(b"TIT2", b"\0Call")) + sound.mp3() + ape(0x7FFFFFFF) + ID3V1


@quirk("id3v1-before-ape.mp3", "mutagen: APEv2 behind ID3v1", report("quodlibet/mutagen", 122), named())
def ape_behind_id3v1(sound: Sound) -> bytes:
    return tag(b"") + sound.mp3() + ID3V1 + ape(32)


@quirk(
    "lame-gapless.mp3",
    "LAME: a Xing head with delay and padding",
    report("umjammer/jlayer", 15),
    named(tolerance=EXACT),
)
def gapless(sound: Sound) -> bytes:
    return sound.mp3(has_xing=True)


@quirk(
    "no-xing.mp3",
    "streaming servers: no head, the decoder is 1105 samples late",
    report("Vanilagy/mediabunny", 463),
    named(DELAY, tolerance=EXACT),
)
def late(sound: Sound) -> bytes:
    return sound.mp3()


@quirk("vbri.mp3", "Fraunhofer's encoders: VBRI instead of Xing", report("navidrome/navidrome", 6047), named())
def vbri(sound: Sound) -> bytes:
    audio = sound.mp3()
    words = struct.pack(">HHHIIHHHH", 1, 0, 75, len(audio), len(audio) // MP3_FRAME, 500, 1, 4, 1)
    return (audio[:4] + bytes(32) + b"VBRI" + words + b"\xff" * 100).ljust(MP3_FRAME, b"\0") + audio


@quirk("vbr.mp3", "LAME -V 6 with a Xing head", report("fooyin/fooyin", 1516), named())
def variable(sound: Sound) -> bytes:
    return sound.mp3(has_xing=True, options=("-q:a", 6))


@quirk(
    "free-format.mp3",
    "lame --freeformat: frames of 70 kbit/s, which no head can name",
    report("dhulihan/grump", 10),
    refused("unsupportedSampleFormat", says="free"),
)
def free_format(sound: Sound) -> bytes:
    audio = sound.mp3(options=("-reservoir", 0))
    frames = [audio[at : at + MP3_FRAME] for at in range(0, len(audio), MP3_FRAME)]
    return b"".join(frame[:2] + bytes([frame[2] & 0x0F]) + frame[3:] + bytes(18) for frame in frames)


@quirk(
    "joined.mp3",
    "joined files: the first head tells of the first file alone",
    report("MusicPlayerDaemon/MPD", 1200),
    named(8, seconds=SECONDS + 8),
)
def joined(sound: Sound) -> bytes:
    first = tag(field(b"TIT2", b"\0A")) + sound.mp3(of=CLEAN, seconds=8, has_xing=True) + ID3V1
    return first + tag(artwork(30_000)) + sound.mp3(has_xing=True) + ID3V1


@quirk(
    "joined-rates.mp3",
    "joined files of 44.1 and 32 kHz",
    report("JamesHeinrich/getID3", 272),
    named(8, seconds=SECONDS + 8, says="changed"),
)
def joined_rates(sound: Sound) -> bytes:
    return sound.mp3(44_100, of=CLEAN, seconds=8) + sound.mp3(32_000)


@quirk(
    "layer-2.mp3",
    "Layer II under the name of Layer III",
    report("superpoweredSDK/Low-Latency-Android-iOS-Linux-Windows-tvOS-macOS-Interactive-Audio-Platform", 343),
    refused("unsupportedType", says="MPEG"),
)
def layer_2(sound: Sound) -> bytes:
    return sound.file("mp2", "-c:a", "mp2", "-b:a", "128k")


@quirk(
    "adts-behind.mp3",
    "stream recorders, after a change of codec: AAC behind MP3",
    specification("ISO/IEC 13818-7, ADTS: its sync word is that of MPEG audio"),
    incomplete("AAC"),
)
def adts_behind(sound: Sound) -> bytes:
    return sound.mp3(of=CLEAN) + b"".join(sound.adts())


@quirk(
    "8-khz.mp3",
    "dictation machines: MPEG 2.5, which no standard has, 8 kHz",
    report("faiface/beep", 100),
    named(DELAY * 6),
)
def narrow(sound: Sound) -> bytes:
    return sound.mp3(8000, "32k")


# AAC in ADTS


@quirk(
    "hls-two-tags.aac", "HLS segments: a tag with the time, and another", report("JamesHeinrich/getID3", 104), named()
)
def segment_tags(sound: Sound) -> bytes:
    time = field(b"PRIV", b"com.apple.streaming.transportStreamTimestamp\0" + bytes(8))
    return tag(time) + tag(field(b"TIT2", b"\3Call")) + b"".join(sound.adts())


@quirk(
    "hls-tags-between.aac",
    "HLS segments joined: a tag before every two seconds",
    report("video-dev/hls.js", 1065),
    named(),
)
def tags_between(sound: Sound) -> bytes:
    frames = sound.adts()
    time = tag(field(b"PRIV", b"com.apple.streaming.transportStreamTimestamp\0" + bytes(8)))
    return b"".join(time + b"".join(frames[at : at + 94]) for at in range(0, len(frames), 94))


@quirk("artwork.aac", "radio recorders: ID3v2 with a picture before ADTS", report("whatwg/mimesniff", 114), named())
def artwork_before_adts(sound: Sound) -> bytes:
    return tag(artwork(1_000_000)) + b"".join(sound.adts()) + ID3V1


@quirk(
    "rate-changes.aac",
    "HLS with a discontinuity, joined: 16 kHz, then 48 kHz",
    specification("RFC 8216, section 4.3.2.3, EXT-X-DISCONTINUITY"),
    named(8, seconds=SECONDS + 8, says="changed"),
)
def rate_changes(sound: Sound) -> bytes:
    return b"".join(sound.adts(16_000, "24k", of=CLEAN, seconds=8) + sound.adts())


@quirk(
    "channels-change.aac",
    "a headset that is plugged in: mono, then stereo",
    specification("ISO/IEC 13818-7: each ADTS frame has its own channel configuration"),
    named(8, seconds=SECONDS + 8, says="changed"),
)
def channels_change(sound: Sound) -> bytes:
    return b"".join(sound.adts(of=CLEAN, seconds=8) + sound.adts(channels=2, bits="96k"))


@quirk("latm.aac", "DVB recorders: LATM in LOAS, named .aac", specification("ISO/IEC 14496-3, section 1.7"), named())
def latm(sound: Sound) -> bytes:
    return sound.file("latm", "-c:a", "aac", "-b:a", "64k")


@quirk("adif.aac", "old encoders: ADIF", report("probablykasper/redlux", 2), refused("unsupportedType"))
def adif(sound: Sound) -> bytes:
    return b"ADIF" + bytes.fromhex("0000000fa00410900000000000") + b"".join(sound.aac())


@quirk("mp4-inside.aac", "MP4 named .aac", report("LMS-Community/slimserver", 956), named())
def mp4_inside(sound: Sound) -> bytes:
    return sound.file("m4a", "-c:a", "aac")


def with_implicit_sbr(frame: bytes) -> bytes:
    """A raw data block with an extension payload of SBR before its end: no head yet, so its band stays empty."""
    bits = f"{int.from_bytes(frame, 'big'):0{8 * len(frame)}b}".rstrip("0")
    # The end of a block is 111, zeros fill the last byte; a fill element is 110, one byte long, of type 1101.
    filled = bits[:-3] + "110" + "0001" + "1101" + "0000" + "111"
    filled += "0" * (-len(filled) % 8)
    return int(filled, 2).to_bytes(len(filled) // 8, "big")


@quirk(
    "implicit-sbr.aac", "radio streams: HE-AAC that nothing but its payload tells", report("Comcast/gaad", 20), named()
)
def implicit(sound: Sound) -> bytes:
    frames = []
    for frame in sound.adts(24_000):
        body = with_implicit_sbr(frame[7:])
        size = len(body) + 7
        middle = bytes([frame[3] & 0xFC | size >> 11, size >> 3 & 255, (size & 7) << 5 | frame[5] & 31])
        frames.append(frame[:3] + middle + frame[6:7] + body)
    return b"".join(frames)
