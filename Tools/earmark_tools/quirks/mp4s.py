"""Quirks of MP4 files: recorders of screens, phones and meetings."""

import struct

from earmark_tools.boxes import box, full
from earmark_tools.quirks import speech
from earmark_tools.quirks.case import Book, incomplete, named, refused, report, specification
from earmark_tools.quirks.movie import (
    FRAME,
    HERE,
    Edit,
    Track,
    aac,
    clean,
    entry,
    fragments,
    head,
    index,
    movie,
    pcm,
    picture,
    silence,
)
from earmark_tools.quirks.sound import CLEAN, RATE, SECONDS, Sound, noise

book = Book()
quirk = book.quirk

# When a live stream was recorded that went on for three days, seconds.
THREE_DAYS = 259_200


# OBS


@quirk(
    "obs-hybrid.mp4",
    "OBS 30.2, Hybrid MP4, finished: fragments in one mdat, an index behind",
    report("obsproject/obs-studio", 10608),
    named(),
)
def obs_hybrid(sound: Sound) -> bytes:
    return hybrid(sound)


@quirk(
    "obs-empty-chunks.mp4",
    "OBS 30.2 beta, split by size: chunks of no samples in the index",
    report("obsproject/obs-studio", 10904),
    named(),
)
def obs_empty_chunks(sound: Sound) -> bytes:
    return hybrid(sound, has_empty_chunk=True)


def hybrid(sound: Sound, has_empty_chunk: bool = False) -> bytes:
    track = aac(sound)
    track.per_chunk = 2 * RATE // FRAME
    parts = fragments(track)
    start, offsets = len(head(b"isom")) + 8, []
    at = start
    for number, part in enumerate(parts):
        if number:
            offsets.append(at + part.index(b"mdat") + 4)
        at += len(part)
    moov = index([track], [offsets])
    if has_empty_chunk:
        # Of the run of equal chunks the third has no sample: as in the files that were split.
        equal = struct.pack(">III", 1, track.per_chunk, 1)
        runs = [(1, track.per_chunk), (3, 0), (4, track.per_chunk)]
        words = b"".join(struct.pack(">III", first, samples, 1) for first, samples in runs)
        last = struct.pack(">III", len(offsets) + 1, track.count() % track.per_chunk, 1)
        old = moov[moov.index(b"stsc") - 4 : moov.index(b"stsz") - 4]
        offsets.insert(2, offsets[2])
        new = full(b"stsc", 0, 0, struct.pack(">I", 4), words + last)
        assert equal in old
        return head(b"isom") + box(b"mdat", *parts) + patched(track, offsets, old, new)
    return head(b"isom") + box(b"mdat", *parts) + moov


def patched(track: Track, offsets: list[int], old: bytes, new: bytes) -> bytes:
    """An index in which a box of the sample table is another."""
    tables = track.tables(offsets).replace(old, new)
    tables = struct.pack(">I", len(tables)) + tables[4:]
    moov = index([track], [offsets[:1]])
    header = moov[8 : moov.index(b"trak") - 4]
    return box(b"moov", header, track.box(1, tables, track.length(), track.shown()))


@quirk(
    "obs-crashed.mp4",
    "OBS, killed: the last fragment is cut",
    report("obsproject/rfcs", 51),
    named(seconds=SECONDS - 2, is_truncated=True),
)
def obs_crashed(sound: Sound) -> bytes:
    parts = fragments(picture(), aac(sound))
    return b"".join(parts)[: -len(parts[-1]) - len(parts[-2]) + 60]


@quirk("obs-silent-tracks.mp4", "OBS: six tracks, five of them silent", report("obsproject/obs-studio", 5109), named())
def obs_silent_tracks(sound: Sound) -> bytes:
    empty = silence(sound)
    return movie(picture(), empty, empty, aac(sound), empty, empty, empty)


