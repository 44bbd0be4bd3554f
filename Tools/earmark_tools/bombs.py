"""Small files that promise much, and large ones that hold nothing: what a batch must outlive."""

import random
import struct
from collections.abc import Callable
from pathlib import Path

from earmark_tools.boxes import box, full

# Seed of the noise in them.
SEED = 5
# What a file that is nearly all hole is long: the largest that is analysed, bytes.
LARGEST = 500_000_000


def track(
    number: int, rate: int, channels: int, chunks: int, frames: int, offset: int, kind: bytes = b"raw ", bits: int = 8
) -> bytes:
    """A track of PCM whose chunks of `frames` frames all begin at `offset`."""
    count = chunks * frames & 0xFFFFFFFF
    head = struct.pack(">6xHHHIHHHHI", 1, 0, 0, 0, channels, bits, 0, 0, rate << 16 & 0xFFFFFFFF)
    table = box(
        b"stbl",
        full(b"stsd", 0, 0, struct.pack(">I", 1), box(kind, head)),
        full(b"stts", 0, 0, struct.pack(">III", 1, count, 1)),
        full(b"stsc", 0, 0, struct.pack(">IIII", 1, 1, frames, 1)),
        full(b"stsz", 0, 0, struct.pack(">II", channels * bits // 8, count)),
        full(b"stco", 0, 0, struct.pack(">I", chunks), struct.pack(">I", offset) * chunks),
    )
    return media(number, rate, count, table)


def media(number: int, rate: int, count: int, table: bytes) -> bytes:
    reference = box(b"dinf", full(b"dref", 0, 0, struct.pack(">I", 1), full(b"url ", 0, 1)))
    information = box(b"minf", full(b"smhd", 0, 0, bytes(4)), reference, table)
    header = full(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, rate, min(count, 0xFFFFFFFE), 0x55C4, 0))
    handler = full(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"soun"), b"\0")
    place = struct.pack(">IIIII8xHHHH36xII", 0, 0, number, 0, 1000, 0, 0, 0x100, 0, 0, 0)
    return box(b"trak", full(b"tkhd", 0, 3, place), box(b"mdia", header, handler, information))


FILE_HEAD = box(b"ftyp", b"qt  ", bytes(4), b"qt  ")
MOVIE_HEAD = full(b"mvhd", 0, 0, struct.pack(">IIII", 0, 0, 1000, 1000), bytes(76), struct.pack(">I", 99))


def noise(count: int) -> bytes:
    return random.Random(SEED).randbytes(count)


def movie(hours: float, rate: int, channels: int, tracks: int = 1, size: int = 65_536, kind: bytes = b"raw ") -> bytes:
    """PCM that lies on the same `size` bytes over and over."""
    frames = size // channels
    chunks = max(1, int(hours * 3600 * rate / frames))
    offset = len(FILE_HEAD) + 8
    parts = [track(number + 1, rate, channels, chunks, frames, offset, kind) for number in range(tracks)]
    return FILE_HEAD + box(b"mdat", noise(size)) + box(b"moov", MOVIE_HEAD, *parts)


def chunks(count: int) -> bytes:
    """A chunk for every frame."""
    offset = len(FILE_HEAD) + 8
    return FILE_HEAD + box(b"mdat", noise(64)) + box(b"moov", MOVIE_HEAD, track(1, 8000, 1, count, 1, offset))


def sizes(count: int) -> bytes:
    """AMR of `count` packets, each with its size, on one frame."""
    head = struct.pack(">6xHHHIHHHHI", 1, 0, 0, 0, 1, 16, 0, 0, 8000 << 16)
    packed = box(b"samr", head, box(b"damr", b"FFMP\0\x81\xff\0\1"))
    table = box(
        b"stbl",
        full(b"stsd", 0, 0, struct.pack(">I", 1), packed),
        full(b"stts", 0, 0, struct.pack(">III", 1, count, 160)),
        full(b"stsc", 0, 0, struct.pack(">IIII", 1, 1, 1, 1)),
        full(b"stsz", 0, 0, struct.pack(">II", 0, count), struct.pack(">I", 13) * count),
        full(b"stco", 0, 0, struct.pack(">I", count), struct.pack(">I", len(FILE_HEAD) + 8) * count),
    )
    return FILE_HEAD + box(b"mdat", b"\x04" + noise(12)) + box(b"moov", MOVIE_HEAD, media(1, 8000, count, table))