@quirk("obs-pcm.mp4", "OBS with PCM in Hybrid MP4: ipcm", report("obsproject/obs-studio", 13374), named())
def obs_pcm(sound: Sound) -> bytes:
    described = entry(b"ipcm", full(b"pcmC", 0, 0, b"\1\x18"), bits=24)
    return movie(picture(), pcm(sound, described, "s24le", 3))


# Meetings and browsers


@quirk("zoom-audio-only.m4a", "Zoom: audio_only, AAC, 32 kHz, one channel", report("Jericho/ZoomNet", 99), named())
def zoom(sound: Sound) -> bytes:
    return movie(aac(sound, rate=32_000), brand=b"mp42")


@quirk(
    "late-sound.mp4",
    "editors: the sound begins 5 s after the picture",
    specification("ISO/IEC 14496-12, section 8.6.6: an empty edit"),
    named(5, seconds=SECONDS + 5),
)
def late_sound(sound: Sound) -> bytes:
    track = aac(sound)
    track.edits = [Edit(5000, -1), Edit(SECONDS * 1000, 0)]
    return movie(picture(SECONDS + 5), track)


@quirk("safari.mp4", "Safari's MediaRecorder: fragments, length 0, no mfra", report("gpac/mp4box.js", 360), named())
def safari(sound: Sound) -> bytes:
    return b"".join(fragments(aac(sound)))


@quirk(
    "dash-joined.mp4",
    "DASH segments, joined: styp and sidx between them",
    specification("ISO/IEC 14496-12, sections 8.16.2 and 8.16.3"),
    named(),
)
def dash(sound: Sound) -> bytes:
    words = struct.pack(">IIIIHH", 1, RATE, 0, 0, 0, 1) + struct.pack(">III", 100, 96_000, 0x90000000)
    between = box(b"styp", b"msdh\0\0\0\0msdh") + full(b"sidx", 0, 0, words)
    return b"".join(fragments(aac(sound), between=between))


@quirk(
    "wrong-media-length.mp4",
    "Chromium's MediaRecorder: the media's length in the movie's units",
    report("NomaDamas/CozyClay", 13),
    named(),
)
def wrong_length(sound: Sound) -> bytes:
    track = aac(sound)
    track.said = SECONDS * 1000
    return movie(track)


@quirk("live-base.mp4", "MediaMTX: decode times that began days ago", report("bluenviron/mediamtx", 2477), named())
def live_base(sound: Sound) -> bytes:
    return b"".join(fragments(aac(sound), clock=lambda time: time + THREE_DAYS * RATE))


@quirk(
    "gap-of-a-minute.mp4",
    "recorders whose machine slept: decode times jump by a minute",
    report("bigbluebutton/bigbluebutton", 24970),
    named(0, 60, seconds=SECONDS + 60, effort="normal"),
)
def gap(sound: Sound) -> bytes:
    half = SECONDS // 2 * RATE
    return b"".join(fragments(aac(sound), clock=lambda time: time + (60 * RATE if time > half else 0)))


@quirk(
    "no-decode-times.mp4",
    "Smooth Streaming: no decode times",
    specification("ISO/IEC 14496-12, section 8.8.12: tfdt is optional"),
    named(),
)
def no_times(sound: Sound) -> bytes:
    return b"".join(fragments(aac(sound), clock=lambda _: None))


@quirk(
    "camera-drift.mp4",
    "cameras: frames that claim 1 % more time than they last",
    report("badbread/crumbvms", 110),
    named(seconds=None, tolerance=0.3),
)
def drift(sound: Sound) -> bytes:
    track = aac(sound)
    track.deltas = [FRAME + (30 if number % 3 else 0) - (number % 3 == 0) * 30 for number in range(len(track.samples))]
    return movie(picture(), track)


# Phones


@quirk(
    "amr-in-m4a.m4a", "Android MediaRecorder: AMR-NB in 3GP, named .m4a", report("ZaraclaJ/audio_recorder", 26), named()
)
def amr_narrow(sound: Sound) -> bytes:
    described = entry(b"samr", box(b"damr", b"\0\0\0\0\0\x81\xff\0\1"), rate=8000)
    return movie(Track(described, speech.narrow(sound), speech.NARROW_FRAME, 8000), brand=b"3gp4")