def fragments(count: int) -> bytes:
    """A fragment that says that it has `count` samples of no bytes."""
    head = struct.pack(">6xHHHIHHHHI", 1, 0, 0, 0, 1, 8, 0, 0, 8000 << 16)
    empty = struct.pack(">I", 0)
    table = box(
        b"stbl",
        full(b"stsd", 0, 0, struct.pack(">I", 1), box(b"raw ", head)),
        full(b"stts", 0, 0, empty),
        full(b"stsc", 0, 0, empty),
        full(b"stsz", 0, 0, empty, empty),
        full(b"stco", 0, 0, empty),
    )
    extends = box(b"mvex", full(b"trex", 0, 0, struct.pack(">IIIII", 1, 1, 1, 0, 0)))
    run = full(b"trun", 0, 0, struct.pack(">I", count))
    one = struct.pack(">I", 1)
    fragment = box(b"moof", full(b"mfhd", 0, 0, one), box(b"traf", full(b"tfhd", 0, 0, one), run))
    index = box(b"moov", MOVIE_HEAD, media(1, 8000, 0, table), extends)
    return FILE_HEAD + index + fragment * 50 + box(b"mdat", noise(64))


def wave(channels: int, rate: int, size: int, bits: int = 8, before: bytes = b"") -> bytes:
    """The head of a WAV file that says that `size` bytes follow."""
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * frame, frame, bits)
    body = b"WAVE" + b"fmt " + struct.pack("<I", 16) + form + before + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", min(0xFFFFFFFF, size + len(body))) + body


def junk(count: int) -> bytes:
    return (b"JUNK" + struct.pack("<I", 0)) * count


# What each is, and whether a hole follows up to the largest file that is analysed. Some are honest but for their size:
# those may be answered.
BOMBS: dict[str, tuple[Callable[[], bytes], bool]] = {
    "270-hours.mov": (lambda: movie(270, 8000, 1), False),
    "8-channels-10-hours.mov": (lambda: movie(10, 8000, 8), False),
    "64-channels-10-hours.mov": (lambda: movie(10, 8000, 64), False),
    "256-tracks-1-hour.mov": (lambda: movie(1, 8000, 1, 256), False),
    "256-tracks-10-hours.mov": (lambda: movie(10, 8000, 1, 256, 8192), False),
    "16-tracks-8-channels.mov": (lambda: movie(4, 8000, 8, 16), False),
    "many-samples.mov": (lambda: movie(10, 192_000, 8), False),
    "slow-rate.mov": (lambda: movie(2000, 1000, 1), False),
    "fast-rate.mov": (lambda: movie(10, 65_535, 2), False),
    "two-bytes.mov": (lambda: movie(0.5, 8000, 1, 1, 2), False),
    "twos.mov": (lambda: movie(100, 48_000, 1, 1, 65_536, b"twos"), False),
    "law.mov": (lambda: movie(270, 8000, 1, 4, 65_536, b"ulaw"), False),
    "4-megabytes.mov": (lambda: movie(270, 8000, 1, 1, 4 << 20), False),
    "20-million-chunks.mov": (lambda: chunks(20_000_000), False),
    "20-million-chunks-of-amr.mov": (lambda: sizes(20_000_000), False),
    "2-million-chunks-of-amr.mov": (lambda: sizes(2_000_000), False),
    "empty-fragments.mov": (lambda: fragments(0x7FFFFFFF), False),
    "some-fragments.mov": (lambda: fragments(1_000_000), False),
    "chunks-before-data.wav": (lambda: wave(1, 8000, 1000, 8, junk(1_000_000)), False),
    "promise.wav": (lambda: wave(1, 8000, 0xFFFFFFFE) + noise(1000), False),
    "hole.wav": (lambda: wave(1, 8000, LARGEST), True),
    "hole-64-channels.wav": (lambda: wave(64, 48_000, LARGEST, 16), True),
    "hole.mp3": (lambda: b"\xff\xf3\x10\xc4" + bytes(100), True),
    "hole.aac": (lambda: (b"\xff\xf1\x50\x80\x01\x1f\xfc" + bytes(1)) * 8, True),
}


def write(folder: Path) -> list[str]:
    """Makes all of them in `folder`; their names."""
    for name, (content, has_hole) in BOMBS.items():
        with (folder / name).open("wb") as file:
            file.write(content())
            if has_hole:
                file.truncate(LARGEST)
    return list(BOMBS)