@quirk("amr-wide.mp4", "Android MediaRecorder: AMR-WB in 3GP", report("google/ExoPlayer", 3999), named())
def amr_wide(sound: Sound) -> bytes:
    described = entry(b"sawb", box(b"damr", b"\0\0\0\0\0\x81\xff\0\1"), rate=16_000)
    return movie(Track(described, speech.wide(sound), speech.WIDE_FRAME, 16_000), brand=b"3gp5")


@quirk("whatsapp.dat", "WhatsApp: MP4 of MediaRecorder without its name", report("C4illin/ConvertX", 178), named())
def nameless(sound: Sound) -> bytes:
    return movie(aac(sound, rate=44_100), brand=b"mp42", before=box(b"free", bytes(400_000)))


@quirk(
    "crashed.m4a", "Android's recorders, killed: no moov", report("Dimowner/AudioRecorder", 136), refused("truncated")
)
def no_index(sound: Sound) -> bytes:
    return head(b"mp42") + box(b"mdat", *sound.aac())


@quirk(
    "media3-gap.mp4",
    "Media3: 400 kB free between ftyp and mdat, another mdat behind",
    report("androidx/media", 3152),
    named(),
)
def media3(sound: Sound) -> bytes:
    return movie(aac(sound), before=box(b"free", bytes(400_000)), behind=box(b"mdat", bytes(3000)))


@quirk(
    "left-behind.mp4",
    "repair tools: a second mdat that no index names, with frames in it",
    specification("ISO/IEC 14496-12, section 8.1.1: any number of media data boxes"),
    incomplete("mdat"),
)
def left_behind(sound: Sound) -> bytes:
    return movie(clean(sound), behind=box(b"mdat", *sound.aac()))


@quirk(
    "iphone-spatial.mov",
    "iPhone 16: stereo AAC, and spatial audio of a codec that is missing",
    report("chattocorp/chatto", 1602),
    incomplete("apac"),
)
def spatial(sound: Sound) -> bytes:
    return movie(picture(), clean(sound), unreadable(sound, b"apac"), brand=b"qt  ")


@quirk(
    "iphone-spatial-marked.mov",
    "the same, the mark in the stereo track",
    report("alexheretic/ab-av1", 351),
    named(says="apac"),
)
def spatial_marked(sound: Sound) -> bytes:
    return movie(picture(), aac(sound), unreadable(sound, b"apac"), brand=b"qt  ")


def unreadable(sound: Sound, kind: bytes) -> Track:
    return Track(entry(kind), sound.aac(of=CLEAN), group=1, is_enabled=False)


@quirk(
    "teams-two-tracks.mp4",
    "Azayaka, recording Teams: the microphone and what Teams plays, in tracks of their own",
    report("Mnpn/Azayaka", 7),
    named(),
)
def two_tracks(sound: Sound) -> bytes:
    system = aac(sound)
    system.is_enabled = False
    return movie(picture(), aac(sound, CLEAN, 16_000), system)


# Damage


@quirk(
    "elsewhere.mov",
    "QuickTime, saved by reference: the sound lies in another file",
    specification("QuickTime File Format, data references"),
    refused("noAudio", "truncated", "unsupportedType"),
)
def elsewhere(sound: Sound) -> bytes:
    track = clean(sound)
    # FFmpeg heeds an alias only.
    track.location = full(b"alis", 0, 0, b"file:///Users/x/call.mov\0")
    assert track.location != HERE
    return movie(track, brand=b"qt  ")


@quirk("noise.mp4", "a card that lost its blocks: noise in mdat", report("anthwlock/untrunc", 41), refused("corrupt"))
def lost_blocks(sound: Sound) -> bytes:
    track = clean(sound)
    track.samples = [noise(len(sample), number) for number, sample in enumerate(track.samples)]
    return movie(picture(), track)
